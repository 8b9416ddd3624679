"""Certificates for a key of one's own: the request for one (PKCS #10), and what came back.

Whether anybody trusts the authority is for those who verify; here it is seen to that what goes into `x5c` is for this
key and for this issuer, so that no wallet refuses it for what could have been noticed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from skillcred.errors import InputError
from skillcred.keys.algorithms import CURVES, Algorithm
from skillcred.keys.certificates import (
    MAX_ANCHOR_BYTES,
    MAX_CHAIN,
    CertificateError,
    alternative_names,
    check_leaf,
    public_key_of,
)
from skillcred.keys.public_key import PublicKey

_SIGNATURES: Final = {
    Algorithm.P256: bytes.fromhex("300a06082a8648ce3d040302"),
    Algorithm.P384: bytes.fromhex("300a06082a8648ce3d040303"),
    Algorithm.ED25519: bytes.fromhex("300506032b6570"),
}
"""AlgorithmIdentifier in DER of the signature of each kind of key (RFC 5758 section 3.2, RFC 8410 section 3)."""
_EXTENSION_REQUEST: Final = bytes.fromhex("06092a864886f70d01090e")
_SUBJECT_ALTERNATIVE_NAME: Final = bytes.fromhex("0603551d11")
_VERSION: Final = bytes.fromhex("020100")
_SEQUENCE, _SET, _OCTETS, _BITS, _ATTRIBUTES = 0x30, 0x31, 0x04, 0x03, 0xA0
MAX_COMMON_NAME: Final = 64
"""Longest common name, in bytes of UTF-8 (RFC 5280 appendix A.1, ub-common-name, counts characters)."""


class KeyCertificateError(InputError):
    """The certificates are not ones for this key and issuer.

    Codes: `certificate_for_another_key`, `certificate_for_another_issuer`, `certificate_self_signed`,
    `certificate_key_not_supported`.
    """

    default_code = "certificate_for_another_key"


def build_certificate_request(
    public_key: PublicKey, sign: Callable[[bytes], bytes], *, issuer: str, name: str
) -> bytes:
    """A request in PEM (RFC 2986) for a certificate of `public_key` with the address `issuer`, and its host, in
    subjectAltName. `sign` gives raw signatures. Raises `KeyCertificateError` (`certificate_key_not_supported`)."""
    identifier = _SIGNATURES.get(public_key.algorithm)
    if identifier is None:
        raise KeyCertificateError(
            "Certificates are not made for keys of this kind.", code="certificate_key_not_supported"
        )
    common_name = name.encode("utf-8")[:MAX_COMMON_NAME].decode("utf-8", "ignore")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    host = _host_of(issuer)
    names = x509.SubjectAlternativeName(
        [x509.UniformResourceIdentifier(issuer), *([x509.DNSName(host)] if _is_name(host) else [])]
    ).public_bytes()
    extension = _tlv(_SEQUENCE, _SUBJECT_ALTERNATIVE_NAME + _tlv(_OCTETS, names))
    attribute = _tlv(_SEQUENCE, _EXTENSION_REQUEST + _tlv(_SET, _tlv(_SEQUENCE, extension)))
    info = _tlv(
        _SEQUENCE,
        _VERSION + subject.public_bytes() + _encode_key(public_key) + _tlv(_ATTRIBUTES, attribute),
    )
    signature = sign(info)
    if public_key.algorithm is not Algorithm.ED25519:
        half = len(signature) // 2
        signature = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    request = _tlv(_SEQUENCE, info + identifier + _tlv(_BITS, b"\0" + signature))
    return x509.load_der_x509_csr(request).public_bytes(Encoding.PEM)


def read_own_chain(content: bytes, public_key: PublicKey, *, issuer: str, at: datetime) -> bytes:
    """The certificates in `content`, PEM with that of `public_key` first, as they are kept: in PEM, without a root at
    the end, which nobody takes from a token (OpenID4VC HAIP 1.0 section 6.1.1).

    Each must certify the one before it, the first must name the address `issuer` or its host, and all must be valid at
    `at`. Raises `KeyCertificateError` and `CertificateError`.
    """
    if len(content) > MAX_ANCHOR_BYTES:
        raise CertificateError("There are too many certificates.")
    chain = _parse_pem(content)
    try:
        for issued, by in pairwise(chain):
            issued.verify_directly_issued_by(by)
        check_leaf(chain[0])
        key, (uris, dns_names) = public_key_of(chain[0]), alternative_names(chain[0])
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm) as error:
        raise CertificateError("The certificates do not certify one another in their order.") from error
    if key != public_key:
        raise KeyCertificateError("The first certificate is for another key.")
    if issuer not in uris and _host_of(issuer) not in dns_names:
        raise KeyCertificateError(
            f"The first certificate names neither {issuer} nor its host in subjectAltName.",
            code="certificate_for_another_issuer",
        )
    if len(chain) > 1 and _is_root(chain[-1]):
        chain = chain[:-1]
    if _is_root(chain[0]):
        raise KeyCertificateError("The key certifies itself.", code="certificate_self_signed")
    if len(chain) > MAX_CHAIN:
        raise CertificateError(f"There are more than {MAX_CHAIN} certificates.")
    if not _all_valid(chain, at):
        raise CertificateError("A certificate is not valid now.", code="certificate_expired")
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in chain)


def build_x5c(kept: bytes, at: datetime) -> tuple[str, ...]:
    """The header member `x5c` (RFC 7515 section 4.1.6) of certificates as `read_own_chain` gave them; empty where one
    of them is not valid at `at`: a wallet would refuse what it could believe by the DID alone."""
    chain = _parse_pem(kept)
    if not _all_valid(chain, at):
        return ()
    return tuple(
        base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii") for certificate in chain
    )


def _parse_pem(content: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError as error:
        raise CertificateError("The file has no certificates in PEM.") from error


def _encode_key(public_key: PublicKey) -> bytes:
    """SubjectPublicKeyInfo in DER."""
    if public_key.algorithm is Algorithm.ED25519:
        key = Ed25519PublicKey.from_public_bytes(public_key.key_bytes)
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    point = ec.EllipticCurvePublicKey.from_encoded_point(
        CURVES[public_key.algorithm].curve, public_key.key_bytes
    )
    return point.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _host_of(address: str) -> str:
    return urlsplit(address).hostname or ""


def _is_name(host: str) -> bool:
    """Whether a host is a DNS name, and no number of a development machine."""
    return not host.replace(".", "").isdigit()


def _is_root(certificate: x509.Certificate) -> bool:
    return certificate.subject == certificate.issuer


def _all_valid(chain: list[x509.Certificate], at: datetime) -> bool:
    return all(each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in chain)


def _tlv(tag: int, content: bytes) -> bytes:
    """A value in DER (X.690 section 8.1)."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag, 0x80 | len(length))) + length + content
