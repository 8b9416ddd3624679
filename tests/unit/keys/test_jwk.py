"""JSON Web Keys: public, for signatures, and one reading only (SECURITY K-03, K-06, J-19)."""

from __future__ import annotations

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey

SECRET = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
OKP = PrivateKey.generate(Algorithm.ED25519).public_key.to_jwk()
EC = PrivateKey.generate(Algorithm.P256).public_key.to_jwk()
EC384 = PrivateKey.generate(Algorithm.P384).public_key.to_jwk()


@pytest.mark.parametrize(
    "jwk",
    [
        pytest.param(OKP | {"alg": "EdDSA"}, id="alg-eddsa"),
        pytest.param(OKP | {"alg": "Ed25519", "use": "sig", "kid": "key-1"}, id="alg-ed25519"),
        pytest.param(EC | {"alg": "ES256", "key_ops": ["verify"], "ext": True}, id="alg-es256"),
        pytest.param(EC384 | {"alg": "ES384"}, id="alg-es384"),
    ],
)
def test_accepted(jwk: JsonObject) -> None:
    assert PublicKey.from_jwk(jwk).to_jwk().items() <= jwk.items()


def flip_last(text: object) -> str:
    """The same bytes with trailing bits that are not zero: only a lax decoder reads it."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert isinstance(text, str)
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


@pytest.mark.parametrize(
    ("jwk", "code"),
    [
        pytest.param(OKP | {"d": SECRET}, "private_key_given", id="K-06-private-okp"),
        pytest.param(EC | {"d": SECRET}, "private_key_given", id="K-06-private-ec"),
        pytest.param({"kty": "RSA", "d": SECRET}, "private_key_given", id="K-06-private-rsa"),
        pytest.param({"kty": "oct", "k": SECRET}, "private_key_given", id="K-06-oct"),
        pytest.param({"kty": "oct"}, "unsupported_key_type", id="K-06-oct-without-key"),
        pytest.param({"kty": "RSA", "n": "AQ", "e": "AQAB"}, "unsupported_key_type", id="K-03-rsa"),
        pytest.param({"kty": "RSA", "n": "AQ", "e": "AQ"}, "unsupported_key_type", id="K-03-rsa-exponent-1"),
        pytest.param(EC | {"crv": "secp256k1"}, "unsupported_key_type", id="K-01-secp256k1"),
        pytest.param(EC | {"crv": "P-521"}, "invalid_key", id="p521-with-short-coordinates"),
        pytest.param(OKP | {"crv": "X25519"}, "unsupported_key_type", id="x25519"),
        pytest.param(OKP | {"kty": "EC"}, "unsupported_key_type", id="kty-and-crv-disagree"),
        pytest.param(OKP | {"kty": ["OKP"]}, "invalid_key", id="kty-list"),
        pytest.param(OKP | {"alg": "ES256"}, "jwk_conflict", id="K-06-alg-conflict"),
        pytest.param(EC | {"alg": "ES384"}, "jwk_conflict", id="K-06-alg-of-other-curve"),
        pytest.param(EC | {"alg": "none"}, "jwk_conflict", id="K-06-alg-none"),
        pytest.param(OKP | {"use": "enc"}, "jwk_conflict", id="J-19-use-enc"),
        pytest.param(OKP | {"key_ops": ["encrypt"]}, "jwk_conflict", id="J-19-key-ops-encrypt"),
        pytest.param(OKP | {"key_ops": ["verify", "deriveKey"]}, "jwk_conflict", id="J-19-key-ops-mixed"),
        pytest.param(OKP | {"key_ops": []}, "jwk_conflict", id="J-19-key-ops-none"),
        pytest.param(OKP | {"key_ops": "verify"}, "jwk_conflict", id="J-19-key-ops-text"),
        pytest.param(OKP | {"key_ops": ["verify", "verify"]}, "jwk_conflict", id="J-19-key-ops-twice"),
        pytest.param(OKP | {"y": EC["y"]}, "jwk_member_not_allowed", id="K-06-y-on-okp"),
        pytest.param(OKP | {"x5u": "https://evil.example"}, "jwk_member_not_allowed", id="K-06-extra-x5u"),
        pytest.param(OKP | {"kid": 7}, "invalid_key", id="kid-number"),
        pytest.param(OKP | {"ext": "yes"}, "invalid_key", id="ext-text"),
        pytest.param(OKP | {"x": f"{OKP['x']}="}, "invalid_key", id="K-06-padding"),
        pytest.param(OKP | {"x": flip_last(OKP["x"])}, "invalid_key", id="K-06-base64url-not-canonical"),
        pytest.param(OKP | {"x": f"{OKP['x']}AA"}, "invalid_key", id="K-01-x-too-long"),
        pytest.param(OKP | {"x": "A" * 100_000}, "invalid_key", id="K-06-100-kb"),
        pytest.param(OKP | {"x": None}, "invalid_key", id="x-null"),
        pytest.param({"kty": "OKP", "crv": "Ed25519"}, "invalid_key", id="x-missing"),
        pytest.param(EC | {"y": EC["x"]}, "invalid_key", id="K-02-not-on-curve"),
        pytest.param(EC | {"x": "A" * 43, "y": "A" * 43}, "invalid_key", id="K-02-zero-zero"),
        pytest.param(EC | {"x": "_" * 42 + "8"}, "invalid_key", id="K-02-x-above-p"),
        pytest.param(EC | {"x": f"AA{EC['x']}"}, "invalid_key", id="K-02-leading-zero"),
        pytest.param({"kty": "EC", "crv": "P-256", "x": EC["x"]}, "invalid_key", id="K-02-y-missing"),
        pytest.param({"keys": [OKP]}, "unsupported_key_type", id="J-19-jwk-set"),
        pytest.param({}, "unsupported_key_type", id="empty"),
    ],
)
def test_refused(jwk: JsonObject, code: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PublicKey.from_jwk(jwk)
    assert caught.value.code == code
    assert SECRET not in repr(caught.value) + str(caught.value.__cause__)
