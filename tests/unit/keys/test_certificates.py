"""Certificates: only a path to an anchor makes one count (SECURITY J-07; RFC 5280)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from skillcred.keys.algorithms import Algorithm, InvalidKeyError
from skillcred.keys.certificates import (
    MAX_CHAIN,
    CertificateError,
    CertifiedKey,
    TrustAnchors,
    parse_certificate_chain,
    parse_trust_anchors,
    verify_certificate_chain,
)
from worlds.certificates import (
    AUTHORITY,
    CERTIFIED,
    CERTIFYING,
    ENCRYPTING,
    HOST,
    ISSUER,
    OTHER_ROOT,
    ROOT,
    Certified,
    certify,
    certify_authority,
    crl_address,
    encode,
    new_key,
    ocsp_address,
)
from worlds.pure_world import NOW

DAY = timedelta(days=1)


def check(
    leaf: Certified,
    anchor: Certified = ROOT,
    *,
    at: datetime = NOW,
    chain: tuple[x509.Certificate, ...] | None = None,
) -> CertifiedKey:
    return verify_certificate_chain(chain or leaf.chain, TrustAnchors((anchor.certificate,)), at)


def refused(leaf: Certified, anchor: Certified = ROOT, **options: Any) -> str:
    with pytest.raises(CertificateError) as error:
        check(leaf, anchor, **options)
    return error.value.code


def test_a_chain_to_an_anchor() -> None:
    found = check(CERTIFIED)
    assert found == CertifiedKey(CERTIFIED.public_key, (), (HOST,))
    assert check(CERTIFIED, AUTHORITY) == found, "an authority between may be the anchor"
    with_root = (*CERTIFIED.chain, ROOT.certificate)
    assert check(CERTIFIED, chain=with_root) == found, "the anchor itself may be sent, too"


def test_a_pinned_certificate_is_its_own_anchor() -> None:
    own = certify(None, "Alone")
    assert check(own, own, chain=(own.certificate,)).dns_names == (HOST,)
    assert refused(own, chain=(own.certificate,)) == "certificate_not_trusted"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (Ed25519PrivateKey.generate(), Algorithm.ED25519),
        (new_key(), Algorithm.P256),
        (ec.generate_private_key(ec.SECP384R1()), Algorithm.P384),
        (ec.generate_private_key(ec.SECP521R1()), Algorithm.P521),
    ],
)
def test_the_kinds_of_keys(key: Any, algorithm: Algorithm) -> None:
    leaf = certify(AUTHORITY, "Issuer", key=key)
    assert check(leaf).public_key == leaf.public_key
    assert check(leaf).public_key.algorithm is algorithm


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP256K1()), rsa.generate_private_key(65537, 2048)]
)
def test_keys_of_other_kinds_are_not_known(key: Any) -> None:
    with pytest.raises(InvalidKeyError) as error:
        check(certify(AUTHORITY, "Issuer", key=key))
    assert error.value.code == "unsupported_key_type"


def test_no_path() -> None:
    assert refused(CERTIFIED, OTHER_ROOT) == "certificate_not_trusted"
    assert refused(CERTIFIED, chain=CERTIFIED.chain[:1]) == "certificate_not_trusted"
    namesake = certify_authority(None, "Root of Portugal")
    assert refused(CERTIFIED, namesake) == "certificate_not_trusted", "a name alone is nothing"


def test_a_certificate_that_nobody_signed() -> None:
    """The last byte of the signature is another one."""
    der = bytearray(CERTIFIED.certificate.public_bytes(Encoding.DER))
    der[-1] ^= 1
    forged = (x509.load_der_x509_certificate(bytes(der)), *CERTIFIED.chain[1:])
    assert refused(CERTIFIED, chain=forged) == "certificate_not_trusted"


def test_who_is_no_authority_certifies_nobody() -> None:
    for options in (
        {"authority": False},
        {"authority": None},
        {"authority": True, "usage": None},
        {"authority": True},
    ):
        between = certify(ROOT, "Not an authority", **options)
        assert refused(certify(between, "Issuer")) == "certificate_not_trusted", options
    deeper = certify_authority(AUTHORITY, "One too deep")
    assert refused(certify(deeper, "Issuer")) == "certificate_not_trusted"


def test_names_that_the_authority_may_not_give() -> None:
    elsewhere = x509.NameConstraints([x509.DNSName("other.example")], None)
    bound = certify_authority(ROOT, "For others", extensions=((elsewhere, True),))
    assert refused(certify(bound, "Issuer")) == "certificate_not_trusted"
    assert check(certify(bound, "Issuer", names=(x509.DNSName("a.other.example"),)))


def test_what_is_not_for_signing() -> None:
    leaf = certify(AUTHORITY, "Issuer", usage=ENCRYPTING)
    assert refused(leaf) == "certificate_not_for_signing"
    authority = certify_authority(ROOT, "Issuer", names=(x509.DNSName(HOST),))
    assert refused(authority) == "certificate_not_for_signing"
    assert refused(certify(AUTHORITY, "Issuer", usage=CERTIFYING)) == "certificate_not_for_signing"
    assert check(certify(AUTHORITY, "Issuer", usage=None, authority=None)), (
        "what says nothing forbids nothing"
    )


def test_critical_extensions_that_nobody_knows() -> None:
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    assert refused(certify(AUTHORITY, "Issuer", extensions=((unknown, True),))) == "certificate_not_trusted"
    assert check(certify(AUTHORITY, "Issuer", extensions=((unknown, False),)))


def test_periods_are_those_of_all_certificates() -> None:
    edge = CERTIFIED.certificate.not_valid_after_utc
    assert check(CERTIFIED, at=edge)
    assert refused(CERTIFIED, at=edge + timedelta(seconds=1)) == "certificate_expired"
    begin = CERTIFIED.certificate.not_valid_before_utc
    assert refused(CERTIFIED, at=begin - timedelta(seconds=1)) == "certificate_not_yet_valid"
    short = certify_authority(ROOT, "Short", end=NOW - DAY)
    assert refused(certify(short, "Issuer")) == "certificate_expired"
    ended = certify_authority(None, "Ended root", end=NOW - DAY)
    assert refused(certify(ended, "Issuer"), ended) == "certificate_not_trusted"


@pytest.mark.parametrize("address", [crl_address(), ocsp_address()])
def test_what_may_be_revoked_is_not_relied_on(address: tuple[x509.ExtensionType, bool]) -> None:
    assert refused(certify(AUTHORITY, "Issuer", extensions=(address,))) == "certificate_revocation_unknown"
    between = certify_authority(ROOT, "Revocable", extensions=(address,))
    assert refused(certify(between, "Issuer")) == "certificate_revocation_unknown"
    anchor = certify_authority(None, "Root", extensions=(address,))
    assert check(certify(anchor, "Issuer"), anchor), "whether an anchor is still trusted, who trusts it says"


def test_whom_a_certificate_is_for() -> None:
    both = (x509.UniformResourceIdentifier(ISSUER), x509.DNSName(HOST), x509.RFC822Name("a@b.example"))
    found = check(certify(AUTHORITY, "Issuer", names=both))
    assert (found.uris, found.dns_names) == ((ISSUER,), (HOST,))
    assert refused(certify(AUTHORITY, "Issuer", names=None)) == "certificate_not_trusted"
    many = tuple(x509.DNSName(f"n{number}.example") for number in range(65))
    assert refused(certify(AUTHORITY, "Issuer", names=many)) == "malformed_certificate"


def test_the_order_is_that_of_certifying() -> None:
    """RFC 7515 section 4.1.6; what else is in the list has no place there."""
    stray = certify_authority(ROOT, "Stray")
    leaf, between = CERTIFIED.chain
    for chain in (
        (leaf, stray.certificate, between),
        (leaf, ROOT.certificate, between),
        (leaf, leaf, between),
    ):
        assert refused(CERTIFIED, chain=chain) == "malformed_certificate"


def test_reading_the_header_member() -> None:
    assert parse_certificate_chain(list(CERTIFIED.x5c)) == CERTIFIED.chain
    good = CERTIFIED.x5c[0]
    one = encode(CERTIFIED.certificate)
    unpadded = one.rstrip("=")
    bad: list[Any] = [
        None,
        [],
        {},
        good,
        [None],
        [1],
        [""],
        ["MIIB"],
        ["é"],
        [good + "\n"],
        [good[:-4]],
        [good + "AAAA"],
        [good] * (MAX_CHAIN + 1),
        [CERTIFIED.pem.decode()],
    ]
    if unpadded != one:
        bad.append([unpadded])
    for value in bad:
        with pytest.raises(CertificateError):
            parse_certificate_chain(value)


def test_reading_anchors() -> None:
    content = b"Portugal\n" + ROOT.pem + b"# another\n" + OTHER_ROOT.pem
    assert parse_trust_anchors(content).certificates == (ROOT.certificate, OTHER_ROOT.certificate)
    for bad in (b"", b"no certificate", ROOT.pem[:-40], ROOT.pem * 600, b" " * 3_000_000):
        with pytest.raises(CertificateError) as error:
            parse_trust_anchors(bad)
        assert error.value.code == "invalid_trust_anchors"
