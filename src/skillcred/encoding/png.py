"""PNG files (W3C Recommendation, third edition): their chunks, and international text among them. No pixel is decoded.

So a picture that would fill the memory when it is drawn costs nothing here. Everything between signature and IEND is
accounted for: sizes, checksums, order, and nothing behind the end.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.deflate import Compression, decompress
from skillcred.errors import InputError

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_CHUNKS: Final = 4096
"""Most chunks in one file: a file of 1 MiB in pieces of 8 KiB has 128 (SECURITY W-07)."""
INTERNATIONAL_TEXT: Final = "iTXt"
TEXT_CHUNKS: Final = ("tEXt", "zTXt", INTERNATIONAL_TEXT)
_HEADER: Final = struct.Struct(">I4s")
_CHECKSUM: Final = struct.Struct(">I")
_IHDR_BYTES: Final = 13


class PngError(InputError):
    """The bytes are not a whole PNG file."""

    default_code = "malformed_png"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its type, its data, and where it begins in the file."""

    type: str
    data: bytes
    offset: int

    @property
    def keyword(self) -> bytes:
        """What stands before the first zero byte; in text chunks it names the text."""
        return self.data.partition(b"\0")[0]


def read_chunks(content: bytes) -> list[Chunk]:
    """All chunks of the file `content`, IHDR first and IEND last.

    Raises `PngError` for a wrong signature, checksum or order, for anything behind the end, for too many chunks.
    """
    if not content.startswith(SIGNATURE):
        raise PngError("The file does not begin as a PNG picture does.")
    chunks = list(_split(content))
    types = [chunk.type for chunk in chunks]
    if types[:1] != ["IHDR"] or len(chunks[0].data) != _IHDR_BYTES or types.count("IHDR") != 1:
        raise PngError("The picture has no header, or more than one.")
    if types[-1] != "IEND":
        raise PngError("The picture ends too early.")
    return chunks


def _split(content: bytes) -> Iterator[Chunk]:
    view = memoryview(content)
    offset = len(SIGNATURE)
    for _ in range(MAX_CHUNKS):
        if offset + _HEADER.size > len(content):
            raise PngError("The picture ends too early.")
        length, kind = _HEADER.unpack_from(content, offset)
        end = offset + _HEADER.size + length
        if end + _CHECKSUM.size > len(content):
            raise PngError("A chunk of the picture is longer than the file.")
        if not kind.isalpha() or not kind.isascii():
            raise PngError("A chunk of the picture has no type.")
        (checksum,) = _CHECKSUM.unpack_from(content, end)
        if zlib.crc32(view[offset + 4 : end]) != checksum:
            raise PngError("A chunk of the picture is damaged.")
        yield Chunk(kind.decode("ascii"), content[offset + _HEADER.size : end], offset)
        offset = end + _CHECKSUM.size
        if kind == b"IEND":
            if offset != len(content):
                raise PngError("There is something behind the end of the picture.")
            return
    raise PngError("The picture has too many chunks.")


def decode_international_text(chunk: Chunk, *, max_bytes: int) -> bytes:
    """The text of an iTXt chunk as UTF-8 bytes, of at most `max_bytes` also where it is compressed (section 11.3.3.4).

    Raises `PngError`, `CompressionError`, `CompressionLimitError`.
    """
    _, found, rest = chunk.data.partition(b"\0")
    flags, rest = rest[:2], rest[2:]
    _language, tagged, rest = rest.partition(b"\0")
    _translated, translated, text = rest.partition(b"\0")
    if not (found and tagged and translated) or flags not in (b"\0\0", b"\1\0"):
        raise PngError("A text chunk of the picture is malformed.")
    if flags[0]:
        text = decompress(text, Compression.ZLIB, max_bytes=max_bytes)
    if len(text) > max_bytes:
        raise PngError("A text chunk of the picture is too long.")
    return text


def insert_international_text(content: bytes, keyword: str, text: bytes) -> bytes:
    """The picture `content` with an uncompressed iTXt chunk before its end. Raises `PngError`."""
    end = read_chunks(content)[-1].offset
    data = keyword.encode("latin-1") + b"\0\0\0\0\0" + text
    kind = INTERNATIONAL_TEXT.encode("ascii")
    chunk = _HEADER.pack(len(data), kind) + data + _CHECKSUM.pack(zlib.crc32(kind + data))
    return content[:end] + chunk + content[end:]
