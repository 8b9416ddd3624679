"""An entry of the registry as JSON-LD, with names of schema.org and of the Credential Transparency Description
Language.

A view for search engines and catalogues; the signed accreditations are what counts.
"""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.datetimes import format_instant
from skillcred.services.registry_entries import EntryHistory, EntryKind, StatementState
from skillcred.trust.standing import Standing

CONTEXT: Final[JsonObject] = {
    "@vocab": "https://schema.org/",
    "ceterms": "https://purl.org/ctdl/terms/",
    "id": "@id",
    "type": "@type",
}


def build_linked_data(history: EntryHistory) -> JsonObject:
    """The entry, with the accreditations that are in force then."""
    entry = history.entry
    organisation = (
        "ceterms:CredentialOrganization"
        if entry.kind is EntryKind.PROVIDER
        else "ceterms:QACredentialOrganization"
    )
    document: JsonObject = {
        "@context": CONTEXT,
        "type": ["Organization", organisation] if entry.kind is not EntryKind.LISTED else ["Organization"],
        "name": entry.name,
        "identifier": entry.identifier or entry.id,
    }
    if entry.kind is not EntryKind.LISTED:
        document["id"] = entry.id
    if entry.acronym is not None:
        document["alternateName"] = entry.acronym
    if entry.website is not None:
        document["url"] = entry.website
    if entry.country is not None and not entry.countries:
        document["address"] = {"type": "PostalAddress", "addressCountry": entry.country}
    if entry.note is not None:
        document["disambiguatingDescription"] = entry.note
    if entry.sources:
        document["subjectOf"] = [_source(source.title, source.address) for source in entry.sources]
    accredited: list[JsonValue] = [
        _accredited_in(statement)
        for statement in history.statements
        if statement.statement_id is not None and statement.state.standing is Standing.IN_FORCE
    ]
    if accredited:
        document["ceterms:accreditedIn"] = accredited
    return document


def _source(title: str, address: str | None) -> JsonObject:
    work: JsonObject = {"type": "CreativeWork", "name": title}
    if address is not None:
        work["url"] = address
    return work


def _accredited_in(statement: StatementState) -> JsonObject:
    """Where an accreditation holds; without a limit it holds everywhere (`ceterms:globalJurisdiction`)."""
    countries = sorted({country for scope in statement.scopes for country in scope.countries})
    limited = bool(statement.scopes) and all(scope.countries for scope in statement.scopes)
    profile: JsonObject = {
        "type": "ceterms:JurisdictionProfile",
        "ceterms:assertedBy": {"id": statement.by},
        "startDate": format_instant(statement.valid_from),
        "subjectOf": {"id": statement.statement_id},
    }
    if statement.valid_until is not None:
        profile["endDate"] = format_instant(statement.valid_until)
    if limited:
        profile["ceterms:mainJurisdiction"] = [
            {"type": "ceterms:Place", "ceterms:addressCountry": country} for country in countries
        ]
    else:
        profile["ceterms:globalJurisdiction"] = True
    return profile
