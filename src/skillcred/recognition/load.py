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
from skillcred.recognition.records import Contact, RecognitionData, Standing
from skillcred.recognition.rows import (
    read_agreement,
    read_comparison,
    read_contact,
    read_framework,
    read_principle,
    read_procedure,
)
from skillcred.shipped import shipped_path

FILES: Final = ("agreements", "procedures", "frameworks", "comparisons", "principles")
FOLDER: Final = "schemas/recognition"
CONTACTS: Final = "schemas/registry/listed-bodies-v1.json"
"""The bodies that public sources name, shipped with the registry."""
PRINCIPLES: Final = (
    "STEP-VERIFY",
    "STEP-STANDING",
    "STEP-NORMALISE",
    "STEP-HOLDER",
    "STEP-ROUTE",
    "FIVE-ELEMENTS",
    "EXPERIENCE-OFFSETS",
    "EMPLOYER-DECIDES",
)
"""The rules of the procedure itself, which the engine names."""
MAX_FILE_BYTES: Final = 8 * 1024 * 1024
"""Largest file of recognition data."""


class RecognitionDataError(InputError):
    """A file of recognition data cannot be taken. Codes: `recognition_schema_violated`, `recognition_id_repeated`,
    `recognition_reference_unknown`, `recognition_release_mixed`, `recognition_comparison_contradicts`."""

    default_code = "recognition_schema_violated"


@cache
def load_shipped_data() -> RecognitionData:
    """The data that are shipped."""
    return load_data(
        {name: shipped_path(f"{FOLDER}/{name}-v1.json").read_bytes() for name in FILES},
        shipped_path(CONTACTS).read_bytes(),
    )


@cache
def load_shipped_rows() -> Mapping[str, Mapping[str, Any]]:
    """Every shipped record as it is written, by its id, for digests."""
    found: dict[str, Mapping[str, Any]] = {}
    for name in FILES:
        content = shipped_path(f"{FOLDER}/{name}-v1.json").read_bytes()
        rows: Any = parse_json_object(content, max_bytes=MAX_FILE_BYTES)["records"]
        found.update({row["id"]: row for row in rows})
    return MappingProxyType(found)


def load_data(contents: Mapping[str, bytes], contacts: bytes | None = None) -> RecognitionData:
    """The data in `contents`, a file for each name of `FILES`. Raises `RecognitionDataError`, `StrictJsonError`."""
    records: dict[str, list[dict[str, Any]]] = {}
    releases = set()
    taken: set[str] = set()
    for name in FILES:
        document = parse_json_object(contents[name], max_bytes=MAX_FILE_BYTES)
        _check_schema(name, document)
        rows: Any = document["records"]
        records[name] = rows
        releases.add(str(document["release"]))
        _require_unique(name, rows, taken)
    if len(releases) != 1:
        raise RecognitionDataError("The files are of different releases.", code="recognition_release_mixed")
    data = RecognitionData(
        releases.pop(),
        MappingProxyType({row["id"]: read_agreement(row) for row in records["agreements"]}),
        MappingProxyType({row["id"]: read_procedure(row) for row in records["procedures"]}),
        MappingProxyType({row["id"]: read_framework(row) for row in records["frameworks"]}),
        tuple(read_comparison(row) for row in records["comparisons"]),
        MappingProxyType({row["id"]: read_principle(row) for row in records["principles"]}),
        _contacts(contacts),
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


def _contacts(content: bytes | None) -> Mapping[str, tuple[Contact, ...]]:
    found: dict[str, list[Contact]] = {}
    if content is not None:
        rows: Any = parse_json_object(content, max_bytes=MAX_FILE_BYTES)["bodies"]
        for row in rows:
            found.setdefault(row["country"], []).append(read_contact(row))
    return MappingProxyType({country: tuple(contacts) for country, contacts in found.items()})


def _require_unique(name: str, rows: list[dict[str, Any]], taken: set[str]) -> None:
    for place, row in enumerate(rows):
        if row["id"] in taken:
            raise RecognitionDataError(
                "An id is there twice.",
                code="recognition_id_repeated",
                pointer=f"/{name}/records/{place}/id",
            )
        taken.add(row["id"])


def _check_references(data: RecognitionData) -> None:
    for agreement in data.agreements.values():
        if agreement.procedure_id is not None and agreement.procedure_id not in data.procedures:
            raise _unknown(f"{agreement.id} names a procedure that is not there.")
    for procedure in data.procedures.values():
        if procedure.follows is not None and procedure.follows not in data.procedures:
            raise _unknown(f"{procedure.id} follows a procedure that is not there.")
    for name in PRINCIPLES:
        if name not in data.principles:
            raise _unknown(f"The rule {name} of the procedure is not there.")
    for row in data.comparisons:
        for framework in (row.from_framework, row.to_framework):
            if framework not in data.frameworks:
                raise _unknown(f"{row.id} names a framework that is not there.")
        comparable = row.from_level is not None and row.to_level is not None
        if not comparable and row.standing is Standing.AGREED:
            raise RecognitionDataError(
                f"{row.id} is agreed and lacks a level.", code="recognition_comparison_contradicts"
            )


def _unknown(message: str) -> RecognitionDataError:
    return RecognitionDataError(message, code="recognition_reference_unknown")
