"""Forms with files (RFC 7578), read in memory from a body that is bounded already (SECURITY W-10, W-11, PR-07).

File names, part media types and charsets are ignored: what a part is, its bytes tell. Nothing touches the disk.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from email.message import Message
from typing import Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from skillcred.web.faults import RequestError

MAX_PARTS: Final = 8
"""Most parts in one form."""
MAX_BOUNDARY_CHARACTERS: Final = 70
"""RFC 2046 section 5.1.1."""


def parse_form(body: bytes, content_type: Message, *, fields: Collection[str]) -> Mapping[str, bytes]:
    """The parts of the form by name. Each name is one of `fields` and occurs once.

    Raises `RequestError` (`malformed_multipart`, `unknown_part`, `repeated_part`, `too_many_parts`).
    """
    boundary = content_type.get_param("boundary")
    if (
        not isinstance(boundary, str)
        or not 0 < len(boundary) <= MAX_BOUNDARY_CHARACTERS
        or not boundary.isascii()
    ):
        raise RequestError("The form has no usable boundary.", code="malformed_multipart")
    collector = _Collector(frozenset(fields))
    try:
        parser = MultipartParser(
            boundary.encode("ascii"),
            {
                "on_part_begin": collector.begin_part,
                "on_part_data": collector.add_data,
                "on_part_end": collector.end_part,
                "on_header_field": collector.add_header_name,
                "on_header_value": collector.add_header_value,
                "on_header_end": collector.end_header,
                "on_headers_finished": collector.end_headers,
                "on_end": collector.end,
            },
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise RequestError("The form is not well-formed.", code="malformed_multipart") from error
    if not collector.ended:
        raise RequestError("The form ends before its last part does.", code="malformed_multipart")
    return collector.parts


class _Collector:
    """Gathers the parts as the parser reports them."""

    def __init__(self, fields: frozenset[str]) -> None:
        self._fields = fields
        self._count = 0
        self._header_name = b""
        self._header_value = b""
        self._disposition = b""
        self._name = ""
        self._data = bytearray()
        self.parts: dict[str, bytes] = {}
        self.ended = False

    def begin_part(self) -> None:
        self._count += 1
        if self._count > MAX_PARTS:
            raise RequestError("The form has too many parts.", code="too_many_parts")
        self._disposition = b""
        self._data = bytearray()

    def add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def end_headers(self) -> None:
        kind, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("latin-1")
        if kind != b"form-data" or self._name not in self._fields:
            raise RequestError("The form has a part that is not known here.", code="unknown_part")
        if self._name in self.parts:
            raise RequestError("The form has a part twice.", code="repeated_part")

    def add_data(self, data: bytes, start: int, end: int) -> None:
        self._data += data[start:end]

    def end_part(self) -> None:
        self.parts[self._name] = bytes(self._data)

    def end(self) -> None:
        self.ended = True
