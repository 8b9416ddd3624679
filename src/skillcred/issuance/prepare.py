"""Prepare: fix the document, the proof options and the exact bytes to sign, in a form that can be stored.

What is signed later is what was prepared and recorded, byte for byte (SECURITY I1, I2).
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, IntegrityError, SkillcredError
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.securing import PreparedProof, prepare_proof

MAX_PREPARED_BYTES: Final = 4 * 1024 * 1024
"""Largest prepared credential that is read back, in bytes."""


class NotACredentialError(InputError):
    """The document to secure has no `id`, so it could not be found again."""

    default_code = "credential_id_missing"


@dataclass(frozen=True, slots=True)
class PreparedCredential:
    """A credential about to be signed."""

    credential_id: str
    verification_method: str
    proof: PreparedProof

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
        """Exactly the bytes that the key will sign."""
        return self.proof.to_be_signed

    @property
    def to_be_signed_sha256(self) -> str:
        """Their SHA-256, lower-case hex."""
        return hashlib.sha256(self.to_be_signed).hexdigest()


def prepare_credential(
    unsigned: JsonObject,
    *,
    mechanism: str,
    verification_method: str,
    algorithm: Algorithm,
    created: datetime,
    contexts: ContextStore = BUNDLED_CONTEXTS,
) -> PreparedCredential:
    """Decide the bytes to sign. Raises `SecuringError`, `LinkedDataError`, `NotACredentialError`."""
    credential_id = unsigned.get("id")
    if not isinstance(credential_id, str):
        raise NotACredentialError("A credential that is issued must have an id.", pointer="/id")
    proof = prepare_proof(
        mechanism,
        unsigned,
        verification_method=verification_method,
        algorithm=algorithm,
        created=created,
        contexts=contexts,
    )
    return PreparedCredential(credential_id, verification_method, proof)


def encode_prepared(prepared: PreparedCredential) -> bytes:
    """The durable form, UTF-8 JSON."""
    value: JsonObject = {
        "credential_id": prepared.credential_id,
        "verification_method": prepared.verification_method,
        "mechanism": prepared.mechanism,
        "document": prepared.document,
        "options": prepared.proof.options,
        "extra": prepared.proof.extra,
        "to_be_signed": base64.b64encode(prepared.to_be_signed).decode("ascii"),
    }
    return json.dumps(value, ensure_ascii=False).encode("utf-8")


def decode_prepared(data: bytes) -> PreparedCredential:
    """The inverse of `encode_prepared`. Raises `IntegrityError`: the bytes are our own record."""
    try:
        value = parse_json_object(data, max_bytes=MAX_PREPARED_BYTES)
        return PreparedCredential(
            credential_id=_text(value["credential_id"]),
            verification_method=_text(value["verification_method"]),
            proof=PreparedProof(
                mechanism=_text(value["mechanism"]),
                document=_object(value["document"]),
                options=_object(value["options"]),
                to_be_signed=base64.b64decode(_text(value["to_be_signed"]), validate=True),
                extra=_object(value.get("extra", {})),
            ),
        )
    except (SkillcredError, KeyError, TypeError, ValueError) as error:
        raise IntegrityError("A recorded issuance cannot be read.", code="prepared_unreadable") from error


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("object expected")
    return value
