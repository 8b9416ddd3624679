"""Our own wallet over parties in memory, for tests of what it believes and gives away."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from skillcred.bootstrap.wallet import Wallet, build_wallet
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.ports import EvidenceSource
from skillcred.services.verify_document import VerifyDocument
from skillcred.services.wallet_ports import Attester, HolderDoor, WalletTrust
from skillcred.verification import EvidenceItem
from worlds.in_memory import FixedClock
from worlds.literal_parties import ScriptedPerson, WalletInMemory
from worlds.pure_world import NOW


class KnownDocuments:
    """The `EvidenceSource` for a few DID documents."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._documents = documents

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        content = self._documents.get(reference.id)
        if content is None:
            return EvidenceItem(reference, at, "none", unavailable="not_found")
        return EvidenceItem(reference, at, "test", content=content)


def wallet_over(
    door: HolderDoor,
    *,
    person: ScriptedPerson | None = None,
    store: WalletInMemory | None = None,
    clock: FixedClock | None = None,
    trust: WalletTrust | None = None,
    documents: Mapping[str, bytes] | None = None,
    attester: Attester | None = None,
) -> Wallet:
    """A wallet whose way out is `door`, at the time of `worlds.pure_world`."""
    clock = clock or FixedClock(NOW)
    sources: dict[EvidenceKind, EvidenceSource] = {EvidenceKind.DID_DOCUMENT: KnownDocuments(documents or {})}
    return build_wallet(
        store or WalletInMemory(),
        person or ScriptedPerson(),
        trust or WalletTrust(),
        door=door,
        verify_document=VerifyDocument(clock, sources, sources),
        clock=clock,
        attester=attester,
    )
