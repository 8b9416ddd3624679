"""What the use cases of a wallet need from outside: the file it is in, a way out, and the person it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from skillcred.exchange.holder.offers import TxCodeRequest
from skillcred.keys.certificates import TrustAnchors
from skillcred.services.wallet_records import WalletContent


class WalletStore(Protocol):
    """One opened wallet, which nobody else can change meanwhile."""

    def load(self) -> WalletContent:
        """What is in it. Raises `IntegrityError`."""
        ...

    def save(self, content: WalletContent) -> None:
        """Put `content` in the place of what is there, durably before returning; after a fault there is all of one or
        of the other. Raises `UnavailableError`."""
        ...


@dataclass(frozen=True, slots=True)
class OutgoingRequest:
    """A request to an issuer or verifier."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    max_bytes: int = 64 * 1024
    """Longest answer that is read."""


@dataclass(frozen=True, slots=True)
class IncomingResponse:
    """The answer. `headers` by lower-case name; `media_type` in lower case and without parameters."""

    status: int
    media_type: str
    headers: Mapping[str, str]
    content: bytes


class HolderDoor(Protocol):
    """The way out of a wallet. It follows no redirect."""

    def send(self, request: OutgoingRequest) -> IncomingResponse:
        """Send it and wait for the answer, whatever its status. Raises `UnavailableError`."""
        ...


@dataclass(frozen=True, slots=True)
class OfferedCredential:
    """A credential in an offer, for people. `name` is the issuer's word."""

    configuration_id: str
    name: str | None
    format: str


@dataclass(frozen=True, slots=True)
class OfferView:
    """What a holder decides on. `origin` is where it comes from exactly; `issuer_name` is only what is claimed
    there."""

    origin: str
    credential_issuer: str
    issuer_name: str | None
    metadata_signed: bool
    credentials: tuple[OfferedCredential, ...]
    copies: int
    by_authorization: bool


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """A credential that would be shown, with every single value. `asked` are the places that the verifier asks for, as
    JSON pointers; what stands elsewhere is seen with it in any case. `times_left`: copies beside this one, for those
    that are used once."""

    query_id: str
    credential_id: str
    name: str | None
    credential_issuer: str
    claims: tuple[tuple[str, str], ...]
    asked: tuple[str, ...]
    proven: bool
    times_left: int | None


@dataclass(frozen=True, slots=True)
class PresentationView:
    """What a holder decides on. `client_id` is proven, by what `proven_by` names, or not at all where that is `None`;
    `verifier_name` and `purpose` are the verifier's own words."""

    client_id: str
    proven_by: str | None
    origin: str
    verifier_name: str | None
    purpose: str | None
    encrypted: bool
    credentials: tuple[ShownCredential, ...]


class Person(Protocol):
    """Whoever holds the wallet."""

    def accept_offer(self, offer: OfferView) -> bool:
        """Whether she wants the credentials from there."""
        ...

    def give_tx_code(self, request: TxCodeRequest, origin: str) -> str | None:
        """The transaction code that reached her, which goes to `origin`; `None` where she has none."""
        ...

    def authorise(self, url: str) -> str:
        """Open `url` in her browser, and give back the address that the browser was sent to in the end. Raises
        `UnavailableError`."""
        ...

    @property
    def redirect_uri(self) -> str:
        """The address at which `authorise` waits."""
        ...

    def agree_to_present(self, view: PresentationView) -> bool:
        """Whether she shows exactly this."""
        ...


class Attester(Protocol):
    """Somebody whom issuers believe that a wallet is genuine and where its keys are (OID4VCI 1.0 appendices D and
    E)."""

    @property
    def client_id(self) -> str:
        """The client identifier that is attested."""
        ...

    def attest_client(self, issuer: str, challenge: str | None) -> Mapping[str, str]:
        """The header fields of a request to the authorization server `issuer`."""
        ...

    def attest_keys(self, jwks: Sequence[Mapping[str, object]], nonce: str | None) -> str:
        """The key attestation."""
        ...


@dataclass(frozen=True, slots=True)
class WalletTrust:
    """Whom a wallet trusts: authorities for certificates, and the file they are from; with `local` services on this
    machine, without TLS."""

    anchors: TrustAnchors | None = None
    local: bool = False
    authorities: Path | None = None
