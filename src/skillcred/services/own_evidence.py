"""Reads evidence of our own from memory where it is held, else from the records, and holds it from then on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from skillcred.model.outcomes import EvidenceReference
from skillcred.services.snapshot_ports import EvidenceSnapshot, OwnEvidence

Found = TypeVar("Found", bound="OwnEvidence | None")


def find_own_evidence(
    snapshot: EvidenceSnapshot | None,
    reference: EvidenceReference,
    make: Callable[[], Found],
    *,
    at: datetime,
) -> OwnEvidence | Found:
    """What is held for `reference`, or what `make` finds in the records; `None` if it is not ours.

    The versions are read before the records are, so that what is held is never older than it says.
    Raises `UnavailableError` and what `make` raises.
    """
    if snapshot is None:
        return make()
    versions = snapshot.read_versions()
    held = snapshot.find(reference, versions=versions, at=at)
    if held is not None:
        return held
    made = make()
    if made is not None:
        snapshot.hold(made, versions=versions)
    return made
