"""ProofGen and ProofVerify (the draft, sections 3.5.3, 3.5.4, 3.6.3, 3.6.4 and 3.7)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from py_arkworks_bls12381 import GT, G1Point, G2Point, Scalar

from skillcred.errors import LimitError
from skillcred.keys.bbs.ciphersuite import Ciphersuite, Generators
from skillcred.keys.bbs.encoding import (
    BbsError,
    Proof,
    decode_proof,
    decode_public_key,
    decode_signature,
    encode_proof,
    encode_scalars,
    sum_of_products,
    undisclosed_count,
)
from skillcred.keys.bbs.signature import calculate_domain, commit, random_scalar, verify_signature

RandomScalars = Callable[[int], Sequence[Scalar]]
"""Gives that many random scalars; only tests bring one of their own."""
_FIXED_RANDOMS: Final = 5
_G2_BASE_NEGATED: Final = -G2Point()


@dataclass(frozen=True, slots=True)
class _Commitments:
    """What the challenge is drawn over, as both sides compute it (`init_res`)."""

    a_bar: G1Point
    b_bar: G1Point
    d: G1Point
    t1: G1Point
    t2: G1Point
    domain: Scalar


def draw_random_scalars(count: int) -> list[Scalar]:
    """`calculate_random_scalars` (section 4.2.1)."""
    return [random_scalar() for _ in range(count)]


def prove(
    suite: Ciphersuite,
    public_key: bytes,
    signature: bytes,
    header: bytes,
    presentation_header: bytes,
    messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
    *,
    random_scalars: RandomScalars = draw_random_scalars,
) -> bytes:
    """A proof that `public_key` signed `header` and messages, of which those at `disclosed_indexes` are shown.

    `disclosed_indexes` ascend. Raises `BbsError` for indexes that do not fit and for a signature that does not
    hold, which the draft recommends to check, and `LimitError`.
    """
    if not verify_signature(suite, public_key, signature, header, messages):
        raise BbsError("The signature does not fit header and messages.", code="bbs_signature_wrong")
    _check_indexes(disclosed_indexes, len(messages))
    shown = set(disclosed_indexes)
    hidden_indexes = [index for index in range(len(messages)) if index not in shown]
    a, e = decode_signature(signature)
    generators = suite.generators(len(messages))
    scalars = [suite.message_scalar(message) for message in messages]
    hidden = [scalars[index] for index in hidden_indexes]
    r1, r2, e_tilde, r1_tilde, r3_tilde, *message_tildes = random_scalars(_FIXED_RANDOMS + len(hidden))

    domain = calculate_domain(suite, public_key, generators, header)
    d = commit(suite, generators, domain, scalars) * r2
    a_bar = a * (r1 * r2)
    b_bar = d * r1 - a_bar * e
    t1 = a_bar * e_tilde + d * r1_tilde
    hidden_generators = [generators.messages[index] for index in hidden_indexes]
    t2 = sum_of_products([d, *hidden_generators], [r3_tilde, *message_tildes])
    commitments = _Commitments(a_bar, b_bar, d, t1, t2, domain)
    disclosed = [scalars[index] for index in disclosed_indexes]
    challenge = _challenge(suite, commitments, disclosed, disclosed_indexes, presentation_header)

    return encode_proof(
        Proof(
            a_bar,
            b_bar,
            d,
            e_tilde + e * challenge,
            r1_tilde - r1 * challenge,
            r3_tilde - r2.inverse() * challenge,
            tuple(tilde + scalar * challenge for tilde, scalar in zip(message_tildes, hidden, strict=True)),
            challenge,
        )
    )


def verify_proof(
    suite: Ciphersuite,
    public_key: bytes,
    proof: bytes,
    header: bytes,
    presentation_header: bytes,
    disclosed_messages: Sequence[bytes],
    disclosed_indexes: Sequence[int],
) -> bool:
    """Whether `proof` proves that `public_key` signed `header` and the disclosed messages at these indexes."""
    count = undisclosed_count(proof) + len(disclosed_indexes)
    try:
        _check_indexes(disclosed_indexes, count)
        if len(disclosed_messages) != len(disclosed_indexes):
            return False
        generators = suite.generators(count)
        decoded = decode_proof(proof)
        w = decode_public_key(public_key)
    except (BbsError, LimitError):
        return False
    disclosed = [suite.message_scalar(message) for message in disclosed_messages]
    domain = calculate_domain(suite, public_key, generators, header)
    commitments = _recover(suite, decoded, generators, domain, disclosed, disclosed_indexes)
    challenge = _challenge(suite, commitments, disclosed, disclosed_indexes, presentation_header)
    if challenge != decoded.challenge:
        return False
    return GT.pairing_check([decoded.a_bar, decoded.b_bar], [w, _G2_BASE_NEGATED])


def _recover(
    suite: Ciphersuite,
    proof: Proof,
    generators: Generators,
    domain: Scalar,
    disclosed: Sequence[Scalar],
    disclosed_indexes: Sequence[int],
) -> _Commitments:
    """`ProofVerifyInit` (section 3.7.3).

    With Bv = P1 + Q_1 * domain + H_i * msg_i …, T2 is Bv * c + D * r3^ + H_j * m^_j …: one sum.
    """
    shown = dict(zip(disclosed_indexes, disclosed, strict=True))
    hidden = iter(proof.message_hats)
    c = proof.challenge
    weights = [
        shown[index] * c if index in shown else next(hidden) for index in range(len(generators.messages))
    ]
    t1 = sum_of_products([proof.b_bar, proof.a_bar, proof.d], [c, proof.e_hat, proof.r1_hat])
    t2 = sum_of_products(
        [suite.base, generators.domain, proof.d, *generators.messages],
        [c, domain * c, proof.r3_hat, *weights],
    )
    return _Commitments(proof.a_bar, proof.b_bar, proof.d, t1, t2, domain)


def _challenge(
    suite: Ciphersuite,
    commitments: _Commitments,
    disclosed: Sequence[Scalar],
    disclosed_indexes: Sequence[int],
    presentation_header: bytes,
) -> Scalar:
    """`ProofChallengeCalculate` (section 3.7.4)."""
    octets = [len(disclosed).to_bytes(8)]
    for index, scalar in zip(disclosed_indexes, disclosed, strict=True):
        octets += (index.to_bytes(8), scalar.to_be_bytes())
    points = (commitments.a_bar, commitments.b_bar, commitments.d, commitments.t1, commitments.t2)
    octets += (point.to_compressed_bytes() for point in points)
    octets += (
        encode_scalars([commitments.domain]),
        len(presentation_header).to_bytes(8),
        presentation_header,
    )
    return suite.challenge_scalar(b"".join(octets))


def _check_indexes(indexes: Sequence[int], count: int) -> None:
    """Strictly ascending and within the messages (section 3.6.4). Raises `BbsError`."""
    previous = -1
    for index in indexes:
        if not previous < index < count:
            raise BbsError("The indexes of the disclosed messages do not ascend within the messages.")
        previous = index
