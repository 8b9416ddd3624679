"""The Protocol every securing mechanism implements, and the values that cross it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError
from skillcred.identifiers import ControlledIdentifierDocument
from skillcred.keys.certificates import TrustAnchors
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.model.documents import Form, SecuredDocument
from skillcred.model.outcomes import StepResult
from skillcred.securing.verified_document import VerifiedDocument

CLOCK_SKEW_SECONDS: Final = 60
"""How far a signer's clock may be ahead of ours (SECURITY I13)."""


class SecuringError(InputError):
    """The document cannot be secured as asked. Codes: `unsupported_mechanism`, `wrong_key_type`,
    `already_secured`, `unsupported_option`, and those of `LinkedDataError`."""

    default_code = "unsupported_mechanism"


class Availability(StrEnum):
    """Why there is no document: never asked for, could not be had, of a kind that we do not know, or the
    identifier itself is wrong, so that there can be none."""

    NOT_REQUESTED = "not_requested"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED = "unsupported"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class DocumentNotAvailable:
    """There is no controlled identifier document for a controller. `reason` is a stable code."""

    reason: str
    availability: Availability


NOT_REQUESTED: Final = DocumentNotAvailable("not_requested", Availability.NOT_REQUESTED)

ControllerDocuments = Mapping[str, "ControlledIdentifierDocument | DocumentNotAvailable"]
"""By DID, all controllers that `peek_controllers` names."""


class ProofRequest(NamedTuple):
    """What a proof has to satisfy: the purpose, the instant of evaluation, whose documents are at hand.

    `domain` and `challenge` are what the verifier has asked for (Data Integrity `domain` and `challenge`; `aud`
    and `nonce` of envelopes and key binding). Where one is given, the proof must carry exactly it.
    `trust_anchors` vouch for issuers that are named by certificates.
    """

    purpose: str
    at: datetime
    controllers: ControllerDocuments
    contexts: ContextStore = BUNDLED_CONTEXTS
    domain: str | None = None
    challenge: str | None = None
    trust_anchors: TrustAnchors | DocumentNotAvailable = NOT_REQUESTED


class ProofFindings(NamedTuple):
    """The result for `Step.PROOF`, and the verified document if and only if the outcome is passed."""

    result: StepResult
    verified: VerifiedDocument | None


@dataclass(frozen=True, slots=True)
class PreparedProof:
    """All that is decided before a key is used: the document, the proof options, the exact bytes to sign.

    `options` are the members of the proof, or of the protected header of an envelope. `extra` is what `attach`
    needs beside them, as JSON, because it is stored with the reservation.
    """

    mechanism: str
    document: JsonObject
    options: JsonObject
    to_be_signed: bytes
    extra: JsonObject = field(default_factory=dict)


class SecuringMechanism(Protocol):
    """One family of securing mechanisms. Pure: whatever it needs from outside is in the `ProofRequest`."""

    @property
    def names(self) -> frozenset[str]:
        """The mechanisms one can issue with, as registered (for Data Integrity: the cryptosuites)."""
        ...

    @property
    def form(self) -> Form:
        """The form of all documents that are secured (or would have to be) by this family."""
        ...

    def key_algorithms(self, name: str) -> tuple[Algorithm, ...]:
        """The kinds of key that can sign with mechanism `name`, one of `names`; the preferred one first."""
        ...

    def media_type(self, name: str, purpose: str) -> str:
        """The media type of what `attach` gives for mechanism `name`."""
        ...

    def peek_controllers(self, secured: SecuredDocument) -> tuple[str, ...]:
        """The DIDs whose documents are needed to verify. Read from *unverified* data."""
        ...

    def verify(self, secured: SecuredDocument, request: ProofRequest) -> ProofFindings:
        """Check all proofs of the document. Raises nothing for whatever the document holds."""
        ...

    def prepare(
        self,
        name: str,
        document: JsonObject,
        *,
        verification_method: str,
        algorithm: Algorithm,
        created: datetime,
        purpose: str,
        contexts: ContextStore,
        options: Mapping[str, JsonValue] | None = None,
    ) -> PreparedProof:
        """Decide the exact bytes that a key of `algorithm` is to sign. Raises `SecuringError` or `LinkedDataError`.

        `options` are further wishes, by the names that Data Integrity gives to members of a proof where it has
        them (`domain`, `challenge`, `nonce`, `expires`, …; an envelope writes `domain` as `aud` and `challenge` as
        `nonce`), and parameters of single mechanisms (`mandatoryPointers`). What a mechanism does not know, it
        refuses (`unsupported_option`): nobody shall believe that his wish was signed.
        """
        ...

    def attach(self, prepared: PreparedProof, signature: bytes) -> bytes:
        """The secured document as bytes, exactly as it will be stored and handed out."""
        ...
