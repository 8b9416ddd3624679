"""DID documents of did:web as evidence. The bytes are handed on as they came; reading them is the
verifier's."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final

from skillcred.adapters.fetch.egress_door import Door
from skillcred.adapters.fetch.fetch_error import FetchError
from skillcred.identifiers import DidError, did_web_url
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.verification.evidence import EvidenceItem

MEDIA_TYPES: Final = (
    "application/did",
    "application/did+json",
    "application/did+ld+json",
    "application/json",
    "application/ld+json",
)
"""Types under which a DID document is accepted. HTML and plain text are pages of errors and of logins
(K-08)."""
MAX_AGE_SECONDS: Final = 300.0
"""How long a document is used again. A key that was removed is used for so long at most (K-11)."""
MAX_FAILURE_AGE_SECONDS: Final = 30.0
"""How long a failure is remembered, so that a host that is down is not asked for each credential."""
MAX_CACHED: Final = 256
"""Documents remembered; with 64 KiB each this is 16 MiB at most."""


class DidWebSource:
    """The `EvidenceSource` for DID documents of did:web."""

    def __init__(
        self,
        door: Door,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        address_of: Callable[[str], str] = did_web_url,
    ) -> None:
        self._door = door
        self._address_of = address_of
        self._monotonic = monotonic
        self._items: OrderedDict[str, tuple[float, EvidenceItem]] = OrderedDict()
        self._lock = threading.Lock()

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The document of the DID `reference.id`, or the code of `FetchError` or `DidError` why there is
        none.

        An item from memory keeps the `retrieved_at` of when it was fetched.
        """
        if reference.kind is not EvidenceKind.DID_DOCUMENT:
            return EvidenceItem(reference, at, "none", unavailable="evidence_kind_not_supported")
        try:
            url = self._address_of(reference.id)
        except DidError as error:
            return EvidenceItem(reference, at, "none", unavailable=error.code)
        remembered = self._recall(reference.id)
        if remembered is not None:
            return remembered
        try:
            fetched = self._door.fetch(url, accept=MEDIA_TYPES)
        except FetchError as error:
            item = EvidenceItem(reference, at, url, unavailable=error.code)
        else:
            item = EvidenceItem(reference, at, url, content=fetched.content)
        self._remember(reference.id, item)
        return item

    def _recall(self, did: str) -> EvidenceItem | None:
        with self._lock:
            until, item = self._items.get(did, (0.0, None))
            return item if self._monotonic() < until else None

    def _remember(self, did: str, item: EvidenceItem) -> None:
        age = MAX_AGE_SECONDS if item.unavailable is None else MAX_FAILURE_AGE_SECONDS
        with self._lock:
            self._items[did] = (self._monotonic() + age, item)
            self._items.move_to_end(did)
            while len(self._items) > MAX_CACHED:
                self._items.popitem(last=False)
