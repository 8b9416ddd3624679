"""Signature and key vectors of others, through our own entry points.

Where the vectors leave the answer open (Ed25519 points with a component of small order) ours is: such keys
are refused when they are read, by SECURITY K-04. RFC 8032 would let a verifier accept some of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skillcred.encoding.multibase import decode_base58
from skillcred.identifiers import DidError, build_did_key, derive_document
from skillcred.keys import edwards25519
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey


def load(shared_dir: Path, name: str) -> Any:
    return json.loads((shared_dir / "vectors" / name).read_text(encoding="utf-8"))


def key_bytes(key: dict[str, Any]) -> bytes:
    """Our form of a Wycheproof key: Ed25519 as it is, EC points compressed."""
    if "pk" in key:
        return bytes.fromhex(key["pk"])
    point = bytes.fromhex(key["uncompressed"])
    return bytes([2 + (point[-1] & 1)]) + point[1 : len(point) // 2 + 1]


def verify(key: bytes, signature: str, message: bytes) -> str:
    """The code why the key is refused, or whether the signature verifies."""
    try:
        public_key = PublicKey(Algorithm.ED25519, key)
    except InvalidKeyError as error:
        return error.code
    return "valid" if public_key.verify(bytes.fromhex(signature), message) else "invalid"


@pytest.mark.parametrize(
    ("name", "algorithm", "count"),
    [
        ("ed25519_test", Algorithm.ED25519, 151),
        ("ecdsa_secp256r1_sha256_p1363_test", Algorithm.P256, 262),
        ("ecdsa_secp384r1_sha384_p1363_test", Algorithm.P384, 280),
    ],
)
def test_wycheproof_signatures(shared_dir: Path, name: str, algorithm: Algorithm, count: int) -> None:
    seen, wrong = 0, []
    for group in load(shared_dir, f"wycheproof/{name}.json")["testGroups"]:
        public_key = PublicKey(algorithm, key_bytes(group["publicKey"]))
        if "publicKeyJwk" in group:
            assert PublicKey.from_jwk(group["publicKeyJwk"]) == public_key
        for case in group["tests"]:
            seen += 1
            verified = public_key.verify(bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))
            if verified != (case["result"] == "valid"):
                wrong.append((case["tcId"], case["comment"]))
    assert not wrong
    assert seen == count


def test_wycheproof_json_web_keys(shared_dir: Path) -> None:
    """Every JWK with a secret is refused as such; of the others only one is sound and of a type that is ours,
    and what is wrong with its group is the symmetric key beside it."""
    read = []
    for group in load(shared_dir, "wycheproof/json_web_key_test.json")["testGroups"]:
        for key in group["private"].get("keys", [group["private"]]):
            if {"d", "k"}.isdisjoint(key):
                read.append((group["comment"], PublicKey.from_jwk(key).algorithm))
                continue
            with pytest.raises(InvalidKeyError) as caught:
                PublicKey.from_jwk(key)
            assert caught.value.code == "private_key_given"
        if "public" in group:
            with pytest.raises(InvalidKeyError) as caught:
                PublicKey.from_jwk(group["public"])
            assert caught.value.code in ("unsupported_key_type", "jwk_conflict", "invalid_key")
    assert read == [("jws_mixedSymmetryKeyset", Algorithm.P256)]


# Numbers as in the paper "Taming the many EdDSAs": 0 to 2 small order, 3 to 5 mixed order, 6 and 7 S out of
# range, 8 and 9 R not canonical, 10 and 11 A not canonical.
SPECCHECK = [
    "small_order_key",
    "small_order_key",
    "mixed_order_key",
    "mixed_order_key",
    "mixed_order_key",
    "mixed_order_key",
    "invalid",
    "invalid",
    "mixed_order_key",
    "mixed_order_key",
    "invalid_key",
    "invalid_key",
]


def test_k04_ed25519_speccheck(shared_dir: Path) -> None:
    cases = load(shared_dir, "ed25519-speccheck/cases.json")
    answers = [
        verify(bytes.fromhex(case["pub_key"]), case["signature"], bytes.fromhex(case["message"]))
        for case in cases
    ]
    assert answers == SPECCHECK


def test_k05_speccheck_would_fail_on_the_signature_alone(shared_dir: Path) -> None:
    """Cases 6 and 7 have S out of range, 8 and 9 an R that is not canonical: seen also without the key
    check."""
    cases = load(shared_dir, "ed25519-speccheck/cases.json")
    for index in (6, 7):
        s = bytes.fromhex(cases[index]["signature"])[32:]
        assert int.from_bytes(s, "little") >= edwards25519.GROUP_ORDER
    for index in (8, 9):
        assert edwards25519.decode_point(bytes.fromhex(cases[index]["signature"])[:32]) is None


def test_k04_cctv_ed25519(shared_dir: Path) -> None:
    cases = load(shared_dir, "cctv-ed25519/ed25519vectors.json")
    assert len(cases) == 914
    for case in cases:
        flags = set(case["flags"] or ())
        answer = verify(bytes.fromhex(case["key"]), case["sig"], case["msg"].encode())
        if "non_canonical_A" in flags:
            assert answer == "invalid_key", case
        elif "low_order_A" in flags and "low_order_component_A" not in flags:
            assert answer == "small_order_key", case  # the neutral element
        elif "low_order_component_A" in flags:
            assert answer in ("small_order_key", "mixed_order_key"), case
        else:
            assert answer == ("invalid" if flags else "valid"), case


@pytest.mark.parametrize(
    ("name", "supported", "unsupported"),
    [("ed25519-x25519", 5, 0), ("nist-curves", 7, 0), ("secp256k1", 0, 6), ("bls12381", 5, 1), ("rsa", 0, 2)],
)
def test_did_key(shared_dir: Path, name: str, supported: int, unsupported: int) -> None:
    seen = refused = 0
    for did, vector in load(shared_dir, f"did-key/{name}.json").items():
        expected = expected_key(vector["didDocument"])
        if expected is None:
            refused += 1
            with pytest.raises(DidError) as caught:
                derive_document(did)
            assert caught.value.code in ("unsupported_key_type", "invalid_key")
            continue
        seen += 1
        document = derive_document(did)
        assert document is not None
        assert [method.public_key for method in document.verification_methods.values()] == [expected]
        assert build_did_key(expected) == did
        assert set(document.verification_methods) <= {
            item["id"] for item in vector["didDocument"]["verificationMethod"]
        }
    assert (seen, refused) == (supported, unsupported)


def expected_key(document: dict[str, Any]) -> PublicKey | None:
    """The key as the vector's document gives it in another encoding than the DID."""
    for item in document.get("verificationMethod", []):
        if item["type"] == "Ed25519VerificationKey2018":
            return PublicKey(Algorithm.ED25519, decode_base58(item["publicKeyBase58"]))
        if item["type"] == "Bls12381G2Key2020":
            return PublicKey(Algorithm.BLS12381G2, decode_base58(item["publicKeyBase58"]))
        if item["type"] == "JsonWebKey2020" and item["publicKeyJwk"].get("crv") in (
            "Ed25519",
            "P-256",
            "P-384",
            "P-521",
        ):
            return PublicKey.from_jwk(item["publicKeyJwk"])
        if item["type"] == "P256Key2021":
            return PublicKey(Algorithm.P256, decode_base58(item["publicKeyBase58"]))
    return None
