"""Reads the log of the registry through: is each entry as it was written, in its place, and none gone?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from skillcred.services.checkpoints import find_signature_faults
from skillcred.services.governance_records import Checkpoint, LogEntry
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import OrganisationKind, SigningKey
from skillcred.services.registry_log import MAX_FAULTS, LogFault, find_faults


@dataclass(frozen=True, slots=True)
class LogVerification:
    """What came of it: how many entries there are, the digest of the last one, what is wrong (up to `MAX_FAULTS`), and
    how many checkpoints were compared. Without any, a log that was cut off or made anew looks sound."""

    entries: int
    last_sha256: str | None
    faults: tuple[LogFault, ...]
    checkpoints: int


@dataclass(frozen=True, slots=True)
class VerifyRegistryLog:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, checkpoints: Sequence[Checkpoint] = ()) -> LogVerification:
        """Verify the whole log, and that it holds what `checkpoints` say. Faults beside those of the chain:
        `log_truncated`, `log_rewritten`, `checkpoint_signature`, `checkpoint_key_unknown`,
        `checkpoint_key_compromised`. Raises `UnavailableError`."""
        with self.units(writes=False) as unit:
            return verify_log(unit, checkpoints)


def verify_log(unit: UnitOfWork, checkpoints: Sequence[Checkpoint] = ()) -> LogVerification:
    """`VerifyRegistryLog` within `unit`."""
    last: LogEntry | None = None
    count = 0
    wanted = {checkpoint.number for checkpoint in checkpoints}
    digests: dict[int, str] = {}

    def watched() -> Iterator[LogEntry]:
        nonlocal last, count
        for entry in unit.registry_log.stream_entries():
            last, count = entry, count + 1
            if entry.number in wanted:
                digests[entry.number] = entry.sha256
            yield entry

    faults = [fault for _, fault in zip(range(MAX_FAULTS), find_faults(watched()), strict=False)]
    if len(faults) < MAX_FAULTS and checkpoints:
        keys = _operator_keys(unit)
        for checkpoint in checkpoints:
            codes = find_signature_faults(checkpoint, keys)
            if digests.get(checkpoint.number) is None:
                codes.append("log_truncated")
            elif digests[checkpoint.number] != checkpoint.sha256:
                codes.append("log_rewritten")
            faults += [LogFault(checkpoint.number, code) for code in codes]
    return LogVerification(count, None if last is None else last.sha256, tuple(faults), len(checkpoints))


def _operator_keys(unit: UnitOfWork) -> list[SigningKey]:
    return [
        key
        for operator in unit.organisations.list_all(OrganisationKind.OPERATOR)
        for key in unit.signing_keys.list_for(operator.id)
    ]
