"""The mark that a document's proof was checked. Nothing outside `skillcred.securing` can make one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from skillcred.encoding.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """One proof that held: by which key, whose key that is, and when the signer says it was made."""

    mechanism: str
    verification_method: str
    controller: str
    public_key_multibase: str
    created: datetime | None
    purpose: str


@final
class _Seal:
    """Only this package has one; it keeps others from making a `VerifiedDocument` by mistake."""


SEAL: Final = _Seal()


@final
class VerifiedDocument:
    """The document that the signatures cover, without its proofs, and the proofs that held.

    Everything that is shown, stored or decided on is read from here, never from the upload.
    `document` must not be changed by readers.
    """

    __slots__ = ("_document", "_proofs")

    def __init__(self, seal: object, document: JsonObject, proofs: tuple[VerifiedProof, ...]) -> None:
        if seal is not SEAL:
            raise TypeError("Only skillcred.securing makes verified documents.")
        if not proofs:
            raise TypeError("A verified document has at least one proof.")
        self._document = document
        self._proofs = proofs

    @property
    def document(self) -> JsonObject:
        """The document as it was signed, without `proof`."""
        return self._document

    @property
    def proofs(self) -> tuple[VerifiedProof, ...]:
        """The proofs that held, in the order of the document; all that the document has."""
        return self._proofs
