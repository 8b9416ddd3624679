"""Compressed data from outside: exactly one stream, of the kind that is due, no larger than is allowed.

The standard functions stop silently at the end of the first stream and set no bound (SECURITY M18, S-01, S-02).
"""

from __future__ import annotations

import gzip
import zlib
from enum import IntEnum
from typing import Final

from skillcred.errors import InputError, LimitError

_NO_TIME: Final = 0
GZIP_LEVEL: Final = 6
"""A list with one bit in a hundred set is a seventh larger than with the highest level, and made in a tenth of the
time."""
ZLIB_LEVEL: Final = 9
"""The highest, as Token Status List section 4.1 recommends."""


class CompressionError(InputError):
    """The bytes are not one whole compressed stream of the kind that is due."""

    default_code = "invalid_compression"


class CompressionLimitError(LimitError):
    """The content is larger than is allowed."""

    default_code = "decompressed_too_large"


class Compression(IntEnum):
    """The window parameter by which zlib knows the wrapping: RFC 1952 or RFC 1950."""

    GZIP = 31
    ZLIB = 15


def compress(data: bytes, kind: Compression) -> bytes:
    """`data` as one stream; equal data give equal bytes."""
    if kind is Compression.GZIP:
        return gzip.compress(data, compresslevel=GZIP_LEVEL, mtime=_NO_TIME)
    return zlib.compress(data, level=ZLIB_LEVEL)


def decompress(data: bytes, kind: Compression, *, max_bytes: int) -> bytes:
    """The content of the one stream in `data`, of at most `max_bytes`.

    Raises `CompressionError` for anything but exactly one whole stream, `CompressionLimitError` without ever
    holding more than `max_bytes` and a byte.
    """
    engine = zlib.decompressobj(wbits=kind.value)
    try:
        content = engine.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise CompressionError("The data are not compressed as they must be.") from error
    if len(content) > max_bytes:
        raise CompressionLimitError(f"The data are larger than {max_bytes} bytes when expanded.")
    if not engine.eof or engine.unconsumed_tail:
        raise CompressionError("The compressed data end too early.")
    if engine.unused_data:
        raise CompressionError("There is something behind the compressed data.")
    return content
