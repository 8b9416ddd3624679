"""What canonicalisation gives, whichever road was taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CanonicalDocument:
    """Canonical N-Quads of a document, the labels issued to its blank nodes, and the road it took.

    `labels`: the label that a blank node had before → its canonical label, both without `_:`. The labels before are
    `b0`, `b1` and so on, in the order in which the road met the blank nodes. `road`: `fast` or `general`."""

    nquads: bytes
    labels: Mapping[str, str]
    road: str
