"""Checkpoints of the registry's log: how far it had come, signed by the operator and kept where whoever attacks this
machine cannot write (SECURITY W-30, F-34).

A checkpoint is a JSON object. What is signed is a line that says what it is for, and the canonical JSON (RFC 8785) of
all members but the signature.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.keys.public_key import PublicKey
from skillcred.keys.signer import Signer
from skillcred.model.datetimes import format_instant
from skillcred.services.governance_records import Checkpoint
from skillcred.services.records import KeyState, SigningKey
from skillcred.trust.records import read_instant, read_text

PREFIX: Final = b"skillcred registry checkpoint 1\n"
MAX_CHECKPOINT_BYTES: Final = 16_384
_MEMBERS: Final = frozenset(
    ("number", "sha256", "at", "operator_did", "verification_method", "public_key_multibase", "signature")
)


class CheckpointError(InputError):
    """The file is no checkpoint. Code `invalid_checkpoint`."""

    default_code = "invalid_checkpoint"


def sign_checkpoint(draft: Checkpoint, signer: Signer) -> Checkpoint:
    """`draft` with the signature of the key that it names. Raises `UnavailableError`."""
    return replace(draft, signature=encode_base64url(signer.sign(signed_bytes(draft))))


def signed_bytes(checkpoint: Checkpoint) -> bytes:
    """What the signature of `checkpoint` is over."""
    members = _write(checkpoint)
    del members["signature"]
    return PREFIX + encode_jcs(members)


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    """As it is kept: one line of JSON."""
    return encode_jcs(_write(checkpoint)) + b"\n"


def parse_checkpoint(content: bytes) -> Checkpoint:
    """The checkpoint that `content` holds, not yet verified. Raises `CheckpointError` and strict JSON errors."""
    members = parse_json_object(content, max_bytes=MAX_CHECKPOINT_BYTES)
    if members.keys() != _MEMBERS:
        raise CheckpointError("A checkpoint has exactly its seven members.")
    number = members["number"]
    try:
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise TypeError("number expected")
        return Checkpoint(
            number=number,
            sha256=read_text(members["sha256"]),
            at=read_instant(members["at"]),
            operator_did=read_text(members["operator_did"]),
            verification_method=read_text(members["verification_method"]),
            public_key_multibase=read_text(members["public_key_multibase"]),
            signature=read_text(members["signature"]),
        )
    except (TypeError, ValueError) as error:
        raise CheckpointError("The checkpoint is not as we write them.") from error


def find_signature_faults(checkpoint: Checkpoint, keys: list[SigningKey]) -> list[str]:
    """What is wrong with who signed: `checkpoint_signature`, `checkpoint_key_unknown` where `keys`, which the operator
    has or had, lack it, `checkpoint_key_compromised`."""
    known = {key.id: key for key in keys}.get(checkpoint.verification_method)
    faults = []
    if known is None or known.public_key_multibase != checkpoint.public_key_multibase:
        faults.append("checkpoint_key_unknown")
    elif known.state is KeyState.COMPROMISED and (
        known.compromised_at is None or known.compromised_at <= checkpoint.at
    ):
        faults.append("checkpoint_key_compromised")
    return faults if has_good_signature(checkpoint) else [*faults, "checkpoint_signature"]


def has_good_signature(checkpoint: Checkpoint) -> bool:
    """Whether the key that it names signed it; whose key that is has to be known by another way."""
    try:
        key = PublicKey.from_multikey(checkpoint.public_key_multibase)
        return key.verify(decode_base64url(checkpoint.signature), signed_bytes(checkpoint))
    except InputError:
        return False


def _write(checkpoint: Checkpoint) -> JsonObject:
    return {
        "number": checkpoint.number,
        "sha256": checkpoint.sha256,
        "at": format_instant(checkpoint.at),
        "operator_did": checkpoint.operator_did,
        "verification_method": checkpoint.verification_method,
        "public_key_multibase": checkpoint.public_key_multibase,
        "signature": checkpoint.signature,
    }
