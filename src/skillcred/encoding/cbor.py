"""The one parser for every CBOR byte that comes from outside, and the deterministic encoder (RFC 8949).

The library decodes what is well-formed: floats, bignums, dates by tag, what follows the item. A walk over the heads
comes first and lets through only what the formats that we read are made of: integers of 64 bits, byte strings, text,
arrays, maps, booleans and null, all of definite length (SECURITY X-06). The walk allocates nothing by a declared
length, so that a head that promises a gigabyte costs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final, TypeAlias

import cbor2

from skillcred.errors import InputError, LimitError

MAX_CBOR_BYTES: Final = 1024 * 1024
"""Largest CBOR item accepted unless a caller sets less, in bytes."""
MAX_CBOR_DEPTH: Final = 16
"""Deepest nesting of arrays, maps and tags. Proof values have 2, COSE structures with a CWT about 6."""
MAX_CBOR_ITEMS: Final = 65_536
"""Most data items, each key and each value counted; the walk looks at about a million in a second. The proof of a
document of `MAX_QUADS` statements has fewer."""
_MAX_ARGUMENT: Final = 2**64 - 1
_INDEFINITE: Final = 31
_SIMPLE_VALUES: Final = frozenset({20, 21, 22})
"""false, true, null (RFC 8949 section 3.3)."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """An item with the tag in front of it (RFC 8949 section 3.4)."""

    tag: int
    value: CborValue


CborValue: TypeAlias = (
    "int | bytes | str | bool | list[CborValue] | dict[int | str, CborValue] | Tagged | None"
)


class CborError(InputError):
    """The bytes are not CBOR that we accept, or a value has no such form. Codes: `cbor_syntax`, `cbor_trailing_bytes`,
    `cbor_indefinite_length`, `cbor_tag`, `cbor_type`, `cbor_duplicate_key`, `cbor_not_deterministic`."""

    default_code = "cbor_syntax"


class CborLimitError(LimitError):
    """The item is larger or deeper than allowed. Codes: `too_large`, `too_deep`, `too_many_values`."""

    default_code = "too_large"


def decode_cbor(
    data: bytes,
    *,
    max_bytes: int = MAX_CBOR_BYTES,
    max_depth: int = MAX_CBOR_DEPTH,
    tags: Collection[int] = (),
    deterministic: bool = False,
) -> CborValue:
    """The one data item that `data` holds, all of it.

    A tag is accepted only in front of the whole item (or of another such tag), and only if `tags` names it; the
    result is then a `Tagged`. Keys of maps are integers or texts, each once. `deterministic` demands the
    encoding that `encode_cbor` gives (RFC 8949 section 4.2.1). Raises `CborLimitError` for size, depth and
    number of items, `CborError` for everything else that is refused.
    """
    if len(data) > max_bytes:
        raise CborLimitError(f"The CBOR item is larger than {max_bytes} bytes.", code="too_large")
    outer_tags, start = _Walk(data, max_depth, tags).run()
    try:
        value: CborValue = cbor2.loads(
            data[start:], max_depth=max_depth + 1, allow_indefinite=False, allow_duplicate_keys=False
        )
    except cbor2.CBORError as error:
        # Heads, lengths and texts are known to be good, so nothing else is left.
        raise CborError("A map has the same key twice.", code="cbor_duplicate_key") from error
    for tag in reversed(outer_tags):
        value = Tagged(tag, value)
    if deterministic and encode_cbor(value) != data:
        raise CborError("The CBOR item is not in its one shortest form.", code="cbor_not_deterministic")
    return value


def encode_cbor(value: CborValue) -> bytes:
    """`value` in the deterministic encoding: shortest heads, definite lengths, keys in the order of their encoded
    bytes (RFC 8949 section 4.2.1). Raises `CborError` (`cbor_type`) for what `decode_cbor` would refuse."""
    try:
        return cbor2.dumps(_ordered(value))
    except (cbor2.CBORError, UnicodeEncodeError) as error:
        raise CborError("A value has no CBOR form.", code="cbor_type") from error


def _ordered(value: object) -> Any:
    """`value` for the library, which keeps the order of maps and writes shortest heads."""
    if value is None or isinstance(value, str | bytes | bool):
        return value
    if isinstance(value, int):
        if not -_MAX_ARGUMENT - 1 <= value <= _MAX_ARGUMENT:
            raise CborError("An integer has more than 64 bits.", code="cbor_type")
        return value
    if isinstance(value, Tagged):
        return cbor2.CBORTag(value.tag, _ordered(value.value))
    if isinstance(value, Mapping):
        for key in value:
            if isinstance(key, bool) or not isinstance(key, int | str):
                raise CborError("A key is neither an integer nor a text.", code="cbor_type")
        return {
            key: _ordered(item) for key, item in sorted(value.items(), key=lambda pair: encode_cbor(pair[0]))
        }
    if isinstance(value, Sequence):
        return [_ordered(item) for item in value]
    raise CborError("A value has no CBOR form.", code="cbor_type")


class _Major(IntEnum):
    """Major types (RFC 8949 section 3.1)."""

    UNSIGNED = 0
    NEGATIVE = 1
    BYTES = 2
    TEXT = 3
    ARRAY = 4
    MAP = 5
    TAG = 6
    OTHER = 7


_KEY_TYPES: Final = (_Major.UNSIGNED, _Major.NEGATIVE, _Major.TEXT)


@dataclass(slots=True)
class _Open:
    """An array or map that is being walked: items still to come; of a map, two for each entry."""

    left: int
    is_map: bool


class _Walk:
    """A walk over the heads of one item."""

    def __init__(self, data: bytes, max_depth: int, tags: Collection[int]) -> None:
        self._data = data
        self._max_depth = max_depth
        self._tags = tags
        self._position = 0
        self._items = 0
        self._open: list[_Open] = []

    def run(self) -> tuple[list[int], int]:
        """The tags in front of the item, and where the item itself begins."""
        outer_tags: list[int] = []
        major, argument, start = self._head()
        while major is _Major.TAG:
            if argument not in self._tags:
                raise CborError("A tag is not accepted here.", code="cbor_tag")
            outer_tags.append(argument)
            if len(outer_tags) > self._max_depth:
                raise CborLimitError(
                    f"The CBOR item is nested deeper than {self._max_depth}.", code="too_deep"
                )
            major, argument, start = self._head()
        self._item(major, argument)
        while self._open:
            container = self._open[-1]
            if not container.left:
                self._open.pop()
                continue
            is_key = container.is_map and container.left % 2 == 0
            container.left -= 1
            major, argument, _ = self._head()
            if is_key and major not in _KEY_TYPES:
                raise CborError("A key is neither an integer nor a text.", code="cbor_type")
            self._item(major, argument)
        if self._position != len(self._data):
            raise CborError("Bytes follow the CBOR item.", code="cbor_trailing_bytes")
        return outer_tags, start

    def _head(self) -> tuple[_Major, int, int]:
        """Major type, argument and start of the next item (RFC 8949 section 3)."""
        start = self._position
        if start >= len(self._data):
            raise CborError("The CBOR item ends too early.")
        self._items += 1
        if self._items > MAX_CBOR_ITEMS:
            raise CborLimitError("The CBOR item holds more values than are accepted.", code="too_many_values")
        major, information = _Major(self._data[start] >> 5), self._data[start] & 0x1F
        self._position += 1
        if major is _Major.OTHER:
            if information not in _SIMPLE_VALUES:
                raise CborError("A float or a simple value is not accepted.", code="cbor_type")
            return major, information, start
        if information < 24:
            return major, information, start
        if information == _INDEFINITE:
            raise CborError("An indefinite length is not accepted.", code="cbor_indefinite_length")
        if information > 27:
            raise CborError("A head uses a reserved value.")
        return major, int.from_bytes(self._take(1 << (information - 24))), start

    def _item(self, major: _Major, argument: int) -> None:
        if major is _Major.BYTES:
            self._take(argument)
        elif major is _Major.TEXT:
            try:
                self._take(argument).decode("utf-8")
            except UnicodeDecodeError as error:
                raise CborError("A text is not UTF-8.") from error
        elif major in (_Major.ARRAY, _Major.MAP):
            count = argument * (2 if major is _Major.MAP else 1)
            if count > len(self._data) - self._position:
                raise CborError("The CBOR item ends too early.")
            if len(self._open) >= self._max_depth:
                raise CborLimitError(
                    f"The CBOR item is nested deeper than {self._max_depth}.", code="too_deep"
                )
            self._open.append(_Open(count, major is _Major.MAP))
        elif major is _Major.TAG:
            raise CborError("A tag is not accepted here.", code="cbor_tag")

    def _take(self, length: int) -> bytes:
        if length > len(self._data) - self._position:
            raise CborError("The CBOR item ends too early.")
        self._position += length
        return self._data[self._position - length : self._position]
