"""Multikey text: one text for one key, nothing after it (SECURITY K-01, K-03)."""

from __future__ import annotations

import pytest

from skillcred.encoding.multibase import encode_base58, encode_multibase
from skillcred.keys.multikey import decode_multikey
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey

ED25519 = PrivateKey.generate(Algorithm.ED25519).public_key.key_bytes
P256 = PrivateKey.generate(Algorithm.P256).public_key.key_bytes
P384 = PrivateKey.generate(Algorithm.P384).public_key.key_bytes
ML_DSA = PrivateKey.generate(Algorithm.MLDSA44).public_key.key_bytes
BLS = PrivateKey.generate(Algorithm.BLS12381G2).public_key.key_bytes


def z(prefix: str, key: bytes) -> str:
    return encode_multibase(bytes.fromhex(prefix) + key)


def test_prefixes_are_those_of_the_multicodec_table() -> None:
    assert PublicKey(Algorithm.ED25519, ED25519).to_multikey() == z("ed01", ED25519)
    assert PublicKey(Algorithm.P256, P256).to_multikey() == z("8024", P256)
    assert PublicKey(Algorithm.P384, P384).to_multikey() == z("8124", P384)
    assert PublicKey(Algorithm.BLS12381G2, BLS).to_multikey() == z("eb01", BLS)
    assert PublicKey(Algorithm.BLS12381G2, BLS).to_multikey().startswith("zUC7")
    ml_dsa = PublicKey(Algorithm.MLDSA44, ML_DSA).to_multikey()
    assert ml_dsa == encode_multibase(b"\x90\x24" + ML_DSA, header="u")
    assert ml_dsa.startswith("ukC")
    assert len(ml_dsa) == 1753


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param(z("ed01", ED25519 + b"\0"), "invalid_key", id="K-01-ed25519-33-bytes"),
        pytest.param(z("ed01", ED25519[:-1]), "invalid_key", id="K-01-ed25519-31-bytes"),
        pytest.param(z("8024", ED25519), "invalid_key", id="K-01-p256-prefix-32-bytes"),
        pytest.param(z("eb01", BLS[:-1]), "invalid_key", id="K-01-bls-95-bytes"),
        pytest.param(z("eb01", BLS + b"\0"), "invalid_key", id="K-01-bls-97-bytes"),
        pytest.param(z("ea01", BLS[:48]), "unsupported_key_type", id="K-03-bls-g1"),
        pytest.param(z("8024", P384), "invalid_key", id="K-01-p384-key-under-p256"),
        pytest.param(z("8124", P256), "invalid_key", id="K-01-p256-key-under-p384"),
        pytest.param(z("ed8100", ED25519), "invalid_key", id="K-01-varint-not-minimal"),
        pytest.param(z("80a400", P256), "invalid_key", id="K-01-varint-not-minimal-p256"),
        pytest.param(z("ed01ed01", ED25519), "invalid_key", id="K-01-prefix-twice"),
        pytest.param(z("ff" * 12, ED25519), "invalid_key", id="K-01-varint-without-end"),
        pytest.param(z("ed01", b""), "invalid_key", id="K-01-no-key"),
        pytest.param(z("ed", b""), "invalid_key", id="K-01-half-a-varint"),
        pytest.param("z", "invalid_key", id="K-01-empty"),
        pytest.param("", "invalid_key", id="K-01-nothing"),
        pytest.param(
            encode_multibase(b"\xed\x01" + ED25519, header="u"), "invalid_key", id="K-01-base64url-multibase"
        ),
        pytest.param("Z" + encode_base58(b"\xed\x01" + ED25519), "invalid_key", id="K-01-header-upper-case"),
        pytest.param("f" + (b"\xed\x01" + ED25519).hex(), "invalid_key", id="K-01-base16-multibase"),
        pytest.param(
            encode_multibase(b"\x90\x24" + ML_DSA[:300], header="z"), "invalid_key", id="ml-dsa-in-base58"
        ),
        pytest.param(
            encode_multibase(b"\x90\x24" + ML_DSA[:-1], header="u"), "invalid_key", id="ml-dsa-1311-bytes"
        ),
        pytest.param(
            encode_multibase(b"\x90\x24" + ML_DSA + b"\0", header="u"), "invalid_key", id="ml-dsa-1313-bytes"
        ),
        pytest.param(
            encode_multibase(b"\x87\x24" + ML_DSA, header="u"), "unsupported_key_type", id="ml-dsa-old-prefix"
        ),
        pytest.param(
            encode_multibase(b"\x91\x24" + bytes(1952), header="u"), "unsupported_key_type", id="ml-dsa-65"
        ),
        pytest.param("u*", "invalid_key", id="not-base64url"),
        pytest.param("ukCR", "invalid_key", id="base64url-bits-left-over"),
        pytest.param(z("ed01", ED25519) + " ", "invalid_key", id="K-01-space-after"),
        pytest.param(z("ed01", ED25519) + "\n", "invalid_key", id="K-01-newline-after"),
        pytest.param("z1" + z("ed01", ED25519)[1:], "unsupported_key_type", id="K-01-leading-zero-byte"),
        pytest.param("z" + "2" * 100_000, "invalid_key", id="P-17-long"),
        pytest.param(z("e701", P256), "unsupported_key_type", id="K-01-secp256k1"),
        pytest.param(z("ec01", ED25519), "unsupported_key_type", id="x25519"),
        pytest.param(z("8226", ED25519), "unsupported_key_type", id="ed25519-private-key"),
        pytest.param(z("8524", b"\x30" * 270), "unsupported_key_type", id="K-03-rsa"),
    ],
)
def test_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PublicKey.from_multikey(text)
    assert caught.value.code == code
    assert text[:20] not in caught.value.message or not text


def test_secp256k1_bytes_under_the_p256_code_are_just_bytes_of_the_right_length() -> None:
    """K-01: nothing tells the curves apart but the equation; the generator of secp256k1 is not on P-256."""
    generator = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    assert decode_multikey(z("8024", generator)) == (Algorithm.P256, generator)
    with pytest.raises(InvalidKeyError):
        PublicKey.from_multikey(z("8024", generator))
