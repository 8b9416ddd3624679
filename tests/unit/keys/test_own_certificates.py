"""Certificates for our own keys: the request that authorities read, and which answers are taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skillcred.errors import InputError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.certificates import TrustAnchors, parse_certificate_chain, verify_certificate_chain
from skillcred.keys.own_certificates import build_certificate_request, build_x5c, read_own_chain
from skillcred.keys.private_key import PrivateKey
from worlds.certificates import (
    AUTHORITY,
    ENCRYPTING,
    OTHER_ROOT,
    ROOT,
    Certified,
    certify,
    certify_authority,
    new_key,
)
from worlds.pure_world import NOW, SoftSigner

ADDRESS = "https://school.example/issuers/one"
NAMED = (x509.UniformResourceIdentifier(ADDRESS),)
BY_HOST = (x509.DNSName("school.example"),)
KEYS = (new_key(), ec.generate_private_key(ec.SECP384R1()), Ed25519PrivateKey.generate())


@pytest.mark.parametrize("key", KEYS, ids=["P-256", "P-384", "Ed25519"])
def test_an_authority_reads_the_request(key) -> None:
    own = PrivateKey(key)
    pem = build_certificate_request(own.public_key, own.sign, issuer=ADDRESS, name="Écoles " + "x" * 80)
    request = x509.load_pem_x509_csr(pem)
    assert request.is_signature_valid
    assert request.public_key() == key.public_key()
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [ADDRESS]
    assert names.get_values_for_type(x509.DNSName) == ["school.example"]
    [common_name] = request.subject
    assert len(str(common_name.value).encode()) == 64


def test_keys_that_nobody_certifies() -> None:
    signer = SoftSigner(1, Algorithm.BLS12381G2)
    with pytest.raises(InputError) as error:
        build_certificate_request(signer.public_key, signer.sign, issuer=ADDRESS, name="School")
    assert error.value.code == "certificate_key_not_supported"


def pem(*certified: Certified) -> bytes:
    return b"".join(each.pem for each in certified)


def test_a_chain_is_kept_without_its_root_and_verifies() -> None:
    leaf = certify(AUTHORITY, "School", names=NAMED)
    for given in (pem(leaf, AUTHORITY, ROOT), pem(leaf, AUTHORITY), pem(leaf)):
        kept = read_own_chain(given, leaf.public_key, issuer=ADDRESS, at=NOW)
        assert kept == (pem(leaf) if given == pem(leaf) else pem(leaf, AUTHORITY))
    x5c = build_x5c(pem(leaf, AUTHORITY), NOW)
    assert list(x5c) == leaf.x5c
    certified = verify_certificate_chain(
        parse_certificate_chain(list(x5c)), TrustAnchors((ROOT.certificate,)), NOW
    )
    assert (certified.public_key, certified.uris) == (leaf.public_key, (ADDRESS,))


def test_the_host_of_the_issuer_is_name_enough() -> None:
    leaf = certify(AUTHORITY, "School", names=BY_HOST)
    assert read_own_chain(pem(leaf), leaf.public_key, issuer=ADDRESS, at=NOW) == pem(leaf)


def test_what_has_ended_is_left_out_of_the_header() -> None:
    leaf = certify(AUTHORITY, "School", names=NAMED)
    assert build_x5c(pem(leaf, AUTHORITY), NOW + timedelta(days=31)) == ()
    assert build_x5c(pem(leaf, AUTHORITY), NOW - timedelta(days=31)) == ()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (lambda key: pem(certify(AUTHORITY, "S", names=NAMED), AUTHORITY), "certificate_for_another_key"),
        (lambda key: pem(certify(AUTHORITY, "S", key=key), AUTHORITY), "certificate_for_another_issuer"),
        (
            lambda key: pem(certify(AUTHORITY, "S", key=key, names=None)),
            "malformed_certificate",
        ),
        (
            lambda key: pem(certify(AUTHORITY, "S", key=key, names=(x509.UniformResourceIdentifier(ADDRESS + "/x"),))),
            "certificate_for_another_issuer",
        ),
        (lambda key: pem(certify(None, "S", key=key, names=NAMED)), "certificate_self_signed"),
        (lambda key: pem(certify(AUTHORITY, "S", key=key, names=NAMED), OTHER_ROOT), "malformed_certificate"),
        (lambda key: pem(certify(AUTHORITY, "S", key=key, names=NAMED), ROOT, AUTHORITY), "malformed_certificate"),
        (
            lambda key: pem(certify(AUTHORITY, "S", key=key, names=NAMED, end=NOW - timedelta(days=1))),
            "certificate_expired",
        ),
        (
            lambda key: pem(certify(AUTHORITY, "S", key=key, names=NAMED, usage=ENCRYPTING)),
            "certificate_not_for_signing",
        ),
        (
            lambda key: pem(certify_authority(AUTHORITY, "S", key=key, names=NAMED)),
            "certificate_not_for_signing",
        ),
        (lambda key: b"no certificate", "malformed_certificate"),
        (lambda key: b"", "malformed_certificate"),
    ],
)  # fmt: skip
def test_what_no_wallet_would_take_is_refused(given, code: str) -> None:
    key = new_key()
    with pytest.raises(InputError) as error:
        read_own_chain(given(key), PrivateKey(key).public_key, issuer=ADDRESS, at=NOW)
    assert error.value.code == code
