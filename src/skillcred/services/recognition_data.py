"""The recognition data as a deployment has them: what is shipped, with its own tables and what bodies vouch for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from types import MappingProxyType
from typing import Final

from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.records import RecognitionData, TitleComparison, Vouching
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.recognition_data_ports import ImportedTable, StoredVouching
from skillcred.services.recognition_tables import read_stored_table
from skillcred.services.vouch_for_rules import CheckedVouching, VouchingError

VOUCHING_LIFETIME: Final = timedelta(hours=1)
"""How long a verified vouching is believed before it is verified again."""


@dataclass(slots=True)
class DeploymentData:
    """Gives the data; kept in memory until a table or a vouching changes. Each vouching is verified when the data
    are put together, and again every hour; one that does not verify any more counts for nothing. Thread-safe."""

    units: UnitOfWorkFactory
    clock: Clock
    check: Callable[[bytes], CheckedVouching]
    _lock: Lock = field(default_factory=Lock)
    _kept: tuple[str, datetime, RecognitionData] | None = None

    def __call__(self) -> RecognitionData:
        """The data. Raises `UnavailableError`, and `IntegrityError` (`recognition_table_damaged`)."""
        with self.units(writes=False) as unit:
            fingerprint = unit.recognition_data.read_fingerprint()
        now = self.clock.now()
        kept = self._kept
        if kept is not None and kept[0] == fingerprint and now - kept[1] < VOUCHING_LIFETIME:
            return kept[2]
        with self._lock:
            with self.units(writes=False) as unit:
                fingerprint = unit.recognition_data.read_fingerprint()
                tables = unit.recognition_data.list_tables()
                vouchings = unit.recognition_data.list_vouchings()
            data = load_shipped_data()
            if tables or vouchings:
                data = replace(data, titles=_titles(tables, data), vouchings=self._vouchings(vouchings))
            self._kept = (fingerprint, now, data)
            return data

    def _vouchings(self, stored: list[StoredVouching]) -> MappingProxyType[str, tuple[Vouching, ...]]:
        found: dict[str, list[Vouching]] = {}
        for item in stored:
            try:
                checked = self.check(item.content)
            except VouchingError:  # counts as unsigned; `skillcred recognition vouchings` tells why
                continue
            for vouching in checked.vouchings:
                found.setdefault(vouching.record_id, []).append(vouching)
        return MappingProxyType({name: tuple(items) for name, items in found.items()})


def _titles(
    tables: list[ImportedTable], data: RecognitionData
) -> MappingProxyType[tuple[str, str], tuple[TitleComparison, ...]]:
    found: dict[tuple[str, str], list[TitleComparison]] = {}
    for table in tables:
        for row in read_stored_table(table, data).rows:
            found.setdefault((row.origin, row.destination), []).append(row)
    return MappingProxyType({pair: tuple(rows) for pair, rows in found.items()})
