"""BBS: what is no key, signature or proof is refused, and a proof stands for exactly what it was made for."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from itertools import chain, combinations

import pytest
from py_arkworks_bls12381 import G1Point, Scalar

from skillcred.errors import LimitError
from skillcred.keys.bbs import (
    BLS12_381_SHA_256,
    BLS12_381_SHAKE_256,
    MAX_MESSAGES,
    BbsError,
    BbsSecretKey,
    decode_public_key,
    decode_signing_input,
    encode_signing_input,
    prove,
    verify_proof,
    verify_signature,
)
from skillcred.keys.bbs.encoding import Proof, encode_proof, sum_of_products
from skillcred.keys.bbs.proof import _challenge, _Commitments
from skillcred.keys.bbs.signature import calculate_domain, commit, random_scalar

SUITE = BLS12_381_SHA_256
KEY = BbsSecretKey(bytes.fromhex("66d36e118832af4c5e28b2dfe1b9577857e57b042a33e06bdea37b811ed09ee0"))
OTHER_KEY = BbsSecretKey.generate()
HEADER, PRESENTATION = b"header", b"nonce"
MESSAGES = [b"zero", b"one", b"two", b""]
SHOWN = [0, 2]
DISCLOSED = [MESSAGES[index] for index in SHOWN]
SIGNATURE = KEY.sign(encode_signing_input(HEADER, MESSAGES))

FIELD_PRIME = int(
    "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", 16
)
ORDER = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001


def compressed(x: int, *, flags: int = 0x80) -> bytes:
    octets = bytearray(x.to_bytes(48))
    octets[0] |= flags
    return bytes(octets)


def outside_the_subgroup() -> bytes:
    for x in range(1, 100):
        try:
            point = G1Point.from_compressed_bytes_unchecked(compressed(x))
        except ValueError:
            continue
        if not point.is_in_subgroup():
            return compressed(x)
    raise AssertionError("no such point among the first hundred")


BAD_POINTS = {
    "neutral": compressed(0, flags=0xC0),
    "neutral-with-sign": compressed(0, flags=0xE0),
    "neutral-with-rest": compressed(1, flags=0xC0),
    "all-ones": b"\xff" * 48,
    "outside-the-subgroup": outside_the_subgroup(),
    "not-on-the-curve": compressed(5) if outside_the_subgroup() != compressed(5) else compressed(7),
    "coordinate-not-below-the-prime": compressed(FIELD_PRIME),
    "not-compressed": compressed(int.from_bytes(SIGNATURE[:48]) & ~(0b111 << 381), flags=0),
    "zero": bytes(48),
}
BAD_SCALARS = {
    "zero": bytes(32),
    "order": ORDER.to_bytes(32),
    "above": (ORDER + 1).to_bytes(32),
    "ones": b"\xff" * 32,
}


def made_proof(shown: Sequence[int] = SHOWN) -> bytes:
    return prove(SUITE, KEY.public_key, SIGNATURE, HEADER, PRESENTATION, MESSAGES, shown)


def holds(proof: bytes, messages: Sequence[bytes] = DISCLOSED, shown: Sequence[int] = SHOWN) -> bool:
    return verify_proof(SUITE, KEY.public_key, proof, HEADER, PRESENTATION, messages, shown)


def signature_holds(signature: bytes) -> bool:
    return verify_signature(SUITE, KEY.public_key, signature, HEADER, MESSAGES)


PROOF = made_proof()


def test_the_signature_and_the_proof_of_these_tests_hold() -> None:
    assert signature_holds(SIGNATURE)
    assert holds(PROOF)


@pytest.mark.parametrize("bad", BAD_POINTS.values(), ids=BAD_POINTS)
def test_points_that_are_none_are_refused_everywhere(bad: bytes) -> None:
    assert not signature_holds(bad + SIGNATURE[48:])
    for place in range(3):
        start = 48 * place
        assert not holds(PROOF[:start] + bad + PROOF[start + 48 :])


def test_a_proof_forged_with_the_neutral_element_is_refused() -> None:
    """Without any signature: with Abar and Bbar neutral the pairings cancel, and the rest is honest."""
    neutral = G1Point.identity()
    generators = SUITE.generators(1)
    message = SUITE.message_scalar(b"never signed")
    domain = calculate_domain(SUITE, KEY.public_key, generators, HEADER)
    r2, r1_tilde, r3_tilde = (random_scalar() for _ in range(3))
    d = commit(SUITE, generators, domain, [message]) * r2
    commitments = _Commitments(neutral, neutral, d, d * r1_tilde, d * r3_tilde, domain)
    challenge = _challenge(SUITE, commitments, [message], [0], PRESENTATION)
    r3_hat = r3_tilde - r2.inverse() * challenge
    forged = encode_proof(Proof(neutral, neutral, d, r3_hat, r1_tilde, r3_hat, (), challenge))
    assert not holds(forged, [b"never signed"], [0])


@pytest.mark.parametrize("bad", BAD_SCALARS.values(), ids=BAD_SCALARS)
def test_scalars_that_are_none_are_refused_everywhere(bad: bytes) -> None:
    assert not signature_holds(SIGNATURE[:48] + bad)
    for start in range(3 * 48, len(PROOF), 32):
        assert not holds(PROOF[:start] + bad + PROOF[start + 32 :])
    with pytest.raises(BbsError):
        BbsSecretKey(bad)


@pytest.mark.parametrize("length", [0, 1, 79, 81, 112])
def test_signatures_of_another_length_are_refused(length: int) -> None:
    assert not signature_holds((SIGNATURE + bytes(40))[:length])


@pytest.mark.parametrize(
    "proof", [b"", PROOF[:271], PROOF[:-1], PROOF + b"\0", PROOF[:-32], PROOF + PROOF[-32:]]
)
def test_proofs_of_another_length_are_refused(proof: bytes) -> None:
    assert not holds(proof)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        KEY.public_key[:-1],
        KEY.public_key + b"\0",
        bytes([0xC0]) + bytes(95),
        bytes([0xE0]) + bytes(95),
        bytes(96),
        b"\xff" * 96,
        bytes([KEY.public_key[0] & 0x7F]) + KEY.public_key[1:],
        SIGNATURE[:48] * 2,
    ],
)
def test_public_keys_that_are_none_are_refused(octets: bytes) -> None:
    with pytest.raises(BbsError):
        decode_public_key(octets)
    assert not verify_signature(SUITE, octets, SIGNATURE, HEADER, MESSAGES)
    assert not verify_proof(SUITE, octets, PROOF, HEADER, PRESENTATION, DISCLOSED, SHOWN)


def test_every_selection_is_proved_and_stands_only_for_itself() -> None:
    indexes = range(len(MESSAGES))
    selections = list(chain.from_iterable(combinations(indexes, count) for count in range(len(MESSAGES) + 1)))
    for shown in selections:
        proof = made_proof(shown)
        assert len(proof) == 272 + 32 * (len(MESSAGES) - len(shown))
        for claimed in selections:
            assert holds(proof, [MESSAGES[index] for index in claimed], claimed) is (claimed == shown)


@pytest.mark.parametrize("shown", [[2, 0], [0, 0], [-1, 0], [0, 4], [0, 2**64], [0, 2**70], [0], [0, 1, 2]])
def test_indexes_that_do_not_fit_are_refused(shown: list[int]) -> None:
    assert not holds(PROOF, DISCLOSED, shown)


@pytest.mark.parametrize("shown", [[2, 0], [0, 0], [-1], [4]])
def test_nothing_is_proved_for_indexes_that_do_not_fit(shown: list[int]) -> None:
    with pytest.raises(BbsError):
        made_proof(shown)


def test_a_proof_is_bound_to_key_header_presentation_messages_and_ciphersuite() -> None:
    right = (SUITE, KEY.public_key, PROOF, HEADER, PRESENTATION, DISCLOSED, SHOWN)
    wrong = (
        (BLS12_381_SHAKE_256, *right[1:]),
        (SUITE, OTHER_KEY.public_key, *right[2:]),
        (*right[:3], b"headers", *right[4:]),
        (*right[:4], b"", *right[5:]),
        (*right[:4], b"another nonce", *right[5:]),
        (*right[:5], DISCLOSED[::-1], SHOWN),
        (*right[:5], [DISCLOSED[0]], SHOWN),
    )
    assert verify_proof(*right)
    for arguments in wrong:
        assert not verify_proof(*arguments)


def test_nothing_is_proved_of_a_signature_that_does_not_hold() -> None:
    for signature, messages in ((SIGNATURE[:48] + bytes(31) + b"\1", MESSAGES), (SIGNATURE, MESSAGES[:3])):
        with pytest.raises(BbsError) as caught:
            prove(SUITE, KEY.public_key, signature, HEADER, PRESENTATION, messages, [0])
        assert caught.value.code == "bbs_signature_wrong"


def test_proofs_of_one_signature_have_nothing_in_common() -> None:
    first, second = made_proof(), made_proof()
    chunks = [{proof[start : start + 16] for start in range(len(proof) - 15)} for proof in (first, second)]
    assert chunks[0].isdisjoint(chunks[1])
    signature_chunks = {SIGNATURE[start : start + 16] for start in range(len(SIGNATURE) - 15)}
    assert chunks[0].isdisjoint(signature_chunks)


def test_signatures_are_deterministic_although_the_key_is_blinded() -> None:
    assert KEY.sign(encode_signing_input(HEADER, MESSAGES)) == SIGNATURE
    assert BbsSecretKey(KEY.to_bytes()).public_key == KEY.public_key


def test_too_many_messages_are_refused_before_any_work() -> None:
    many = [b""] * (MAX_MESSAGES + 1)
    with pytest.raises(LimitError):
        SUITE.generators(len(many))
    assert not verify_signature(SUITE, KEY.public_key, SIGNATURE, HEADER, many)
    assert not holds(PROOF + bytes(32 * MAX_MESSAGES))


def test_products_and_points_are_of_one_number() -> None:
    with pytest.raises(BbsError):
        sum_of_products([G1Point()], [])


@pytest.mark.parametrize(("header", "messages"), [(b"", []), (b"", [b""]), (b"h", [b"", b"a", b"\0" * 9])])
def test_signing_input_comes_back(header: bytes, messages: list[bytes]) -> None:
    assert decode_signing_input(encode_signing_input(header, messages)) == (header, messages)


@pytest.mark.parametrize(
    "octets", [b"", bytes(7), bytes(7) + b"\1", bytes(8) + b"\0", b"\xff" * 8, b"hello", bytes(8 * 5000)]
)
def test_other_bytes_are_not_signed(octets: bytes) -> None:
    with pytest.raises(BbsError):
        KEY.sign(octets)


@pytest.mark.parametrize(("material", "information"), [(bytes(31), b""), (bytes(32), bytes(65536))])
def test_keys_are_not_derived_from_too_little_or_with_too_much(material: bytes, information: bytes) -> None:
    with pytest.raises(BbsError):
        BbsSecretKey.derive(material, information)


def test_the_secret_has_no_text_form() -> None:
    number = str(int(Scalar.from_be_bytes(KEY.to_bytes())))
    for text in (repr(KEY), str(KEY), f"{KEY}"):
        assert number not in text
        assert KEY.to_bytes().hex() not in text
    with pytest.raises(TypeError):
        pickle.dumps(KEY)
