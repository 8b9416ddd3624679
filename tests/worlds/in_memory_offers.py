"""The fakes of the storage of offers and of what wallets may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.offer_records import Offer, UsedOnce, WalletAuthorization, WalletDelivery, WalletToken
from skillcred.services.ports import Hold

if TYPE_CHECKING:
    from worlds.in_memory import State


class InMemoryOfferRepository:
    def __init__(self, state: State) -> None:
        self._offers = state.offers
        self._deliveries = state.deliveries

    def add(self, offer: Offer) -> None:
        if any(
            offer.id == item.id
            or offer.code_digest == item.code_digest
            or offer.reference_digest == item.reference_digest
            or offer.issuer_state_digest == item.issuer_state_digest
            or (offer.organisation_id, offer.idempotency_key) == (item.organisation_id, item.idempotency_key)
            for item in self._offers.values()
        ):
            raise ConflictError("Taken.", code="offer_taken")
        self._offers[offer.id] = offer

    def _find(self, condition: Callable[[Offer], bool]) -> Offer | None:
        return next((offer for offer in self._offers.values() if condition(offer)), None)

    def find(self, offer_id: str, *, hold: Hold | None = None) -> Offer | None:
        return self._offers.get(offer_id)

    def find_by_key(self, organisation_id: str, idempotency_key: str) -> Offer | None:
        wanted = (organisation_id, idempotency_key)
        return self._find(lambda offer: (offer.organisation_id, offer.idempotency_key) == wanted)

    def find_by_code(self, code_digest: str, *, hold: Hold | None = None) -> Offer | None:
        return self._find(lambda offer: offer.code_digest == code_digest)

    def find_by_reference(self, reference_digest: str) -> Offer | None:
        return self._find(lambda offer: offer.reference_digest == reference_digest)

    def find_by_issuer_state(self, issuer_state_digest: str) -> Offer | None:
        return self._find(lambda offer: offer.issuer_state_digest == issuer_state_digest)

    def list_for(self, organisation_id: str, *, offset: int = 0, limit: int) -> list[Offer]:
        own = [offer for offer in self._offers.values() if offer.organisation_id == organisation_id]
        return own[::-1][offset : offset + limit]

    def update(self, offer: Offer) -> None:
        known = self._offers.get(offer.id)
        if known is None:
            raise NotFoundError("There is no such offer.")
        self._offers[offer.id] = replace(
            known,
            claims=offer.claims,
            wrong_attempts=offer.wrong_attempts,
            claimed_at=offer.claimed_at,
            withdrawn_at=offer.withdrawn_at,
            released_at=offer.released_at,
        )

    def erase_claims(
        self, *, expired_before: datetime, claimed_before: datetime, released_before: datetime
    ) -> int:
        erased = 0
        for offer in list(self._offers.values()):
            claimed, released = offer.claimed_at, offer.released_at
            over = offer.withdrawn_at is not None or (claimed is None and offer.expires_at < expired_before)
            if claimed is not None and not offer.deferred:
                over = over or claimed < claimed_before
            elif claimed is not None and released is not None:
                over = over or max(claimed, released) < released_before
            if over and offer.claims is not None:
                self._offers[offer.id] = replace(offer, claims=None)
                erased += 1
        return erased

    def add_delivery(self, delivery: WalletDelivery) -> None:
        if any(
            delivery.id == item.id
            or (delivery.offer_id, delivery.configuration_id) == (item.offer_id, item.configuration_id)
            for item in self._deliveries.values()
        ):
            raise ConflictError("Taken.", code="delivery_taken")
        self._deliveries[delivery.id] = delivery

    def find_delivery(self, offer_id: str, configuration_id: str) -> WalletDelivery | None:
        wanted = (offer_id, configuration_id)
        return self._find_delivery(lambda item: (item.offer_id, item.configuration_id) == wanted)

    def list_deliveries(self, offer_id: str) -> list[WalletDelivery]:
        return [item for item in self._deliveries.values() if item.offer_id == offer_id]

    def find_transaction(self, transaction_digest: str, *, hold: Hold | None = None) -> WalletDelivery | None:
        return self._find_delivery(lambda item: item.transaction_digest == transaction_digest)

    def find_notified(self, notification_digest: str, *, hold: Hold | None = None) -> WalletDelivery | None:
        return self._find_delivery(lambda item: item.notification_digest == notification_digest)

    def update_delivery(self, delivery: WalletDelivery) -> None:
        known = self._deliveries.get(delivery.id)
        if known is None:
            raise NotFoundError("There is no such delivery.")
        self._deliveries[delivery.id] = replace(
            known,
            credential_id=delivery.credential_id,
            delivered_at=delivery.delivered_at,
            collected_at=delivery.collected_at,
            event=delivery.event,
            event_at=delivery.event_at,
        )

    def _find_delivery(self, condition: Callable[[WalletDelivery], bool]) -> WalletDelivery | None:
        return next((item for item in self._deliveries.values() if condition(item)), None)


class InMemoryWalletAccessRepository:
    def __init__(self, state: State) -> None:
        self._authorizations = state.wallet_authorizations
        self._tokens = state.wallet_tokens
        self._used = state.used_once

    def add_authorization(self, authorization: WalletAuthorization) -> None:
        if authorization.id in self._authorizations or self.find_authorization(authorization.request_digest):
            raise ConflictError("Taken.", code="authorization_taken")
        self._authorizations[authorization.id] = authorization

    def find_authorization(
        self, request_digest: str, *, hold: Hold | None = None
    ) -> WalletAuthorization | None:
        return self._find(lambda item: item.request_digest == request_digest)

    def find_authorization_by_code(
        self, code_digest: str, *, hold: Hold | None = None
    ) -> WalletAuthorization | None:
        return self._find(lambda item: item.code_digest == code_digest)

    def update_authorization(self, authorization: WalletAuthorization) -> None:
        known = self._authorizations.get(authorization.id)
        if known is None:
            raise NotFoundError("There is no such authorization.")
        self._authorizations[authorization.id] = replace(
            known,
            code_digest=authorization.code_digest,
            code_expires_at=authorization.code_expires_at,
            redeemed_at=authorization.redeemed_at,
        )

    def add_token(self, token: WalletToken) -> None:
        if token.digest in self._tokens:
            raise ConflictError("Taken.", code="token_taken")
        self._tokens[token.digest] = token

    def find_token(self, digest: str) -> WalletToken | None:
        return self._tokens.get(digest)

    def revoke_tokens(self, authorization_id: str, *, at: datetime) -> int:
        found = [
            token
            for token in self._tokens.values()
            if token.authorization_id == authorization_id and token.revoked_at is None
        ]
        for token in found:
            self._tokens[token.digest] = replace(token, revoked_at=at)
        return len(found)

    def use_once(self, used: UsedOnce) -> None:
        if used.digest in self._used:
            raise ConflictError("Taken.", code="used_already")
        self._used[used.digest] = used

    def find_used(self, digest: str) -> UsedOnce | None:
        return self._used.get(digest)

    def remove_expired(self, *, before: datetime) -> int:
        removed = 0
        for table in (self._used, self._tokens, self._authorizations):
            for name in [name for name, item in table.items() if item.expires_at < before]:
                del table[name]
                removed += 1
        return removed

    def _find(self, condition: Callable[[WalletAuthorization], bool]) -> WalletAuthorization | None:
        return next((item for item in self._authorizations.values() if condition(item)), None)
