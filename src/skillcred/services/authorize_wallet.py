"""The holder lets her wallet have the credential: she shows that the offer is hers, and the wallet gets a code.

What shows it is what the provider gave her: the link, which nobody can guess, and the transaction code, where there is
one, by another way.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from skillcred.exchange.errors import OAuthError
from skillcred.exchange.oid4vci.authorization_requests import build_redirect
from skillcred.exchange.oid4vci.redemption import (
    CODE_BYTES,
    OfferState,
    authorise,
    build_code,
    digest_code,
)
from skillcred.services.credential_issuers import CredentialIssuers, IssuingProvider
from skillcred.services.exchange_code import WALLET_ACTOR
from skillcred.services.offer_forms import SecretSource, build_tx_code_pepper
from skillcred.services.offer_records import Offer, WalletAuthorization
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import AuditEntry
from skillcred.services.transactions import in_transaction

CODE_LIFETIME: Final = timedelta(seconds=60)
"""How long an authorization code is good (SECURITY V-16)."""


@dataclass(frozen=True, slots=True)
class AuthorizationQuestion:
    """What the holder is asked: which provider and credential, for which wallet, and whether by a transaction code."""

    provider: IssuingProvider
    offer: Offer
    authorization: WalletAuthorization

    @property
    def needs_tx_code(self) -> bool:
        """Whether she has to type a code."""
        return self.offer.tx_code_digest is not None


@dataclass(frozen=True, slots=True)
class AuthorizeWallet:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource

    def find(self, slug: str, client_id: str | None, request_uri: str | None) -> AuthorizationQuestion:
        """The question that a pushed request leads to.

        Raises `NotFoundError` for the issuer; `OAuthError` alike for a request that is unknown, over, used, another
        client's or another issuer's. Nobody is sent anywhere then.
        """
        provider = self.issuers.get(slug)
        with self.units(writes=False) as unit:
            authorization = self._get(unit, provider, client_id, request_uri, hold=None)
            offer = unit.offers.find(authorization.offer_id)
        if offer is None or offer.state_at(self.clock.now()) is not OfferState.UNCLAIMED:
            raise _over()
        return AuthorizationQuestion(provider, offer, authorization)

    def __call__(self, slug: str, client_id: str | None, request_uri: str | None, tx_code: str | None) -> str:
        """Where the browser goes with the code.

        Raises what `find` raises, and `OAuthError` (`invalid_grant`) for a wrong transaction code, which counts, and
        (`invalid_request`) for a missing one, which does not.
        """
        provider = self.issuers.get(slug)
        pepper = build_tx_code_pepper(self.secret())
        now = self.clock.now()
        code = build_code(secrets.token_bytes(CODE_BYTES))

        def work(unit: UnitOfWork) -> WalletAuthorization | OAuthError:
            authorization = self._get(unit, provider, client_id, request_uri, hold=Hold.EXCLUSIVE)
            offer = unit.offers.find(authorization.offer_id, hold=Hold.EXCLUSIVE)
            if offer is None or offer.state_at(now) is not OfferState.UNCLAIMED:
                return _over()
            decided = authorise(offer.grant, tx_code, pepper, now)
            action = "authorize_wallet"
            if decided.grant.wrong_attempts != offer.wrong_attempts:
                action = "refuse_tx_code"
                unit.offers.update(replace(offer, wrong_attempts=decided.grant.wrong_attempts))
            if decided.error is None or action == "refuse_tx_code":
                unit.audit.add(AuditEntry(now, WALLET_ACTOR, offer.organisation_id, action, offer.id))
            if decided.error is not None:
                return decided.error
            unit.wallet_access.update_authorization(
                replace(authorization, code_digest=digest_code(code), code_expires_at=now + CODE_LIFETIME)
            )
            return authorization

        outcome = in_transaction(self.units, work)
        if isinstance(outcome, OAuthError):
            raise outcome
        return build_redirect(
            outcome.redirect_uri, code=code, state=outcome.state, issuer=provider.issuer.identifier
        )

    def _get(
        self,
        unit: UnitOfWork,
        provider: IssuingProvider,
        client_id: str | None,
        request_uri: str | None,
        *,
        hold: Hold | None,
    ) -> WalletAuthorization:
        found = (
            None
            if request_uri is None
            else unit.wallet_access.find_authorization(digest_code(request_uri), hold=hold)
        )
        if (
            found is None
            or found.organisation_id != provider.organisation.id
            or found.client_id != client_id
            or found.code_digest is not None
            or self.clock.now() >= found.expires_at
        ):
            raise _over()
        return found


def _over() -> OAuthError:
    return OAuthError("The request of the wallet is not valid any more.", code="invalid_request_uri")
