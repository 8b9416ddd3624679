"""Documents of one shape: the same members everywhere, only texts and identifiers differ.

Issuers write thousands of credentials from one template. For these everything else is known beforehand: to which line a
value belongs, and how lines are sorted. A `Shape` is learned (`shape_learning`) from a document that the walk has
accepted. It takes documents with exactly the same members in the same order, the same types, and values of the same
kinds, makes the checks of the walk on what may differ, and leaves everything else to the walk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from threading import Lock
from typing import Any, Final

from skillcred.encoding.json_types import JsonObject
from skillcred.linkeddata.canonical_document import CanonicalDocument
from skillcred.linkeddata.rdfc10 import HashFunction

MAX_ALTERNATIVES: Final = 8
"""Most shapes that are remembered for documents with the same members at the top; the latest ones stay."""
MAX_REMEMBERED_PARTS: Final = 50_000
"""Most parts of lines of all shapes of one list of contexts, some megabytes; then all are forgotten."""
MAX_COUNTED: Final = 256
"""For how many different tops it is counted how often no shape fitted; then counting begins anew."""
_NOT_PLAIN: Final = bytes(code for code in range(256) if code < 0x20 or code >= 0x7F or chr(code) in '"\\')

Pool = list[Any]
"""What lines are put together from: all values of the document, then the constant parts of lines, then the sorted lines
of members with several values, then the labels of blank nodes, then sorted lines that hold such labels."""
Pick = Callable[[Pool], tuple[Any, ...]]
AreIris = Callable[[Sequence[Any]], bool]
"""Whether all these are absolute IRIs, none of which stands for a term."""


@dataclass(frozen=True, slots=True)
class Group:
    """Several values of one member: what stands before and after each in its line, and which they are."""

    head: str
    tail: str
    pick: Pick
    size: int


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape, ready to be used.

    `opened`: place of an object with the names of its members, or of an array with `None` and its length; what is in
    there comes next in the pool. `fixed` takes out what must be equal to `fixed_values`: contexts and types. `texts`
    and `iris` take out the values to be checked, `identifiers` those that must be different. `hashed` takes out the
    lines of each blank node that its first degree hash is made of, `labels` are what is issued in the order of these
    hashes. `blocks` takes out the lines of each subject. `size` counts the parts.
    """

    opened: tuple[tuple[int, tuple[str, ...] | None, int], ...]
    fixed: Pick
    fixed_values: tuple[Any, ...]
    texts: Pick
    iris: Pick
    identifiers: Pick
    identifier_count: int
    constants: tuple[str, ...]
    groups: tuple[Group, ...]
    hashed: tuple[Pick, ...]
    labels: tuple[str, ...]
    blank_groups: tuple[Group, ...]
    blocks: tuple[Pick, ...]
    size: int

    def apply(
        self, document: JsonObject, are_iris: AreIris, digest: HashFunction
    ) -> CanonicalDocument | None:
        """The canonical form of `document`, whose members are those of this shape at the top; `None` if it is of
        another shape or holds something that needs a closer look."""
        pool = self._values(document)
        if pool is None or not are_iris(self.iris(pool)):
            return None
        pool += self.constants
        for group in self.groups:
            head, tail = group.head, group.tail
            lines = {f"{head}{value}{tail}" for value in group.pick(pool)}
            if len(lines) != group.size:  # something is said twice
                return None
            pool += sorted(lines)
        labels = [*self.labels] if len(self.labels) < 2 else self._labels(pool, digest)
        if labels is None:
            return None
        pool += labels
        for group in self.blank_groups:
            head, tail = group.head, group.tail
            pool += sorted([f"{head}{label}{tail}" for label in group.pick(pool)])
        blocks = ["".join(pick(pool)) for pick in self.blocks]
        blocks.sort()  # as their subjects are sorted, since each text begins with another
        return CanonicalDocument("".join(blocks).encode("utf-8"), labels, "fast")

    def _values(self, document: JsonObject) -> Pool | None:
        """All values, if the document is of this shape and its texts need no escaping."""
        pool: Pool = [*document.values()]
        for place, names, length in self.opened:
            value = pool[place]
            if names is not None:
                if value.__class__ is not dict or tuple(value) != names:
                    return None
                pool += value.values()
            elif value.__class__ is not list or len(value) != length:
                return None
            else:
                pool += value
        if self.fixed(pool) != self.fixed_values:
            return None
        identifiers = self.identifiers(pool)
        try:
            text = " ".join(self.texts(pool))
            if len({*identifiers}) != self.identifier_count:
                return None
        except TypeError:  # not a text, or not an identifier
            return None
        if text.isascii():
            return pool if len(text.encode("ascii").translate(None, _NOT_PLAIN)) == len(text) else None
        return pool if text.isprintable() and '"' not in text and "\\" not in text else None

    def _labels(self, pool: Pool, digest: HashFunction) -> list[str] | None:
        """The canonical labels, if the first degree hashes are enough to tell the blank nodes apart."""
        labels = self.labels
        hashes = [digest("".join(pick(pool)).encode("utf-8")).digest() for pick in self.hashed]
        issued = dict(zip(sorted(hashes), labels, strict=True))  # digests sort as their hexadecimal digits do
        return [issued[value] for value in hashes] if len(issued) == len(labels) else None


def pick_of(places: Sequence[int]) -> Pick:
    """What takes the values at `places` out of a pool."""
    if len(places) > 1:
        return itemgetter(*places)
    return (lambda pool: (pool[places[0]],)) if places else (lambda pool: ())  # noqa: ARG005


class ShapeMemory:
    """The shapes that were learned for one list of contexts, by the names of the members at the top. Thread-safe."""

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._shapes: dict[tuple[str, ...], tuple[Shape, ...]] = {}
        self._misses: dict[tuple[str, ...], int] = {}
        self._parts = 0

    def find(self, names: tuple[str, ...]) -> tuple[Shape, ...]:
        """The shapes to be tried for a document with these members at the top."""
        return self._shapes.get(names, ())

    def is_due(self, names: tuple[str, ...]) -> bool:
        """Notes that no shape fitted, and tells whether one is to be learned now: at the second time, the fourth, the
        eighth and so on, so that documents that are all different cost little."""
        with self._lock:
            if len(self._misses) >= MAX_COUNTED:
                self._misses.clear()
            misses = self._misses[names] = self._misses.get(names, 0) + 1
        return misses > 1 and misses & (misses - 1) == 0

    def add(self, names: tuple[str, ...], shape: Shape) -> None:
        """Remembers a shape."""
        with self._lock:
            self._parts += shape.size
            if self._parts > MAX_REMEMBERED_PARTS:
                self._shapes.clear()
                self._parts = shape.size
            known = self._shapes.get(names, ())
            self._parts -= sum(dropped.size for dropped in known[MAX_ALTERNATIVES - 1 :])
            self._shapes[names] = (shape, *known[: MAX_ALTERNATIVES - 1])
