"""The registered claims of an envelope that is about to be made, for JWT and CWT alike."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.json_text import encode_json
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.securing.envelopes import ASSERTION, AUTHENTICATION
from skillcred.securing.jose.claims import REGISTERED_CLAIMS, identifier_of, numeric_date, subjects_of
from skillcred.securing.jose.errors import JoseError
from skillcred.securing.jose.token import WRAPPER_CLAIMS, check_document_type
from skillcred.securing.jose.vcdm_1_1 import STATUS
from skillcred.securing.mechanism import SecuringError

_RESERVED: Final = REGISTERED_CLAIMS | WRAPPER_CLAIMS
OPTIONS: Final = {"domain": "aud", "challenge": "nonce"}
"""What may be asked for, in the words of Data Integrity, and the claim that says it. Beside them: `expires`."""


def build_claims(
    document: JsonObject, purpose: str, created: datetime, options: Mapping[str, JsonValue]
) -> JsonObject:
    """The claims beside `document`: who, what and when, and what `options` ask for.

    Raises `SecuringError`: `already_secured`, `reserved_member`, `wrong_document_type`, `unsupported_option`.
    """
    _check_document(document, purpose)
    party = identifier_of(document.get("issuer" if purpose == ASSERTION else "holder"))
    identifier = document.get("id")
    subjects = subjects_of(document)
    claims: JsonObject = {}
    if party is not None:
        claims["iss"] = party
    if len(subjects) == 1:
        claims["sub"] = subjects[0]
    if isinstance(identifier, str):
        claims["jti"] = identifier
    claims["iat"] = numeric_date(created)
    for name, value in options.items():
        if value is None:
            continue
        if not isinstance(value, str) or not value:
            raise _unsupported(name)
        if name == "expires":
            claims["exp"] = _expiry(value)
        elif name in OPTIONS:
            claims[OPTIONS[name]] = value
        else:
            raise _unsupported(name)
    return claims


def build_vc_claims(document: JsonObject) -> JsonObject:
    """The credential of VCDM 1.1 as the claim `vc`, with `nbf` and `exp`, which stand for its period (VCDM 1.1 section
    6.3.1), and with its member `status` as the claim of that name (Token Status List section 6.2)."""
    claims: JsonObject = {}
    for claim, member in (("nbf", "issuanceDate"), ("exp", "expirationDate")):
        value = document.get(member)
        if isinstance(value, str):
            claims[claim] = _expiry(value)
    if STATUS in document:
        claims[STATUS] = document[STATUS]
    return {**claims, "vc": {name: value for name, value in document.items() if name != STATUS}}


def encode_payload(members: JsonObject) -> bytes:
    """UTF-8 JSON without white space. Raises `SecuringError` for what is no JSON."""
    try:
        return encode_json(members)
    except (ValueError, RecursionError) as error:
        raise SecuringError("The document has no JSON form.", code="wrong_document_type") from error


def _check_document(document: JsonObject, purpose: str) -> None:
    if purpose not in (ASSERTION, AUTHENTICATION):
        raise SecuringError("Envelopes are not made for this purpose.", code="unsupported_option")
    if "proof" in document:
        raise SecuringError("The document carries a proof already.", code="already_secured", pointer="/proof")
    for name in () if _RESERVED.isdisjoint(document) else sorted(_RESERVED.intersection(document)):
        raise SecuringError(
            "The document has a member that belongs to the envelope.",
            code="reserved_member",
            pointer=f"/{name}",
        )
    try:
        check_document_type(document, purpose)
    except JoseError as error:
        raise SecuringError(error.message, code="wrong_document_type", pointer="/type") from error


def _expiry(value: str) -> int:
    try:
        return numeric_date(parse_instant(value))
    except DateTimeError as error:
        raise _unsupported("expires") from error


def _unsupported(name: str) -> SecuringError:
    return SecuringError(
        f"Envelopes have no such option {name}.", code="unsupported_option", pointer=f"/{name}"
    )
