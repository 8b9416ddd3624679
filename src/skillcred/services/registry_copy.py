"""Judging issuers from a verified copy of somebody's published registry, also without any network (SECURITY T-05 to
T-08, T-11)."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from skillcred.errors import ConfigurationError, UnavailableError
from skillcred.model.outcomes import EvidenceReference
from skillcred.services.publication_ports import (
    CopyState,
    LoadedCopy,
    RegistryCopyError,
    RegistryCopyStore,
    ViewComparison,
)
from skillcred.trust import encode_registry_extract
from skillcred.verification import EvidenceItem

COPY_SOURCE: Final = "registry copy"
RETRY_AFTER: Final = timedelta(seconds=10)
"""How long a copy that could not be loaded is not looked at again, unless it was updated: checking all of a large one
for every credential would be a way to keep this service busy."""


@dataclass(slots=True)
class _Held:
    """What is in memory: a copy, or why that with `mark` could not be loaded, and when."""

    copy: LoadedCopy | None = None
    failed: tuple[str | None, datetime, RegistryCopyError] | None = None


@dataclass(frozen=True, slots=True)
class CopiedRegistrySource:
    """Registry extracts from the copy of a published registry. The copy is verified and loaded when it is first asked
    for, and again when it was updated, by whatever process."""

    store: RegistryCopyStore
    _held: _Held = field(default_factory=_Held)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        """All that the copy says about the issuer with the DID `reference.id`. A copy that is not there, does not
        verify or has run out gives an unavailable item: nobody is trusted because of it, and nobody unknown."""
        try:
            return EvidenceItem(reference, at, COPY_SOURCE, self._extract(reference.id, at))
        except UnavailableError as error:
            return EvidenceItem(reference, at, COPY_SOURCE, unavailable=error.code)

    def _extract(self, did: str, at: datetime) -> bytes:
        for attempt in (1, 2):
            copy = self.copy(at)
            try:
                extract = copy.snapshot.extract(did, copy.credential, copy.state.info)
            except RegistryCopyError:  # updated meanwhile, so its files are gone
                if attempt == 2:
                    raise
                continue
            return encode_registry_extract(extract)
        raise RegistryCopyError("The copy of the registry changes all the time.")

    def copy(self, at: datetime) -> LoadedCopy:
        """The copy, if it may be used at the present `at`. Raises `RegistryCopyError`."""
        held = self._held.copy
        if held is not None and self._is_present(held, at):
            return held
        with self._lock:
            held = self._held.copy
            if held is not None and self._is_present(held, at):
                return held
            return self._load(at)

    def _is_present(self, held: LoadedCopy, at: datetime) -> bool:
        return held.mark == self.store.find_mark() and at < held.state.info.expires_at

    def _load(self, at: datetime) -> LoadedCopy:
        self._held.copy = None
        mark = self.store.find_mark()
        failed = self._held.failed
        if failed is not None and failed[0] == mark and at < failed[1] + RETRY_AFTER:
            raise failed[2]
        try:
            loaded = self.store.load()
            if at >= loaded.state.info.expires_at:
                raise RegistryCopyError("The registry's signature has run out.", code="registry_expired")
        except RegistryCopyError as error:
            self._held.failed = (mark, at, error)
            raise
        self._held.copy, self._held.failed = loaded, None
        return loaded


@dataclass(frozen=True, slots=True)
class UpdateRegistryCopy:
    """The use case. Without a store, no copy is kept here."""

    store: RegistryCopyStore | None

    def __call__(self) -> CopyState:
        """Bring the copy up to date. Raises `ConfigurationError` (`no_registry_copy`), `RegistryCopyError`,
        `UnavailableError`; the copy is then the one from before."""
        return _required(self.store).update()

    def view(self) -> bytes:
        """What this verifier was shown, to be sent to others. Raises as `__call__` does."""
        return _required(self.store).view()

    def compare(self, other: bytes) -> ViewComparison:
        """Compare with what another verifier was shown. Raises as `__call__` does, and `InputError`."""
        return _required(self.store).compare(other)

    def state(self) -> CopyState:
        """What is known of the copy, after checking all of it. Raises as `__call__` does."""
        return _required(self.store).load().state


def _required(store: RegistryCopyStore | None) -> RegistryCopyStore:
    if store is None:
        raise ConfigurationError(
            "No registry is copied here: set SKILLCRED_REGISTRY_ROOT_FILE and SKILLCRED_REGISTRY_SOURCE.",
            code="no_registry_copy",
        )
    return store
