"""Digests of evidence are remembered, but not those of what names a credential (docs/adr/0020)."""

from __future__ import annotations

import gc
import hashlib

import pytest

from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.verification.evidence import EvidenceItem
from worlds.pure_world import NOW


@pytest.mark.parametrize("kind", EvidenceKind)
def test_what_names_a_credential_is_not_held(kind: EvidenceKind) -> None:
    content = b'{"marked": "%d"}' % id(kind)
    assert EvidenceItem(EvidenceReference(kind, "x"), NOW, "test", content).sha256 == (
        hashlib.sha256(content).hexdigest()
    )
    holders = [each for each in gc.get_referrers(content) if each is not locals()]
    assert not holders or kind is not EvidenceKind.EXISTENCE_RECORD
