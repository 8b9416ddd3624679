"""The certificate of the verifier: from files, or, on a developer's machine, made once.

What is made for development is an authority of its own and a certificate by it, because wallets refuse one that signed
itself. It lies in the folder of the keys, so that all processes have the same one. Nobody trusts it, and nobody should.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import NameOID

from skillcred.adapters.keystore.private_folder import PrivateFolder
from skillcred.errors import ConfigurationError
from skillcred.keys.algorithms import InvalidKeyError
from skillcred.keys.private_key import PrivateKey, PrivateKeySigner
from skillcred.services.ports import Clock
from skillcred.services.presentation_ports import VerifierCertificate

MAX_FILE_BYTES: Final = 256 * 1024
"""Largest file that is read, in bytes."""
DEVELOPMENT_FILE: Final = "verifier-development.bundle"
DEVELOPMENT_VALIDITY: Final = timedelta(days=365)
_SKEW: Final = timedelta(minutes=5)


@dataclass(frozen=True)
class ConfiguredCertificate:
    """`VerifierCertificates` from two files in PEM: the chain, the leaf first, and the leaf's key in PKCS#8."""

    chain_file: Path
    key_file: Path
    clock: Clock

    def find_certificate(self) -> VerifierCertificate | None:
        """The certificate, as it was when it was first asked for. Raises `ConfigurationError`
        (`verifier_certificate_unreadable`, `verifier_certificate_unusable`)."""
        return self._certificate

    @cached_property
    def _certificate(self) -> VerifierCertificate:
        try:
            content = _read(self.chain_file), _read(self.key_file)
        except OSError as error:
            raise ConfigurationError(
                "The verifier's certificate or key cannot be read.", code="verifier_certificate_unreadable"
            ) from error
        return _load(*content, self.clock)


@dataclass(frozen=True)
class DevelopmentCertificate:
    """`VerifierCertificates` that makes what it lacks."""

    folder: Path
    base_url: str
    clock: Clock

    def find_certificate(self) -> VerifierCertificate | None:
        """The certificate for the host of `base_url`."""
        return self._certificate

    @cached_property
    def _certificate(self) -> VerifierCertificate:
        host = urlsplit(self.base_url).hostname or "localhost"
        files = PrivateFolder(self.folder)
        with files.opened(exclusive=True) as opened:
            if files.exists(opened, DEVELOPMENT_FILE):
                content = files.read(opened, DEVELOPMENT_FILE)
                found = _load(content, content, self.clock, strict=False)
                if host in found.dns_names:
                    return found
                files.remove(opened, DEVELOPMENT_FILE)
            content = _make(host, self.clock)
            files.write(opened, DEVELOPMENT_FILE, content)
        return _load(content, content, self.clock, strict=False)


@dataclass(frozen=True, slots=True)
class NoCertificate:
    """`VerifierCertificates` of a deployment that has none."""

    def find_certificate(self) -> VerifierCertificate | None:
        """None."""
        return None


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES)


def _load(chain: bytes, key: bytes, clock: Clock, *, strict: bool = True) -> VerifierCertificate:
    try:
        certificates = x509.load_pem_x509_certificates(chain)
        private = serialization.load_pem_private_key(key, password=None)
        pkcs8 = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signing_key = PrivateKey.from_pkcs8(pkcs8)
        names = _dns_names(certificates[0])
    except (ValueError, TypeError, IndexError, InvalidKeyError) as error:
        raise _unusable("The verifier's certificate or key is no PEM of its kind.") from error
    leaf = certificates[0]
    if leaf.public_key() != private.public_key():
        raise _unusable("The verifier's key is not that of the certificate.")
    if strict and not leaf.not_valid_before_utc <= clock.now() < leaf.not_valid_after_utc:
        raise _unusable("The verifier's certificate is not valid now.")
    if strict and leaf.issuer == leaf.subject:
        raise _unusable("The verifier's certificate is signed by itself, which wallets refuse.")
    sent = [each for each in certificates if each.issuer != each.subject]
    return VerifierCertificate(
        tuple(each.public_bytes(serialization.Encoding.DER) for each in sent),
        names,
        PrivateKeySigner("", signing_key),
    )


def _dns_names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(extension.value.get_values_for_type(x509.DNSName))


def _make(host: str, clock: Clock) -> bytes:
    """Certificate and key as PEM, one after the other. The authority's key is thrown away."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "skillcred development, not trusted")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "skillcred verifier, development")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + DEVELOPMENT_VALIDITY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + _pem(key)


def _pem(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _unusable(message: str) -> ConfigurationError:
    return ConfigurationError(message, code="verifier_certificate_unusable")
