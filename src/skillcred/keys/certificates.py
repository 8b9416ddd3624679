"""Keys in X.509 certificates (RFC 5280), and the anchors that somebody has decided to trust.

A certificate tells whose a key is only by a path to an anchor that the verifier was given; without one it says nothing
(SECURITY J-07). Paths are built by the library, which checks signatures, basic constraints, key usage, name
constraints, path lengths and critical extensions. Nothing is fetched: neither missing certificates nor revocations.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from skillcred.encoding.json_types import JsonValue
from skillcred.errors import InputError
from skillcred.keys.algorithms import CURVES, Algorithm, InvalidKeyError
from skillcred.keys.public_key import PublicKey

MAX_CHAIN: Final = 5
"""Most certificates in one token: a leaf, and what leads to an anchor."""
MAX_ANCHORS: Final = 512
"""Most anchors in one set."""
MAX_ANCHOR_BYTES: Final = 2 * 1024 * 1024
"""Largest set of anchors, in bytes of PEM."""
MAX_NAMES: Final = 64
"""Most alternative names of one certificate that are looked at."""
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)
_REVOCATION: Final = (ExtensionOID.CRL_DISTRIBUTION_POINTS, ExtensionOID.FRESHEST_CRL)


class CertificateError(InputError):
    """The certificates do not show whose the key is.

    Of the certificates themselves: `malformed_certificate`, `certificate_not_for_signing`. Of what is known about them:
    `certificate_not_trusted` (no path to an anchor), `certificate_expired`, `certificate_not_yet_valid`,
    `certificate_revocation_unknown`. Of anchors: `invalid_trust_anchors`.
    """

    default_code = "malformed_certificate"


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Certificates that are trusted because the verifier says so. There is at least one."""

    certificates: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """The key of a certificate that an anchor vouches for, and the names that it is for, each exactly as it stands
    there: `uris` and `dns_names` of its subjectAltName."""

    public_key: PublicKey
    uris: tuple[str, ...]
    dns_names: tuple[str, ...]


@lru_cache(maxsize=8)
def parse_trust_anchors(content: bytes) -> TrustAnchors:
    """The anchors in `content`, certificates in PEM one after the other; what stands between them is passed over, as
    is usual. Raises `CertificateError` (`invalid_trust_anchors`)."""
    if len(content) > MAX_ANCHOR_BYTES:
        raise CertificateError("There are too many trust anchors.", code="invalid_trust_anchors")
    try:
        certificates = tuple(x509.load_pem_x509_certificates(content))
    except ValueError as error:
        raise CertificateError(
            "The trust anchors are not certificates in PEM.", code="invalid_trust_anchors"
        ) from error
    if len(certificates) > MAX_ANCHORS:
        raise CertificateError("There are too many trust anchors.", code="invalid_trust_anchors")
    return TrustAnchors(certificates)


def parse_certificate_chain(value: JsonValue) -> tuple[x509.Certificate, ...]:
    """The certificates in the header member `x5c` (RFC 7515 section 4.1.6): DER in base64 with padding, the key's own
    first. Raises `CertificateError`."""
    if not isinstance(value, list) or not value:
        raise CertificateError("The certificates are no list.")
    if len(value) > MAX_CHAIN:
        raise CertificateError(f"There are more than {MAX_CHAIN} certificates.")
    return tuple(_parse_certificate(item) for item in value)


def verify_certificate_chain(
    chain: tuple[x509.Certificate, ...], anchors: TrustAnchors, at: datetime, *, named: bool = True
) -> CertifiedKey:
    """The key of `chain[0]`, if each certificate certifies the one before it and the last leads to an anchor, all valid
    at `at`. It must say whom it is for (subjectAltName), unless it need not be `named`: then nothing is compared.

    A certificate that says where its revocation can be read is not relied on, because nobody has read it
    (`certificate_revocation_unknown`). Raises `CertificateError` and, for a key of a type that we do not know,
    `InvalidKeyError`.
    """
    leaf = chain[0]
    try:
        check_leaf(leaf)
        _check_periods(chain, at)
        path = _build_path(chain, anchors, at, named=named)
        if any(_names_revocation(certificate) for certificate in path[:-1]):
            raise CertificateError(
                "A certificate may have been revoked, which was not looked up.",
                code="certificate_revocation_unknown",
            )
        uris, dns_names = alternative_names(leaf) if named else ((), ())
    except ValueError as error:  # of extensions that are parsed when they are looked at
        raise CertificateError("A certificate has a malformed extension.") from error
    return CertifiedKey(public_key_of(leaf), uris, dns_names)


def _parse_certificate(value: JsonValue) -> x509.Certificate:
    if not isinstance(value, str):
        raise CertificateError("A certificate is not text.")
    try:
        der = base64.b64decode(value.encode("ascii"), validate=True)
        certificate = x509.load_der_x509_certificate(der)
        exact = base64.b64encode(der).decode("ascii") == value
        same = certificate.public_bytes(Encoding.DER) == der
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise CertificateError("A certificate is not one in base64.") from error
    if not exact or not same:
        raise CertificateError("A certificate is not one in base64.")
    return certificate


def check_leaf(leaf: x509.Certificate) -> None:
    """An authority's certificate signs certificates, and one for encryption signs nothing (RFC 5280 section 4.2.1).

    Raises `CertificateError` (`certificate_not_for_signing`)."""
    constraints = _extension(leaf, x509.BasicConstraints)
    usage = _extension(leaf, x509.KeyUsage)
    if (constraints is not None and constraints.ca) or (usage is not None and not usage.digital_signature):
        raise CertificateError(
            "The certificate is not for signing documents.", code="certificate_not_for_signing"
        )


def _check_periods(chain: tuple[x509.Certificate, ...], at: datetime) -> None:
    for certificate in chain:
        if certificate.not_valid_after_utc < at:
            raise CertificateError("A certificate has expired.", code="certificate_expired")
        if certificate.not_valid_before_utc > at:
            raise CertificateError("A certificate is not valid yet.", code="certificate_not_yet_valid")


def _build_path(
    chain: tuple[x509.Certificate, ...], anchors: TrustAnchors, at: datetime, *, named: bool
) -> list[x509.Certificate]:
    """The path from the leaf to an anchor, both included."""
    leaf_policy = ExtensionPolicy.permit_all()
    if named:
        leaf_policy = leaf_policy.require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    policy = (
        PolicyBuilder()
        .store(Store(list(anchors.certificates)))
        .time(at)
        .max_chain_depth(MAX_CHAIN)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaf_policy)
    )
    try:
        path = policy.build_client_verifier().verify(chain[0], list(chain[1:])).chain
    except VerificationError as error:
        raise CertificateError(
            "The certificate does not lead to a trusted authority.", code="certificate_not_trusted"
        ) from error
    if path[: len(chain)] != list(chain[: len(path)]):
        raise CertificateError("The certificates do not certify one another in their order.")
    return path


def _names_revocation(certificate: x509.Certificate) -> bool:
    present = {extension.oid for extension in certificate.extensions}
    access = _extension(certificate, x509.AuthorityInformationAccess)
    asked = access is not None and any(
        item.access_method == AuthorityInformationAccessOID.OCSP for item in access
    )
    return asked or not present.isdisjoint(_REVOCATION)


def alternative_names(leaf: x509.Certificate) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The URIs and the DNS names of subjectAltName. Raises `CertificateError`."""
    names = _extension(leaf, x509.SubjectAlternativeName)
    if names is None or len(list(names)) > MAX_NAMES:
        raise CertificateError("The certificate does not say whom it is for.")
    return (
        tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
        tuple(names.get_values_for_type(x509.DNSName)),
    )


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def public_key_of(leaf: x509.Certificate) -> PublicKey:
    """The key that a certificate is for. Raises `InvalidKeyError`."""
    try:
        key = leaf.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        raise _unsupported_key() from error
    if isinstance(key, Ed25519PublicKey):
        return PublicKey(Algorithm.ED25519, key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    if isinstance(key, ec.EllipticCurvePublicKey):
        for algorithm, traits in CURVES.items():
            if traits.curve.name == key.curve.name:
                point = key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
                return PublicKey(algorithm, point)
    raise _unsupported_key()


def _unsupported_key() -> InvalidKeyError:
    return InvalidKeyError("Keys of this type are not supported.", code="unsupported_key_type")
