"""What is remembered of credentials on their way into wallets. Codes and tokens are kept as digests only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from skillcred.exchange.oid4vci.redemption import OfferState, PreAuthorisedGrant


class OfferGrant(StrEnum):
    """How a wallet may get the access token for an offer."""

    PRE_AUTHORISED_CODE = "pre_authorized_code"
    AUTHORISATION_CODE = "authorization_code"


@dataclass(frozen=True, slots=True)
class Offer:
    """A credential that a provider has prepared for one person, and where it stands.

    `claims` (JSON) are erased once nothing can be issued of them any more. A `deferred` one is issued when the provider
    releases it. `created_by` is the id of the API key.
    """

    id: str
    organisation_id: str
    idempotency_key: str
    request_sha256: str
    profile: str
    configuration_ids: tuple[str, ...]
    claims: bytes | None
    revocable: bool
    grants: tuple[OfferGrant, ...]
    deferred: bool
    code_digest: str
    reference_digest: str
    issuer_state_digest: str
    tx_code_digest: str | None
    created_at: datetime
    expires_at: datetime
    created_by: str
    wrong_attempts: int = 0
    claimed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    released_at: datetime | None = None

    @property
    def grant(self) -> PreAuthorisedGrant:
        """What decides whether the offer can be claimed; the authorization code is bound by the same."""
        return PreAuthorisedGrant(
            code_digest=self.code_digest,
            expires_at=self.expires_at,
            tx_code_digest=self.tx_code_digest,
            wrong_attempts=self.wrong_attempts,
            claimed_at=self.claimed_at,
            withdrawn_at=self.withdrawn_at,
        )

    def state_at(self, at: datetime) -> OfferState:
        """What the provider sees of it. One that waits to be released can be withdrawn although it was claimed."""
        if self.withdrawn_at is not None:
            return OfferState.WITHDRAWN
        return self.grant.state_at(at)


@dataclass(frozen=True, slots=True)
class WalletAuthorization:
    """A pushed authorization request, and the code that came of it. `thumbprint` is that of the wallet's DPoP key."""

    id: str
    organisation_id: str
    offer_id: str
    request_digest: str
    client_id: str
    redirect_uri: str
    state: str | None
    code_challenge: str
    thumbprint: str | None
    configuration_ids: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    code_digest: str | None = None
    code_expires_at: datetime | None = None
    redeemed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WalletToken:
    """An access token. With a `thumbprint` it is good only together with a proof by that key (DPoP)."""

    digest: str
    organisation_id: str
    offer_id: str
    configuration_ids: tuple[str, ...]
    client_id: str | None
    thumbprint: str | None
    issued_at: datetime
    expires_at: datetime
    authorization_id: str | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class WalletDelivery:
    """One credential of an offer, for the keys that a wallet has proven. There is one for each offer and configuration,
    so that nothing is issued twice. `holders` is JSON: a list of `jwk` and `did`."""

    id: str
    organisation_id: str
    offer_id: str
    configuration_id: str
    holders: bytes
    transaction_digest: str
    notification_digest: str
    requested_at: datetime
    credential_id: str | None = None
    delivered_at: datetime | None = None
    collected_at: datetime | None = None
    event: str | None = None
    event_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UsedOnce:
    """Something that is good once: a nonce or a DPoP proof, by its digest; `used_by` names the request that had it."""

    digest: str
    used_by: str
    expires_at: datetime
