"""The mark that a document's proof was checked. Nothing outside `skillcred.securing` can make one."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, final

from skillcred.encoding.json_types import JsonObject


class Holding(NamedTuple):
    """When a proof holds, provided that its controller documents are the same: from `since` on and before `until`, each
    `None` where there is no such end.

    It sums up everything in the verification of a proof that depends on the instant of evaluation: time of
    making, expiry, expiry and revocation of the key.
    """

    since: datetime | None = None
    until: datetime | None = None


class VerifiedProof(NamedTuple):
    """One proof that held: by which key, whose key that is, and when the signer says it was made.

    `holds` is absent where the mechanism does not say at what other instants the proof would hold as well; such a
    proof has to be verified again for each instant. `road` is the one that canonicalisation took (`fast` or `general`),
    where linked data was canonicalised; it tells about speed and nothing else.
    """

    mechanism: str
    verification_method: str
    controller: str
    public_key_multibase: str
    created: datetime | None
    purpose: str
    domain: str | None = None
    challenge: str | None = None
    expires: datetime | None = None
    holds: Holding | None = None
    road: str | None = None


class DocumentKind(StrEnum):
    """What data model a verified document follows: VCDM 1.1 or 2.0 (told apart by `@context`), or SD-JWT VC."""

    VCDM = "vcdm"
    SD_JWT_VC = "sd_jwt_vc"
    STATUS_LIST_TOKEN = "status_list_token"  # noqa: S105 - a kind of document


@final
class _Seal:
    """Only this package has one; it keeps others from making a `VerifiedDocument` by mistake."""


SEAL: Final = _Seal()


@final
class VerifiedDocument:
    """The document that the signatures cover, without its proofs, and the proofs that held.

    Everything that is shown, stored or decided on is read from here, never from the upload.
    `document` must not be changed by readers. For an envelope it is the payload, with all disclosed claims in
    their places and without the members that only the envelope uses. `confirmation` is the `cnf` of the issuer's
    signed claims where there is one, and `holder_bound` tells that the holder has proved that key. What
    `experimental_proofs` holds says nothing about who signed; without other proofs there is no verified document.
    `named_issuer` is who the certificate of the issuer's key names, where that is how the issuer is known.
    """

    __slots__ = (
        "confirmation",
        "document",
        "experimental_proofs",
        "holder_bound",
        "kind",
        "named_issuer",
        "proofs",
    )

    def __init__(
        self,
        seal: object,
        document: JsonObject,
        proofs: tuple[VerifiedProof, ...],
        *,
        kind: DocumentKind = DocumentKind.VCDM,
        confirmation: JsonObject | None = None,
        holder_bound: bool = False,
        experimental_proofs: tuple[VerifiedProof, ...] = (),
        named_issuer: str | None = None,
    ) -> None:
        if seal is not SEAL:
            raise TypeError("Only skillcred.securing makes verified documents.")
        if not proofs:
            raise TypeError("A verified document has at least one proof.")
        self.document: Final = document
        """The document as it was signed, without `proof`."""
        self.proofs: Final = proofs
        """The proofs that held, in the order of the document; all that it has but for the experimental ones."""
        self.kind: Final = kind
        """The data model of `document`."""
        self.confirmation: Final = confirmation
        """The holder's key as the issuer states it (RFC 7800 `cnf`)."""
        self.holder_bound: Final = holder_bound
        """Whether a key binding JWT by the key in `confirmation` was checked (RFC 9901, section 7.3)."""
        self.experimental_proofs: Final = experimental_proofs
        """The proofs of experimental cryptosuites, which held as well; their keys prove no authorship."""
        self.named_issuer: Final = named_issuer
        """The issuer, as a certificate in the signed header names it, and as the document does if it has `iss`."""
