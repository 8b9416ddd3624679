"""Accreditation credentials in the shape of EBSI that say exactly what an accreditation of the registry can say.

What EBSI limits by and we cannot (a schema of its own, a region, a status list) is refused and never left out, because
a limit that is left out widens. `VerifiableAccreditationToAttest` lets its subject issue,
`VerifiableAccreditationToAccredit` lets it accredit others; each entry of `accreditedFor` is one scope.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.model.datetimes import parse_instant
from skillcred.profiles import PROFILES
from skillcred.profiles.codes import load_codes
from skillcred.trust.accreditation import MAX_SCOPES, AccreditationError, AccreditationStatement
from skillcred.trust.scope import AccreditationScope, Action

TO_ATTEST: Final = "VerifiableAccreditationToAttest"
TO_ACCREDIT: Final = "VerifiableAccreditationToAccredit"
TRUST_MODEL: Final = "VerifiableTrustModel"
EBSI_TYPES: Final = (TO_ACCREDIT, TO_ATTEST, TRUST_MODEL)
"""Types of which an accreditation in the shape of EBSI has one."""
ALPHA_3: Final = "iso-3166-1-alpha-3"
"""File name of the list that has the two letters of a country by its three."""
JURISDICTION: Final = re.compile(
    r"https?://publications\.europa\.eu/resource/authority/(?:atu|country)/([A-Z]{3})(_[A-Z0-9_]{1,40})?",
    re.ASCII,
)
"""A country, or an administrative unit inside one (then with a second group), in the authority tables of the EU."""
_ACTIONS: Final = {TO_ATTEST: Action.ISSUE, TO_ACCREDIT: Action.ACCREDIT}
_SUBJECT_MEMBERS: Final = frozenset(
    {"id", "type", "name", "legalName", "reservedAttributeId", "accreditedFor"}
)
_PERMISSION_MEMBERS: Final = frozenset({"schemaId", "types", "limitJurisdiction"})
_TERMS: Final = "IssuanceCertificate"
"""Names the accreditation above, which the registry has or has not by itself."""
_POINTER: Final = "/credentialSubject/accreditedFor"


def is_ebsi(document: JsonObject) -> bool:
    """Whether the credential is of one of the types."""
    return any(kind in as_list(document.get("type", [])) for kind in EBSI_TYPES)


def parse_ebsi_accreditation(document: JsonObject) -> AccreditationStatement:
    """What a *verified and conforming* accreditation says.

    Raises `AccreditationError`: `several_subjects`, `action_unknown`, `schema_unknown`, `type_unknown`,
    `jurisdiction_unknown`, `limit_unknown`, `accreditation_has_status`, `invalid_accreditation`.
    """
    kinds = [kind for kind in EBSI_TYPES if kind in as_list(document.get("type", []))]
    action = _ACTIONS.get(kinds[0]) if len(kinds) == 1 else None
    if action is None:
        raise AccreditationError(
            "The accreditation does not say whether to issue or to accredit.",
            code="action_unknown",
            pointer="/type",
        )
    _refuse_unknown_limits(document)
    subjects = as_list(document.get("credentialSubject", []))
    if len(subjects) != 1 or not isinstance(subjects[0], dict):
        raise AccreditationError(
            "The accreditation is about several, or nobody.",
            code="several_subjects",
            pointer="/credentialSubject",
        )
    subject = subjects[0]
    if not subject.keys() <= _SUBJECT_MEMBERS:
        raise AccreditationError(
            "Something is said of the subject that is not understood.",
            code="limit_unknown",
            pointer="/credentialSubject",
        )
    permissions = as_list(subject.get("accreditedFor", []))
    if not 1 <= len(permissions) <= MAX_SCOPES:
        raise AccreditationError("The accreditation is for nothing, or too much.", pointer=_POINTER)
    issuer = document.get("issuer")
    until = document.get("validUntil", document.get("expirationDate"))
    return AccreditationStatement(
        credential_id=_text(document.get("id"), "/id"),
        body_did=_text(issuer.get("id") if isinstance(issuer, dict) else issuer, "/issuer"),
        provider_did=_text(subject.get("id"), "/credentialSubject/id"),
        scopes=tuple(_read_scope(permission, action) for permission in permissions),
        valid_from=parse_instant(
            _text(document.get("validFrom", document.get("issuanceDate")), "/validFrom")
        ),
        valid_until=None if until is None else parse_instant(_text(until, "/validUntil")),
    )


def _refuse_unknown_limits(document: JsonObject) -> None:
    if "credentialStatus" in document:
        raise AccreditationError(
            "What happens to an accreditation is recorded as its events, and in no list beside.",
            code="accreditation_has_status",
            pointer="/credentialStatus",
        )
    for terms in as_list(document.get("termsOfUse", [])):
        if not isinstance(terms, dict) or terms.get("type") != _TERMS:
            raise AccreditationError(
                "There are terms of use that are not understood.", code="limit_unknown", pointer="/termsOfUse"
            )


def _read_scope(permission: JsonValue, action: Action) -> AccreditationScope:
    if not isinstance(permission, dict) or not permission.keys() <= _PERMISSION_MEMBERS:
        raise AccreditationError(
            "There is a limit that is not understood.", code="limit_unknown", pointer=_POINTER
        )
    profile = next((one for one in PROFILES.values() if one.schema_id == permission.get("schemaId")), None)
    if profile is None:
        raise AccreditationError(
            "The schema is not that of a profile of this registry, and other schemas cannot be told apart.",
            code="schema_unknown",
            pointer=_POINTER,
        )
    types = as_list(permission.get("types", []))
    if profile.credential_type not in types or any(
        kind not in ("VerifiableCredential", profile.credential_type) for kind in types
    ):
        raise AccreditationError(
            f"The types are not VerifiableCredential and {profile.credential_type}, as the schema says.",
            code="type_unknown",
            pointer=_POINTER,
        )
    places = as_list(permission["limitJurisdiction"]) if "limitJurisdiction" in permission else None
    countries = () if places is None else tuple(sorted({*_read_countries(places)}))
    return AccreditationScope(profiles=(profile.id,), countries=countries, action=action)


def _read_countries(places: list[JsonValue]) -> Iterator[str]:
    fault = AccreditationError(
        "A place is not a whole country of the authority tables of the EU.",
        code="jurisdiction_unknown",
        pointer=_POINTER,
    )
    if not places:
        raise fault
    for place in places:
        match = JURISDICTION.fullmatch(place) if isinstance(place, str) else None
        country = None if match is None or match[2] is not None else load_codes(ALPHA_3).get(match[1])
        if country is None:
            raise fault
        yield country


def _text(value: JsonValue, pointer: str) -> str:
    if not isinstance(value, str) or not value:
        raise AccreditationError("A text is expected.", pointer=pointer)
    return value
