"""Everybody who was accredited, looked up without reading what was signed: a part of `RegistryRepository`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Accredited:
    """Somebody who was accredited: when that was first recorded, and the accreditation recorded last, with who gave
    it."""

    did: str
    first_recorded_at: datetime
    latest_id: str
    latest_by: str


class AccreditedLookup(Protocol):
    """Who was accredited and by whom. Only `list_contents` reads signed bytes."""

    def list_accredited(self, did: str | None = None) -> list[Accredited]:
        """Everybody who was accredited, or that one if it was; whoever was first is first."""
        ...

    def list_accreditors(self, dids: Collection[str]) -> dict[str, set[str]]:
        """Who gave accreditations to each of `dids`; without those who have none."""
        ...

    def list_received(self, dids: Collection[str], *, limit: int) -> list[tuple[str, str]]:
        """A DID and the id of an accreditation that it was given, for all that `dids` were given, at most `limit`."""
        ...

    def list_contents(self, accreditation_ids: Collection[str]) -> dict[str, bytes]:
        """The signed bytes of those accreditations that are there, by id."""
        ...
