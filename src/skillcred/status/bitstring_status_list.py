"""Bitstring Status List 1.0 (W3C Recommendation of 15 May 2025): the list as a verifiable credential."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.bitstrings import BitOrder, build_bit_string
from skillcred.encoding.deflate import Compression, CompressionLimitError, compress, decompress
from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.status.status_list import MAX_DECODED_BYTES, StatusList, StatusListError

LIST_CREDENTIAL: Final = "BitstringStatusListCredential"
LIST_SUBJECT: Final = "BitstringStatusList"
V2: Final = "https://www.w3.org/ns/credentials/v2"
MAX_TTL: Final = timedelta(days=366)
"""Longest time to live that is believed (SECURITY S-07)."""
DEFAULT_TTL: Final = timedelta(minutes=5)
"""Section 2.2: `ttl` is 300,000 milliseconds where the list states none."""


def encode_list(length: int, size: int, statuses: Mapping[int, int]) -> str:
    """`encodedList`: gzip, base64url, multibase `u` (sections 2.2 and 3.3)."""
    bits = build_bit_string(length, size, BitOrder.MOST_SIGNIFICANT_FIRST, statuses)
    return "u" + encode_base64url(compress(bits.data, Compression.GZIP))


def decode_list(encoded: str) -> bytes:
    """The bits in `encodedList`. Raises `StatusListError`."""
    if not encoded.startswith("u"):
        raise StatusListError(
            "The list must be in multibase base64url.", pointer="/credentialSubject/encodedList"
        )
    try:
        return decompress(decode_base64url(encoded[1:]), Compression.GZIP, max_bytes=MAX_DECODED_BYTES)
    except CompressionLimitError as error:
        raise StatusListError(error.message, code="status_list_too_large") from error
    except InputError as error:
        raise StatusListError(error.message, pointer="/credentialSubject/encodedList") from error


def build_list_credential(
    *,
    uri: str,
    issuer: str,
    purpose: str,
    encoded_list: str,
    valid_from: datetime,
    valid_until: datetime,
    ttl: timedelta,
) -> JsonObject:
    """The unsigned `BitstringStatusListCredential` (section 2.2)."""
    return {
        "@context": [V2],
        "id": uri,
        "type": ["VerifiableCredential", LIST_CREDENTIAL],
        "issuer": issuer,
        "validFrom": format_instant(valid_from),
        "validUntil": format_instant(valid_until),
        "credentialSubject": {
            "id": f"{uri}#list",
            "type": LIST_SUBJECT,
            "statusPurpose": purpose,
            "encodedList": encoded_list,
            "ttl": ttl // timedelta(milliseconds=1),
        },
    }


def build_entry(*, list_uri: str, index: int, purpose: str) -> JsonObject:
    """The `credentialStatus` of a credential (section 2.1). Its `id` is neither the list's nor resolvable."""
    return {
        "id": f"{list_uri}#{index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": list_uri,
    }


def parse_list_credential(document: JsonObject) -> StatusList:
    """The list in a *verified* credential. Raises `StatusListError`.

    A list that has a status of its own is refused: who would look that one up (SECURITY S-12)?
    """
    subject = document.get("credentialSubject")
    if LIST_CREDENTIAL not in as_list(document.get("type")) or not isinstance(subject, dict):
        raise StatusListError("This is not a status list credential.", pointer="/type")
    if as_list(subject.get("type")) != [LIST_SUBJECT]:
        raise StatusListError("The subject is not a status list.", pointer="/credentialSubject/type")
    if "credentialStatus" in document:
        raise StatusListError("A status list must not have a status.", pointer="/credentialStatus")
    encoded = subject.get("encodedList")
    purposes = as_list(subject.get("statusPurpose"))
    if not isinstance(encoded, str):
        raise StatusListError("The list is missing.", pointer="/credentialSubject/encodedList")
    if not purposes or not all(isinstance(purpose, str) for purpose in purposes):
        raise StatusListError("The list has no purpose.", pointer="/credentialSubject/statusPurpose")
    issuer = document.get("issuer")
    issuer_id = issuer.get("id") if isinstance(issuer, dict) else issuer
    uri = document.get("id")
    if not isinstance(issuer_id, str) or not (uri is None or isinstance(uri, str)):
        raise StatusListError("The list names no issuer.", pointer="/issuer")
    return StatusList(
        uri=uri,
        issuer=issuer_id,
        purposes=frozenset(str(purpose) for purpose in purposes),
        data=decode_list(encoded),
        size=None,
        order=BitOrder.MOST_SIGNIFICANT_FIRST,
        issued_at=_instant(document, "validFrom"),
        valid_until=_instant(document, "validUntil"),
        ttl=_ttl(subject.get("ttl")),
    )


def _instant(document: JsonObject, name: str) -> datetime | None:
    value = document.get(name)
    try:
        return parse_instant(value) if isinstance(value, str) else None
    except InputError as error:
        raise StatusListError(error.message, pointer=f"/{name}") from error


def _ttl(value: JsonValue) -> timedelta:
    if value is None:
        return DEFAULT_TTL
    if (
        not isinstance(value, int)
        or isinstance(value, bool)
        or not 0 <= value <= MAX_TTL // timedelta(milliseconds=1)
    ):
        raise StatusListError("The time to live is out of range.", pointer="/credentialSubject/ttl")
    return timedelta(milliseconds=value)
