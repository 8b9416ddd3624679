"""A wallet exchanges a code for an access token (OID4VCI 1.0 section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.errors import DpopError, OAuthError
from skillcred.exchange.oid4vci.metadata import TOKEN_PATH
from skillcred.exchange.oid4vci.redemption import OfferState, digest_code, redeem
from skillcred.exchange.oid4vci.token_requests import (
    CodeTokenRequest,
    PreAuthorisedTokenRequest,
    build_token_response,
    read_token_request,
)
from skillcred.exchange.pkce import verify_code_verifier
from skillcred.services.credential_issuers import CredentialIssuers, IssuingProvider
from skillcred.services.offer_forms import SecretSource, build_tx_code_pepper
from skillcred.services.offer_records import OfferGrant, WalletAuthorization
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import AuditEntry
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_clients import WalletClients, WalletHeaders
from skillcred.services.wallet_proofs import WalletProofs
from skillcred.services.wallet_tokens import NewToken, build_token

WALLET_ACTOR = "wallet"
"""Stands for whoever has a wallet in the record of what was done."""


@dataclass(frozen=True, slots=True)
class ExchangeCode:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource
    proofs: WalletProofs
    clients: WalletClients

    def __call__(self, slug: str, parameters: Mapping[str, str], headers: WalletHeaders) -> JsonObject:
        """The token response to the parameters of a form.

        Raises `NotFoundError` for the issuer, `DpopError` and `ClientError` before any code or attempt is used up,
        `OAuthError`.
        """
        provider = self.issuers.get(slug)
        request = read_token_request(parameters)
        thumbprint = None
        if headers.dpop:
            thumbprint = self.proofs.accept_dpop(headers.dpop, provider.issuer, TOKEN_PATH).thumbprint
        client_id = self.clients.authenticate(provider, headers, request.client_id)
        if isinstance(request, CodeTokenRequest):
            if client_id is None:
                raise OAuthError("The request needs a client_id.")
            named = replace(request, client_id=client_id)
            token = self._redeem_authorization(provider, named, thumbprint)
        else:
            token = self._redeem(provider, replace(request, client_id=client_id), thumbprint)
        return build_token_response(token.text, expires_in=token.expires_in, dpop=thumbprint is not None)

    def _redeem(
        self, provider: IssuingProvider, request: PreAuthorisedTokenRequest, thumbprint: str | None
    ) -> NewToken:
        """What is refused is recorded too, so nothing is raised before the attempt is counted for good."""
        code_digest = digest_code(request.code)
        pepper = build_tx_code_pepper(self.secret())
        now = self.clock.now()

        def work(unit: UnitOfWork) -> NewToken | OAuthError:
            offer = unit.offers.find_by_code(code_digest, hold=Hold.EXCLUSIVE)
            if (
                offer is None
                or offer.organisation_id != provider.organisation.id
                or OfferGrant.PRE_AUTHORISED_CODE not in offer.grants
            ):
                return _invalid()
            redemption = redeem(offer.grant, request.tx_code, pepper, now)
            grant = redemption.grant
            if grant != offer.grant:
                action = "claim_offer" if redemption.error is None else "refuse_tx_code"
                unit.offers.update(
                    replace(offer, wrong_attempts=grant.wrong_attempts, claimed_at=grant.claimed_at)
                )
                unit.audit.add(AuditEntry(now, WALLET_ACTOR, offer.organisation_id, action, offer.id))
            if redemption.error is not None:
                return redemption.error
            made = build_token(offer, now, client_id=request.client_id, thumbprint=thumbprint)
            unit.wallet_access.add_token(made.record)
            return made

        return self._run(work)

    def _redeem_authorization(
        self, provider: IssuingProvider, request: CodeTokenRequest, thumbprint: str | None
    ) -> NewToken:
        """Whoever comes with a code that was used has stolen it, or it was stolen from him: the tokens that came of it
        are revoked (RFC 6749 section 4.1.2)."""
        if thumbprint is None:
            raise DpopError("The request needs exactly one DPoP header.")
        code_digest = digest_code(request.code)
        now = self.clock.now()

        def work(unit: UnitOfWork) -> NewToken | OAuthError:
            found = unit.wallet_access.find_authorization_by_code(code_digest, hold=Hold.EXCLUSIVE)
            if found is None or found.organisation_id != provider.organisation.id:
                return _invalid()
            if found.redeemed_at is not None:
                unit.wallet_access.revoke_tokens(found.id, at=now)
                unit.audit.add(
                    AuditEntry(now, WALLET_ACTOR, found.organisation_id, "code_used_again", found.offer_id)
                )
                return _invalid()
            fault = _find_fault(found, request, thumbprint, now)
            if fault is not None:
                return fault
            offer = unit.offers.find(found.offer_id, hold=Hold.EXCLUSIVE)
            if offer is None or offer.state_at(now) is not OfferState.UNCLAIMED:
                return _invalid()
            unit.offers.update(replace(offer, claimed_at=now))
            unit.wallet_access.update_authorization(replace(found, redeemed_at=now))
            unit.audit.add(AuditEntry(now, WALLET_ACTOR, offer.organisation_id, "claim_offer", offer.id))
            made = build_token(
                offer,
                now,
                client_id=found.client_id,
                thumbprint=thumbprint,
                configuration_ids=found.configuration_ids,
                authorization_id=found.id,
            )
            unit.wallet_access.add_token(made.record)
            return made

        return self._run(work)

    def _run(self, work: Callable[[UnitOfWork], NewToken | OAuthError]) -> NewToken:
        outcome = in_transaction(self.units, work)
        if isinstance(outcome, OAuthError):
            raise outcome
        return outcome


def _find_fault(
    found: WalletAuthorization, request: CodeTokenRequest, thumbprint: str, at: datetime
) -> OAuthError | None:
    over = found.code_expires_at is None or at >= found.code_expires_at
    if over or (found.client_id, found.redirect_uri) != (request.client_id, request.redirect_uri):
        return _invalid()
    if found.thumbprint is not None and found.thumbprint != thumbprint:
        return DpopError("The DPoP proof was made with another key.")
    try:
        verify_code_verifier(found.code_challenge, request.code_verifier)
    except OAuthError as fault:
        return fault
    return None


def _invalid() -> OAuthError:
    return OAuthError("The code is not valid.", code="invalid_grant")
