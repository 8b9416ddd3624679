"""Names of providers elsewhere, who have no row of their own: nobody is accredited under a name that looks like
another's (SECURITY P-12).

The honest case is one name in two countries: it stays possible, and pages show DID and country beside it. What is
refused is a name that looks like another and is written with other letters, by whomever and wherever that one was
accredited; and the same name for two in one country under one enrolled body, unless one of them is recorded as the
successor of the other.
"""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, InputError
from skillcred.services.names import check_name, fold_name
from skillcred.services.ports import UnitOfWork
from skillcred.services.records import Accreditation
from skillcred.trust import read_recorded_document, read_recorded_statement
from skillcred.trust.chains import MAX_CHAIN_LINKS

LOOKS_LIKE: Final = "Another name looks like this one."


def read_provider_name(content: bytes) -> str | None:
    """The name under which an accreditation was given; `None` for one that cannot be read or has no name."""
    try:
        return read_named(read_recorded_document(content))
    except InputError:
        return None


def read_named(document: JsonObject) -> str | None:
    """The name that an accreditation gives whom it speaks of."""
    subject = document.get("credentialSubject")
    names = [subject.get("name"), subject.get("legalName")] if isinstance(subject, dict) else []
    return next((name for name in names if isinstance(name, str)), None)


def check_provider_name(
    unit: UnitOfWork, *, did: str, name: str, signer_did: str, countries: frozenset[str]
) -> None:
    """That `signer_did` may accredit `did` under `name`, for `countries` (none: where its enrolled body is). Raises
    `UnsafeNameError` and `ConflictError` (`name_taken`)."""
    pointer = "/provider_name"
    name = check_name(name, pointer=pointer)
    for namesake in (unit.organisations.find_by_name(name), unit.registry.find_body_by_name(name)):
        if namesake is not None and namesake.did != did:
            raise ConflictError(LOOKS_LIKE, code="name_taken", pointer=pointer)
    roots = _roots_of(unit, signer_did)
    where = countries or _countries_of(unit, roots)
    for other in _others(unit, did, name):
        if _is_succession(unit, did, other.provider_did):
            continue
        if _other_letters(other, name):
            raise ConflictError(LOOKS_LIKE, code="name_taken", pointer=pointer)
        if roots & _roots_of(unit, other.body_did) and where & _countries_in(unit, other):
            raise ConflictError(
                "Another provider of this country has this name under the same body. Add what tells them apart, "
                "or record first that one succeeds the other.",
                code="name_taken",
                pointer=pointer,
            )


def check_name_elsewhere(unit: UnitOfWork, *, did: str | None, name: str, country: str) -> None:
    """That an organisation here, or a body, may be called `name`, as far as accredited providers go: none looks like
    it, and none of that country has the same. Raises `ConflictError` (`name_taken`)."""
    for other in _others(unit, did, name):
        if did is not None and _is_succession(unit, did, other.provider_did):
            continue
        if _other_letters(other, name) or country in _countries_in(unit, other):
            raise ConflictError(LOOKS_LIKE, code="name_taken", pointer="/name")


def _others(unit: UnitOfWork, did: str | None, name: str) -> list[Accreditation]:
    return [one for one in unit.registry.list_accreditations(like=name) if one.provider_did != did]


def _other_letters(other: Accreditation, name: str) -> bool:
    written = read_provider_name(other.content)
    return written is not None and fold_name(written) != fold_name(name)


def _roots_of(unit: UnitOfWork, did: str) -> set[str]:
    """The enrolled bodies in whose branches `did` accredits. Whoever is met twice is not asked about twice."""
    level, above = {did}, {did}
    for _ in range(MAX_CHAIN_LINKS):
        level = {
            accreditation.body_did
            for member in level
            for accreditation in unit.registry.list_accreditations(provider_did=member)
        } - above
        above |= level
    return {member for member in above if unit.registry.find_body(member) is not None}


def _countries_of(unit: UnitOfWork, roots: set[str]) -> frozenset[str]:
    bodies = (unit.registry.find_body(did) for did in roots)
    return frozenset(body.country for body in bodies if body is not None)


def _countries_in(unit: UnitOfWork, accreditation: Accreditation) -> frozenset[str]:
    """Where it holds; without a limit, where the enrolled bodies above it are."""
    statement = read_recorded_statement(accreditation.content)
    named = frozenset(country for scope in statement.scopes for country in scope.countries)
    return named or _countries_of(unit, _roots_of(unit, accreditation.body_did))


def _is_succession(unit: UnitOfWork, did: str, other_did: str) -> bool:
    """Whether one of the two was recorded as following the other."""
    return _follows(unit, did, other_did) or _follows(unit, other_did, did)


def _follows(unit: UnitOfWork, did: str, before: str) -> bool:
    return any(
        event.successor is not None and event.successor.did == did
        for accreditation in unit.registry.list_accreditations(provider_did=before)
        for event in unit.registry.list_events(accreditation.id)
    )
