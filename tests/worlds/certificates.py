"""Authorities and issuers with X.509 certificates, made anew for each test run, and what they sign."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey
from skillcred.model.outcomes import EvidenceReference
from skillcred.securing import ISSUER_ANCHORS
from skillcred.verification import EvidenceItem
from worlds.pure_world import NOW

HOST: Final = "issuer.example"
ISSUER: Final = f"https://{HOST}/skills"
SIGNING: Final = "signing"
CERTIFYING: Final = "certifying"
ENCRYPTING: Final = "encrypting"
_USAGE: Final = {SIGNING: {"digital_signature"}, CERTIFYING: {"key_cert_sign"}, ENCRYPTING: {"key_agreement"}}
_FLAGS: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
AnyKey = ec.EllipticCurvePrivateKey | Ed25519PrivateKey | rsa.RSAPrivateKey


class Certified:
    """A key with its certificate, and all certificates between it and the root, itself first and without the root."""

    def __init__(
        self, key: AnyKey, certificate: x509.Certificate, chain: tuple[x509.Certificate, ...]
    ) -> None:
        self.key = key
        self.certificate = certificate
        self.chain = chain

    @property
    def x5c(self) -> list[str]:
        return [encode(certificate) for certificate in self.chain]

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def verification_method(self) -> None:
        """None of those that others know a key by."""
        return None

    @property
    def public_key(self) -> PublicKey:
        return PrivateKey(self._signing_key()).public_key

    def sign(self, message: bytes) -> bytes:
        return PrivateKey(self._signing_key()).sign(message)

    def _signing_key(self) -> Any:
        return self.key


def encode(certificate: x509.Certificate) -> str:
    """A certificate as it stands in `x5c`."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certify(
    by: Certified | None,
    name: str,
    *,
    key: AnyKey | None = None,
    usage: str | None = SIGNING,
    authority: bool | None = False,
    path_length: int | None = None,
    names: tuple[x509.GeneralName, ...] | None = (x509.DNSName(HOST),),
    begin: datetime = NOW - timedelta(days=30),
    end: datetime = NOW + timedelta(days=30),
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
) -> Certified:
    """A key that `by` certified, or that certified itself."""
    key = key or new_key()
    signer = key if by is None else by.key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if authority is not None:
        builder = builder.add_extension(x509.BasicConstraints(authority, path_length), critical=True)
    if usage is not None:
        flags = {flag: flag in _USAGE[usage] for flag in _FLAGS}
        builder = builder.add_extension(x509.KeyUsage(**flags), critical=True)
    if names is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(signer, None if isinstance(signer, Ed25519PrivateKey) else hashes.SHA256())
    return Certified(key, certificate, () if by is None else (certificate, *by.chain))


def certify_authority(by: Certified | None, name: str, **options: Any) -> Certified:
    """An authority under `by`, or a root."""
    return certify(by, name, **({"usage": CERTIFYING, "authority": True, "names": None} | options))


ROOT: Final = certify_authority(None, "Root of Portugal")
AUTHORITY: Final = certify_authority(ROOT, "Authority for skills", path_length=0)
OTHER_ROOT: Final = certify_authority(None, "Root of nowhere")
CERTIFIED: Final = certify(AUTHORITY, "Issuer of skills")


def crl_address() -> tuple[x509.ExtensionType, bool]:
    """The extension that tells where revocations are published."""
    where = x509.UniformResourceIdentifier("http://crl.example/1.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)]), False


def ocsp_address() -> tuple[x509.ExtensionType, bool]:
    """The extension that tells whom to ask about revocation."""
    where = x509.UniformResourceIdentifier("http://ocsp.example/")
    access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)
    return x509.AuthorityInformationAccess([access]), False


def anchors_item(
    *anchors: Certified, unavailable: str | None = None, reference: EvidenceReference = ISSUER_ANCHORS
) -> EvidenceItem:
    """Trust anchors as evidence."""
    content = None if unavailable else b"".join(anchor.pem for anchor in anchors)
    return EvidenceItem(reference, NOW, "test", content, unavailable)


class Requested:
    """The key of a request for a certificate, of which only the public part is at hand."""

    def __init__(self, request: bytes) -> None:
        self._request = x509.load_pem_x509_csr(request)

    def public_key(self) -> Any:
        return self._request.public_key()

    def answer(self, by: Certified, at: datetime, **options: Any) -> bytes:
        """The chain that `by` gives, in PEM, with the names that were asked for, good for thirty days around `at`."""
        names = self._request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        asked = {"names": tuple(names), "begin": at - timedelta(days=30), "end": at + timedelta(days=30)}
        made = certify(by, "Answer", **{"key": self, **asked, **options})
        return b"".join(each.public_bytes(Encoding.PEM) for each in made.chain)
