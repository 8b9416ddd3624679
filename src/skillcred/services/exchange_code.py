"""A wallet exchanges a code for an access token (OID4VCI 1.0 section 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.errors import OAuthError
from skillcred.exchange.oid4vci.metadata import TOKEN_PATH
from skillcred.exchange.oid4vci.redemption import digest_code, redeem
from skillcred.exchange.oid4vci.token_requests import (
    PreAuthorisedTokenRequest,
    build_token_response,
    read_token_request,
)
from skillcred.services.credential_issuers import CredentialIssuers, IssuingProvider
from skillcred.services.offer_forms import SecretSource, build_tx_code_pepper
from skillcred.services.offer_records import OfferGrant
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import AuditEntry
from skillcred.services.transactions import in_transaction
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

    def __call__(self, slug: str, parameters: Mapping[str, str], dpop: Sequence[str]) -> JsonObject:
        """The token response to the parameters of a form. `dpop` are the values of the `DPoP` header fields.

        Raises `NotFoundError` for the issuer, `DpopError` before any code or attempt is used up, `OAuthError`.
        """
        provider = self.issuers.get(slug)
        request = read_token_request(parameters)
        thumbprint = None
        if dpop:
            thumbprint = self.proofs.accept_dpop(dpop, provider.issuer, TOKEN_PATH).thumbprint
        token = self._redeem(provider, request, thumbprint)
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
                return OAuthError("The code is not valid.", code="invalid_grant")
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

        outcome = in_transaction(self.units, work)
        if isinstance(outcome, OAuthError):
            raise outcome
        return outcome
