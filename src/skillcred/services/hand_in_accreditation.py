"""A body that keeps its keys elsewhere hands in an accreditation that it signed there.

It is recorded byte for byte as it was signed, under the rules for one that is signed here: by one of the body's own
keys that are recorded as active, about nobody above it, and no wider than what the body may pass on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.model.documents import Form, parse_secured_document
from skillcred.services.accredit_provider import check_scope
from skillcred.services.authority import check_narrower
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.permissions import require_keys_elsewhere, require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.provider_names import check_provider_name
from skillcred.services.recorded_keys import check_by_recorded_keys, list_active_keys
from skillcred.services.records import Accreditation, Actor, AuditEntry, Role
from skillcred.services.registrable import check_registrable_did
from skillcred.services.registry_log import log_accreditation
from skillcred.services.transactions import in_transaction
from skillcred.trust import AccreditationError, AccreditationStatement, ExtractedAccreditation

MAX_ACCREDITATION_BYTES: Final = 65_536
"""Largest accreditation that is taken; the widest scope takes about a third."""
MAX_ID_CHARACTERS: Final = 2000
MEDIA_TYPE: Final = "application/vc"


@dataclass(frozen=True, slots=True)
class HandInAccreditation:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(self, actor: Actor, credential: str) -> Accreditation:
        """Record the signed accreditation, JSON with an embedded proof.

        Raises `AuthorisationError` (`body_not_enrolled`, `four_eyes_required`), `AccreditationError`
        (`accreditation_form`, `accreditation_has_status`, `foreign_statement` for another's, and the code of the proof
        or the conformance that does not hold), `InputError` as for an accreditation that is signed here, and
        `ConflictError` (`keys_kept_here`, `accreditation_taken`, `name_taken`, `accreditation_loop`, `chain_too_long`).
        """
        require_role(actor, Role.BODY_ADMIN)
        self.four_eyes.refuse_alone()
        return in_transaction(self.units, lambda unit: self.apply(unit, actor, credential))

    def check(self, unit: UnitOfWork, actor: Actor, credential: str) -> Accreditation:
        """The record that it would become, if it could be taken now. Raises as `__call__` does."""
        require_role(actor, Role.BODY_ADMIN)
        require_keys_elsewhere(actor.organisation)
        now = self.clock.now()
        content = credential.encode("utf-8")
        document = _read(content)
        statement = _verify(unit, actor.organisation.did, content, now)
        if statement.body_did != actor.organisation.did:
            raise AccreditationError("The accreditation is another's.", code="foreign_statement")
        _check_statement(document, statement)
        for scope in statement.scopes:
            check_scope(scope)
            check_narrower(unit, actor.organisation, statement.provider_did, scope, at=now)
        check_registrable_did(statement.provider_did, unit, pointer="/credentialSubject/id")
        check_provider_name(
            unit,
            did=statement.provider_did,
            name=_name_of(document),
            signer_did=statement.body_did,
            countries=frozenset(country for scope in statement.scopes for country in scope.countries),
        )
        _refuse_taken(unit, statement.credential_id)
        return Accreditation(
            id=statement.credential_id,
            body_did=statement.body_did,
            provider_did=statement.provider_did,
            content=content,
            media_type=MEDIA_TYPE,
            valid_from=statement.valid_from,
            valid_until=statement.valid_until,
            recorded_at=now,
        )

    def apply(self, unit: UnitOfWork, actor: Actor, credential: str) -> Accreditation:
        """Record it in `unit`. Raises as `__call__` does."""
        accreditation = self.check(unit, actor, credential)
        unit.registry.add_accreditation(accreditation)
        unit.audit.add(
            AuditEntry(
                accreditation.recorded_at,
                actor.api_key_id,
                actor.organisation.id,
                "hand_in_accreditation",
                accreditation.id,
            )
        )
        log_accreditation(
            unit, accreditation, actor=actor.api_key_id, organisation_did=actor.organisation.did
        )
        return accreditation


def _read(content: bytes) -> JsonObject:
    if len(content) > MAX_ACCREDITATION_BYTES:
        raise AccreditationError("The accreditation is too large.", code="accreditation_too_large")
    secured = parse_secured_document(content, MEDIA_TYPE)
    if secured.form is not Form.JSON:
        raise AccreditationError(
            "An accreditation is JSON with its proof inside.",
            code="accreditation_form",
            pointer="/credential",
        )
    return secured.document


def _verify(unit: UnitOfWork, did: str, content: bytes, now: datetime) -> AccreditationStatement:
    keys = {did: list_active_keys(unit, did, now)}
    check = check_by_recorded_keys(ExtractedAccreditation(content, MEDIA_TYPE, now), keys, now)
    if check.statement is None:
        raise AccreditationError("The accreditation does not verify.", code=check.code)
    return check.statement


def _check_statement(document: JsonObject, statement: AccreditationStatement) -> None:
    """What the form of a credential allows, and an accreditation of the registry does not."""
    subject = document.get("credentialSubject")
    actions = as_list(subject.get("recognizedTo")) if isinstance(subject, dict) else []
    if not statement.scopes or len(statement.scopes) != len(actions):
        raise AccreditationError(
            "Every action is to issue or to accredit.", pointer="/credentialSubject/recognizedTo"
        )
    if "credentialStatus" in document:
        raise AccreditationError(
            "What happens to an accreditation is recorded as its events, and in no list beside.",
            code="accreditation_has_status",
            pointer="/credentialStatus",
        )
    if statement.body_did == statement.provider_did:
        raise AccreditationError("A body cannot accredit itself.", code="self_accreditation")
    until = statement.valid_until
    if until is not None and until <= statement.valid_from:
        raise AccreditationError("An accreditation ends after it begins.", pointer="/validUntil")
    if len(statement.credential_id) > MAX_ID_CHARACTERS or not statement.credential_id.isprintable():
        raise AccreditationError("The identifier is too long, or holds what cannot be seen.", pointer="/id")


def _name_of(document: JsonObject) -> str:
    subject = document.get("credentialSubject")
    name = subject.get("name") if isinstance(subject, dict) else None
    if not isinstance(name, str):
        raise InputError(
            "An accreditation names whom it accredits.",
            code="name_missing",
            pointer="/credentialSubject/name",
        )
    return name


def _refuse_taken(unit: UnitOfWork, accreditation_id: str) -> None:
    try:
        unit.registry.get_accreditation(accreditation_id)
    except NotFoundError:
        return
    raise ConflictError("There is an accreditation of that identifier.", code="accreditation_taken")
