"""What requests for presentations need of the outside world; the repository is a part of `UnitOfWork`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from skillcred.services.ports import Hold
from skillcred.services.presentation_records import PresentationRequest, PresentationState

if TYPE_CHECKING:
    from skillcred.keys.signer import Signer


class PresentationRepository(Protocol):
    """Requests for presentations, and what came of them."""

    def add(self, request: PresentationRequest) -> None:
        """Record. Raises `ConflictError` (`presentation_request_taken`) for a taken id or handle."""
        ...

    def find(self, request_id: str, *, hold: Hold | None = None) -> PresentationRequest | None:
        """The request with that id."""
        ...

    def find_by_handle(self, handle: str, *, hold: Hold | None = None) -> PresentationRequest | None:
        """The request whose addresses hold `handle`."""
        ...

    def replace(self, request: PresentationRequest, *, expected: Collection[PresentationState]) -> bool:
        """Write what may change of a request, if it is still in one of the states `expected`: of several that try at
        once one succeeds. False where it is not."""
        ...

    def count_open(self, organisation_id: str | None, *, at: datetime) -> int:
        """How many requests of an organisation, or of the page for `None`, wallets may still answer."""
        ...

    def list_unfinished(self, *, lease_before: datetime, count: int) -> list[PresentationRequest]:
        """Requests that were answered and on whose answer nobody works since an instant, oldest first."""
        ...

    def expire(self, *, at: datetime) -> int:
        """End the open requests whose time is over, and forget their keys; how many."""
        ...

    def forget_presentations(self, *, answered_before: datetime) -> int:
        """Forget what was presented before an instant, and the keys; how many. Results stay. An answer that nobody has
        verified until then is refused (`not_verified_in_time`)."""
        ...

    def remove(self, request_id: str) -> bool:
        """Delete a request, with its result. False where there is none."""
        ...

    def remove_unowned(self, *, created_before: datetime) -> int:
        """Delete requests from the page that were made before an instant, with their results; how many."""
        ...


@dataclass(frozen=True, slots=True)
class VerifierCertificate:
    """What requests are signed with under the X.509 prefixes: the chain as DER, the leaf first and without its root."""

    chain: tuple[bytes, ...]
    dns_names: tuple[str, ...]
    signer: Signer


class VerifierCertificates(Protocol):
    """The certificate of this deployment as a verifier."""

    def find_certificate(self) -> VerifierCertificate | None:
        """The certificate, if there is one. Raises `ConfigurationError` for one that cannot be used."""
        ...
