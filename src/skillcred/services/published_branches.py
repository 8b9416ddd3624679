"""The files of a published registry, from the records: who is enrolled, and what each body and those below it say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from skillcred.errors import SkillcredError
from skillcred.services.branch_ports import BranchFiles
from skillcred.services.ports import UnitOfWork
from skillcred.services.records import Accreditation, AccreditationEvent, Organisation
from skillcred.services.registry_evidence import (
    extracted_event,
    find_enrolled_body,
    find_key_history,
)
from skillcred.trust import (
    AccreditationError,
    AccreditationStatement,
    Action,
    EnrolledBody,
    RegisteredKey,
    read_recorded_statement,
    read_signing_methods,
)
from skillcred.trust.chains import MAX_CHAIN_LINKS, Edge
from skillcred.trust.published import Branch, PublishedStatement, content_ranges, encode_branch


@dataclass(frozen=True, slots=True)
class RegistryRecords:
    """The whole registry as recorded at one time: accreditations by who gave them, what each of them says, its events,
    names and keys by DID; and the ids of accreditations that cannot be read any more, with a code why."""

    bodies: Sequence[EnrolledBody]
    given_by: Mapping[str, Sequence[Accreditation]]
    statements: Mapping[str, AccreditationStatement]
    events: Mapping[str, Sequence[AccreditationEvent]]
    names: Mapping[str, str]
    keys: Mapping[str, tuple[RegisteredKey, ...]]
    unreadable: Mapping[str, str]


def read_registry(unit: UnitOfWork, *, below: str | None = None) -> RegistryRecords:
    """All of it; or what there is of one body and of those below it."""
    organisations = {organisation.did: organisation for organisation in unit.organisations.list_all()}
    given_by: dict[str, list[Accreditation]] = {}
    statements: dict[str, AccreditationStatement] = {}
    unreadable: dict[str, str] = {}
    elsewhere = _list_keys_elsewhere(unit, organisations)
    recorded = unit.registry.list_accreditations() if below is None else _list_below(unit, below)
    for accreditation in recorded:
        try:
            _refuse_stolen_key(accreditation, elsewhere.get(accreditation.body_did, ()))
            statements[accreditation.id] = read_recorded_statement(accreditation.content)
        except SkillcredError as error:
            unreadable[accreditation.id] = error.code
            continue
        given_by.setdefault(accreditation.body_did, []).append(accreditation)
    events: dict[str, list[AccreditationEvent]] = {}
    happened = (
        unit.registry.list_events()
        if below is None
        else [event for identifier in statements for event in unit.registry.list_events(identifier)]
    )
    for event in happened:
        events.setdefault(event.accreditation_id, []).append(event)
    enrolled = [row.did for row in unit.registry.list_bodies() if below in (None, row.did)]
    bodies = [body for did in enrolled if (body := find_enrolled_body(unit, did))]
    named = {statement.provider_did for statement in statements.values()} | {body.did for body in bodies}
    names = {did: organisations[did].name for did in named if did in organisations}
    keys = _read_keys(unit, sorted(named), organisations, elsewhere)
    return RegistryRecords(bodies, given_by, statements, events, names, keys, unreadable)


def _list_below(unit: UnitOfWork, body_did: str) -> list[Accreditation]:
    """What the body gave, then what those gave whom it accredited, and so on; of each giver in order of recording."""
    found: list[Accreditation] = []
    level, seen = [body_did], {body_did}
    for _ in range(MAX_CHAIN_LINKS - 1):
        given = [one for did in level for one in unit.registry.list_accreditations(body_did=did)]
        found.extend(given)
        level = list(dict.fromkeys(one.provider_did for one in given if one.provider_did not in seen))
        seen.update(level)
    return found


def _list_keys_elsewhere(
    unit: UnitOfWork, organisations: Mapping[str, Organisation]
) -> dict[str, list[RegisteredKey]]:
    """The recorded keys of everybody whose keys are not kept here."""
    kept_here = {did for did, organisation in organisations.items() if not organisation.keys_elsewhere}
    elsewhere: dict[str, list[RegisteredKey]] = {}
    for known in unit.registry.list_known_keys():
        if known.entity_did not in kept_here:
            elsewhere.setdefault(known.entity_did, []).append(known.key)
    return elsewhere


def _refuse_stolen_key(accreditation: Accreditation, keys: Sequence[RegisteredKey]) -> None:
    """A body elsewhere is not asked to put its name again to what a thief of its key can have signed (SECURITY K-13).
    Raises `AccreditationError` (`key_compromised`)."""
    stolen = {
        key.verification_method
        for key in keys
        if key.compromised_at is not None and key.compromised_at <= accreditation.recorded_at
    }
    if not stolen:
        return
    if read_signing_methods(accreditation.content) & {None, *stolen}:
        raise AccreditationError("The key of the accreditation was stolen.", code="key_compromised")


def _read_keys(
    unit: UnitOfWork,
    named: Sequence[str],
    organisations: Mapping[str, Organisation],
    elsewhere: Mapping[str, Sequence[RegisteredKey]],
) -> dict[str, tuple[RegisteredKey, ...]]:
    found = {
        did: tuple(elsewhere[did])
        if did in elsewhere
        else find_key_history(unit, did).keys
        if did in organisations
        else ()
        for did in named
    }
    return {did: keys for did, keys in found.items() if keys}


def build_branch_files(records: RegistryRecords, body_did: str) -> BranchFiles:
    """What the body says, and whoever it let accredit below it, as far down as chains reach."""
    accreditations = list_branch(records, body_did)
    contents = [accreditation.content for accreditation in accreditations]
    published = [
        PublishedStatement(
            Edge(
                records.statements[accreditation.id],
                tuple(extracted_event(event) for event in records.events.get(accreditation.id, ())),
                accreditation.recorded_at,
                body_did,
            ),
            offset,
            length,
            accreditation.media_type,
        )
        for accreditation, (offset, length) in zip(accreditations, content_ranges(contents), strict=True)
    ]
    named = sorted({body_did, *(accreditation.provider_did for accreditation in accreditations)})
    branch = Branch(
        body_did,
        published,
        {did: records.names[did] for did in named if did in records.names},
        {did: records.keys[did] for did in named if did in records.keys},
    )
    return BranchFiles(encode_branch(branch), b"\n".join(contents))


def list_branch(records: RegistryRecords, body_did: str) -> list[Accreditation]:
    """The accreditations in the branch of the body, each of them once."""
    return list(_downwards(records, body_did))


def _downwards(records: RegistryRecords, body_did: str) -> Iterator[Accreditation]:
    """The accreditations of the body, then of those that it let accredit, and so on; each of them once."""
    level = [body_did]
    seen = {body_did}
    for _ in range(MAX_CHAIN_LINKS - 1):
        below: list[str] = []
        for did in level:
            for accreditation in records.given_by.get(did, ()):
                yield accreditation
                statement = records.statements[accreditation.id]
                subject = statement.provider_did
                if subject not in seen and any(scope.action is Action.ACCREDIT for scope in statement.scopes):
                    seen.add(subject)
                    below.append(subject)
        level = below
