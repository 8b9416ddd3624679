"""Whose key signed something for a wallet: DIDs and certificates, and whether they belong to an issuer's address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from skillcred.exchange.holder.addresses import host_of, origin_of
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.identifiers import (
    ControlledIdentifierDocument,
    DidDocumentError,
    DidError,
    derive_document,
    did_of,
    parse_controlled_identifier_document,
)
from skillcred.keys.certificates import (
    CertificateError,
    parse_certificate_chain,
    verify_certificate_chain,
)
from skillcred.keys.public_key import InvalidKeyError, PublicKey
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.securing.jose.envelope import CompactJws
from skillcred.services.ports import Clock, EvidenceSource
from skillcred.services.wallet_ports import WalletTrust


@dataclass(frozen=True, slots=True)
class WalletIdentities:
    """Finds keys. `did_documents` fetches what does not follow from the DID itself."""

    clock: Clock
    did_documents: EvidenceSource
    trust: WalletTrust

    def resolve(self, did: str) -> ControlledIdentifierDocument:
        """The document of `did`. Raises `WalletMessageError` (`verifier_not_proven`) where there is none."""
        try:
            derived = derive_document(did)
            if derived is not None:
                return derived
            reference = EvidenceReference(EvidenceKind.DID_DOCUMENT, did)
            item = self.did_documents.fetch_evidence(reference, at=self.clock.now())
            if item.content is None:
                raise WalletMessageError(
                    f"The document of the DID cannot be had ({item.unavailable}).", code="verifier_not_proven"
                )
            return parse_controlled_identifier_document(item.content, expected_id=did)
        except (DidError, DidDocumentError) as error:
            raise WalletMessageError(
                "The DID or its document cannot be used.", code="verifier_not_proven"
            ) from error

    def signer_of_metadata(self, jws: CompactJws, credential_issuer: str) -> PublicKey:
        """The key of signed metadata, if it belongs to the host of the issuer: by a certificate for that host, or by a
        did:web on it. The specification leaves open how a wallet comes to trust (OID4VCI 1.0 section 12.2.3).

        Raises `WalletMessageError` (`signed_metadata_not_trusted`).
        """
        try:
            if "x5c" in jws.header:
                if self.trust.anchors is None:
                    raise _not_trusted()
                chain = parse_certificate_chain(jws.header["x5c"])
                certified = verify_certificate_chain(chain, self.trust.anchors, self.clock.now())
                if host_of(credential_issuer) not in {name.lower() for name in certified.dns_names}:
                    raise _not_trusted()
                return certified.public_key
            did = did_of(jws.key_id or "")
            if _host_of_did_web(did) != origin_of(credential_issuer).partition("://")[2]:
                raise _not_trusted()
            document = self.resolve(did)
            return document.get_verification_method(
                jws.key_id or "", relationship="assertionMethod"
            ).public_key
        except (DidError, DidDocumentError, CertificateError, InvalidKeyError, WalletMessageError) as error:
            raise _not_trusted() from error


def _host_of_did_web(did: str) -> str:
    """Host and port of a did:web; empty for another DID."""
    return unquote(did.removeprefix("did:web:").partition(":")[0]) if did.startswith("did:web:") else ""


def _not_trusted() -> WalletMessageError:
    return WalletMessageError(
        "Nothing shows that the signed metadata are by this issuer.", code="signed_metadata_not_trusted"
    )
