"""Recognition data from JSON: checked against schemas, then against itself. A file with a fault gives nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import jsonschema_rs

from skillcred.encoding.json_types import pointer_token
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.recognition.records import (
    Agreement,
    Applies,
    Comparison,
    Framework,
    FrameworkLevel,
    Nature,
    Outcome,
    Party,
    PartyState,
    Procedure,
    Purpose,
    RecognitionData,
    Source,
    Standing,
    TimeLimit,
)
from skillcred.shipped import shipped_path

FILES: Final = ("agreements", "procedures", "frameworks", "comparisons")
FOLDER: Final = "schemas/recognition"
MAX_FILE_BYTES: Final = 8 * 1024 * 1024
"""Largest file of recognition data."""


class RecognitionDataError(InputError):
    """A file of recognition data cannot be taken. Codes: `recognition_schema_violated`, `recognition_id_repeated`,
    `recognition_reference_unknown`, `recognition_release_mixed`, `recognition_comparison_contradicts`."""

    default_code = "recognition_schema_violated"


@cache
def load_shipped_data() -> RecognitionData:
    """The data that are shipped."""
    return load_data({name: shipped_path(f"{FOLDER}/{name}-v1.json").read_bytes() for name in FILES})


def load_data(contents: Mapping[str, bytes]) -> RecognitionData:
    """The data in `contents`, a file for each name of `FILES`. Raises `RecognitionDataError`, `StrictJsonError`."""
    records: dict[str, list[dict[str, Any]]] = {}
    releases = set()
    for name in FILES:
        document = parse_json_object(contents[name], max_bytes=MAX_FILE_BYTES)
        _check_schema(name, document)
        rows: Any = document["records"]
        records[name] = rows
        releases.add(str(document["release"]))
        _require_unique(name, rows)
    if len(releases) != 1:
        raise RecognitionDataError("The files are of different releases.", code="recognition_release_mixed")
    data = RecognitionData(
        releases.pop(),
        MappingProxyType({row["id"]: _agreement(row) for row in records["agreements"]}),
        MappingProxyType({row["id"]: _procedure(row) for row in records["procedures"]}),
        MappingProxyType({row["id"]: _framework(row) for row in records["frameworks"]}),
        tuple(_comparison(row) for row in records["comparisons"]),
    )
    _check_references(data)
    return data


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    schema = parse_json_object(shipped_path(f"{FOLDER}/{name}.schema.json").read_bytes())
    return jsonschema_rs.Draft202012Validator(schema)


def _check_schema(name: str, document: object) -> None:
    fault = next(iter(_validator(name).iter_errors(document)), None)
    if fault is not None:
        pointer = "".join(f"/{pointer_token(str(part))}" for part in fault.instance_path)
        raise RecognitionDataError(
            f"The file of {name} does not keep to its schema.", pointer=f"/{name}{pointer}"
        )


def _require_unique(name: str, rows: list[dict[str, Any]]) -> None:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        if row["id"] in seen:
            raise RecognitionDataError(
                "An id is there twice.",
                code="recognition_id_repeated",
                pointer=f"/{name}/records/{place}/id",
            )
        seen.add(row["id"])


def _check_references(data: RecognitionData) -> None:
    for agreement in data.agreements.values():
        if agreement.procedure_id is not None and agreement.procedure_id not in data.procedures:
            raise RecognitionDataError(
                f"{agreement.id} names a procedure that is not there.", code="recognition_reference_unknown"
            )
    for row in data.comparisons:
        for framework in (row.from_framework, row.to_framework):
            if framework not in data.frameworks:
                raise RecognitionDataError(
                    f"{row.id} names a framework that is not there.", code="recognition_reference_unknown"
                )
        comparable = row.from_level is not None and row.to_level is not None
        if not comparable and row.standing is Standing.AGREED:
            raise RecognitionDataError(
                f"{row.id} is agreed and lacks a level.", code="recognition_comparison_contradicts"
            )


def _sources(row: Mapping[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(item["title"], item["address"]) for item in row["source"])


def _applies(row: Mapping[str, Any]) -> Applies:
    return Applies(
        frozenset(Purpose(purpose) for purpose in row["purposes"]),
        None if row["isco"] is None else tuple(row["isco"]),
        tuple(row["isco_excluded"]),
        row["evidence"],
    )


def _party(row: Mapping[str, Any]) -> Party:
    return Party(
        row["country"],
        PartyState(row["state"]),
        row["side"],
        row["from"],
        row["region"],
        row["condition"],
        _sources(row),
        row["as_of"],
    )


def _agreement(row: Mapping[str, Any]) -> Agreement:
    return Agreement(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        kind=row["kind"],
        status=row["status"],
        signed=row["signed"],
        in_force=row["in_force"],
        until=row["until"],
        applies=_applies(row["applies"]),
        conditions=tuple(row["conditions"]),
        outcome=Outcome(row["outcome"]),
        nature=Nature(row["nature"]),
        procedure_id=row["procedure_id"],
        uses_nationality=row["nationality"],
        parties=tuple(_party(party) for party in row["parties"]),
        sources=_sources(row),
        as_of=row["as_of"],
    )


def _limit(row: Mapping[str, Any] | None) -> TimeLimit | None:
    return None if row is None else TimeLimit(row["count"], row["unit"])


def _procedure(row: Mapping[str, Any]) -> Procedure:
    return Procedure(
        id=row["id"],
        version=row["version"],
        country=row["country"],
        agreement_only=row["agreement_only"],
        name=row["name"],
        competent_body=row["competent_body"],
        legal_basis=row["legal_basis"],
        applies=_applies(row["applies"]),
        excludes=frozenset(row["excludes"]),
        steps=tuple(row["steps"]),
        outcomes=tuple(row["outcomes"]),
        acknowledge=_limit(row["limits"]["acknowledge"]),
        decide=_limit(row["limits"]["decide"]),
        nature=Nature(row["nature"]),
        appeal=row["appeal"],
        alternatives=tuple(row["alternatives"]),
        sources=_sources(row),
        as_of=row["as_of"],
    )


def _framework(row: Mapping[str, Any]) -> Framework:
    return Framework(
        row["id"],
        row["version"],
        row["name"],
        row["country"],
        tuple(FrameworkLevel(x["code"], x["eqf"], _sources(x), x["as_of"]) for x in row["levels"]),
        _sources(row),
        row["as_of"],
    )


def _comparison(row: Mapping[str, Any]) -> Comparison:
    return Comparison(
        row["id"],
        row["version"],
        row["from_framework"],
        row["from_level"],
        row["to_framework"],
        row["to_level"],
        Standing(row["standing"]),
        _sources(row),
        row["as_of"],
    )
