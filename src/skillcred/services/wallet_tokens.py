"""Access tokens: who may have a credential of an offer, and for how long."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.base64url import encode_base64url
from skillcred.exchange.errors import AccessTokenError, DpopError
from skillcred.exchange.oid4vci.redemption import digest_code
from skillcred.services.credential_issuers import IssuingProvider
from skillcred.services.offer_records import Offer, WalletToken
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.wallet_proofs import WalletProofs

TOKEN_BYTES: Final = 32
BEARER_LIFETIME: Final = timedelta(minutes=5)
"""Of a token that anybody can use who has it (SECURITY V-18)."""
BOUND_LIFETIME: Final = timedelta(hours=1)
"""Of a token that is good with a proof by the wallet's key only."""
DEFERRED_LIFETIME: Final = timedelta(days=30)
"""The same for an offer that is not released yet: the wallet comes back with this token."""
MAX_TOKEN_CHARACTERS: Final = 256
"""Longest access token that is looked up. Ours have 43."""


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """What a request to a protected resource shows: the scheme and the token of its `Authorization` header, lower-case
    the one and as it came the other, and the values of its `DPoP` header fields. `None` without the header."""

    scheme: str | None
    token: str | None
    dpop: Sequence[str]


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made. Only its digest is stored."""

    text: str
    record: WalletToken
    expires_in: int


def build_token(
    offer: Offer,
    at: datetime,
    *,
    client_id: str | None,
    thumbprint: str | None,
    configuration_ids: tuple[str, ...] | None = None,
    authorization_id: str | None = None,
) -> NewToken:
    """A new access token for an offer."""
    lifetime = BEARER_LIFETIME
    if thumbprint is not None:
        lifetime = DEFERRED_LIFETIME if offer.deferred and offer.released_at is None else BOUND_LIFETIME
    text = encode_base64url(secrets.token_bytes(TOKEN_BYTES))
    record = WalletToken(
        digest=digest_code(text),
        organisation_id=offer.organisation_id,
        offer_id=offer.id,
        configuration_ids=offer.configuration_ids if configuration_ids is None else configuration_ids,
        client_id=client_id,
        thumbprint=thumbprint,
        issued_at=at,
        expires_at=at + lifetime,
        authorization_id=authorization_id,
    )
    return NewToken(text, record, int(lifetime.total_seconds()))


@dataclass(frozen=True, slots=True)
class WalletTokens:
    """Recognises access tokens."""

    units: UnitOfWorkFactory
    clock: Clock
    proofs: WalletProofs

    def authenticate(
        self, provider: IssuingProvider, presented: PresentedToken, endpoint: str
    ) -> WalletToken:
        """The token of a request to `endpoint`.

        Raises `AccessTokenError` for one that is missing, unknown, another issuer's, over, or shown in another way than
        it was bound (RFC 9449 section 7.2), `DpopError` for a proof that does not fit. Why exactly is not told.
        """
        text = presented.token
        if text is None:
            raise AccessTokenError("The request has no access token.", code="token_missing")
        if len(text) > MAX_TOKEN_CHARACTERS:
            raise AccessTokenError("The access token is not valid.")
        with self.units(writes=False) as unit:
            token = unit.wallet_access.find_token(digest_code(text))
        now = self.clock.now()
        if (
            token is None
            or token.organisation_id != provider.organisation.id
            or token.revoked_at is not None
            or now >= token.expires_at
        ):
            raise AccessTokenError("The access token is not valid.")
        if token.thumbprint is None:
            if presented.scheme != "bearer":
                raise AccessTokenError("The access token is not valid.")
            return token
        if presented.scheme != "dpop":
            raise AccessTokenError("The access token is bound to a key: send it with the scheme DPoP.")
        if not presented.dpop:
            raise DpopError("The request needs exactly one DPoP header.")
        self.proofs.accept_dpop(
            presented.dpop, provider.issuer, endpoint, access_token=text, thumbprint=token.thumbprint
        )
        return token
