"""Prepare: fix the document, the proof options and the exact bytes to sign, in a form that can be stored.

What is signed later is what was prepared and recorded, byte for byte (SECURITY I1, I2).
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, IntegrityError, SkillcredError
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.securing import PreparedProof, SecuringError, prepare_proof, takes_second_proof

MAX_PREPARED_BYTES: Final = 16 * 1024 * 1024
"""Largest prepared credential that is read back, in bytes."""


class NotACredentialError(InputError):
    """The document to secure has no `id`, so it could not be found again."""

    default_code = "credential_id_missing"


@dataclass(frozen=True, slots=True)
class PreparedSecondProof:
    """One more proof for a proof set. It covers the document without its proofs, so that it is decided, like the first,
    before anything is signed."""

    verification_method: str
    proof: PreparedProof


@dataclass(frozen=True, slots=True)
class PreparedCredential:
    """A credential about to be signed. `second` is a further proof beside the first one, by another key. `copies` are
    further copies by the same key, each for another key of the holder and with an identifier of its own, so that nobody
    can tell that they are one credential."""

    credential_id: str
    verification_method: str
    proof: PreparedProof
    second: PreparedSecondProof | None = None
    copies: tuple[PreparedCredential, ...] = ()

    @property
    def document(self) -> JsonObject:
        """The unsigned credential."""
        return self.proof.document

    @property
    def mechanism(self) -> str:
        """The name of the securing mechanism."""
        return self.proof.mechanism

    @property
    def to_be_signed(self) -> bytes:
        """Exactly the bytes that the first key will sign."""
        return self.proof.to_be_signed

    @property
    def to_be_signed_sha256(self) -> str:
        """The SHA-256 of what is signed, lower-case hex: the bytes for the first key, those for the second, and those
        of the copies in their order."""
        digest = hashlib.sha256(self.to_be_signed)
        if self.second is not None:
            digest.update(self.second.proof.to_be_signed)
        for copy in self.copies:
            digest.update(copy.to_be_signed)
        return digest.hexdigest()


def prepare_credential(
    unsigned: JsonObject,
    *,
    mechanism: str,
    verification_method: str,
    algorithm: Algorithm,
    created: datetime,
    contexts: ContextStore = BUNDLED_CONTEXTS,
    options: Mapping[str, JsonValue] | None = None,
) -> PreparedCredential:
    """Decide the bytes to sign; for `options` see `prepare_proof`. The claims of an SD-JWT VC have their id in `jti`.

    Raises `SecuringError`, `LinkedDataError`, `NotACredentialError`.
    """
    member = "jti" if "vct" in unsigned else "id"
    credential_id = unsigned.get(member)
    if not isinstance(credential_id, str):
        raise NotACredentialError("A credential that is issued must have an id.", pointer=f"/{member}")
    proof = prepare_proof(
        mechanism,
        unsigned,
        verification_method=verification_method,
        algorithm=algorithm,
        created=created,
        contexts=contexts,
        options=options,
    )
    return PreparedCredential(credential_id, verification_method, proof)


def prepare_second_proof(
    prepared: PreparedCredential,
    *,
    mechanism: str,
    verification_method: str,
    algorithm: Algorithm,
    created: datetime,
) -> PreparedCredential:
    """`prepared` with one more proof, by `mechanism`. Raises `SecuringError` (`second_proof_not_possible`) where there
    can be none, and what `prepare_proof` raises."""
    if not takes_second_proof(prepared.mechanism):
        raise SecuringError(
            "A credential that is secured so carries no second proof.", code="second_proof_not_possible"
        )
    proof = prepare_proof(
        mechanism,
        prepared.document,
        verification_method=verification_method,
        algorithm=algorithm,
        created=created,
    )
    return replace(prepared, second=PreparedSecondProof(verification_method, proof))


def encode_prepared(prepared: PreparedCredential) -> bytes:
    """The durable form, UTF-8 JSON."""
    return json.dumps(_encode(prepared), ensure_ascii=False).encode("utf-8")


def decode_prepared(data: bytes) -> PreparedCredential:
    """The inverse of `encode_prepared`. Raises `IntegrityError`: the bytes are our own record."""
    try:
        return _decode(parse_json_object(data, max_bytes=MAX_PREPARED_BYTES))
    except (SkillcredError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError("A recorded issuance cannot be read.", code="prepared_unreadable") from error


def _encode(prepared: PreparedCredential) -> JsonObject:
    value: JsonObject = {
        "credential_id": prepared.credential_id,
        "verification_method": prepared.verification_method,
        "document": prepared.document,
        **_encode_proof(prepared.proof),
    }
    if prepared.second is not None:
        value["second"] = {
            "verification_method": prepared.second.verification_method,
            **_encode_proof(prepared.second.proof),
        }
    if prepared.copies:
        value["copies"] = [_encode(copy) for copy in prepared.copies]
    return value


def _decode(value: JsonObject) -> PreparedCredential:
    copies = value.get("copies", [])
    if not isinstance(copies, list):
        raise TypeError("list expected")
    return PreparedCredential(
        credential_id=_text(value["credential_id"]),
        verification_method=_text(value["verification_method"]),
        proof=_decode_proof(value, _object(value["document"])),
        second=_decode_second(value),
        copies=tuple(_decode(_object(copy)) for copy in copies),
    )


def _encode_proof(proof: PreparedProof) -> JsonObject:
    return {
        "mechanism": proof.mechanism,
        "options": proof.options,
        "extra": proof.extra,
        "to_be_signed": base64.b64encode(proof.to_be_signed).decode("ascii"),
    }


def _decode_proof(value: JsonObject, document: JsonObject) -> PreparedProof:
    return PreparedProof(
        mechanism=_text(value["mechanism"]),
        document=document,
        options=_object(value["options"]),
        to_be_signed=base64.b64decode(_text(value["to_be_signed"]), validate=True),
        extra=_object(value.get("extra", {})),
    )


def _decode_second(value: JsonObject) -> PreparedSecondProof | None:
    if "second" not in value:
        return None
    second = _object(value["second"])
    proof = _decode_proof(second, _object(value["document"]))
    return PreparedSecondProof(_text(second["verification_method"]), proof)


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("object expected")
    return value
