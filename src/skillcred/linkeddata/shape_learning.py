"""Learning the shape of a document that the walk has accepted (see `compiled_shapes`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.linkeddata.compiled_contexts import UnsupportedError
from skillcred.linkeddata.compiled_shapes import Group, Shape, pick_of
from skillcred.linkeddata.compiled_terms import Kind, Table, TermParts
from skillcred.linkeddata.nquads import RDF_TYPE

MAX_PARTS: Final = 8_000
"""Most parts of the lines of one shape; about 1,500 quads."""

_TYPE: Final = f" {RDF_TYPE} "
_TEXTS: Final = int(Kind.TYPED)
_IRI: Final = int(Kind.IRI)

Part = str | int | tuple[str, int]
"""A constant text; the place of a value; or the number of a label (`label`) or of a sorted line (`group`, `blanks`)."""


class _Line(NamedTuple):
    """One line without its subject: by what it is sorted, its parts, and its parts with blank nodes made alike."""

    key: str
    parts: tuple[Part, ...]
    masked: tuple[Part, ...]


class _Subject(NamedTuple):
    """A subject with its lines. `parent` is the line that names it, less the subject, if it is a blank node."""

    parts: tuple[Part, ...]
    lines: list[_Line]
    parent: tuple[_Subject, str] | None
    is_blank: bool


def learn_shape(document: JsonObject, root: Table) -> Shape | None:
    """The shape of `document`, which the walk from the table `root` has accepted; `None` if it is none to be
    remembered."""
    learner = _Learner()
    try:
        learner.open_document(document, root)
        return learner.build()
    except UnsupportedError:
        return None


class _Learner:
    """Follows the walk through one document and notes where everything is."""

    def __init__(self) -> None:
        self._opened: list[tuple[int, tuple[str, ...] | None, int]] = []
        self._values: list[JsonValue] = []
        self._fixed: list[int] = []
        self._texts: list[int] = []
        self._iris: list[int] = []
        self._identifiers: list[int] = []
        self._subjects: list[_Subject] = []
        self._blanks = 0
        self._groups: list[tuple[str, str, list[int]]] = []
        self._blank_groups: list[tuple[str, str, list[int]]] = []

    def open_document(self, document: JsonObject, root: Table) -> None:
        """Notes everything. Raises `UnsupportedError`."""
        self._values += document.values()
        self._fixed.append(tuple(document).index("@context"))
        self._object(0, document, root, None)

    def build(self) -> Shape:
        """The shape. Raises `UnsupportedError` if it is too large."""
        lines = [_block(subject) for subject in self._subjects if subject.lines]
        hashed = [_hashed(subject) for subject in self._subjects if subject.is_blank]
        constants = dict.fromkeys(
            part for parts in (*lines, *hashed) for part in parts if isinstance(part, str)
        )
        size = sum(map(len, (*lines, *hashed)))
        if size > MAX_PARTS:
            raise UnsupportedError
        after = len(self._values)
        place_of: dict[Part, int] = {}
        sizes = (
            ("group", sum(len(places) for _, _, places in self._groups)),
            ("label", self._blanks),
            ("blanks", sum(len(numbers) for _, _, numbers in self._blank_groups)),
        )
        for constant in constants:
            place_of[constant] = after
            after += 1
        for name, size in sizes:
            for number in range(size):
                place_of[name, number] = after
                after += 1

        def places(parts: Sequence[Part]) -> list[int]:
            return [part if isinstance(part, int) else place_of[part] for part in parts]

        fixed = pick_of(self._fixed)
        return Shape(
            opened=tuple(self._opened),
            fixed=fixed,
            fixed_values=fixed(self._values),
            texts=pick_of(self._texts),
            iris=pick_of(self._iris),
            identifiers=pick_of(self._identifiers),
            identifier_count=len(self._identifiers),
            constants=tuple(constants),
            groups=tuple(Group(head, tail, pick_of(found), len(found)) for head, tail, found in self._groups),
            hashed=tuple(pick_of(places(parts)) for parts in hashed),
            labels=tuple(f"_:c14n{number}" for number in range(len(hashed))),
            blank_groups=tuple(
                Group(head, tail, pick_of(places([("label", number) for number in numbers])), len(numbers))
                for head, tail, numbers in self._blank_groups
            ),
            blocks=tuple(pick_of(places(parts)) for parts in lines),
            size=size,
        )

    def _object(
        self, start: int, node: JsonObject, table: Table, parent: tuple[_Subject, str] | None
    ) -> _Subject:
        """Notes an object, whose values begin at `start`."""
        names = tuple(node)
        lines: list[_Line] = []
        if "type" in node:
            self._fixed.append(start + names.index("type"))
            table, ends = _step(table, node["type"])
            lines += [_Line(end, (end,), (end,)) for end in ends]
        if "id" in node:
            place = start + names.index("id")
            self._identifiers.append(place)
            self._iris.append(place)
            subject = _Subject(("<", place, ">"), lines, None, is_blank=False)
        else:
            subject = _Subject((("label", self._blanks),), lines, parent, is_blank=True)
            self._blanks += 1
        self._subjects.append(subject)
        predicates = {_TYPE}
        for place, (name, value) in enumerate(node.items(), start):
            if name in ("id", "type", "@context"):
                continue
            term = table.terms[name]
            if term[3] in predicates:
                raise UnsupportedError
            predicates.add(term[3])
            self._member(place, value, term, table, subject)
        lines.sort(key=lambda line: line.key)
        return subject

    def _member(self, place: int, value: JsonValue, term: TermParts, table: Table, subject: _Subject) -> None:
        kind, head, tail, part, scoped, _ = term
        texts, objects = table.scopes[scoped] if scoped else (table, table.plain or table)
        if kind == Kind.VOCABULARY and isinstance(value, str) and value in texts.iris:
            self._fixed.append(place)
            line: tuple[Part, ...] = (f"{head}{texts.iris[value]}{tail}",)
            subject.lines.append(_Line(part, line, line))
            return
        items = [value]
        places = [place]
        if isinstance(value, list):
            self._opened.append((place, None, len(value)))
            places = self._append(value)
            items = value
        if all(isinstance(item, str) for item in items) and (kind <= _TEXTS or kind == _IRI):
            (self._iris if kind == _IRI else self._texts).extend(places)
            self._add(subject, part, head, tail, places)
            return
        children = []
        for number, item in zip(places, items, strict=True):
            if not isinstance(item, dict) or "@value" in item or kind > Kind.VOCABULARY:
                raise UnsupportedError
            self._opened.append((number, tuple(item), len(item)))
            start = self._append(item.values())[0]
            children.append(self._object(start, item, objects, (subject, part)))
        if all(not child.is_blank for child in children):
            found = [child.parts[1] for child in children]
            self._add(
                subject, part, f"{part}<", "> .\n", [place for place in found if isinstance(place, int)]
            )
        elif all(child.is_blank for child in children):
            self._add_blanks(subject, part, [child.parts[0] for child in children])
        else:
            raise UnsupportedError

    def _append(self, values: Iterable[JsonValue]) -> list[int]:
        start = len(self._values)
        self._values += values
        return list(range(start, len(self._values)))

    def _add(self, subject: _Subject, key: str, head: str, tail: str, places: list[int]) -> None:
        """The lines of a member; several are sorted when the document is known."""
        if len(places) == 1:
            parts: tuple[Part, ...] = (head, places[0], tail)
            subject.lines.append(_Line(key, parts, parts))
            return
        before = sum(len(found) for _, _, found in self._groups)
        self._groups.append((head, tail, places))
        for number in range(before, before + len(places)):
            subject.lines.append(_Line(key, (("group", number),), (("group", number),)))

    def _add_blanks(self, subject: _Subject, part: str, labels: list[Part]) -> None:
        masked = (f"{part}_:z .\n",)
        if len(labels) == 1:
            subject.lines.append(_Line(part, (part, labels[0], " .\n"), masked))
            return
        before = sum(len(found) for _, _, found in self._blank_groups)
        self._blank_groups.append((part, " .\n", [label[1] for label in labels if isinstance(label, tuple)]))
        for number in range(before, before + len(labels)):
            subject.lines.append(_Line(part, (("blanks", number),), masked))


def _step(table: Table, types: JsonValue) -> tuple[Table, tuple[str, ...]]:
    """As the walk has it; types that are IRIs are not remembered there."""
    names = [name for name in (types if isinstance(types, list) else [types]) if isinstance(name, str)]
    step = table.steps.get(names[0] if len(names) == 1 else tuple(names))
    if step is None:
        raise UnsupportedError
    return step


def _block(subject: _Subject) -> list[Part]:
    """The parts of all lines of a subject."""
    return _joined([part for line in subject.lines for part in (*subject.parts, *line.parts)])


def _hashed(subject: _Subject) -> list[Part]:
    """The parts of the lines that the first degree hash of a blank node is made of, as `compiled_form` has them."""
    own = [part for line in subject.lines for part in ("_:a", *line.masked)]
    if subject.parent is None:
        return _joined(own)
    parent, predicate = subject.parent
    named = f"{predicate}_:a .\n"
    return _joined([*own, "_:z", named] if parent.is_blank else [*parent.parts, named, *own])


def _joined(parts: list[Part]) -> list[Part]:
    """The same with constant texts that stand together made one."""
    joined: list[Part] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined
