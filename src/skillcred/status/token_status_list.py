"""Token Status List (draft-ietf-oauth-status-list of 20 April 2026): the list as the claims of a signed token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.bitstrings import BitOrder, BitStringError, build_bit_string, check_entry_size
from skillcred.encoding.deflate import Compression, CompressionLimitError, compress, decompress
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError
from skillcred.status.status_list import MAX_DECODED_BYTES, StatusList, StatusListError

LIST_TYP: Final = "statuslist+jwt"
"""`typ` of the token (section 5.1)."""
MEDIA_TYPE: Final = "application/statuslist+jwt"
MAX_TTL: Final = timedelta(days=366)
_LATEST: Final = 253_402_300_799
"""The last second of the year 9999, the latest instant that can be told."""

VALID, INVALID, SUSPENDED = 0, 1, 2
"""Section 7.1: the status values whose meaning is registered. All others are up to the application."""


def encode_list(length: int, bits: int, statuses: Mapping[int, int]) -> str:
    """`lst`: zlib, base64url (section 4.1)."""
    packed = build_bit_string(length, bits, BitOrder.LEAST_SIGNIFICANT_FIRST, statuses)
    return encode_base64url(compress(packed.data, Compression.ZLIB))


def decode_list(lst: str) -> bytes:
    """The bits in `lst`. Raises `StatusListError`."""
    try:
        return decompress(decode_base64url(lst), Compression.ZLIB, max_bytes=MAX_DECODED_BYTES)
    except CompressionLimitError as error:
        raise StatusListError(error.message, code="status_list_too_large") from error
    except InputError as error:
        raise StatusListError(error.message, pointer="/status_list/lst") from error


def build_claims(
    *, uri: str, issuer: str, bits: int, lst: str, issued_at: datetime, expires_at: datetime, ttl: timedelta
) -> JsonObject:
    """The claims of a status list token (section 5.1)."""
    return {
        "iss": issuer,
        "sub": uri,
        "iat": int(issued_at.timestamp()),
        "exp": int(expires_at.timestamp()),
        "ttl": ttl // timedelta(seconds=1),
        "status_list": {"bits": bits, "lst": lst},
    }


def build_entry(*, list_uri: str, index: int) -> JsonObject:
    """The `status` claim of a token (section 6.2)."""
    return {"status_list": {"idx": index, "uri": list_uri}}


def parse_claims(claims: JsonObject, *, issuer: str) -> StatusList:
    """The list in *verified* claims; `issuer` is who controls the key. Raises `StatusListError`."""
    uri = claims.get("sub")
    status_list = claims.get("status_list")
    if not isinstance(uri, str):
        raise StatusListError("The token does not name its list.", pointer="/sub")
    if not isinstance(status_list, dict):
        raise StatusListError("The token holds no list.", pointer="/status_list")
    bits, lst = status_list.get("bits"), status_list.get("lst")
    if not isinstance(bits, int) or isinstance(bits, bool) or not isinstance(lst, str):
        raise StatusListError("The list has no size or no content.", pointer="/status_list")
    try:
        check_entry_size(bits, BitOrder.LEAST_SIGNIFICANT_FIRST)
    except BitStringError as error:
        raise StatusListError(error.message, pointer="/status_list/bits") from error
    if claims.get("iss", issuer) != issuer:
        raise StatusListError("The token names another issuer than the one that signed.", pointer="/iss")
    issued_at = _instant(claims, "iat")
    if issued_at is None:
        raise StatusListError("The token does not say when it was made.", pointer="/iat")
    return StatusList(
        uri=uri,
        issuer=issuer,
        purposes=frozenset(),
        data=decode_list(lst),
        size=bits,
        order=BitOrder.LEAST_SIGNIFICANT_FIRST,
        issued_at=issued_at,
        valid_until=_instant(claims, "exp"),
        ttl=_ttl(claims.get("ttl")),
    )


def _instant(claims: JsonObject, name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        raise StatusListError("The time is not a number of seconds.", pointer=f"/{name}")
    return datetime.fromtimestamp(value, UTC)


def _ttl(value: JsonValue) -> timedelta | None:
    if value is None:
        return None
    if (
        not isinstance(value, int)
        or isinstance(value, bool)
        or not 0 < value <= MAX_TTL // timedelta(seconds=1)
    ):
        raise StatusListError("The time to live is out of range.", pointer="/ttl")
    return timedelta(seconds=value)
