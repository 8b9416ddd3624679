"""SVG files, read for one element of another namespace beside the drawing. Nothing is drawn, fetched or expanded.

A document type that only names SVG's own definition is common and let pass; one with declarations of its own is
refused before the parser sees it, so that there are no entities, defaults or recursion (SECURITY W-03).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from skillcred.errors import InputError

SVG: Final = "http://www.w3.org/2000/svg"
MAX_DEPTH: Final = 256
MAX_ELEMENTS: Final = 50_000
_DECLARATIONS = re.compile(rb"<!(?:ENTITY|ELEMENT|ATTLIST|NOTATION)")
_DOCUMENT_TYPE: Final = b"<!DOCTYPE"
_SPACE: Final = " "
_ROOT = re.compile(rb"<[^\s/>]+")


class SvgError(InputError):
    """The bytes are not an SVG file that can be read safely."""

    default_code = "malformed_svg"


@dataclass(frozen=True, slots=True)
class FoundElement:
    """An element directly below the root. Names of attributes in a namespace have it before them."""

    attributes: Mapping[str, str]
    text: str


@dataclass(slots=True)
class SvgFile:
    """What was looked for, and where the content of the root begins: offsets in bytes, `prefixes` are the root's."""

    elements: list[FoundElement] = field(default_factory=list)
    root_offset: int = -1
    content_offset: int = -1
    prefixes: dict[str | None, str] = field(default_factory=dict)


def read_svg(content: bytes, namespace: str, name: str) -> SvgFile:
    """All elements `name` of `namespace` that stand directly in the root of the SVG file `content`, in UTF-8.

    Raises `SvgError`: not well-formed, another root, entities and declarations, elements inside the one looked for or
    one that stands elsewhere, and beyond the limits.
    """
    if _has_declarations(content):
        raise SvgError("The picture has declarations of its own.", code="svg_declarations")
    reader = _Reader(f"{namespace}{_SPACE}{name}")
    parser = expat.ParserCreate("UTF-8", _SPACE)
    parser.buffer_text = False
    parser.StartNamespaceDeclHandler = reader.declare_prefix
    parser.StartElementHandler = lambda *found: reader.start(parser.CurrentByteIndex, *found)
    parser.EndElementHandler = lambda _: reader.end(parser.CurrentByteIndex)
    parser.CharacterDataHandler = lambda data: reader.add_text(parser.CurrentByteIndex, data)
    for other in ("CommentHandler", "ProcessingInstructionHandler", "StartCdataSectionHandler"):
        setattr(parser, other, lambda *_: reader.pass_by(parser.CurrentByteIndex))
    parser.StartDoctypeDeclHandler = reader.see_document_type
    parser.SkippedEntityHandler = reader.refuse_entity
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, UnicodeDecodeError, ValueError) as error:
        raise SvgError("The picture is not well-formed XML.") from error
    return reader.file


def _has_declarations(content: bytes) -> bool:
    """Whether there may be any, also where they only stand in a comment. Linear, and asked before the parser runs:
    it goes on to the end of the document after a handler has raised."""
    begin = content.find(_DOCUMENT_TYPE)
    if begin < 0:
        return _DECLARATIONS.search(content) is not None
    subset = content.find(b"[", begin, max(begin, content.find(b">", begin)))
    several = content.find(_DOCUMENT_TYPE, begin + 1) >= 0
    return several or subset >= 0 or _DECLARATIONS.search(content) is not None


def insert_element(content: bytes, file: SvgFile, prefix: str, namespace: str, element: bytes) -> bytes:
    """The SVG file with `element` as the first in its root, whose names use `prefix`. Raises `SvgError`."""
    declared = file.prefixes.get(prefix)
    root = _ROOT.match(content, file.root_offset)
    begin = file.content_offset
    if (
        root is None
        or begin < root.end()
        or content.endswith(b"/>", 0, begin)
        or declared not in (None, namespace)
    ):
        raise SvgError("The picture leaves no room for a credential.", code="svg_without_room")
    declaration = b"" if declared else f' xmlns:{prefix}="{namespace}"'.encode("ascii")
    return b"".join(
        (
            content[: root.end()],
            declaration,
            content[root.end() : begin],
            element,
            content[begin:],
        )
    )


class _Reader:
    """Gathers what the parser reports."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._depth = 0
        self._count = 0
        self._attributes: dict[str, str] | None = None
        self._text: list[str] = []
        self.file = SvgFile()

    def declare_prefix(self, prefix: str | None, uri: str | None) -> None:
        if self._count == 0:
            self.file.prefixes[prefix] = uri or ""

    def start(self, offset: int, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > MAX_DEPTH or self._count > MAX_ELEMENTS:
            raise SvgError("The picture has too many elements.", code="svg_too_large")
        if self._depth == 1:
            self.file.root_offset = offset
            if name != f"{SVG}{_SPACE}svg":
                raise SvgError("The file is not an SVG picture.")
            return
        self.pass_by(offset)
        if self._attributes is not None or (name == self._wanted and self._depth != 2):
            raise SvgError("The credential in the picture is out of place.", code="svg_element_out_of_place")
        if name == self._wanted:
            self._attributes, self._text = attributes, []

    def end(self, offset: int) -> None:
        if self._depth == 2 and self._attributes is not None:
            self.file.elements.append(FoundElement(self._attributes, "".join(self._text)))
            self._attributes = None
        if self._depth == 1 and offset > self.file.root_offset:
            self.pass_by(offset)
        self._depth -= 1

    def add_text(self, offset: int, data: str) -> None:
        self.pass_by(offset)
        if self._attributes is not None:
            self._text.append(data)

    def pass_by(self, offset: int) -> None:
        """The first thing behind the start tag of the root tells where that ends."""
        if self._depth >= 1 and self.file.content_offset < 0:
            self.file.content_offset = offset

    def see_document_type(self, _name: str, _system: object, _public: object, subset: int) -> None:
        if subset:
            raise SvgError("The picture has declarations of its own.", code="svg_declarations")

    def refuse_entity(self, *_: object) -> None:
        raise SvgError("The picture refers to something outside it.", code="svg_declarations")
