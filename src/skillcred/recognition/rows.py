"""Records from the rows of data files that keep to their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from skillcred.recognition.records import (
    Agreement,
    Applies,
    Comparison,
    Condition,
    Contact,
    Framework,
    FrameworkLevel,
    Nature,
    Outcome,
    Party,
    PartyState,
    Principle,
    Procedure,
    Purpose,
    Source,
    Standing,
    TimeLimit,
)


def read_agreement(row: Mapping[str, Any]) -> Agreement:
    """A record of `agreements`."""
    return Agreement(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        kind=row["kind"],
        scope=row["scope"],
        sectors=tuple(row["sectors"]),
        status=row["status"],
        signed=row["signed"],
        in_force=row["in_force"],
        until=row["until"],
        applies=_applies(row["applies"]),
        conditions=tuple(
            Condition(item["code"], item["criterion"], item["operator"], item["value"], item["evidence"])
            for item in row["conditions"]
        ),
        effects=tuple(row["effects"]),
        caveats=tuple(row["caveats"]),
        outcome=Outcome(row["outcome"]),
        nature=Nature(row["nature"]),
        burden_of_proof=row["burden_of_proof"],
        offsets_level=row["offsets_level"],
        procedure_id=row["procedure_id"],
        uses_nationality=row["nationality"],
        parties=tuple(_party(party) for party in row["parties"]),
        sources=_sources(row),
        as_of=row["as_of"],
    )


def read_procedure(row: Mapping[str, Any]) -> Procedure:
    """A record of `procedures`."""
    limits = row["limits"]
    return Procedure(
        id=row["id"],
        version=row["version"],
        country=row["country"],
        agreement_only=row["agreement_only"],
        follows=row["follows"],
        origin=row["origin"],
        origins=_countries(row["origins"]),
        nationalities=_countries(row["nationalities"]),
        name=row["name"],
        competent_body=row["competent_body"],
        legal_basis=row["legal_basis"],
        applies=_applies(row["applies"]),
        covers=tuple(row["covers"]),
        excludes=frozenset(row["excludes"]),
        exclusions=tuple(row["exclusions"]),
        steps=tuple(row["steps"]),
        documents=tuple(row["documents"]),
        alternatives=tuple(row["alternatives"]),
        outcomes=tuple(row["outcomes"]),
        acknowledge=_limit(limits["acknowledge"]),
        decide=_limit(limits["decide"]),
        fast_track=_limit(limits["fast_track"]),
        extensions=limits["extensions"],
        nature=Nature(row["nature"]),
        remarks=tuple(row["remarks"]),
        appeal=row["appeal"],
        sources=_sources(row),
        as_of=row["as_of"],
    )


def read_framework(row: Mapping[str, Any]) -> Framework:
    """A record of `frameworks`."""
    levels = [
        FrameworkLevel(
            code=item["code"],
            rank=item["rank"],
            label=item["label"],
            eqf=item["eqf"],
            isced_2011=item["isced_2011"],
            qualification=item["qualification"],
            uri=item["uri"],
            sources=_sources(item),
            as_of=item["as_of"],
        )
        for item in row["levels"]
    ]
    return Framework(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        acronym=row["acronym"],
        scope=row["scope"],
        country=row["country"],
        lead_body=row["lead_body"],
        referenced_to=row["referenced_to"],
        referenced_when=row["referenced_when"],
        uri=row["uri"],
        notes=row["notes"],
        levels=tuple(sorted(levels, key=lambda level: level.rank)),
        sources=_sources(row),
        as_of=row["as_of"],
    )


def read_comparison(row: Mapping[str, Any]) -> Comparison:
    """A record of `comparisons`."""
    return Comparison(
        id=row["id"],
        version=row["version"],
        from_framework=row["from_framework"],
        from_level=row["from_level"],
        to_framework=row["to_framework"],
        to_level=row["to_level"],
        standing=Standing(row["standing"]),
        caveats=tuple(row["caveats"]),
        sources=_sources(row),
        as_of=row["as_of"],
    )


def read_principle(row: Mapping[str, Any]) -> Principle:
    """A record of `principles`."""
    return Principle(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        weights=MappingProxyType(
            {Purpose(name): MappingProxyType(weights) for name, weights in (row["weights"] or {}).items()}
        ),
        sources=_sources(row),
        as_of=row["as_of"],
    )


def read_contact(row: Mapping[str, Any]) -> Contact:
    """A body of the list of bodies that is shipped with the registry."""
    return Contact(
        id=row["id"],
        country=row["country"],
        name=row["name"],
        role=row["role"],
        website=row.get("website"),
        confirm_first=row.get("confirm_first", False),
        sources=tuple(Source(item["title"], item.get("address")) for item in row["sources"]),
        as_of=row.get("as_of"),
    )


def _sources(row: Mapping[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(item["title"], item["address"]) for item in row["source"])


def _countries(row: list[str] | None) -> frozenset[str] | None:
    return None if row is None else frozenset(row)


def _applies(row: Mapping[str, Any]) -> Applies:
    return Applies(
        frozenset(Purpose(purpose) for purpose in row["purposes"]),
        None if row["isco"] is None else tuple(row["isco"]),
        tuple(row["isco_excluded"]),
        row["evidence"],
    )


def _party(row: Mapping[str, Any]) -> Party:
    return Party(
        country=row["country"],
        state=PartyState(row["state"]),
        side=row["side"],
        since=row["from"],
        region=row["region"],
        condition=row["condition"],
        role=row["role"],
        caveats=tuple(row["caveats"]),
        sources=_sources(row),
        as_of=row["as_of"],
    )


def _limit(row: Mapping[str, Any] | None) -> TimeLimit | None:
    return None if row is None else TimeLimit(row["count"], row["unit"])
