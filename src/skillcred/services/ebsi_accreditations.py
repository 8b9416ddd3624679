"""Accreditation credentials in the shape of EBSI: who is named in one becomes *listed*, and gains no trust, unless an
enrolled body signed it (`chained_accreditations`).

Two forms are in use: the types of the VCDM 1.1 line with `accreditedFor`, and `VerifiableTrustModel` of the VCDM 2.0
line with `permissionFor`. Neither the status of the accreditation nor the chain above it (`termsOfUse`) is followed,
which the notes of what was read say.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.encoding.strict_json import parse_json_object
from skillcred.keys.certificates import TrustAnchors
from skillcred.keys.public_key import PublicKey
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.profiles.codes import load_codes
from skillcred.securing.jose.claims import identifier_of
from skillcred.securing.jose.envelope import verify_compact_jws
from skillcred.securing.jose.token import parse_credential_token
from skillcred.services.listed_records import ListedBody, ListedRole
from skillcred.services.listed_rows import (
    ListedRowError,
    ListFileError,
    ReadList,
    build_listed,
    build_source,
    read_rows,
)
from skillcred.trust.ebsi import ALPHA_3, EBSI_TYPES, JURISDICTION

_NOT_FOLLOWED: Final = (
    "Not looked at: whether it was withdrawn, and whether its issuer may accredit. The country is that to which the "
    "accreditation is limited; confirm it."
)


class _Stated(NamedTuple):
    """What the credential says of itself."""

    issuer: str
    address: str | None
    as_of: str


def read_accreditation(
    content: bytes, label: str, at: datetime, key: PublicKey | TrustAnchors | None
) -> ReadList:
    """The subjects of one accreditation that is valid at `at`: a credential as JSON, or as JWT (`vc+jwt`, or the one of
    VCDM 1.1). The signature of a JWT is checked if `key` is given; a proof inside JSON is not.

    Raises a strict JSON error, `JoseError` (`signature_wrong` among others), `DateTimeError`, `ListFileError`
    (`list_format`, `list_expired`, `list_not_yet_valid`, and `list_key_unused` where `key` cannot check anything).
    """
    document, signature = open_accreditation(content.strip(), at, key)
    kind = next((kind for kind in EBSI_TYPES if kind in as_list(document.get("type", []))), None)
    issuer, subjects = identifier_of(document.get("issuer")), as_list(document.get("credentialSubject", []))
    if kind is None or not issuer or not subjects:
        raise ListFileError("This is not an accreditation with issuer and subject.")
    begins = document.get("validFrom", document.get("issuanceDate"))
    if not isinstance(begins, str):
        raise ListFileError("The accreditation does not say since when it is valid.")
    if parse_instant(begins) > at:
        raise ListFileError("The accreditation is not valid yet.", code="list_not_yet_valid")
    until = document.get("validUntil", document.get("expirationDate"))
    if until is not None and (not isinstance(until, str) or parse_instant(until) < at):
        raise ListFileError("The accreditation is not valid any more.", code="list_expired")
    named, as_of = document.get("id"), format_instant(parse_instant(begins))[:10]
    address = named if isinstance(named, str) and named.startswith(("https://", "http://")) else None
    stated = _Stated(issuer, address, as_of)
    found = read_rows(subjects, lambda subject: _read_subject(subject, stated, label, at))
    return ReadList(
        found.bodies, found.problems, (signature, f"{kind} of {as_of} by {issuer}.", _NOT_FOLLOWED)
    )


def open_accreditation(
    content: bytes, at: datetime, key: PublicKey | TrustAnchors | None
) -> tuple[JsonObject, str]:
    """The credential, unverified but by `key` if that is given, and what is to be said about its signature. Raises as
    `read_accreditation` does."""
    if isinstance(key, TrustAnchors):
        raise ListFileError("Accreditations are not checked by certificates.", code="list_key_unused")
    if content.startswith(b"{"):
        if key is not None:
            raise ListFileError("The key can only check a JWT.", code="list_key_unused")
        return parse_json_object(content), "No signature was checked: anybody can have written this file."
    token = parse_credential_token(content)
    if token.proof.expires is not None and token.proof.expires < at:
        raise ListFileError("The token is not valid any more.", code="list_expired")
    if key is None:
        return token.document, "The signature was not checked, as no key was given: anybody can have made it."
    verify_compact_jws(token.jws, key)
    return token.document, f"Signed by the key with the thumbprint {key.thumbprint()}."


def _read_subject(value: JsonValue, stated: _Stated, label: str, at: datetime) -> ListedBody:
    subject: JsonObject = value if isinstance(value, dict) else {}
    did = subject.get("id")
    if not isinstance(did, str) or not did.startswith("did:"):
        raise ListedRowError("The subject has no DID.", code="cell_missing")
    permissions = as_list(subject.get("accreditedFor", subject.get("permissionFor", [])))
    if not permissions:
        raise ListedRowError("The subject is accredited for nothing.", code="accreditation_empty")
    names = (subject.get("name"), subject.get("legalName"), did)
    facts = {
        "id": f"{label}.{hashlib.sha256(did.encode()).hexdigest()[:16]}",
        "country": _country_of(permissions),
        "name": next(name for name in names if isinstance(name, str) and name),
        "role": ListedRole.OTHER.value,
        "source_kind": "accreditation-credential",
        "as_of": stated.as_of,
        "identifier": did,
        "confirm_first": "yes",
    }
    source = build_source(f"Accreditation by {stated.issuer}", stated.address)
    return build_listed(facts, [source], label, at)


def _country_of(permissions: list[JsonValue]) -> str:
    """The one country to which everything is limited."""
    countries = {_country_at(place) for permission in permissions for place in _places(permission)}
    (country,) = countries if len(countries) == 1 else (None,)
    if country is None:
        raise ListedRowError(
            "The accreditation is not limited to one country, so the country of the body cannot be told.",
            code="country_unknown",
        )
    return country


def _places(permission: JsonValue) -> list[JsonValue]:
    types = as_list(permission.get("types", [])) if isinstance(permission, dict) else []
    if not isinstance(permission, dict) or not types or not all(isinstance(kind, str) for kind in types):
        raise ListedRowError("What is accredited names no types.", code="accreditation_empty")
    return as_list(permission.get("limitJurisdiction", [])) or [None]


def _country_at(place: JsonValue) -> str | None:
    match = JURISDICTION.fullmatch(place) if isinstance(place, str) else None
    return None if match is None else load_codes(ALPHA_3).get(match[1])
