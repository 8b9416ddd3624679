"""A body or a provider as its page shows it: what the registry has recorded, by whom, since when, and its state today.

Names are those of the registry; where it has none, the name under which the signer accredited is given as the signer's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.services.get_accreditation import AccreditationHistory
from skillcred.services.get_registry_entity import EntityHistory, RegistryEntity
from skillcred.services.records import AccreditationEvent, BodyEvent, NationalBody
from skillcred.services.registry_evidence import extracted_event
from skillcred.trust import (
    AccreditationScope,
    AccreditationStatement,
    Action,
    EnrolledBody,
    Succession,
    read_recorded_document,
    read_recorded_statement,
)
from skillcred.trust.chains import MAX_CHAIN_LINKS
from skillcred.trust.standing import Standing, StandingSince, body_standing_at, standing_at
from skillcred.web.pages.claims_view import show_text
from skillcred.web.pages.labels import STANDINGS

MAX_TIMELINE: Final = 100
"""Most entries of a timeline that are shown, the latest."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody whom a page names. `is_body`: it has, or had, the right to vouch for others."""

    did: str | None
    name: str | None
    is_body: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """A state today: its English name, since when, and who follows, if anybody."""

    label: str
    in_force: bool
    since: datetime | None
    successor: Succession | None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One of those who stand above, and its state today; `country` for the one that is enrolled."""

    party: Party
    state: State
    country: str | None


@dataclass(frozen=True, slots=True)
class AccreditationEntry:
    """An accreditation: from whom or to whom, for what, when, its state today. `chain` leads from the enrolled body
    down to the one who gave it; empty where no chain is recorded."""

    other: Party
    scopes: tuple[AccreditationScope, ...]
    valid_from: datetime
    valid_until: datetime | None
    state: State
    chain: tuple[ChainLink, ...] = ()

    @property
    def stands(self) -> bool:
        """In force today, with all above it."""
        return self.state.in_force and bool(self.chain) and all(link.state.in_force for link in self.chain)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline. `kind` is a key of `HAPPENINGS`; `about` is whom it concerns or, if `by`, who did it."""

    kind: str
    effective_at: datetime
    recorded_at: datetime
    about: Party | None
    by: bool = False
    reason: str | None = None
    successor: Succession | None = None


@dataclass(frozen=True, slots=True)
class EntityView:
    """Everything that the page of a body or provider shows."""

    did: str
    name: str | None
    named_by: Party | None
    body: NationalBody | None
    state: State | None
    may_accredit: tuple[AccreditationScope, ...]
    held: tuple[AccreditationEntry, ...]
    below: tuple[AccreditationEntry, ...]
    providers: tuple[AccreditationEntry, ...]
    more_given: int
    timeline: tuple[Happening, ...]
    is_body: bool

    @property
    def stands(self) -> bool:
        """Whether an accreditation of it is in force today, with all above it."""
        return any(entry.stands for entry in self.held)


def build_entity_view(history: EntityHistory, at: datetime) -> EntityView:
    """The view, with every state as of `at`."""
    entity = history.entity
    held = tuple(_held(item, history, at) for item in entity.held)
    given = [_given(item, history, at) for item in history.given]
    passes_on = [entry for entry in given if _accredits(entry.scopes)]
    may_accredit = tuple(scope for entry in held for scope in entry.scopes if scope.action is Action.ACCREDIT)
    name, named_by = entity.name, None
    if name is None and entity.held:
        name, named_by = _name_in(entity.held[-1]), held[-1].other
    return EntityView(
        did=entity.did,
        name=name,
        named_by=named_by,
        body=entity.body,
        state=None if entity.body is None else _body_state(entity, at),
        may_accredit=may_accredit if entity.body is None else entity.body.scopes,
        held=held,
        below=tuple(passes_on),
        providers=tuple(entry for entry in given if entry not in passes_on),
        more_given=history.given_in_all - len(history.given),
        timeline=tuple(_timeline(history))[:MAX_TIMELINE],
        is_body=entity.body is not None or bool(may_accredit),
    )


def _accredits(scopes: Sequence[AccreditationScope]) -> bool:
    return any(scope.action is Action.ACCREDIT for scope in scopes)


def _statement(history: AccreditationHistory) -> AccreditationStatement:
    return read_recorded_statement(history.accreditation.content)


def _name_in(history: AccreditationHistory) -> str | None:
    subject = read_recorded_document(history.accreditation.content).get("credentialSubject")
    name = subject.get("name") if isinstance(subject, dict) else None
    return show_text(name) if isinstance(name, str) else None


def _state(standing: StandingSince) -> State:
    in_force = standing.standing is Standing.IN_FORCE
    return State(STANDINGS[standing.standing.value], in_force, standing.since, standing.successor)


def _body_state(entity: RegistryEntity, at: datetime) -> State | None:
    body = entity.body
    if body is None:
        return None
    enrolled = EnrolledBody(
        body.did,
        body.name,
        body.country,
        body.enrolled_at,
        body.ended_at,
        body.scopes,
        tuple(map(extracted_event, entity.body_events)),
    )
    return _state(body_standing_at(enrolled, at))


def _party(did: str, history: EntityHistory) -> Party:
    known = history.above.get(did)
    if did == history.entity.did:
        known = history.entity
    if known is None:
        return Party(did, history.names.get(did))
    return Party(did, known.name, is_body=True)


def _held(item: AccreditationHistory, history: EntityHistory, at: datetime) -> AccreditationEntry:
    statement = _statement(item)
    signer = statement.body_did
    return AccreditationEntry(
        other=_party(signer, history),
        scopes=statement.scopes,
        valid_from=statement.valid_from,
        valid_until=statement.valid_until,
        state=_state(standing_at(statement, list(map(extracted_event, item.events)), at)),
        chain=_best(_chains_to(signer, history, at, frozenset({history.entity.did}))),
    )


def _given(item: AccreditationHistory, history: EntityHistory, at: datetime) -> AccreditationEntry:
    statement = _statement(item)
    did = statement.provider_did
    name = history.names.get(did) or _name_in(item)
    return AccreditationEntry(
        other=Party(did, name, is_body=_accredits(statement.scopes)),
        scopes=statement.scopes,
        valid_from=statement.valid_from,
        valid_until=statement.valid_until,
        state=_state(standing_at(statement, list(map(extracted_event, item.events)), at)),
    )


def _best(chains: Iterator[tuple[ChainLink, ...]]) -> tuple[ChainLink, ...]:
    """The chain of which most is in force; among equals, the shortest."""
    return min(
        chains, key=lambda chain: (sum(not link.state.in_force for link in chain), len(chain)), default=()
    )


def _chains_to(
    did: str, history: EntityHistory, at: datetime, below: frozenset[str]
) -> Iterator[tuple[ChainLink, ...]]:
    """The chains from an enrolled body down to `did`; nobody stands in one twice."""
    entity = history.above.get(did)
    if entity is None or did in below or len(below) >= MAX_CHAIN_LINKS:
        return
    party = Party(did, entity.name, is_body=True)
    state = _body_state(entity, at)
    if entity.body is not None and state is not None:
        yield (ChainLink(party, state, entity.body.country),)
    for item in entity.held:
        statement = _statement(item)
        if not _accredits(statement.scopes):
            continue
        link = ChainLink(
            party, _state(standing_at(statement, list(map(extracted_event, item.events)), at)), None
        )
        for chain in _chains_to(statement.body_did, history, at, below | {did}):
            yield (*chain, link)


def _timeline(history: EntityHistory) -> list[Happening]:
    """What happened to the entity and to the accreditations that it gave, the latest first."""
    entity = history.entity
    found: list[Happening] = []
    if entity.body is not None:
        found.append(Happening("enrolled", entity.body.enrolled_at, entity.body.enrolled_at, None))
        found += _happenings(entity.body_events, None)
    for item in (*entity.held, *history.given):
        recorded = item.accreditation
        theirs = recorded.provider_did != entity.did
        about = _party(recorded.provider_did if theirs else recorded.body_did, history)
        if about.name is None:
            about = Party(about.did, _name_in(item) if theirs else None, about.is_body)
        found.append(Happening("accredited", recorded.valid_from, recorded.recorded_at, about, by=not theirs))
        found += _happenings(item.events, about, by=not theirs)
    return sorted(found, key=lambda line: (line.effective_at, line.recorded_at), reverse=True)


def _happenings(
    events: Sequence[AccreditationEvent] | Sequence[BodyEvent], about: Party | None, *, by: bool = False
) -> Iterator[Happening]:
    for event in events:
        yield Happening(
            event.kind.value, event.effective_at, event.recorded_at, about, by, event.reason, event.successor
        )
