"""JSON Web Keys, public and for signatures only, read strictly (RFC 7517, 7518, 8037; SECURITY K-06, J-19).

RFC 7517 lets a reader ignore members that it does not know. Here they are refused: a JWK is often the
identity itself (did:jwk), and nobody gains from a second reading of it.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.keys.algorithms import CURVES, TRAITS, Algorithm, AlgorithmTraits, InvalidKeyError

PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv", "seed"})
"""Members that hold secrets: RFC 7518 sections 6.2.2, 6.3.2, 6.4.1, and those of the AKP drafts."""
_DESCRIPTIVE: Final = frozenset({"kty", "crv", "alg", "use", "key_ops", "kid", "ext"})
_MAX_COORDINATE_CHARACTERS: Final = 128
"""Longest coordinate that is decoded; P-521 has 88 characters."""
_ALGORITHMS: Final = {
    (traits.kty, traits.crv): algorithm for algorithm, traits in TRAITS.items() if traits.jwk_algorithms
}


def decode_jwk(jwk: JsonObject) -> tuple[Algorithm, bytes]:
    """Algorithm and key bytes of a public JWK; an EC point is within the field but not yet checked to be on
    its curve.

    Raises `InvalidKeyError`: `private_key_given`, `unsupported_key_type`, `jwk_member_not_allowed`,
    `jwk_conflict` (`alg`, `use` or `key_ops` contradict), `invalid_key`; `pointer` is inside the JWK.
    """
    if not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise InvalidKeyError("A private or secret key was given.", code="private_key_given")
    algorithm = _ALGORITHMS.get((_text(jwk, "kty"), _text(jwk, "crv"))) if "crv" in jwk else None
    if algorithm is None:
        raise InvalidKeyError("Keys of this type are not supported.", code="unsupported_key_type")
    coordinates = ("x",) if algorithm is Algorithm.ED25519 else ("x", "y")
    for name in jwk:
        if name not in _DESCRIPTIVE and name not in coordinates:
            raise InvalidKeyError(
                "The JWK has a member that a public signature key does not need.",
                code="jwk_member_not_allowed",
            )
    _check_purpose(jwk, TRAITS[algorithm])
    values = [_coordinate(jwk, name, TRAITS[algorithm].coordinate_length) for name in coordinates]
    if algorithm is Algorithm.ED25519:
        return algorithm, values[0]
    return algorithm, _compressed(algorithm, *values)


def build_jwk(algorithm: Algorithm, coordinates: tuple[bytes, ...]) -> JsonObject:
    """The JWK with only the members that make up the key. Raises `InvalidKeyError` where there is none."""
    traits = TRAITS[algorithm]
    if not traits.jwk_algorithms:
        raise InvalidKeyError("Keys of this type are not written as JWK.", code="unsupported_key_type")
    jwk: JsonObject = {"kty": traits.kty, "crv": traits.crv}
    jwk.update(zip(("x", "y"), map(encode_base64url, coordinates), strict=False))
    return jwk


def _check_purpose(jwk: JsonObject, traits: AlgorithmTraits) -> None:
    if "alg" in jwk and _text(jwk, "alg") not in traits.jwk_algorithms:
        raise _conflict("alg")
    if "use" in jwk and _text(jwk, "use") != "sig":
        raise _conflict("use")
    if "key_ops" in jwk and jwk["key_ops"] not in (["verify"], ["sign", "verify"], ["verify", "sign"]):
        raise _conflict("key_ops")
    if "kid" in jwk:
        _text(jwk, "kid")
    if not isinstance(jwk.get("ext", True), bool):
        raise InvalidKeyError("A member of the JWK is not of its type.", pointer="/ext")


def _conflict(name: str) -> InvalidKeyError:
    return InvalidKeyError(
        "The JWK is meant for something else than signatures of its key type.",
        code="jwk_conflict",
        pointer=f"/{name}",
    )


def _text(jwk: JsonObject, name: str) -> str:
    value: JsonValue = jwk.get(name)
    if not isinstance(value, str):
        raise InvalidKeyError("A member of the JWK is missing or not text.", pointer=f"/{name}")
    return value


def _coordinate(jwk: JsonObject, name: str, length: int) -> bytes:
    text = _text(jwk, name)
    if len(text) > _MAX_COORDINATE_CHARACTERS:
        raise InvalidKeyError("A coordinate is too long.", pointer=f"/{name}")
    try:
        value = decode_base64url(text)
    except Base64UrlError as error:
        raise InvalidKeyError("A coordinate is not canonical base64url.", pointer=f"/{name}") from error
    if len(value) != length:
        raise InvalidKeyError("A coordinate does not have the length of its curve.", pointer=f"/{name}")
    return value


def _compressed(algorithm: Algorithm, x: bytes, y: bytes) -> bytes:
    """The compressed point, after checking y^2 = x^3 - 3x + b by way of the library.

    Compression keeps only the parity of y, so a wrong y would otherwise go unseen.
    """
    traits = CURVES[algorithm]
    if int.from_bytes(x) >= traits.prime or int.from_bytes(y) >= traits.prime:
        raise InvalidKeyError("A coordinate is not below the prime of its curve.")
    try:
        ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), traits.curve).public_key()
    except ValueError as error:
        raise InvalidKeyError("The point is not on its curve.") from error
    return bytes([2 + (y[-1] & 1)]) + x
