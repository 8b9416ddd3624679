"""BBS signatures over BLS12-381: one signature over many messages, and zero-knowledge proofs of part of them.

draft-irtf-cfrg-bbs-signatures-08, "The BBS Signature Scheme". All arithmetic of the curve is the library's
(docs/adr/0007-bbs.md); what is here is hashing, the order of things, and strict decoding.
"""

from skillcred.keys.bbs.ciphersuite import BLS12_381_SHA_256, BLS12_381_SHAKE_256, MAX_MESSAGES, Ciphersuite
from skillcred.keys.bbs.encoding import (
    PUBLIC_KEY_LENGTH,
    SIGNATURE_LENGTH,
    BbsError,
    decode_public_key,
    undisclosed_count,
)
from skillcred.keys.bbs.proof import RandomScalars, draw_random_scalars, prove, verify_proof
from skillcred.keys.bbs.secret_key import BbsSecretKey
from skillcred.keys.bbs.signature import sign, verify_signature
from skillcred.keys.bbs.signing_input import decode_signing_input, encode_signing_input

__all__ = [
    "BLS12_381_SHAKE_256",
    "BLS12_381_SHA_256",
    "MAX_MESSAGES",
    "PUBLIC_KEY_LENGTH",
    "SIGNATURE_LENGTH",
    "BbsError",
    "BbsSecretKey",
    "Ciphersuite",
    "RandomScalars",
    "decode_public_key",
    "decode_signing_input",
    "draw_random_scalars",
    "encode_signing_input",
    "prove",
    "sign",
    "undisclosed_count",
    "verify_proof",
    "verify_signature",
]
