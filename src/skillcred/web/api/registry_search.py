"""Searching the registry, and the history of one entry. Every answer says of which kind an entry is."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from skillcred.encoding.json_types import JsonObject
from skillcred.model.datetimes import parse_instant
from skillcred.services.registry_entries import EntryHistory, EntryKind, RegistryEntry, StatementState
from skillcred.services.search_registry import MAX_PAGE, RegistrySearch
from skillcred.trust import ExtractedEvent, write_scope
from skillcred.web.api.identifiers import MAX_SEGMENT_CHARACTERS, Segment
from skillcred.web.api.openapi import problem_responses
from skillcred.web.api.registry_linked_data import build_linked_data
from skillcred.web.dependencies import ApplicationDep, limit_resolutions, tell_registry_age
from skillcred.web.media_types import JSON_LD

MAX_OFFSET: Final = 100_000
router = APIRouter(tags=["registry"], dependencies=[Depends(limit_resolutions), Depends(tell_registry_age)])

InstantParameter = Annotated[
    str | None, Query(max_length=64, description="A date and time with an offset: 2026-03-03T12:00:00Z")
]


class SourceResponse(BaseModel):
    """Where a listed body was read of."""

    title: str
    address: str | None


class EntryResponse(BaseModel):
    """An entry. `note` is there where it must not be taken for more than it is; `countries` where an entry is known by
    its accreditations only: those for which the latest holds, and `country` the only one of them."""

    kind: EntryKind
    id: str
    name: str
    country: str | None
    countries: list[str]
    recorded_at: datetime
    website: str | None
    identifier: str | None
    acronym: str | None
    role: str | None
    scopes: list[dict[str, Any]]
    sources: list[SourceResponse]
    source_kind: str | None
    as_of: str | None
    confirm_first: bool
    listed_by: str | None
    note: str | None


class SearchResponse(BaseModel):
    """A page of entries."""

    total: int
    offset: int
    entries: list[EntryResponse]


class SuccessorOfEntry(BaseModel):
    """Who follows."""

    kind: str
    did: str | None
    name: str


class EntryEventResponse(BaseModel):
    """Something that happened: from when it holds, and when it was recorded."""

    kind: str
    effective_at: datetime
    recorded_at: datetime
    reason: str
    successor: SuccessorOfEntry | None


class StatementResponse(BaseModel):
    """An enrolment (no `id`, stated by the registry) or an accreditation, and its standing at the instant asked
    about."""

    id: str | None
    by: str | None
    valid_from: datetime
    valid_until: datetime | None
    recorded_at: datetime
    standing: str
    standing_since: datetime | None
    scopes: list[dict[str, Any]]
    events: list[EntryEventResponse]


class EntryHistoryResponse(BaseModel):
    """What the registry had recorded of an entry by `recorded_at`, judged at `at`."""

    entry: EntryResponse
    at: datetime
    recorded_at: datetime
    statements: list[StatementResponse]
    more: bool


def _entry(entry: RegistryEntry) -> EntryResponse:
    return EntryResponse(
        kind=entry.kind,
        id=entry.id,
        name=entry.name,
        country=entry.country,
        countries=list(entry.countries),
        recorded_at=entry.recorded_at,
        website=entry.website,
        identifier=entry.identifier,
        acronym=entry.acronym,
        role=entry.role,
        scopes=[write_scope(scope) for scope in entry.scopes],
        sources=[SourceResponse(title=source.title, address=source.address) for source in entry.sources],
        source_kind=entry.source_kind,
        as_of=entry.as_of,
        confirm_first=entry.confirm_first,
        listed_by=entry.listed_by,
        note=entry.note,
    )


def _statement(statement: StatementState) -> StatementResponse:
    return StatementResponse(
        id=statement.statement_id,
        by=statement.by,
        valid_from=statement.valid_from,
        valid_until=statement.valid_until,
        recorded_at=statement.recorded_at,
        standing=statement.state.standing.value,
        standing_since=statement.state.since,
        scopes=[write_scope(scope) for scope in statement.scopes],
        events=[_event(event) for event in statement.events],
    )


def _event(event: ExtractedEvent) -> EntryEventResponse:
    return EntryEventResponse.model_validate(event, from_attributes=True)


@router.get(
    "/v1/registry/entries",
    operation_id="searchRegistry",
    summary="Search listed and enrolled bodies, and providers",
    responses=problem_responses(422, 429),
)
def search_registry(
    application: ApplicationDep,
    country: Annotated[str | None, Query(pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2")] = None,
    name: Annotated[
        str | None, Query(max_length=200, description="A part of the name, in its script")
    ] = None,
    identifier: Annotated[str | None, Query(max_length=MAX_SEGMENT_CHARACTERS)] = None,
    role: Annotated[str | None, Query(max_length=64)] = None,
    profile: Annotated[str | None, Query(max_length=64, description="Kind of credential")] = None,
    field: Annotated[
        str | None, Query(pattern=r"^[0-9]{2,4}$", description="ISCED-F 2013 code that a scope covers")
    ] = None,
    occupation: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,4}$", description="ISCO-08 code that a scope covers")
    ] = None,
    kind: EntryKind | None = None,
    offset: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> SearchResponse:
    """Entries that fit all that is asked for, enrolled bodies first."""
    search = RegistrySearch(country, name, identifier, role, profile, kind, field, occupation)
    page = application.search_registry(search, offset=offset, limit=limit)
    return SearchResponse(total=page.total, offset=offset, entries=[_entry(entry) for entry in page.entries])


@router.get(
    "/v1/registry/entries/{entry_id}",
    operation_id="getRegistryEntry",
    summary="Get an entry with its history",
    responses=problem_responses(404, 422, 429),
)
def get_registry_entry(
    application: ApplicationDep,
    entry_id: Segment,
    at: InstantParameter = None,
    recorded_at: InstantParameter = None,
) -> EntryHistoryResponse:
    """An entry by DID, or by the id of a listed body: what held `at` an instant, as far as it had been recorded by
    `recorded_at`. Both are the present unless given."""
    found = _history(application, entry_id, at, recorded_at)
    return EntryHistoryResponse(
        entry=_entry(found.entry),
        at=found.at,
        recorded_at=found.recorded_at,
        statements=[_statement(statement) for statement in found.statements],
        more=found.more,
    )


@router.get(
    "/v1/registry/linked-data/{entry_id}",
    operation_id="getRegistryLinkedData",
    summary="Get an entry as JSON-LD with names of schema.org and CTDL",
    response_class=Response,
    responses={
        200: {"description": "The entry", "content": {JSON_LD: {"schema": {"type": "object"}}}},
        **problem_responses(404, 422, 429),
    },
)
def get_linked_data(
    application: ApplicationDep, response: Response, entry_id: Segment, at: InstantParameter = None
) -> Response:
    """What is in force `at` an instant, for programs that read linked data. Unsigned: it proves nothing by itself."""
    document: JsonObject = build_linked_data(_history(application, entry_id, at, None))
    content = json.dumps(document, ensure_ascii=False).encode("utf-8")
    return Response(content, headers=dict(response.headers), media_type=JSON_LD)


def _history(
    application: ApplicationDep, entry_id: str, at: str | None, recorded_at: str | None
) -> EntryHistory:
    return application.get_registry_entry(
        entry_id,
        at=None if at is None else parse_instant(at),
        recorded_at=None if recorded_at is None else parse_instant(recorded_at),
    )
