"""A world without I/O: a national body, a provider and a holder with did:key identities, and what they sign.

Everything that the pure rooms need to be tried; no database, no files, no network, no clock.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from skillcred.identifiers import build_did_document, build_did_key
from skillcred.issuance import prepare_credential, sign_prepared
from skillcred.keys.algorithms import CURVES, Algorithm
from skillcred.keys.bbs import BbsSecretKey
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.profiles import build_credential
from skillcred.shipped import shipped_path
from skillcred.trust import (
    AccreditationScope,
    EnrolledBody,
    ExtractedAccreditation,
    ExtractedEvent,
    KeyHistory,
    RegisteredKey,
    RegistryExtract,
    ScopeLevel,
    build_accreditation,
    encode_registry_extract,
)
from skillcred.verification import Evidence, EvidenceItem, VerificationReport, verify

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AWARDED = datetime(2026, 3, 15, 9, tzinfo=UTC)
MECHANISMS = ("eddsa-rdfc-2022", "eddsa-jcs-2022")


def example_claims(profile: str) -> dict[str, Any]:
    """The claims of the shipped example of `profile`, awarded when this world wants it."""
    claims: dict[str, Any] = json.loads(shipped_path(f"schemas/examples/{profile}.json").read_bytes())
    claims["awardedDate"] = claims["validFrom"] = format_instant(AWARDED)
    claims.pop("validUntil", None)
    return claims


class SoftSigner:
    """A signer made from a seed so that tests are repeatable. Its identity is a did:key, or `did` where it is given;
    that of a kind of key that is no identifier is a did:web."""

    def __init__(self, seed: int, algorithm: Algorithm = Algorithm.ED25519, did: str | None = None) -> None:
        if algorithm is Algorithm.ED25519:
            self._key = PrivateKey(Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32)))
        elif algorithm is Algorithm.BLS12381G2:
            self._key = PrivateKey(BbsSecretKey(seed.to_bytes(32)))
        elif algorithm is Algorithm.MLDSA44:
            self._key = PrivateKey(MLDSA44PrivateKey.from_seed_bytes(seed.to_bytes(32)))
            did = did or "did:web:provider.example"
        else:
            self._key = PrivateKey(ec.derive_private_key(seed, CURVES[algorithm].curve))
        self._public = self._key.public_key
        self.did = did or build_did_key(self._public)
        self._fragment = self._public.to_multikey() if did is None else f"key-{seed}"

    @property
    def verification_method(self) -> str:
        return f"{self.did}#{self._fragment}"

    @property
    def public_key(self) -> PublicKey:
        return self._public

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def did_document(*signers: SoftSigner) -> dict[str, Any]:
    """The DID document of the one identity of `signers`, with all their keys."""
    methods = [(signer.verification_method, signer.public_key.to_multikey()) for signer in signers]
    return build_did_document(signers[0].did, methods)


def sign(
    unsigned: dict[str, Any],
    signer: SoftSigner,
    mechanism: str = "eddsa-rdfc-2022",
    created: datetime = AWARDED,
) -> bytes:
    """`unsigned` signed by `signer`, as bytes."""
    prepared = prepare_credential(
        unsigned,
        mechanism=mechanism,
        verification_method=signer.verification_method,
        algorithm=signer.public_key.algorithm,
        created=created,
    )
    return sign_prepared(prepared, signer)


@dataclass
class PureWorld:
    """A national body that accredited one provider; change its parts to tell another story."""

    profile: str = "qualification"
    claims: dict[str, Any] = field(default_factory=lambda: example_claims("qualification"))
    body: SoftSigner = field(default_factory=lambda: SoftSigner(1))
    provider: SoftSigner = field(default_factory=lambda: SoftSigner(2))
    scope: AccreditationScope = field(
        default_factory=lambda: AccreditationScope(
            ("qualification",), ("09",), ScopeLevel("PH-PQF", "6"), ("PH",)
        )
    )
    accredited_from: datetime = AWARDED - timedelta(days=700)
    accredited_until: datetime | None = None
    enrolled_at: datetime = AWARDED - timedelta(days=300)
    body_ended_at: datetime | None = None
    events: tuple[ExtractedEvent, ...] = ()
    issuer_keys: tuple[RegisteredKey, ...] = ()

    def unsigned(self) -> dict[str, Any]:
        """The credential before it is signed."""
        return build_credential(
            self.profile,
            copy.deepcopy(self.claims),
            credential_id="https://provider.example/credentials/1",
            issuer={"id": self.provider.did, "type": ["Profile"], "name": "Provider"},
            at=AWARDED,
        )

    def credential(self, mechanism: str = "eddsa-rdfc-2022", created: datetime = AWARDED) -> bytes:
        """The signed credential."""
        return sign(self.unsigned(), self.provider, mechanism, created)

    def accreditation(self) -> bytes:
        """The signed accreditation."""
        unsigned = build_accreditation(
            credential_id="https://registry.example/accreditations/1",
            body_did=self.body.did,
            body_name="National Body",
            provider_did=self.provider.did,
            provider_name="Provider",
            scopes=(self.scope,),
            valid_from=self.accredited_from,
            valid_until=self.accredited_until,
        )
        return sign(unsigned, self.body, created=self.accredited_from)

    def extract(self) -> RegistryExtract:
        """What the registry says about the provider."""
        return RegistryExtract(
            issuer_did=self.provider.did,
            as_of=NOW,
            issuer_name="Provider",
            keys=(KeyHistory(self.provider.did, self.issuer_keys),) if self.issuer_keys else (),
            bodies=(
                EnrolledBody(self.body.did, "National Body", "PH", self.enrolled_at, self.body_ended_at),
            ),
            accreditations=(
                ExtractedAccreditation(
                    self.accreditation(), "application/vc", self.accredited_from, self.events
                ),
            ),
        )

    def evidence(self, extract: RegistryExtract | None = None) -> Evidence:
        """The registry extract as evidence."""
        content = encode_registry_extract(extract if extract is not None else self.extract())
        return Evidence([extract_item(self.provider.did, content)])

    def verify(self, document: bytes | None = None, *, at: datetime = NOW) -> VerificationReport:
        """Verify `document`, or the world's own credential, with all evidence there is."""
        content = document if document is not None else self.credential()
        return verify(content, evidence=self.evidence(), at=at)


def extract_item(did: str, content: bytes) -> EvidenceItem:
    """A registry extract as an item of evidence."""
    reference = EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, did)
    return EvidenceItem(reference, NOW, "test registry", content=content)


def document_item(did: str, document: dict[str, Any]) -> EvidenceItem:
    """A DID document as an item of evidence."""
    reference = EvidenceReference(EvidenceKind.DID_DOCUMENT, did)
    return EvidenceItem(reference, NOW, "test host", content=json.dumps(document).encode())
