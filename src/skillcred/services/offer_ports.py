"""What issuing into wallets needs of a storage."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from skillcred.services.offer_records import Offer, UsedOnce, WalletAuthorization, WalletDelivery, WalletToken

if TYPE_CHECKING:
    from skillcred.services.ports import Hold


class OfferRepository(Protocol):
    """Offers, and what came of them."""

    def add(self, offer: Offer) -> None:
        """Record. Raises `ConflictError` (`offer_taken`) for a taken id, digest or idempotency key."""
        ...

    def find(self, offer_id: str, *, hold: Hold | None = None) -> Offer | None:
        """The offer with that id."""
        ...

    def find_by_key(self, organisation_id: str, idempotency_key: str) -> Offer | None:
        """The offer of an organisation under an idempotency key."""
        ...

    def find_by_code(self, code_digest: str, *, hold: Hold | None = None) -> Offer | None:
        """The offer of that pre-authorised code."""
        ...

    def find_by_reference(self, reference_digest: str) -> Offer | None:
        """The offer that is read at that address."""
        ...

    def find_by_issuer_state(self, issuer_state_digest: str) -> Offer | None:
        """The offer with that `issuer_state`."""
        ...

    def list_for(self, organisation_id: str, *, offset: int = 0, limit: int) -> list[Offer]:
        """At most `limit` offers of an organisation after the `offset` latest, newest first."""
        ...

    def update(self, offer: Offer) -> None:
        """Replace what changes of an offer: attempts, instants, claims. Raises `NotFoundError`."""
        ...

    def erase_claims(
        self, *, expired_before: datetime, claimed_before: datetime, released_before: datetime
    ) -> int:
        """Erase the claims of offers that were withdrawn, that ended unclaimed before an instant, that were claimed
        before an instant, or, of deferred ones, that were released before an instant. How many there were."""
        ...

    def add_delivery(self, delivery: WalletDelivery) -> None:
        """Record. Raises `ConflictError` (`delivery_taken`) where the offer has one of that configuration."""
        ...

    def find_delivery(self, offer_id: str, configuration_id: str) -> WalletDelivery | None:
        """The delivery of a credential of an offer."""
        ...

    def list_deliveries(self, offer_id: str) -> list[WalletDelivery]:
        """All deliveries of an offer, in order of recording."""
        ...

    def find_transaction(self, transaction_digest: str, *, hold: Hold | None = None) -> WalletDelivery | None:
        """The delivery that a `transaction_id` stands for."""
        ...

    def find_notified(self, notification_digest: str, *, hold: Hold | None = None) -> WalletDelivery | None:
        """The delivery that a `notification_id` stands for."""
        ...

    def update_delivery(self, delivery: WalletDelivery) -> None:
        """Replace what changes of a delivery. Raises `NotFoundError`."""
        ...


class WalletAccessRepository(Protocol):
    """Authorization requests, access tokens, and what may be used once only."""

    def add_authorization(self, authorization: WalletAuthorization) -> None:
        """Record. Raises `ConflictError` (`authorization_taken`)."""
        ...

    def find_authorization(
        self, request_digest: str, *, hold: Hold | None = None
    ) -> WalletAuthorization | None:
        """The request that a `request_uri` stands for."""
        ...

    def find_authorization_by_code(
        self, code_digest: str, *, hold: Hold | None = None
    ) -> WalletAuthorization | None:
        """The request that an authorization code was given for."""
        ...

    def update_authorization(self, authorization: WalletAuthorization) -> None:
        """Replace what changes of a request. Raises `NotFoundError`."""
        ...

    def add_token(self, token: WalletToken) -> None:
        """Record. Raises `ConflictError` (`token_taken`)."""
        ...

    def find_token(self, digest: str) -> WalletToken | None:
        """The access token with that digest, revoked or not."""
        ...

    def revoke_tokens(self, authorization_id: str, *, at: datetime) -> int:
        """Revoke all tokens that came of an authorization. How many there were."""
        ...

    def use_once(self, used: UsedOnce) -> None:
        """Record that something was used. Raises `ConflictError` (`used_already`)."""
        ...

    def find_used(self, digest: str) -> UsedOnce | None:
        """Who used it, if it was used."""
        ...

    def remove_expired(self, *, before: datetime) -> int:
        """Remove used things, tokens and requests that ended before an instant: nobody would accept them any more."""
        ...
