"""Public keys: what is refused at the door, and what a raw signature has to look like."""

from __future__ import annotations

import hashlib
import pickle

import pytest

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.multibase import encode_multibase
from skillcred.keys import edwards25519
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey
from worlds.signable import signable

P = edwards25519.FIELD_PRIME
RFC8032_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
RFC8032_SIGNATURE = bytes.fromhex(
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
    "d25bf5f0595bbe24655141438e7a100b"
)
Y_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
"""One of the two y of points of order 8, as in Curve25519 literature; the other is its negative."""


def little(number: int) -> bytes:
    return number.to_bytes(32, "little")


def signed(number: int) -> bytes:
    return little(number | 1 << 255)


SMALL_ORDER = [little(1), little(P - 1), little(0), signed(0)] + [
    form(y) for y in (Y_ORDER_8, P - Y_ORDER_8) for form in (little, signed)
]
NON_CANONICAL = [signed(1), signed(P - 1), little(P), signed(P), little(P + 1), signed(P + 1), little(P + 18)]


def mixed_order_key() -> bytes:
    """The RFC 8032 key plus the point of order two, (0, -1): (x, y) becomes (-x, -y)."""
    point = edwards25519.decode_point(RFC8032_KEY)
    assert point is not None
    x, y = P - point[0], P - point[1]
    return little(y | (x & 1) << 255)


@pytest.mark.parametrize(
    ("key", "code"),
    [pytest.param(key, "small_order_key", id=f"K-04-small-order-{i}") for i, key in enumerate(SMALL_ORDER)]
    + [pytest.param(key, "invalid_key", id=f"K-04-non-canonical-{i}") for i, key in enumerate(NON_CANONICAL)]
    + [
        pytest.param(mixed_order_key(), "mixed_order_key", id="K-04-mixed-order"),
        pytest.param(little(2), "invalid_key", id="K-04-not-on-curve"),
        pytest.param(RFC8032_KEY[:31], "invalid_key", id="K-01-31-bytes"),
        pytest.param(RFC8032_KEY + b"\0", "invalid_key", id="K-01-33-bytes"),
        pytest.param(b"", "invalid_key", id="K-01-empty"),
    ],
)
def test_bad_ed25519_key_is_refused_on_every_road(key: bytes, code: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PublicKey(Algorithm.ED25519, key)
    assert caught.value.code == code
    with pytest.raises(InvalidKeyError):
        PublicKey.from_multikey(encode_multibase(b"\xed\x01" + key))
    with pytest.raises(InvalidKeyError):
        PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(key)})


def test_all_eight_small_order_points_are_distinct_points() -> None:
    """So that the table above is the whole small subgroup and not the same point again."""
    points = {edwards25519.decode_point(key) for key in SMALL_ORDER}
    assert len(points) == 8
    assert None not in points


P256 = PrivateKey.generate(Algorithm.P256).public_key
P384 = PrivateKey.generate(Algorithm.P384).public_key
P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1


def x_without_point() -> bytes:
    """An x below the P-256 prime with no y: found by trying, one of every two will do."""
    for x in range(1, 100):
        try:
            PublicKey(Algorithm.P256, b"\x02" + x.to_bytes(32))
        except InvalidKeyError:
            return x.to_bytes(32)
    raise AssertionError("every x had a point")


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        pytest.param(Algorithm.P256, b"\x02" + x_without_point(), id="K-02-not-on-curve"),
        pytest.param(Algorithm.P256, b"\0", id="K-02-infinity"),
        pytest.param(Algorithm.P256, b"\0" * 33, id="K-02-infinity-padded"),
        pytest.param(Algorithm.P256, b"\x02" + P256_PRIME.to_bytes(32), id="K-02-x-is-p"),
        pytest.param(Algorithm.P256, b"\x02" + (P256_PRIME + 5).to_bytes(32), id="K-02-x-above-p"),
        pytest.param(Algorithm.P256, b"\x04" + P256.key_bytes[1:], id="K-02-prefix-04"),
        pytest.param(Algorithm.P256, b"\x06" + P256.key_bytes[1:], id="K-02-prefix-06"),
        pytest.param(Algorithm.P256, b"\x04" + P256.key_bytes[1:] * 2, id="K-02-uncompressed"),
        pytest.param(Algorithm.P256, P384.key_bytes, id="K-02-p384-as-p256"),
        pytest.param(Algorithm.P384, P256.key_bytes, id="K-02-p256-as-p384"),
        pytest.param(Algorithm.P384, b"\x02" + b"\xff" * 48, id="K-02-p384-x-above-p"),
    ],
)
def test_bad_point_is_refused(algorithm: Algorithm, key: bytes) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        PublicKey(algorithm, key)
    assert caught.value.code == "invalid_key"


def test_k02_flipped_parity_is_another_key() -> None:
    private = PrivateKey.generate(Algorithm.P256)
    key = private.public_key.key_bytes
    flipped = PublicKey(Algorithm.P256, bytes([key[0] ^ 1]) + key[1:])
    signature = private.sign(b"message")
    assert private.public_key.verify(signature, b"message")
    assert not flipped.verify(signature, b"message")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_signature_is_bound_to_message_key_and_width(algorithm: Algorithm) -> None:
    private = PrivateKey.generate(algorithm)
    public = private.public_key
    message = signable(algorithm, b"message")
    signature = private.sign(message)
    assert len(signature) == algorithm.signature_length
    assert public.verify(signature, message)
    assert not public.verify(signature, signable(algorithm, b"messagf"))
    assert not PrivateKey.generate(algorithm).public_key.verify(signature, message)
    for bad in (
        b"",
        signature[:-1],
        signature + b"\0",
        b"\0" + signature,
        signature * 2,
        bytes(len(signature)),
    ):
        assert not public.verify(bad, message)
    for position in (0, len(signature) // 2, len(signature) - 1):
        bad = bytearray(signature)
        bad[position] ^= 1
        assert not public.verify(bytes(bad), message)


def test_rfc8032_test_1() -> None:
    assert PublicKey(Algorithm.ED25519, RFC8032_KEY).verify(RFC8032_SIGNATURE, b"")


@pytest.mark.parametrize("extra", [1, 2, 7])
def test_k05_s_plus_multiple_of_order_is_refused(extra: int) -> None:
    s = int.from_bytes(RFC8032_SIGNATURE[32:], "little") + extra * edwards25519.GROUP_ORDER
    assert not PublicKey(Algorithm.ED25519, RFC8032_KEY).verify(RFC8032_SIGNATURE[:32] + little(s), b"")


@pytest.mark.parametrize("r", SMALL_ORDER + NON_CANONICAL)
def test_k04_small_or_non_canonical_r_is_refused(r: bytes) -> None:
    assert not PublicKey(Algorithm.ED25519, RFC8032_KEY).verify(r + bytes(32), b"")


def test_k04_zero_nonce_signature_is_refused() -> None:
    """Whoever holds the key can make R the neutral element with S = k*a, which the equation alone accepts."""
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    digest = bytearray(hashlib.sha512(key.private_bytes_raw()).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 63 | 64
    encoded = key.public_key().public_bytes_raw()
    k = int.from_bytes(hashlib.sha512(little(1) + encoded + b"message").digest(), "little")
    s = k * int.from_bytes(digest, "little") % edwards25519.GROUP_ORDER
    key.public_key().verify(little(1) + little(s), b"message")  # the library is content
    assert not PublicKey(Algorithm.ED25519, encoded).verify(little(1) + little(s), b"message")


@pytest.mark.parametrize(
    ("r", "s"),
    [(0, 1), (1, 0), (0, 0), (2**256 - 1, 1), (1, 2**256 - 1)],
)
def test_ecdsa_numbers_out_of_range_are_refused(r: int, s: int) -> None:
    assert not P256.verify(r.to_bytes(32) + s.to_bytes(32), b"message")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_forms_round_trip(algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm).public_key
    assert PublicKey.from_multikey(key.to_multikey()) == key
    if algorithm in (Algorithm.BLS12381G2, Algorithm.MLDSA44):
        with pytest.raises(InvalidKeyError) as caught:
            key.to_jwk()
        assert caught.value.code == "unsupported_key_type"
        return
    assert PublicKey.from_jwk(key.to_jwk()) == key
    assert hash(PublicKey.from_jwk(key.to_jwk())) == hash(key)


def test_thumbprint_is_that_of_rfc8037_appendix_a3() -> None:
    assert (
        PublicKey(Algorithm.ED25519, RFC8032_KEY).thumbprint()
        == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    )


RFC6979 = [
    pytest.param(
        Algorithm.P256,
        0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721,
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        id="K-16-A.2.5",
    ),
    pytest.param(
        Algorithm.P384,
        0x6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5,
        "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46"
        "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
        id="K-16-A.2.6",
    ),
]


@pytest.mark.parametrize(("algorithm", "secret", "signature"), RFC6979)
def test_ecdsa_nonces_are_those_of_rfc6979(algorithm: Algorithm, secret: int, signature: str) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    from skillcred.keys.algorithms import CURVES

    private = PrivateKey(ec.derive_private_key(secret, CURVES[algorithm].curve))
    assert private.sign(b"sample").hex() == signature
    assert private.public_key.verify(bytes.fromhex(signature), b"sample")


def test_k17_private_key_shows_nothing_of_itself() -> None:
    private = PrivateKey.generate(Algorithm.ED25519)
    assert repr(private) == str(private) == "<PrivateKey Ed25519>"
    with pytest.raises(TypeError):
        pickle.dumps(private)


def test_private_key_of_another_type_is_refused() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, x25519

    for key in (ec.generate_private_key(ec.SECP256K1()), x25519.X25519PrivateKey.generate()):
        der = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        with pytest.raises(InvalidKeyError) as caught:
            PrivateKey.from_pkcs8(der)
        assert caught.value.code == "unsupported_key_type"
    with pytest.raises(InvalidKeyError):
        PrivateKey.from_pkcs8(b"\x30\x00")


def test_k04_the_small_order_encodings_are_all_there_are() -> None:
    points = [edwards25519.decode_point(encoded) for encoded in sorted(edwards25519.SMALL_ORDER_ENCODINGS)]
    assert len(set(points)) == 8
    assert all(point is not None and edwards25519.is_small_order(point) for point in points)


def point_times(number: int, point: tuple[int, int]) -> tuple[int, int]:
    result, doubled = (0, 1), point
    while number:
        if number & 1:
            result = sum_of(result, doubled)
        doubled, number = sum_of(doubled, doubled), number >> 1
    return result


def sum_of(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    """The addition law of RFC 8032 section 5.1.4, in affine coordinates."""
    (x1, y1), (x2, y2) = first, second
    product = -121665 * pow(121666, -1, P) * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def encoded(point: tuple[int, int]) -> bytes:
    return little(point[1] | (point[0] & 1) << 255)


@pytest.mark.parametrize("small", SMALL_ORDER)
def test_k04_an_r_with_a_component_of_small_order_is_refused(small: bytes) -> None:
    """The owner of a key can make signatures that verify if the equation is multiplied by the cofactor, as RFC 8032
    allows, and not without it. They have to be refused here as by everybody who does not multiply; only an R of
    prime order, where the component is the neutral element, is good."""
    base = edwards25519.decode_point(little(4 * pow(5, -1, P) % P))
    component = edwards25519.decode_point(small)
    assert base is not None
    assert component is not None
    order, message = edwards25519.GROUP_ORDER, b"message"
    secret, nonce = 0x1234567890ABCDEF << 150, 0xFEDCBA0987654321 << 140
    key = PublicKey(Algorithm.ED25519, encoded(point_times(secret, base)))
    r = encoded(sum_of(point_times(nonce, base), component))
    challenge = int.from_bytes(hashlib.sha512(r + key.key_bytes + message).digest(), "little")
    s = (nonce + challenge * secret) % order
    assert key.verify(r + little(s), message) is (small == little(1))
