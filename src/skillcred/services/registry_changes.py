"""The changes of the registry that are proposed and approved, each in one canonical form, carried out by the use case
that also serves the direct call (docs/adr/0011)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from types import MappingProxyType
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.datetimes import format_instant
from skillcred.services.accredit_provider import AccreditationRequest, AccreditProvider
from skillcred.services.branch_ports import MAX_SIGNED_BRANCH_BYTES
from skillcred.services.ceremony import Ceremony, read_ceremony, write_ceremony
from skillcred.services.change_accreditation import ChangeAccreditation
from skillcred.services.change_enrolment import ChangeEnrolment
from skillcred.services.enrol_national_body import EnrolNationalBody
from skillcred.services.forms import Form
from skillcred.services.governance_records import ProposalKind
from skillcred.services.hand_in_accreditation import MAX_ACCREDITATION_BYTES, HandInAccreditation
from skillcred.services.hand_in_branch import HandInBranch
from skillcred.services.issuing import DEFAULT_MECHANISM
from skillcred.services.ports import UnitOfWork
from skillcred.services.record_known_key import RecordKnownKey
from skillcred.services.records import Actor, Role
from skillcred.services.registry_events import EventOrder, build_event_order
from skillcred.services.scope_forms import read_scope_form, write_scope_form
from skillcred.trust import RegisteredKey, Succession
from skillcred.trust.records import write_key


@dataclass(frozen=True, slots=True)
class EventChange:
    """What is to be recorded of an enrolment (a DID) or an accreditation (its id)."""

    subject: str
    order: EventOrder


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key that is to be recorded of somebody elsewhere."""

    entity_did: str
    key: RegisteredKey


@dataclass(frozen=True, slots=True)
class SignedAccreditation:
    """An accreditation that its body signed elsewhere, as text."""

    credential: str


@dataclass(frozen=True, slots=True)
class SignedBranch:
    """A branch that its body signed elsewhere: the metadata as text, of which every character counts."""

    body_did: str
    metadata: str


Change = Ceremony | EventChange | AccreditationRequest | KeyChange | SignedAccreditation | SignedBranch
ROLES: Final[Mapping[ProposalKind, tuple[Role, ...]]] = MappingProxyType(
    {
        ProposalKind.ENROL_BODY: (Role.OPERATOR,),
        ProposalKind.BODY_EVENT: (Role.OPERATOR,),
        ProposalKind.ACCREDIT: (Role.BODY_ADMIN,),
        ProposalKind.ACCREDITATION_EVENT: (Role.BODY_ADMIN,),
        ProposalKind.RECORD_KEY: (Role.OPERATOR, Role.BODY_ADMIN),
        ProposalKind.HAND_IN_ACCREDITATION: (Role.OPERATOR, Role.BODY_ADMIN),
        ProposalKind.HAND_IN_BRANCH: (Role.BODY_ADMIN,),
    }
)
"""Who proposes and approves what."""
_SUBJECTS: Final = {ProposalKind.BODY_EVENT: "did", ProposalKind.ACCREDITATION_EVENT: "accreditation_id"}


def read_change(kind: ProposalKind, value: JsonValue) -> Change:
    """The change that `value` describes. Raises `InputError`, with the place."""
    if kind is ProposalKind.ENROL_BODY:
        return read_ceremony(value)
    if kind is ProposalKind.ACCREDIT:
        return read_accreditation_request(Form(value))
    if kind is ProposalKind.RECORD_KEY:
        return _read_key(Form(value))
    if kind is ProposalKind.HAND_IN_ACCREDITATION:
        return _read_signed_accreditation(Form(value))
    if kind is ProposalKind.HAND_IN_BRANCH:
        return _read_signed_branch(Form(value))
    return _read_event(Form(value), _SUBJECTS[kind])


def encode_change(kind: ProposalKind, change: Change) -> bytes:
    """What is approved: canonical JSON."""
    return encode_jcs({"kind": kind.value, "change": _write(kind, change)})


def sha256_of(content: bytes) -> str:
    """The digest that is approved, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, slots=True)
class RegistryChanges:
    """Carries changes out, by the use cases that the direct calls have too."""

    enrol_national_body: EnrolNationalBody
    change_enrolment: ChangeEnrolment
    accredit_provider: AccreditProvider
    change_accreditation: ChangeAccreditation
    record_known_key: RecordKnownKey
    hand_in_accreditation: HandInAccreditation
    hand_in_branch: HandInBranch

    def check(self, unit: UnitOfWork, actor: Actor, kind: ProposalKind, change: Change) -> None:
        """That the change could be made now, by an organisation like the actor's. Raises what its use case raises."""
        if isinstance(change, Ceremony):
            self.enrol_national_body.check(unit, actor, change.enrolment(""))
        elif isinstance(change, AccreditationRequest):
            self.accredit_provider.check(unit, actor, change)
        elif isinstance(change, KeyChange):
            self.record_known_key.check(unit, actor, change.entity_did, change.key)
        elif isinstance(change, SignedAccreditation):
            self.hand_in_accreditation.check(unit, actor, change.credential)
        elif isinstance(change, SignedBranch):
            self.hand_in_branch.check(unit, actor, change.body_did, change.metadata.encode("utf-8"))
        elif kind is ProposalKind.BODY_EVENT:
            self.change_enrolment.check(unit, actor, change.subject, change.order)
        else:
            self.change_accreditation.check(unit, actor, change.subject, change.order)

    def apply(
        self, unit: UnitOfWork, actor: Actor, kind: ProposalKind, change: Change, sha256: str
    ) -> str | None:
        """Make the change in `unit`; what came of it: an identifier. `None` for an accreditation, which `sign` makes
        outside of a transaction. Raises what its use case raises."""
        if isinstance(change, Ceremony):
            return self.enrol_national_body.apply(unit, actor, change.enrolment(sha256)).did
        if isinstance(change, AccreditationRequest):
            self.accredit_provider.check(unit, actor, change)
            return None
        if isinstance(change, KeyChange):
            self.record_known_key.apply(unit, actor, change.entity_did, change.key)
            return change.key.verification_method
        if isinstance(change, SignedAccreditation):
            return self.hand_in_accreditation.apply(unit, actor, change.credential).id
        if isinstance(change, SignedBranch):
            signed = change.metadata.encode("utf-8")
            return f"version {self.hand_in_branch.apply(unit, actor, change.body_did, signed).version}"
        if kind is ProposalKind.BODY_EVENT:
            return self.change_enrolment.apply(unit, actor, change.subject, change.order).id
        return self.change_accreditation.apply(unit, actor, change.subject, change.order).id

    def sign(self, actor: Actor, request: AccreditationRequest, proposal_id: str) -> str:
        """Sign an accreditation that was approved, once only. Its id. Raises what its use case raises."""
        return self.accredit_provider.sign(actor, request, f"proposal:{proposal_id}").id


def _read_event(form: Form, subject: str) -> EventChange:
    change = EventChange(
        form.text(subject),
        build_event_order(
            form.text("kind"),
            form.instant("effective_at"),
            form.text("reason"),
            form.optional("successor", _read_successor),
        ),
    )
    form.finish()
    return change


def _read_successor(value: JsonValue, pointer: str) -> Succession:
    form = Form(value, pointer)
    successor = Succession(form.text("kind"), form.optional_text("did"), form.text("name"))
    form.finish()
    return successor


def read_accreditation_request(form: Form) -> AccreditationRequest:
    """The request that the form holds, and nothing else. Raises `InputError`, with the place."""
    request = AccreditationRequest(
        provider_did=form.text("provider_did"),
        provider_name=form.text("provider_name"),
        scope=form.required("scope", read_scope_form),
        valid_from=form.instant("valid_from"),
        valid_until=form.optional_instant("valid_until"),
        mechanism=form.optional_text("mechanism") or DEFAULT_MECHANISM,
    )
    form.finish()
    return request


def _read_key(form: Form) -> KeyChange:
    change = KeyChange(
        form.text("entity_did"),
        RegisteredKey(
            form.text("verification_method"),
            form.text("public_key_multibase"),
            form.instant("activated_at"),
            form.optional_instant("retired_at"),
            form.optional_instant("compromised_at"),
        ),
    )
    form.finish()
    return change


def _read_signed_accreditation(form: Form) -> SignedAccreditation:
    change = SignedAccreditation(form.document("credential", MAX_ACCREDITATION_BYTES))
    form.finish()
    return change


def _read_signed_branch(form: Form) -> SignedBranch:
    change = SignedBranch(form.text("did"), form.document("metadata", MAX_SIGNED_BRANCH_BYTES))
    form.finish()
    return change


def _write(kind: ProposalKind, change: Change) -> JsonObject:
    if isinstance(change, Ceremony):
        return write_ceremony(change)
    if isinstance(change, AccreditationRequest):
        until = change.valid_until
        return {
            "provider_did": change.provider_did,
            "provider_name": change.provider_name,
            "scope": write_scope_form(change.scope),
            "valid_from": format_instant(change.valid_from.astimezone(UTC)),
            "valid_until": None if until is None else format_instant(until.astimezone(UTC)),
            "mechanism": change.mechanism,
        }
    if isinstance(change, KeyChange):
        return {"entity_did": change.entity_did, **write_key(change.key)}
    if isinstance(change, SignedAccreditation):
        return {"credential": change.credential}
    if isinstance(change, SignedBranch):
        return {"did": change.body_did, "metadata": change.metadata}
    order = change.order
    successor = order.successor
    return {
        _SUBJECTS[kind]: change.subject,
        "kind": order.kind.value,
        "effective_at": format_instant(order.effective_at.astimezone(UTC)),
        "reason": order.reason,
        "successor": None
        if successor is None
        else {"kind": successor.kind, "did": successor.did, "name": successor.name},
    }
