"""Status lists of other issuers as evidence. A list is fetched whole, by its own address, and used again as long as it
lasts, so that its publisher cannot tell which credential is looked at, or when (SECURITY I14, S-13)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.adapters.fetch.egress_door import Door
from skillcred.adapters.fetch.fetch_error import FetchError
from skillcred.errors import UnavailableError
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.status.peek import ListTimes, peek_list_times
from skillcred.verification.evidence import EvidenceItem

MEDIA_TYPES: Final = (
    "application/vc",
    "application/vc+ld+json",
    "application/ld+json",
    "application/json",
    "application/statuslist+jwt",
)
"""Types under which a list is accepted. HTML and plain text are pages of errors and of logins."""
MAX_LIST_BYTES: Final = 1024 * 1024
"""Largest list that is fetched, compressed as it comes; the strict parser reads no more either."""
MAX_CACHED_BYTES: Final = 32 * 1024 * 1024
"""Lists remembered, in bytes all together."""
DEFAULT_AGE: Final = timedelta(minutes=5)
"""How long a list that states no time to live is used again (Bitstring Status List 1.0 section 2.2)."""
MAX_AGE: Final = timedelta(hours=1)
"""How long a list is used again whatever it says, so that a revocation is seen (SECURITY S-07)."""
MIN_AGE: Final = timedelta(seconds=15)
"""How often a list is asked for at most."""
MAX_FAILURE_AGE: Final = timedelta(seconds=30)
SKEW: Final = timedelta(seconds=60)

Remember = Callable[[str, datetime], bool]
"""Whether no later version of the list at that address was seen before; see `RememberStatusLists`."""


@dataclass(frozen=True, slots=True)
class _Cached:
    item: EvidenceItem
    times: ListTimes
    fresh_until: datetime

    @property
    def size(self) -> int:
        return len(self.item.content or b"")


class StatusListSource:
    """The `EvidenceSource` for status lists."""

    def __init__(self, door: Door, remember: Remember) -> None:
        self._door = door
        self._remember = remember
        self._cached: OrderedDict[str, _Cached] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """The list at the address `reference.id`, or the code why there is none.

        One from memory keeps the `retrieved_at` of when it was fetched. When the host does not answer, a list that
        has not ended yet is used further; one that is older than a version seen before never is.
        """
        if reference.kind is not EvidenceKind.STATUS_LIST:
            return EvidenceItem(reference, at, "none", unavailable="evidence_kind_not_supported")
        with self._lock:
            known = self._cached.get(reference.id)
        if known is not None and known.item.retrieved_at <= at < known.fresh_until:
            return known.item
        fetched = self._fetch(reference, at)
        if fetched.item.content is None and known is not None and _lasts(known, at):
            return known.item
        self._keep(reference.id, fetched)
        return fetched.item

    def _fetch(self, reference: EvidenceReference, at: datetime) -> _Cached:
        url = reference.id
        try:
            content = self._door.fetch(url, accept=MEDIA_TYPES, max_bytes=MAX_LIST_BYTES).content
            times = peek_list_times(content)
            # A list from the future is told by the verifier; here it must not push honest ones out.
            issued_at = times.issued_at
            if issued_at is not None and issued_at <= at + SKEW and not self._remember(url, issued_at):
                return _failure(reference, at, "status_list_rolled_back")
        except FetchError as error:
            return _failure(reference, at, error.code)
        except UnavailableError:
            return _failure(reference, at, "status_memory_unavailable")
        age = max(MIN_AGE, min(times.ttl or DEFAULT_AGE, MAX_AGE))
        fresh_until = (
            at + age if times.valid_until is None else max(at + MIN_AGE, min(at + age, times.valid_until))
        )
        return _Cached(EvidenceItem(reference, at, url, content=content), times, fresh_until)

    def _keep(self, uri: str, cached: _Cached) -> None:
        with self._lock:
            previous = self._cached.pop(uri, None)
            self._bytes += cached.size - (0 if previous is None else previous.size)
            self._cached[uri] = cached
            while (
                self._bytes > MAX_CACHED_BYTES or len(self._cached) > MAX_CACHED_BYTES // MAX_LIST_BYTES * 32
            ):
                _, oldest = self._cached.popitem(last=False)
                self._bytes -= oldest.size


def _lasts(known: _Cached, at: datetime) -> bool:
    valid_until = known.times.valid_until
    return known.item.content is not None and valid_until is not None and at < valid_until


def _failure(reference: EvidenceReference, at: datetime, code: str) -> _Cached:
    item = EvidenceItem(reference, at, reference.id, unavailable=code)
    return _Cached(item, ListTimes(), at + MAX_FAILURE_AGE)
