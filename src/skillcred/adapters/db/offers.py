"""Offers to wallets, and what came of them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select, update

from skillcred.adapters.db.offer_rows import WalletDeliveryRow, WalletOfferRow
from skillcred.adapters.db.statements import Statements
from skillcred.errors import NotFoundError
from skillcred.services.offer_records import Offer, OfferGrant, WalletDelivery
from skillcred.services.ports import Hold

_CHANGING: Final = ("claims", "wrong_attempts", "claimed_at", "withdrawn_at", "released_at")
_DELIVERED: Final = ("credential_id", "delivered_at", "collected_at", "event", "event_at")


class SqlOfferRepository:
    """`OfferRepository` in SQL."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def add(self, offer: Offer) -> None:
        """Record. Raises `ConflictError` (`offer_taken`)."""
        lists = {
            "configuration_ids": " ".join(offer.configuration_ids),
            "grants": " ".join(grant.value for grant in offer.grants),
        }
        self._statements.insert(WalletOfferRow(**asdict(offer) | lists), taken="offer_taken")

    def find(self, offer_id: str, *, hold: Hold | None = None) -> Offer | None:
        """The offer with that id."""
        return self._find(hold, WalletOfferRow.id == offer_id)

    def find_by_key(self, organisation_id: str, idempotency_key: str) -> Offer | None:
        """The offer of an organisation under an idempotency key."""
        row = WalletOfferRow
        return self._find(
            None, row.organisation_id == organisation_id, row.idempotency_key == idempotency_key
        )

    def find_by_code(self, code_digest: str, *, hold: Hold | None = None) -> Offer | None:
        """The offer of that pre-authorised code."""
        return self._find(hold, WalletOfferRow.code_digest == code_digest)

    def find_by_reference(self, reference_digest: str) -> Offer | None:
        """The offer that is read at that address."""
        return self._find(None, WalletOfferRow.reference_digest == reference_digest)

    def find_by_issuer_state(self, issuer_state_digest: str) -> Offer | None:
        """The offer with that `issuer_state`."""
        return self._find(None, WalletOfferRow.issuer_state_digest == issuer_state_digest)

    def list_for(self, organisation_id: str, *, offset: int = 0, limit: int) -> list[Offer]:
        """Offers of an organisation, newest first."""
        query = (
            select(WalletOfferRow)
            .where(WalletOfferRow.organisation_id == organisation_id)
            .order_by(WalletOfferRow.position.desc())
            .offset(offset)
            .limit(limit)
        )
        return [_offer(row) for row in self._statements.list_all(query)]

    def update(self, offer: Offer) -> None:
        """Replace what changes of an offer. Raises `NotFoundError`."""
        values = {name: getattr(offer, name) for name in _CHANGING}
        statement = update(WalletOfferRow).where(WalletOfferRow.id == offer.id).values(values)
        if self._statements.change(statement) != 1:
            raise NotFoundError("There is no such offer.")

    def erase_claims(
        self, *, expired_before: datetime, claimed_before: datetime, released_before: datetime
    ) -> int:
        """Erase the claims that nothing can be issued of any more."""
        row = WalletOfferRow
        unclaimed = and_(row.claimed_at.is_(None), row.expires_at < expired_before)
        claimed = and_(~row.deferred, row.claimed_at < claimed_before)
        released = and_(row.deferred, row.claimed_at < released_before, row.released_at < released_before)
        over = or_(row.withdrawn_at.is_not(None), unclaimed, claimed, released)
        return self._statements.change(update(row).where(row.claims.is_not(None), over).values(claims=None))

    def add_delivery(self, delivery: WalletDelivery) -> None:
        """Record. Raises `ConflictError` (`delivery_taken`)."""
        self._statements.insert(WalletDeliveryRow(**asdict(delivery)), taken="delivery_taken")

    def find_delivery(self, offer_id: str, configuration_id: str) -> WalletDelivery | None:
        """The delivery of a credential of an offer."""
        row = WalletDeliveryRow
        return self._find_delivery(None, row.offer_id == offer_id, row.configuration_id == configuration_id)

    def list_deliveries(self, offer_id: str) -> list[WalletDelivery]:
        """All deliveries of an offer."""
        query = (
            select(WalletDeliveryRow)
            .where(WalletDeliveryRow.offer_id == offer_id)
            .order_by(WalletDeliveryRow.position)
        )
        return [_delivery(row) for row in self._statements.list_all(query)]

    def find_transaction(self, transaction_digest: str, *, hold: Hold | None = None) -> WalletDelivery | None:
        """The delivery that a `transaction_id` stands for."""
        return self._find_delivery(hold, WalletDeliveryRow.transaction_digest == transaction_digest)

    def find_notified(self, notification_digest: str, *, hold: Hold | None = None) -> WalletDelivery | None:
        """The delivery that a `notification_id` stands for."""
        return self._find_delivery(hold, WalletDeliveryRow.notification_digest == notification_digest)

    def update_delivery(self, delivery: WalletDelivery) -> None:
        """Replace what changes of a delivery. Raises `NotFoundError`."""
        values = {name: getattr(delivery, name) for name in _DELIVERED}
        statement = update(WalletDeliveryRow).where(WalletDeliveryRow.id == delivery.id).values(values)
        if self._statements.change(statement) != 1:
            raise NotFoundError("There is no such delivery.")

    def _find(self, hold: Hold | None, *conditions: Any) -> Offer | None:
        row = self._statements.find(select(WalletOfferRow).where(*conditions), hold=hold)
        return None if row is None else _offer(row)

    def _find_delivery(self, hold: Hold | None, *conditions: Any) -> WalletDelivery | None:
        row = self._statements.find(select(WalletDeliveryRow).where(*conditions), hold=hold)
        return None if row is None else _delivery(row)


def _offer(row: WalletOfferRow) -> Offer:
    return Offer(
        id=row.id,
        organisation_id=row.organisation_id,
        idempotency_key=row.idempotency_key,
        request_sha256=row.request_sha256,
        profile=row.profile,
        configuration_ids=tuple(row.configuration_ids.split()),
        claims=row.claims,
        revocable=row.revocable,
        grants=tuple(OfferGrant(grant) for grant in row.grants.split()),
        deferred=row.deferred,
        code_digest=row.code_digest,
        reference_digest=row.reference_digest,
        issuer_state_digest=row.issuer_state_digest,
        tx_code_digest=row.tx_code_digest,
        created_at=row.created_at,
        expires_at=row.expires_at,
        created_by=row.created_by,
        wrong_attempts=row.wrong_attempts,
        claimed_at=row.claimed_at,
        withdrawn_at=row.withdrawn_at,
        released_at=row.released_at,
    )


def _delivery(row: WalletDeliveryRow) -> WalletDelivery:
    return WalletDelivery(
        id=row.id,
        organisation_id=row.organisation_id,
        offer_id=row.offer_id,
        configuration_id=row.configuration_id,
        holders=row.holders,
        transaction_digest=row.transaction_digest,
        notification_digest=row.notification_digest,
        requested_at=row.requested_at,
        credential_id=row.credential_id,
        delivered_at=row.delivered_at,
        collected_at=row.collected_at,
        event=row.event,
        event_at=row.event_at,
    )
