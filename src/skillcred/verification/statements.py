"""Statements of the registry, checked as credentials are and remembered while they are sound.

The accreditation of an issuer comes with each of its credentials, so its signature would be verified again and again.
What is remembered is a sound statement, together with all that the check rested on: the exact bytes, the policy, the
evidence that was read, and when its proofs hold. If one of these differs, or the instant is another, the whole check
runs. A remembered answer is therefore the one that the check would give, and verification stays a pure function.
The credential itself is never remembered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from skillcred.encoding.json_types import JsonObject
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import EvidenceReference, Outcome
from skillcred.securing import Holding, VerifiedDocument
from skillcred.trust import (
    ExtractedAccreditation,
    KeyHistory,
    ReadStatement,
    SignedStatement,
    StatementCheck,
    find_key_fault,
    parse_accreditation,
)
from skillcred.verification.evidence import EvidenceReader, Reading, Said
from skillcred.verification.integrity import Integrity, check_integrity, issuer_proofs
from skillcred.verification.policy import VerificationPolicy
from skillcred.verification.registry_keys import LACKING

MAX_REMEMBERED: Final = 1024
"""Most sound statements kept in memory."""
MAX_REMEMBERED_BYTES: Final = 16 * 1024 * 1024
"""Most bytes of statements, and of the evidence about their signers, kept in memory."""

_Kind = str | tuple[str, tuple[KeyHistory, ...]]
_Key = tuple[_Kind, bytes, str, str]
"""Kind, content, media type and the name of the policy."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Sound:
    """`policy` is the one that it is sound under, `read` what was read, in order, `holding` when all proofs hold."""

    checked: Checked[Any]
    policy: VerificationPolicy
    read: tuple[Reading, ...]
    holding: Holding
    size: int


class _Memory:
    """Sound statements, the oldest of which make room for new ones. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[_Key, _Sound] = {}
        self._bytes = 0
        self.find = self._entries.get

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


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """What checking one signed statement gave: what it says, or why it does not count and what was lacking.

    `holdings` tells when its proofs hold (`None`: not known, so it is not remembered), `size` how many bytes what it
    says takes beside the bytes it came in.
    """

    value: T | None
    code: str
    needs: tuple[EvidenceReference, ...] = ()
    holdings: tuple[Holding, ...] | None = None
    size: int = 0


def check_remembered(
    kind: _Kind,
    content: bytes,
    media_type: str,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    check: Callable[[EvidenceReader], Checked[T]],
) -> Checked[T]:
    """What `check` says of `content`, or the same from memory. `kind` tells apart what is read from equal bytes, or
    by other keys.

    `check` must read its evidence from the reader that it is given, and rest on nothing else but the other
    arguments. Raises what `check` raises.
    """
    key = (kind, content, media_type, policy.name)  # of which the hash is at hand
    sound = _MEMORY.find(key)
    if sound is not None:
        since, until = sound.holding
        if (
            (since is None or since <= at)
            and (until is None or at < until)
            and (sound.policy is policy or sound.policy == policy)
            and (not sound.read or reader.repeats(sound.read))
        ):
            return sound.checked
    part = reader.begin()
    try:
        checked = check(part)
    finally:
        reader.add(part)
    if checked.value is not None and checked.holdings is not None:
        read = part.readings()
        size = len(content) + checked.size + sum(_size(said) for _, said in read)
        _MEMORY.add(key, _Sound(checked, policy, read, _overlap(checked.holdings), size))
    return checked


def check_statement(
    item: ExtractedAccreditation,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    keys: tuple[KeyHistory, ...] = (),
) -> StatementCheck:
    """What the statement says if its proof, issuer binding and conformance hold at `at`, and by what the registry knows
    of the `keys` of signers, or why it does not count.

    Raises `InputError` for one that cannot be read, or that is sound and not an accreditation.
    """
    signed, code, needs = read_statement(item, reader, policy, at, keys)
    if signed is None:
        return StatementCheck(None, code, needs)
    fault = find_key_fault(signed, item, keys)
    return StatementCheck(signed.statement, code, needs) if fault is None else StatementCheck(None, fault)


def read_statement(
    item: ExtractedAccreditation,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    keys: tuple[KeyHistory, ...] = (),
) -> ReadStatement:
    """The same without looking at whether the `keys` count in whose names it is well signed (see `find_key_fault`)."""

    def check(part: EvidenceReader) -> Checked[SignedStatement]:
        return _check_signed(item, part, policy, at, None)

    content, media_type = item.content, item.media_type
    checked = check_remembered("accreditation", content, media_type, reader, policy, at, check)
    if checked.value is None and checked.code in LACKING:
        own = tuple(history for history in keys if history.branch in (None, item.branch))

        def check_with_keys(part: EvidenceReader) -> Checked[SignedStatement]:
            return _check_signed(item, part, policy, at, own)

        if own:
            kind = ("accreditation", own)
            checked = check_remembered(kind, content, media_type, reader, policy, at, check_with_keys)
    return checked.value, checked.code, checked.needs


def _check_signed(
    item: ExtractedAccreditation,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    keys: tuple[KeyHistory, ...] | None,
) -> Checked[SignedStatement]:
    def histories_of(did: str) -> tuple[KeyHistory, ...]:
        return tuple(history for history in keys or () if history.did == did)

    secured = parse_secured_document(item.content, item.media_type)
    integrity = check_integrity(
        secured, reader, policy, at, histories_of=None if keys is None else histories_of
    )
    if not integrity.sound or integrity.verified is None:
        return _unsound(integrity)
    verified = integrity.verified
    signed = SignedStatement(
        parse_accreditation(verified.document), issuer_proofs(verified), integrity.registry_keys.methods
    )
    return Checked(signed, integrity.results[-1].code, holdings=find_holdings(verified))


def _unsound(integrity: Integrity) -> Checked[Any]:
    results = integrity.results
    first = next((result for result in results if result.outcome is not Outcome.PASSED), results[-1])
    return Checked(None, first.code, tuple(need for result in results for need in result.needs))


def check_document(
    content: bytes,
    media_type: str,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    parse: Callable[[JsonObject], T],
) -> Checked[T]:
    """What `parse` reads from a secured credential whose proof, issuer binding and conformance hold at `at`.

    Raises `InputError` for bytes that cannot be read, and what `parse` raises.
    """
    integrity = check_integrity(parse_secured_document(content, media_type), reader, policy, at)
    if not integrity.sound or integrity.verified is None:
        return _unsound(integrity)
    code = integrity.results[-1].code
    return Checked(parse(integrity.verified.document), code, holdings=find_holdings(integrity.verified))


def forget_statements() -> None:
    """Empty the memory: what follows is checked as in a new process."""
    _MEMORY.clear()


def _overlap(holdings: tuple[Holding, ...]) -> Holding:
    """When all of them hold."""
    return Holding(
        max((holding.since for holding in holdings if holding.since is not None), default=None),
        min((holding.until for holding in holdings if holding.until is not None), default=None),
    )


def find_holdings(verified: VerifiedDocument) -> tuple[Holding, ...] | None:
    """When the proofs hold, or `None` if one does not say so."""
    proofs = (*verified.proofs, *verified.experimental_proofs)
    holdings = tuple(proof.holds for proof in proofs if proof.holds is not None)
    return holdings if len(holdings) == len(proofs) else None


def _size(said: Said | None) -> int:
    return 0 if said is None else sum(len(each) for each in said if each is not None)
