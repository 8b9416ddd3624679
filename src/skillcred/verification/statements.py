"""Statements of the registry, checked as credentials are and remembered while they are sound.

The accreditation of an issuer comes with each of its credentials, so its signature would be verified again and again.
What is remembered is a sound statement, together with all that the check rested on: the exact bytes, the policy, the
evidence that was read, and when its proofs hold. If one of these differs, or the instant is another, the whole check
runs. A remembered answer is therefore the one that the check would give, and verification stays a pure function.
The credential itself is never remembered.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import EvidenceReference, Outcome
from skillcred.securing import Holding, VerifiedDocument
from skillcred.trust import (
    AccreditationStatement,
    ExtractedAccreditation,
    StatementCheck,
    parse_accreditation,
)
from skillcred.verification.evidence import EvidenceItem
from skillcred.verification.integrity import EvidenceReader, check_integrity
from skillcred.verification.policy import VerificationPolicy

MAX_REMEMBERED: Final = 1024
"""Most sound statements kept in memory."""
MAX_REMEMBERED_BYTES: Final = 16 * 1024 * 1024
"""Most bytes of statements, and of the evidence about their signers, kept in memory."""

_Key = tuple[bytes, str, VerificationPolicy]
_Read = bytes | str | None
"""What evidence said: its content, the code of why there is none, or `None` where nobody had tried to get it."""


@dataclass(frozen=True, slots=True)
class _Sound:
    statement: AccreditationStatement
    code: str
    read: Mapping[EvidenceReference, _Read]
    holdings: tuple[Holding, ...]
    size: int


class _TracingReader(EvidenceReader):
    """Notes what each piece of evidence said, and reads through another reader."""

    def __init__(self, reader: EvidenceReader) -> None:
        self._reader = reader
        self.trace: dict[EvidenceReference, _Read] = {}

    def read(self, reference: EvidenceReference) -> EvidenceItem | None:
        item = self._reader.read(reference)
        self.trace[reference] = _said(item)
        return item

    def used(self) -> tuple[EvidenceItem, ...]:
        return self._reader.used()


class _Memory:
    """Sound statements, the oldest of which make room for new ones. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[_Key, _Sound] = {}
        self._bytes = 0

    def find(self, key: _Key) -> _Sound | None:
        return self._entries.get(key)

    def add(self, key: _Key, sound: _Sound) -> None:
        if sound.size > MAX_REMEMBERED_BYTES // 16:
            return
        with self._lock:
            self._remove(key)
            while len(self._entries) >= MAX_REMEMBERED or self._bytes + sound.size > MAX_REMEMBERED_BYTES:
                self._remove(next(iter(self._entries)))
            self._entries[key] = sound
            self._bytes += sound.size

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def _remove(self, key: _Key) -> None:
        removed = self._entries.pop(key, None)
        self._bytes -= 0 if removed is None else removed.size


_MEMORY: Final = _Memory()


def check_statement(
    item: ExtractedAccreditation, reader: EvidenceReader, policy: VerificationPolicy, at: datetime
) -> StatementCheck:
    """What the statement says if its proof, issuer binding and conformance hold at `at`, or why it does not count.

    Raises `InputError` for one that cannot be read, or that is sound and not an accreditation.
    """
    key = (item.content, item.media_type, policy)
    sound = _MEMORY.find(key)
    if sound is not None and _still(sound, reader, at):
        return StatementCheck(sound.statement, sound.code)
    tracing = _TracingReader(reader)
    integrity = check_integrity(parse_secured_document(item.content, item.media_type), tracing, policy, at)
    results = integrity.results
    first = next((result for result in results if result.outcome is not Outcome.PASSED), results[-1])
    if not integrity.sound or integrity.verified is None:
        return StatementCheck(None, first.code, tuple(need for result in results for need in result.needs))
    statement = parse_accreditation(integrity.verified.document)
    holdings = _holdings(integrity.verified)
    if holdings is not None:
        read = tracing.trace
        size = len(item.content) + sum(len(said) for said in read.values() if said is not None)
        _MEMORY.add(key, _Sound(statement, first.code, read, holdings, size))
    return StatementCheck(statement, first.code)


def forget_statements() -> None:
    """Empty the memory: what follows is checked as in a new process."""
    _MEMORY.clear()


def _still(sound: _Sound, reader: EvidenceReader, at: datetime) -> bool:
    """Whether the check would find the same. The evidence is read in the order in which the check reads it and up to
    the first difference, so that exactly what was needed counts as used."""
    same = all(_said(reader.read(reference)) == said for reference, said in sound.read.items())
    return same and all(holding.includes(at) for holding in sound.holdings)


def _holdings(verified: VerifiedDocument) -> tuple[Holding, ...] | None:
    """When the proofs hold, or `None` if one does not say so."""
    holdings = tuple(proof.holds for proof in verified.proofs if proof.holds is not None)
    return holdings if len(holdings) == len(verified.proofs) else None


def _said(item: EvidenceItem | None) -> _Read:
    if item is None:
        return None
    return item.content if item.content is not None else item.unavailable or ""
