"""The members of credentials and presentations, each against its section of VCDM 2.0."""

from __future__ import annotations

from datetime import datetime

from skillcred.encoding.json_types import JsonObject
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.model.findings import (
    MAX_REMEMBERED_NAME,
    Findings,
    is_short_type_name,
    is_type_name,
    is_url,
    is_usual_url,
    items_of,
    types_of,
)
from skillcred.model.language import is_language_value
from skillcred.model.outcomes import RANGE_ERROR


def check_id(node: JsonObject, pointer: str, findings: Findings, *, required: bool = False) -> None:
    """Section "Identifiers": one URL, no list, no text without a scheme."""
    if "id" in node:
        identifier = node["id"]
        if not (isinstance(identifier, str) and is_usual_url(identifier)) and not is_url(identifier):
            findings.add("id_malformed", "An id must be one absolute URL.", f"{pointer}/id")
    elif required:
        findings.add("id_missing", "An id is required here.", f"{pointer}/id")


def check_types(node: JsonObject, wanted: str | None, pointer: str, findings: Findings) -> None:
    """Section "Types": one or more terms or URLs, among them `wanted`."""
    given = node.get("type")
    names = given if isinstance(given, list) else [given]
    for name in names:
        if not isinstance(name, str) or len(name) > MAX_REMEMBERED_NAME or not is_short_type_name(name):
            break
    else:
        if names and (wanted is None or wanted in names):
            return
    place = f"{pointer}/type"
    if "type" not in node:
        findings.add("type_missing", "A type is required here.", place)
        return
    types = types_of(node)
    for item, item_place in items_of(given, place):
        if not is_type_name(item):
            findings.add("type_malformed", "A type must be a term or an absolute URL.", item_place)
    if not types and not findings.knows(place):
        findings.add("type_missing", "A type is required here.", place)
    elif wanted is not None and wanted not in types:
        findings.add("type_required_missing", f"The type {wanted} is missing.", place)


def check_texts(node: JsonObject, pointer: str, findings: Findings) -> None:
    """Section "Names and Descriptions": text, or language value objects, one or several."""
    for name in ("name", "description"):
        if name not in node or isinstance(node[name], str):
            continue
        for item, place in items_of(node[name], f"{pointer}/{name}"):
            if not is_language_value(item):
                findings.add(
                    "text_malformed",
                    "A text, or an object of @value, @language and @direction only, is expected.",
                    place,
                )


def check_agent(document: JsonObject, name: str, pointer: str, findings: Findings) -> None:
    """Section "Issuer": a URL, or an object with an `id` that is one."""
    place = f"{pointer}/{name}"
    agent = document.get(name)
    if name not in document:
        findings.add(f"{name}_missing", f"The {name} is missing.", place)
    elif isinstance(agent, dict):
        check_id(agent, place, findings, required=True)
        check_texts(agent, place, findings)
    elif not is_url(agent):
        findings.add(
            f"{name}_malformed", f"The {name} must be an absolute URL or an object with an id.", place
        )


def check_holder(document: JsonObject, pointer: str, findings: Findings) -> None:
    """Section "Verifiable Presentations": the holder may be left out; if given it is like an issuer."""
    if "holder" in document:
        check_agent(document, "holder", pointer, findings)


def check_period(
    document: JsonObject,
    start_name: str,
    end_name: str,
    pointer: str,
    findings: Findings,
    *,
    start_required: bool = False,
) -> None:
    """Section "Validity Period": two instants, the end not before the start, compared in UTC."""
    start = _read_instant(document, start_name, pointer, findings) if start_name in document else None
    end = _read_instant(document, end_name, pointer, findings) if end_name in document else None
    if start_required and start_name not in document:
        findings.add("datetime_missing", f"The member {start_name} is missing.", f"{pointer}/{start_name}")
    if start is not None and end is not None and end < start:
        findings.add(
            "period_inverted", "The end lies before the start.", f"{pointer}/{end_name}", RANGE_ERROR
        )


def _read_instant(document: JsonObject, name: str, pointer: str, findings: Findings) -> datetime | None:
    """The instant that the member `name`, which the document has, states; a problem where it states anything else."""
    value = document[name]
    try:
        instant = parse_instant(value) if isinstance(value, str) else None
    except DateTimeError:
        instant = None
    if instant is None:
        findings.add(
            "datetime_malformed", "A date and time with an offset from UTC is expected.", f"{pointer}/{name}"
        )
    return instant


def check_subject(document: JsonObject, pointer: str, findings: Findings) -> None:
    """Section "Credential Subject": one or more objects, each with at least one member."""
    place = f"{pointer}/credentialSubject"
    if "credentialSubject" not in document:
        findings.add("subject_missing", "The credentialSubject is missing.", place)
        return
    subjects = document["credentialSubject"]
    if subjects == []:
        findings.add("subject_empty", "The credentialSubject says nothing.", place)
    for subject, subject_place in items_of(subjects, place):
        if not isinstance(subject, dict):
            findings.add("subject_malformed", "A credentialSubject must be an object.", subject_place)
        elif not subject:
            findings.add("subject_empty", "A credentialSubject says nothing.", subject_place)
        else:
            check_id(subject, subject_place, findings)


def check_described(
    document: JsonObject, name: str, pointer: str, findings: Findings, *, id_required: bool = False
) -> None:
    """Sections "Status", "Data Schemas", "Terms of Use", "Evidence" and others: the objects in the member `name`, which
    the document has, each with a type."""
    for item, place in items_of(document[name], f"{pointer}/{name}"):
        if not isinstance(item, dict):
            findings.add(f"{_snake(name)}_malformed", f"{name} must be one object or several.", place)
            continue
        check_types(item, None, place, findings)
        check_id(item, place, findings, required=id_required)


def check_proof(document: JsonObject, pointer: str, findings: Findings) -> None:
    """Section "Securing Mechanisms": each proof, of which there are some, is an object with a type. Securing judges the
    rest."""
    for item, place in items_of(document["proof"], f"{pointer}/proof"):
        if isinstance(item, dict):
            check_types(item, None, place, findings)
        else:
            findings.add("proof_malformed", "A proof must be an object.", place)


def _snake(name: str) -> str:
    return "".join(f"_{character.lower()}" if character.isupper() else character for character in name)
