"""The operator enrols a national body, after checking outside this system who holds its DID."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import ConflictError
from skillcred.services.accredit_provider import check_scope
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.names import check_name
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.provider_names import check_name_elsewhere
from skillcred.services.record_known_key import RecordKnownKey, check_key
from skillcred.services.records import Actor, AuditEntry, NationalBody, OrganisationKind, Role
from skillcred.services.registrable import check_country, check_registrable_did, check_website
from skillcred.services.registry_log import log_change
from skillcred.services.transactions import in_transaction
from skillcred.trust import AccreditationScope, RegisteredKey, write_scope


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Whom to enrol, within which scopes (none: no limit), with which keys, and the digest of the record of the
    ceremony in which they were verified."""

    did: str
    name: str
    country: str
    website: str | None = None
    scopes: tuple[AccreditationScope, ...] = ()
    keys: tuple[RegisteredKey, ...] = ()
    ceremony_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class EnrolNationalBody:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(
        self, actor: Actor, *, did: str, name: str, country: str, website: str | None = None
    ) -> NationalBody:
        """Enrol without the record of a ceremony. The body vouches for its providers from now on.

        Raises `AuthorisationError` (`four_eyes_required` where somebody else has to approve), `InputError` for what
        cannot stand in a registry, `ConflictError` (`did_taken`, `name_taken`, `not_a_national_body` where the DID is a
        provider's or the operator's; `key_conflict`).
        """
        require_role(actor, Role.OPERATOR)
        self.four_eyes.refuse_alone()
        enrolment = Enrolment(did, name, country, website)
        return in_transaction(self.units, lambda unit: self.apply(unit, actor, enrolment))

    def check(self, unit: UnitOfWork, actor: Actor, enrolment: Enrolment) -> None:
        """That the enrolment could be made now. Raises as `__call__` does."""
        require_role(actor, Role.OPERATOR)
        check_enrolment(enrolment)
        did = enrolment.did
        check_registrable_did(did, unit)
        if unit.registry.find_body(did) is not None:
            raise ConflictError("The body is enrolled already.", code="did_taken", pointer="/did")
        local = unit.organisations.find_by_did(did)
        if local is not None and local.kind is not OrganisationKind.NATIONAL_BODY:
            raise ConflictError(
                "That DID belongs to an organisation of another kind.", code="not_a_national_body"
            )
        name = check_name(enrolment.name)
        namesake = unit.organisations.find_by_name(name)
        if (namesake is not None and namesake.did != did) or unit.registry.find_body_by_name(name):
            raise ConflictError("Another name looks like this one.", code="name_taken", pointer="/name")
        check_name_elsewhere(unit, did=did, name=name, country=enrolment.country)
        if local is not None and not local.keys_elsewhere:
            kept = {key.id: key.public_key_multibase for key in unit.signing_keys.list_for(local.id)}
            if any(kept.get(key.verification_method) != key.public_key_multibase for key in enrolment.keys):
                raise ConflictError("The keys kept here are others.", code="key_conflict", pointer="/keys")

    def apply(self, unit: UnitOfWork, actor: Actor, enrolment: Enrolment) -> NationalBody:
        """Enrol in `unit`, and record the keys of a body elsewhere. Raises as `__call__` does."""
        self.check(unit, actor, enrolment)
        now = self.clock.now()
        body = NationalBody(
            did=enrolment.did,
            name=check_name(enrolment.name),
            country=enrolment.country,
            enrolled_at=now,
            website=enrolment.website,
            scopes=enrolment.scopes,
            ceremony_sha256=enrolment.ceremony_sha256,
        )
        unit.registry.add_body(body)
        unit.audit.add(
            AuditEntry(now, actor.api_key_id, actor.organisation.id, "enrol_national_body", body.did)
        )
        log_change(
            unit,
            at=now,
            actor=actor.api_key_id,
            organisation_did=actor.organisation.did,
            action="body_enrolled",
            subject=body.did,
            content={
                "name": body.name,
                "country": body.country,
                "website": body.website,
                "scopes": [write_scope(scope) for scope in body.scopes],
                "ceremony_sha256": body.ceremony_sha256,
            },
        )
        local = unit.organisations.find_by_did(body.did)
        if local is None or local.keys_elsewhere:
            record = RecordKnownKey(self.units, self.clock)
            for key in enrolment.keys:
                record.apply(unit, actor, body.did, key)
        return body


def check_enrolment(enrolment: Enrolment) -> None:
    """What can be told of an enrolment without looking anything up. Raises `InputError`."""
    check_name(enrolment.name)
    check_country(enrolment.country)
    check_website(enrolment.website)
    for index, scope in enumerate(enrolment.scopes):
        check_scope(scope, pointer=f"/scopes/{index}")
    for key in enrolment.keys:
        check_key(enrolment.did, key)
