"""An accreditation that was signed elsewhere is handed in: by the body that keeps its keys elsewhere, or by the
operator, whoever signed it.

It is recorded byte for byte as it was signed, under the rules for one that is signed here: by a key that is recorded as
an active one of an enrolled body, or of one that was accredited to accredit; about nobody above it; and no wider than
what it may pass on. Who brings it does not count: it speaks for whoever signed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.model.documents import Form, parse_secured_document
from skillcred.securing import ASSERTION
from skillcred.securing.jose.claims import identifier_of
from skillcred.securing.jose.token import LEGACY_TYPE, MEDIA_TYPES, parse_credential_token
from skillcred.services.accredit_provider import check_scope
from skillcred.services.authority import check_narrower
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.permissions import is_operator, require_keys_elsewhere, require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.provider_names import check_provider_name, read_provider_name
from skillcred.services.recorded_keys import check_by_recorded_keys, list_active_keys
from skillcred.services.records import Accreditation, Actor, AuditEntry, Role
from skillcred.services.registrable import check_registrable_did
from skillcred.services.registry_log import log_accreditation
from skillcred.services.transactions import in_transaction
from skillcred.trust import AccreditationError, AccreditationStatement, ExtractedAccreditation, StatementCheck
from skillcred.trust.ebsi import is_ebsi

MAX_ACCREDITATION_BYTES: Final = 65_536
"""Largest accreditation that is taken; the widest scope takes about a third."""
MAX_ID_CHARACTERS: Final = 2000
MEDIA_TYPE: Final = "application/vc"


@dataclass(frozen=True, slots=True)
class SignedElsewhere:
    """An accreditation as it came, unverified: its bytes, media type, and what it says in JSON."""

    content: bytes
    media_type: str
    document: JsonObject

    @property
    def issuer(self) -> str:
        """Who it says signed it."""
        return identifier_of(self.document.get("issuer")) or ""


def read_signed_elsewhere(credential: str) -> SignedElsewhere:
    """The accreditation in a text: JSON with its proof inside, or a JWT. Raises `AccreditationError`
    (`accreditation_form`, `accreditation_too_large`, `proof_runs_out`), `JoseError` or a strict JSON error."""
    content = credential.strip(" \t\r\n").encode("utf-8")
    if len(content) > MAX_ACCREDITATION_BYTES:
        raise AccreditationError("The accreditation is too large.", code="accreditation_too_large")
    secured = parse_secured_document(content, MEDIA_TYPE)
    if secured.form is Form.JSON:
        proofs = as_list(secured.document.get("proof", []))
        if any(isinstance(proof, dict) and "expires" in proof for proof in proofs):
            raise _runs_out()
        return SignedElsewhere(content, MEDIA_TYPE, secured.document)
    if secured.form is not Form.JWT:
        raise AccreditationError(
            "An accreditation is JSON with its proof inside, or a JWT.",
            code="accreditation_form",
            pointer="/credential",
        )
    token = parse_credential_token(content)
    if token.proof.expires is not None:
        raise _runs_out()
    legacy = token.jws.header.get("typ") != "vc+jwt"
    return SignedElsewhere(content, LEGACY_TYPE if legacy else MEDIA_TYPES[ASSERTION], token.document)


def verify_signed_elsewhere(unit: UnitOfWork, signed: SignedElsewhere, now: datetime) -> StatementCheck:
    """What it says, if an active key made it that is recorded of its issuer, or why it does not count. Raises
    `AccreditationError` where it is so signed, and says what an accreditation of the registry cannot say."""
    keys = {signed.issuer: list_active_keys(unit, signed.issuer, now)}
    return check_by_recorded_keys(ExtractedAccreditation(signed.content, signed.media_type, now), keys, now)


@dataclass(frozen=True, slots=True)
class HandInAccreditation:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(self, actor: Actor, credential: str) -> Accreditation:
        """Record the signed accreditation: JSON with an embedded proof, or a JWT.

        Raises `AuthorisationError` (`body_not_enrolled`, `four_eyes_required`), `AccreditationError`
        (`accreditation_form`, `accreditation_has_status`, `proof_runs_out`, `foreign_statement` for another's, the code
        of the proof or the conformance that does not hold, and those of `parse_ebsi_accreditation`), `InputError` as
        for an accreditation that is signed here, and `ConflictError` (`keys_kept_here`, `accreditation_taken`,
        `name_taken`, `accreditation_loop`, `chain_too_long`).
        """
        _require_bringer(actor)
        self.four_eyes.refuse_alone()
        return in_transaction(self.units, lambda unit: self.apply(unit, actor, credential))

    def check(self, unit: UnitOfWork, actor: Actor, credential: str) -> Accreditation:
        """The record that it would become, if it could be taken now. Raises as `__call__` does."""
        _require_bringer(actor)
        now = self.clock.now()
        signed = read_signed_elsewhere(credential)
        if not is_operator(actor) and signed.issuer != actor.organisation.did:
            raise AccreditationError("The accreditation is another's.", code="foreign_statement")
        check = verify_signed_elsewhere(unit, signed, now)
        statement = check.statement
        if statement is None:
            raise AccreditationError("The accreditation does not verify.", code=check.code)
        if statement.body_did != signed.issuer:
            raise AccreditationError("The accreditation is another's.", code="foreign_statement")
        _check_statement(signed.document, statement)
        for scope in statement.scopes:
            check_scope(scope)
            check_narrower(unit, statement.body_did, statement.provider_did, scope, at=now)
        check_registrable_did(statement.provider_did, unit, pointer="/credentialSubject/id")
        name = _name_of(signed)
        if name is not None:
            check_provider_name(
                unit,
                did=statement.provider_did,
                name=name,
                signer_did=statement.body_did,
                countries=frozenset(country for scope in statement.scopes for country in scope.countries),
            )
        _refuse_taken(unit, statement.credential_id)
        return Accreditation(
            id=statement.credential_id,
            body_did=statement.body_did,
            provider_did=statement.provider_did,
            content=signed.content,
            media_type=signed.media_type,
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


def _require_bringer(actor: Actor) -> None:
    if is_operator(actor):
        return
    require_role(actor, Role.BODY_ADMIN)
    require_keys_elsewhere(actor.organisation)


def _runs_out() -> AccreditationError:
    return AccreditationError(
        "The signature itself runs out, so what was awarded before could not be judged after that.",
        code="proof_runs_out",
    )


def _check_statement(document: JsonObject, statement: AccreditationStatement) -> None:
    """What the form of a credential allows, and an accreditation of the registry does not."""
    subject = document.get("credentialSubject")
    stated = "accreditedFor" if is_ebsi(document) else "recognizedTo"
    actions = as_list(subject.get(stated)) if isinstance(subject, dict) else []
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


def _name_of(signed: SignedElsewhere) -> str | None:
    """The name that stands beside the DID. One in the shape of EBSI need not have any."""
    name = read_provider_name(signed.content)
    if name is None and not is_ebsi(signed.document):
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
