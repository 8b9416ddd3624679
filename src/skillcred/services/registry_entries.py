"""Entries of the registry as anybody may see them, each with its kind: listed, enrolled, or a provider."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from skillcred.services.listed_records import LISTED_BY_NOTE, LISTED_NOTE, ListedBody, ListedSource
from skillcred.services.records import NationalBody, Organisation
from skillcred.trust import AccreditationScope, ExtractedEvent
from skillcred.trust.standing import StandingSince


class EntryKind(StrEnum):
    """Enrolled: its DID was checked, what it signs counts. Provider: uses this deployment or was accredited here.
    Listed: public sources name it, which gives no trust."""

    ENROLLED = "enrolled"
    PROVIDER = "provider"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class RegistryEntry:
    """One entry. `id` is a DID, or the id of a listed body. `recorded_at` is when it was recorded here.

    `countries` are those for which somebody was accredited who is known by that only: where it may be found, not where
    it is. `country` is then the only one of them."""

    kind: EntryKind
    id: str
    name: str
    country: str | None
    recorded_at: datetime
    website: str | None = None
    identifier: str | None = None
    acronym: str | None = None
    role: str | None = None
    scopes: tuple[AccreditationScope, ...] = ()
    sources: tuple[ListedSource, ...] = ()
    source_kind: str | None = None
    as_of: str | None = None
    confirm_first: bool = False
    note: str | None = None
    listed_by: str | None = None
    countries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatementState:
    """A statement as it was recorded by then, and what it came to at the instant asked about. `statement_id` is `None`
    for an enrolment, which the registry itself stated."""

    statement_id: str | None
    by: str | None
    valid_from: datetime
    valid_until: datetime | None
    recorded_at: datetime
    state: StandingSince
    events: tuple[ExtractedEvent, ...]
    scopes: tuple[AccreditationScope, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryHistory:
    """All that had been recorded of an entry by `recorded_at`, judged at `at`. `more`: there are further
    accreditations, which the list of accreditations has."""

    entry: RegistryEntry
    at: datetime
    recorded_at: datetime
    statements: tuple[StatementState, ...] = field(default=())
    more: bool = False


def entry_of_listed(body: ListedBody) -> RegistryEntry:
    """A listed body, said to be no more than that."""
    return RegistryEntry(
        EntryKind.LISTED,
        body.id,
        body.name,
        body.country,
        body.imported_at,
        website=body.website,
        identifier=body.identifier,
        acronym=body.acronym,
        role=body.role.value,
        sources=body.sources,
        source_kind=body.source_kind,
        as_of=body.as_of,
        confirm_first=body.confirm_first,
        note=LISTED_NOTE if body.listed_by is None else LISTED_BY_NOTE,
        listed_by=body.listed_by,
    )


def entry_of_body(body: NationalBody) -> RegistryEntry:
    """An enrolled body."""
    return RegistryEntry(
        EntryKind.ENROLLED,
        body.did,
        body.name,
        body.country,
        body.enrolled_at,
        website=body.website,
        identifier=body.did,
        scopes=body.scopes,
    )


def entry_of_provider(organisation: Organisation) -> RegistryEntry:
    """A provider of this deployment. Whether anybody accredited it, its statements say."""
    return RegistryEntry(
        EntryKind.PROVIDER,
        organisation.did,
        organisation.name,
        organisation.country,
        organisation.created_at,
        identifier=organisation.did,
    )
