"""Since when what is revoked is revoked: a status list token that tells of each set bit two instants (docs/adr/0009).

A bit tells that a credential is revoked now. Whether it could be relied on at an instant in the past depends on when
the revocation takes effect, which the issuer states; and what could be known then depends on when it was recorded. The
token is a Token Status List of one bit with one claim more, for the whole list, so that nobody tells which entry is
meant.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.deflate import Compression, CompressionLimitError, compress, decompress
from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import InputError
from skillcred.status.status_list import MAX_DECODED_BYTES, StatusList, StatusListError
from skillcred.status.token_status_list import parse_claims

CLAIM: Final = "revocation_dates"
"""base64url of zlib of two numbers for each set bit, in the order of the bits."""
LISTS_CLAIM: Final = "revocation_dates_of"
"""The addresses of the lists whose entries they are; equal entries of other lists have nothing to do with them."""
MAX_LISTS: Final = 8
_PAIR: Final = struct.Struct(">II")
"""Takes effect, was recorded: seconds since 1970, each in 32 bits, which last until 2106."""
_LATEST: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class RevocationDates:
    """The two instants of each revoked entry of the lists named `lists`. `pairs` has them in the order of the bits."""

    status_list: StatusList
    lists: frozenset[str]
    pairs: bytes

    def find(self, index: int) -> tuple[datetime, datetime] | None:
        """When the revocation of an entry takes effect and when it was recorded; `None` if it is not revoked.

        Raises `StatusListError` as `StatusList.get_status`.
        """
        if not self.status_list.get_status(index, 1):
            return None
        data = self.status_list.data
        before = int.from_bytes(data[: index // 8]).bit_count()
        before += (data[index // 8] & ((1 << index % 8) - 1)).bit_count()
        effective, recorded = _PAIR.unpack_from(self.pairs, before * _PAIR.size)
        return datetime.fromtimestamp(effective, UTC), datetime.fromtimestamp(recorded, UTC)


def build_dates(dates: Mapping[int, tuple[datetime, datetime]], lists: Sequence[str]) -> JsonObject:
    """The claims for the revoked entries. An instant that takes no 32 bits becomes the nearest one that does."""
    named: list[JsonValue] = list(lists)
    pairs = (_PAIR.pack(*map(_seconds, dates[index])) for index in sorted(dates))
    return {CLAIM: encode_base64url(compress(b"".join(pairs), Compression.ZLIB)), LISTS_CLAIM: named}


def parse_dates(claims: JsonObject, *, issuer: str) -> RevocationDates:
    """The dates in *verified* claims; `issuer` is who controls the key. Raises `StatusListError`."""
    status_list = parse_claims(claims, issuer=issuer)
    value = claims.get(CLAIM)
    if status_list.size != 1 or not isinstance(value, str):
        raise StatusListError("The token holds no dates.", pointer=f"/{CLAIM}")
    lists = as_list(claims.get(LISTS_CLAIM))
    if not 1 <= len(lists) <= MAX_LISTS or not all(isinstance(uri, str) for uri in lists):
        raise StatusListError("The token does not name its lists.", pointer=f"/{LISTS_CLAIM}")
    try:
        pairs = decompress(decode_base64url(value), Compression.ZLIB, max_bytes=MAX_DECODED_BYTES)
    except CompressionLimitError as error:
        raise StatusListError(error.message, code="status_list_too_large") from error
    except InputError as error:
        raise StatusListError(error.message, pointer=f"/{CLAIM}") from error
    if len(pairs) != int.from_bytes(status_list.data).bit_count() * _PAIR.size:
        raise StatusListError("There is not a date for each revoked entry.", pointer=f"/{CLAIM}")
    return RevocationDates(status_list, frozenset(str(uri) for uri in lists), pairs)


def _seconds(instant: datetime) -> int:
    return min(max(int(instant.timestamp()), 0), _LATEST)
