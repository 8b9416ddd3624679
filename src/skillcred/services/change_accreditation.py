"""A body suspends, reinstates, ends or withdraws an accreditation that it gave, or says who follows the provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from skillcred.errors import InputError, NotFoundError
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.identities import new_id
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import AccreditationEvent, AccreditationEventKind, Actor, AuditEntry, Role
from skillcred.services.registry_events import (
    EventOrder,
    build_event_order,
    check_transition,
    describe_event,
)
from skillcred.services.registry_log import log_change
from skillcred.services.transactions import in_transaction
from skillcred.trust import Succession


@dataclass(frozen=True, slots=True)
class ChangeAccreditation:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(
        self,
        actor: Actor,
        accreditation_id: str,
        *,
        kind: AccreditationEventKind | str,
        effective_at: datetime,
        reason: str,
        successor: Succession | None = None,
    ) -> AccreditationEvent:
        """Record what happened, effective from `effective_at`.

        Only a withdrawal may take effect before an earlier event, because it says that the accreditation
        should never have been relied on from then. `successor` goes with `succeeded` and with nothing else.

        Raises `AuthorisationError` (`four_eyes_required` where somebody else has to approve), `NotFoundError` also for
        another body's accreditation, `InputError`, `ConflictError` (`accreditation_final`,
        `accreditation_state`, `event_out_of_order`).
        """
        require_role(actor, Role.BODY_ADMIN)
        self.four_eyes.refuse_alone()
        order = build_event_order(kind, effective_at, reason, successor)
        return in_transaction(self.units, lambda unit: self.apply(unit, actor, accreditation_id, order))

    def check(
        self,
        unit: UnitOfWork,
        actor: Actor,
        accreditation_id: str,
        order: EventOrder,
        *,
        hold: Hold | None = None,
    ) -> None:
        """That the order could be carried out now. Raises as `__call__` does."""
        require_role(actor, Role.BODY_ADMIN)
        accreditation = unit.registry.get_accreditation(accreditation_id, hold=hold)
        if accreditation.body_did != actor.organisation.did:
            raise NotFoundError("There is no such accreditation.")
        if order.effective_at < accreditation.valid_from:
            raise InputError(
                "An accreditation cannot change before it begins.",
                code="effective_before_accreditation",
                pointer="/effective_at",
            )
        check_transition(unit.registry.list_events(accreditation_id), order, "accreditation_final")

    def apply(
        self, unit: UnitOfWork, actor: Actor, accreditation_id: str, order: EventOrder
    ) -> AccreditationEvent:
        """Carry the order out in `unit`. Raises as `__call__` does."""
        self.check(unit, actor, accreditation_id, order, hold=Hold.EXCLUSIVE)
        now = self.clock.now()
        event = AccreditationEvent(
            id=new_id(),
            accreditation_id=accreditation_id,
            kind=order.kind,
            effective_at=order.effective_at.astimezone(UTC),
            recorded_at=now,
            reason=order.reason,
            recorded_by=actor.api_key_id,
            successor=order.successor,
        )
        unit.registry.add_event(event)
        action = f"accreditation_{order.kind.value}"
        unit.audit.add(AuditEntry(now, actor.api_key_id, actor.organisation.id, action, accreditation_id))
        log_change(
            unit,
            at=now,
            actor=actor.api_key_id,
            organisation_did=actor.organisation.did,
            action=action,
            subject=accreditation_id,
            content=describe_event(event),
        )
        return event
