"""What a key of a given kind signs in tests that are about all kinds of key."""

from __future__ import annotations

from skillcred.keys.bbs import encode_signing_input
from skillcred.keys.public_key import Algorithm


def signable(algorithm: Algorithm, content: bytes) -> bytes:
    """`content` as bytes that a key of `algorithm` signs: BBS keys sign headers and messages only."""
    return encode_signing_input(b"", [content]) if algorithm is Algorithm.BLS12381G2 else content
