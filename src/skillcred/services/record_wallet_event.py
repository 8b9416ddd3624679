"""A wallet tells what became of a credential (OID4VCI 1.0 section 11)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skillcred.exchange.oid4vci.errors import NotificationError
from skillcred.exchange.oid4vci.metadata import NOTIFICATION_PATH
from skillcred.exchange.oid4vci.redemption import digest_code
from skillcred.exchange.oid4vci.requests import parse_notification
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.exchange_code import WALLET_ACTOR
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import AuditEntry
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_messages import JSON, WalletMessage
from skillcred.services.wallet_tokens import PresentedToken, WalletTokens


@dataclass(frozen=True, slots=True)
class RecordWalletEvent:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    tokens: WalletTokens

    def __call__(self, slug: str, presented: PresentedToken, message: WalletMessage) -> None:
        """Record the event. Saying the same again changes nothing; saying something else is refused.

        Raises `NotFoundError` for the issuer, `AccessTokenError`, `DpopError`, `NotificationError`
        (`invalid_notification_id` alike for one that is unknown and another holder's).
        """
        provider = self.issuers.get(slug)
        token = self.tokens.authenticate(provider, presented, NOTIFICATION_PATH)
        if message.media_type != JSON:
            raise NotificationError("The notification must be application/json in UTF-8.")
        notification = parse_notification(message.content)
        digest, event = digest_code(notification.notification_id), notification.event.value
        now = self.clock.now()

        def work(unit: UnitOfWork) -> None:
            delivery = unit.offers.find_notified(digest, hold=Hold.EXCLUSIVE)
            if delivery is None or delivery.offer_id != token.offer_id or delivery.credential_id is None:
                raise NotificationError("There is no such notification_id.", code="invalid_notification_id")
            if delivery.event == event:
                return
            if delivery.event is not None:
                raise NotificationError("Something else was told of this credential before.")
            unit.offers.update_delivery(replace(delivery, event=event, event_at=now))
            unit.audit.add(
                AuditEntry(now, WALLET_ACTOR, delivery.organisation_id, event, delivery.credential_id)
            )

        in_transaction(self.units, work)
