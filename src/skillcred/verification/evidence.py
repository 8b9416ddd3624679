"""Evidence: what was fetched for a verification, kept so that the verdict can be replayed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.model.outcomes import EvidenceKind, EvidenceReference

MAX_REMEMBERED_BYTES: Final = 64 * 1024
"""Largest piece of evidence whose digest is remembered, in bytes; 128 of them, which is 8 MiB at most."""
_EXISTENCE_RECORD: Final = EvidenceKind.EXISTENCE_RECORD
"""Names the digest of a credential, and nothing of a credential is remembered (docs/adr/0020)."""


@lru_cache(maxsize=128)
def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class EvidenceItem(NamedTuple):
    """One piece of evidence. Either `content` holds the bytes as they came, or `unavailable` says, as a
    stable code, why they could not be had (`timeout`, `not_found`, …). `source` is where from."""

    reference: EvidenceReference
    retrieved_at: datetime
    source: str
    content: bytes | None = None
    unavailable: str | None = None

    @property
    def sha256(self) -> str | None:
        """Hex digest of the content, if there is any."""
        content = self.content
        if content is None:
            return None
        if len(content) > MAX_REMEMBERED_BYTES or self.reference[0] is _EXISTENCE_RECORD:
            return hashlib.sha256(content).hexdigest()
        return _sha256(content)


class Evidence(Mapping[EvidenceReference, EvidenceItem]):
    """All evidence for one verification, immutable, by reference."""

    __slots__ = ("_items",)

    def __init__(self, items: Iterable[EvidenceItem] = ()) -> None:
        self._items: dict[EvidenceName, EvidenceItem] = {item.reference: item for item in items}

    def __getitem__(self, reference: EvidenceReference) -> EvidenceItem:
        return self._items[reference]

    def find(self, reference: EvidenceReference) -> EvidenceItem | None:
        """The item, or `None` if nobody has tried to get it."""
        return self._items.get(reference)

    def __iter__(self) -> Iterator[EvidenceReference]:
        return iter(sorted([item.reference for item in self._items.values()]))

    def __len__(self) -> int:
        return len(self._items)

    def with_items(self, items: Iterable[EvidenceItem]) -> Evidence:
        """This evidence and `items`; where both have a reference, the new item counts."""
        return Evidence([*self._items.values(), *items])

    def without(self, reference: EvidenceReference) -> Evidence:
        """This evidence less one item."""
        return Evidence(item for item in self._items.values() if item.reference != reference)


EvidenceName = tuple[EvidenceKind, str]
"""An `EvidenceReference`, or a pair that equals it, which costs less to make."""
Said = tuple[bytes | None, str | None]
"""What a piece of evidence says: its content, or the code of why there is none."""
Reading = tuple[EvidenceName, Said | None]
"""What a piece said when it was read; `None` where nobody had tried to get it."""


class EvidenceReader:
    """Hands out evidence and notes what was asked for, so that a report names what it used."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._items = evidence._items
        self._read: dict[EvidenceName, EvidenceItem | None] = {}

    def read(self, reference: EvidenceName) -> EvidenceItem | None:
        """The item, or `None` if nobody has tried to get it."""
        item = self._read[reference] = self._items.get(reference)
        return item

    def repeats(self, readings: Iterable[Reading]) -> bool:
        """Reads once more what was read before, in that order and up to the first piece that says something else, so
        that exactly what was needed counts as used; whether there was no such piece."""
        read, find = self._read, self._items.get
        for reference, said in readings:
            item = read[reference] = find(reference)
            if (None if item is None else (item.content, item.unavailable)) != said:
                return False
        return True

    def begin(self) -> EvidenceReader:
        """A reader of the same evidence that has read nothing yet. What it reads is to be added here."""
        return EvidenceReader(self._evidence)

    def add(self, part: EvidenceReader) -> None:
        """Counts as read here what `part` has read."""
        self._read.update(part._read)

    def readings(self) -> tuple[Reading, ...]:
        """What was read, in order, for `repeats`."""
        return tuple(
            [
                (reference, None if item is None else (item.content, item.unavailable))
                for reference, item in self._read.items()
            ]
        )

    def used(self) -> tuple[EvidenceItem, ...]:
        """What was read and was there, in the order of the references."""
        return tuple(filter(None, map(self._read.get, sorted(self._read))))


def build_evidence_json(evidence: Evidence) -> list[JsonObject]:
    """The items as JSON, in the order of their references; contents in base64."""
    return [_item_json(evidence[reference]) for reference in evidence]


def _item_json(item: EvidenceItem) -> JsonObject:
    result: JsonObject = {
        "kind": item.reference.kind.value,
        "id": item.reference.id,
        "retrieved_at": format_instant(item.retrieved_at),
        "source": item.source,
    }
    if item.content is not None:
        result["content"] = base64.b64encode(item.content).decode("ascii")
    if item.unavailable is not None:
        result["unavailable"] = item.unavailable
    return result


def parse_evidence_json(items: object) -> Evidence:
    """The inverse of `build_evidence_json`. Raises `InputError` (`invalid_evidence_bundle`)."""
    try:
        if not isinstance(items, list):
            raise TypeError("items")
        return Evidence([_parse_item(item) for item in items])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("The evidence bundle is not well-formed.", code="invalid_evidence_bundle") from error


def _parse_item(item: JsonObject) -> EvidenceItem:
    content = item.get("content")
    unavailable = item.get("unavailable")
    return EvidenceItem(
        reference=EvidenceReference(EvidenceKind(_text(item["kind"])), _text(item["id"])),
        retrieved_at=parse_instant(_text(item["retrieved_at"])),
        source=_text(item["source"]),
        content=None if content is None else base64.b64decode(_text(content), validate=True),
        unavailable=None if unavailable is None else _text(unavailable),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value
