"""What canonicalisation gives, whichever road was taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple


class CanonicalDocument(NamedTuple):
    """Canonical N-Quads of a document, the labels issued to its blank nodes, and the road it took.

    `issued`: the canonical labels, with `_:`, in the order in which the road met the blank nodes; or without, by the
    labels before. `road`: `fast` or `general`."""

    nquads: bytes
    issued: Sequence[str] | Mapping[str, str]
    road: str

    @property
    def labels(self) -> Mapping[str, str]:
        """The label that a blank node had before → its canonical label, both without `_:`. The labels before are `b0`,
        `b1` and so on, in the order in which the road met the blank nodes."""
        if isinstance(self.issued, Mapping):
            return self.issued
        return MappingProxyType({f"b{number}": label[2:] for number, label in enumerate(self.issued)})
