"""The operator suspends, reinstates, ends or withdraws the enrolment of a national body, or says who follows it.

Nothing is deleted (SECURITY T-12): what the body was, and when, stays and is what past awards are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.identities import new_id
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import AccreditationEventKind, Actor, AuditEntry, BodyEvent, Role
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
class ChangeEnrolment:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(
        self,
        actor: Actor,
        body_did: str,
        *,
        kind: AccreditationEventKind | str,
        effective_at: datetime,
        reason: str,
        successor: Succession | None = None,
    ) -> BodyEvent:
        """Record what happened to the enrolment, effective from `effective_at`.

        A withdrawal may take effect in the past; everything else follows what was recorded last. `successor` goes with
        `succeeded` and with nothing else; the successor keeps the records and is not thereby enrolled.

        Raises `AuthorisationError` (`four_eyes_required` where somebody else has to approve), `NotFoundError`,
        `InputError`, `ConflictError` (`enrolment_final`, `accreditation_state`, `event_out_of_order`).
        """
        require_role(actor, Role.OPERATOR)
        self.four_eyes.refuse_alone()
        order = build_event_order(kind, effective_at, reason, successor)
        return in_transaction(self.units, lambda unit: self.apply(unit, actor, body_did, order))

    def check(
        self, unit: UnitOfWork, actor: Actor, body_did: str, order: EventOrder, *, hold: Hold | None = None
    ) -> None:
        """That the order could be carried out now. Raises as `__call__` does."""
        require_role(actor, Role.OPERATOR)
        body = unit.registry.find_body(body_did, hold=hold)
        if body is None:
            raise NotFoundError("There is no such national body.")
        if order.effective_at < body.enrolled_at:
            raise InputError(
                "An enrolment cannot change before it begins.",
                code="effective_before_enrolment",
                pointer="/effective_at",
            )
        if body.ended_at is not None:
            raise ConflictError("The enrolment is over for good.", code="enrolment_final")
        if order.successor is not None and order.successor.did == body_did:
            raise InputError(
                "A body does not follow itself.", code="invalid_successor", pointer="/successor/did"
            )
        check_transition(unit.registry.list_body_events(body_did), order, "enrolment_final")

    def apply(self, unit: UnitOfWork, actor: Actor, body_did: str, order: EventOrder) -> BodyEvent:
        """Carry the order out in `unit`. Raises as `__call__` does."""
        self.check(unit, actor, body_did, order, hold=Hold.EXCLUSIVE)
        now = self.clock.now()
        event = BodyEvent(
            id=new_id(),
            body_did=body_did,
            kind=order.kind,
            effective_at=order.effective_at.astimezone(UTC),
            recorded_at=now,
            reason=order.reason,
            recorded_by=actor.api_key_id,
            successor=order.successor,
        )
        unit.registry.add_body_event(event)
        action = f"enrolment_{order.kind.value}"
        unit.audit.add(AuditEntry(now, actor.api_key_id, actor.organisation.id, action, body_did))
        log_change(
            unit,
            at=now,
            actor=actor.api_key_id,
            organisation_did=actor.organisation.did,
            action=action,
            subject=body_did,
            content=describe_event(event),
        )
        return event
