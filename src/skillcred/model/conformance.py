"""Does a document keep to the Verifiable Credentials Data Model?

VCDM 2.0 (Recommendation of 2025-05-15) for credentials and presentations, and VCDM 1.1 for credentials and
presentations that others issued. Every MUST that can be told from the document alone is checked, and every
problem is reported, not only the first. Whether terms and types are defined is a question of linked data,
whether a proof holds one of securing; neither is answered here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.linkeddata.tolerance import is_fraction
from skillcred.model.conformance_members import (
    check_agent,
    check_described,
    check_holder,
    check_id,
    check_period,
    check_proof,
    check_subject,
    check_texts,
    check_types,
)
from skillcred.model.conformance_resources import check_related_resources
from skillcred.model.findings import Findings, is_url, is_usual_url, items_of, types_of, walk
from skillcred.model.outcomes import PARSING_ERROR, RANGE_ERROR, Problem
from skillcred.model.plain_values import MAX_EXACT_INTEGER, find_objects

BASE_CONTEXT_2: Final = "https://www.w3.org/ns/credentials/v2"
BASE_CONTEXT_1: Final = "https://www.w3.org/2018/credentials/v1"

ENVELOPED_CREDENTIAL: Final = "EnvelopedVerifiableCredential"
ENVELOPED_PRESENTATION: Final = "EnvelopedVerifiablePresentation"

_OPAQUE: Final = frozenset({"@context", "jsonSchema"})
"""Members that hold a language of their own: JSON-LD contexts and, as a JSON literal, JSON Schemas."""

_DESCRIBED: Final[Mapping[str, tuple[bool, bool]]] = MappingProxyType(
    {
        "credentialStatus": (False, True),
        "credentialSchema": (True, True),
        "refreshService": (False, True),
        "termsOfUse": (False, False),
        "evidence": (False, False),
    }
)
"""Members of credentials that hold objects with a type, and whether these need an id, in version 2 and in version 1."""

_NO_RESOURCES: Final[Mapping[str, bytes]] = MappingProxyType({})


def check_conformance(
    document: JsonObject,
    *,
    known_resources: Mapping[str, bytes] = _NO_RESOURCES,
    fractions: bool = False,
    plain: bool = False,
) -> tuple[Problem, ...]:
    """The problems of `document` as a VCDM credential or presentation; empty if it conforms.

    `known_resources` are the bytes of resources by URL (the contexts shipped with us): where the document
    states a digest for one of them, the digest must match. `fractions`: whether numbers may have one.
    `plain`: whether it is known that `find_objects` finds those of the document.
    Never raises, whatever JSON value it is given.
    """
    findings = Findings()
    if isinstance(document, dict):
        _check_document(document, "", findings, known_resources)
        if not plain and find_objects(document) is None:
            _check_values(document, findings, fractions=fractions)
    else:
        findings.add("document_not_object", "A credential is a JSON object.", "", PARSING_ERROR)
    return findings.problems()


def _check_document(
    document: JsonObject, pointer: str, findings: Findings, known_resources: Mapping[str, bytes]
) -> None:
    types = types_of(document)
    if ENVELOPED_CREDENTIAL in types or ENVELOPED_PRESENTATION in types:
        _check_enveloped(document, pointer, findings)
        return
    version_1 = _check_contexts(document, pointer, findings) == BASE_CONTEXT_1
    check_id(document, pointer, findings)
    if _is_presentation(document, types):
        check_types(document, "VerifiablePresentation", pointer, findings)
        _check_presentation(document, pointer, findings, known_resources, version_1=version_1)
    else:
        check_types(document, "VerifiableCredential", pointer, findings)
        _check_credential(document, pointer, findings, known_resources, version_1=version_1)
    if "proof" in document:
        check_proof(document, pointer, findings)


def _is_presentation(document: JsonObject, types: tuple[str, ...]) -> bool:
    if "VerifiablePresentation" in types or "VerifiableCredential" in types:
        return "VerifiablePresentation" in types
    return "credentialSubject" not in document and (
        "verifiableCredential" in document or "holder" in document
    )


def _check_contexts(document: JsonObject, pointer: str, findings: Findings) -> JsonValue:
    """VCDM 2.0 section "Contexts": an ordered set: the base context, then URLs and objects. The first of them."""
    place = f"{pointer}/@context"
    contexts = document.get("@context")
    if "@context" not in document:
        findings.add("context_missing", "The @context is missing.", place)
    elif not isinstance(contexts, list) or not contexts:
        findings.add(
            "context_not_list", "The @context must be a list that begins with the base context.", place
        )
    else:
        if contexts[0] not in (BASE_CONTEXT_2, BASE_CONTEXT_1):
            findings.add("context_base_missing", "The first @context must be the base context.", f"{place}/0")
        for index, entry in enumerate(contexts[1:], start=1):
            if isinstance(entry, str) and is_usual_url(entry):
                continue
            if not (isinstance(entry, dict) or is_url(entry)):
                findings.add("context_malformed", "A context must be a URL or an object.", f"{place}/{index}")
        return contexts[0]
    return None


def _check_credential(
    document: JsonObject,
    pointer: str,
    findings: Findings,
    known_resources: Mapping[str, bytes],
    *,
    version_1: bool,
) -> None:
    check_texts(document, pointer, findings)
    check_agent(document, "issuer", pointer, findings)
    check_subject(document, pointer, findings)
    if version_1:
        check_period(document, "issuanceDate", "expirationDate", pointer, findings, start_required=True)
    else:
        check_period(document, "validFrom", "validUntil", pointer, findings)
    for name, id_required in _DESCRIBED.items():
        if name in document:
            check_described(document, name, pointer, findings, id_required=id_required[version_1])
    if "relatedResource" in document:
        check_related_resources(document, pointer, findings, known_resources)


def _check_presentation(
    document: JsonObject,
    pointer: str,
    findings: Findings,
    known_resources: Mapping[str, bytes],
    *,
    version_1: bool,
) -> None:
    check_holder(document, pointer, findings)
    if "termsOfUse" in document:
        check_described(document, "termsOfUse", pointer, findings)
    if "verifiableCredential" not in document:
        return
    for item, place in items_of(document["verifiableCredential"], f"{pointer}/verifiableCredential"):
        if version_1 and isinstance(item, str):
            continue  # VCDM 1.1 let presentations hold credentials as JWT texts; securing looks at them
        if not isinstance(item, dict):
            findings.add("credential_not_object", "A credential in a presentation must be an object.", place)
        elif _is_presentation(item, types_of(item)):
            findings.add("credential_expected", "A presentation may hold credentials only.", place)
        else:
            _check_document(item, place, findings, known_resources)


def _check_enveloped(document: JsonObject, pointer: str, findings: Findings) -> None:
    """VCDM 2.0 sections "Enveloped Verifiable Credentials" and "... Presentations"."""
    contexts = [item for item, _ in items_of(document.get("@context"), "")]
    if BASE_CONTEXT_2 not in contexts:
        findings.add("context_base_missing", "The base context is missing.", f"{pointer}/@context")
    if len(types_of(document)) != 1:
        findings.add("type_not_allowed", "An envelope has this one type only.", f"{pointer}/type")
    identifier = document.get("id")
    if not is_url(identifier) or not str(identifier).startswith("data:") or "," not in str(identifier):
        findings.add("envelope_malformed", "The id of an envelope must be a data: URL.", f"{pointer}/id")


def _check_values(document: JsonObject, findings: Findings, *, fractions: bool) -> None:
    """No member may be empty (SECURITY L-05) or hold a number that is not kept exactly (P-04, L-18)."""
    for value, pointer in walk(document, _OPAQUE):
        if findings.knows(pointer):
            continue
        if value is None:
            findings.add("null_value", "A member is null; leave it out instead.", pointer)
        elif isinstance(value, (dict, list)) and not value:
            findings.add("empty_value", "A member is empty; leave it out instead.", pointer)
        elif isinstance(value, float) and not (fractions and is_fraction(value)):
            findings.add(
                "number_not_exact",
                "Numbers with a fraction are not kept exactly; use text.",
                pointer,
                RANGE_ERROR,
            )
        elif isinstance(value, int) and abs(value) > MAX_EXACT_INTEGER:
            findings.add(
                "number_not_exact", "A number is too large to be kept exactly.", pointer, RANGE_ERROR
            )
