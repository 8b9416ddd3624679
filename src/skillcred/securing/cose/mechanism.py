"""The securing mechanism `vc+cose`: enveloping proofs in COSE_Sign1 messages."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.cbor import CborValue, encode_cbor
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.linkeddata import ContextStore
from skillcred.model.documents import Form, SecuredDocument
from skillcred.securing.cose.errors import CoseError, CoseUnsupportedError
from skillcred.securing.cose.message import CLAIM_KEYS, MECHANISM, MEDIA_TYPES, parse_credential_message
from skillcred.securing.cose.sign1 import (
    ALG,
    CONTENT_TYPE,
    CWT_CLAIMS,
    KID,
    SIGNATURE_ALGORITHMS,
    TYPE,
    build_signing_input,
    encode_cose_sign1,
    verify_cose_sign1,
)
from skillcred.securing.data_integrity.proof import ProofError
from skillcred.securing.envelopes import (
    ASSERTION,
    check_credential_audience,
    failed,
    fault_of,
    passed,
    peek_controller,
    verify_envelope_proof,
)
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError
from skillcred.securing.jose.new_claims import build_claims, encode_payload
from skillcred.securing.jose.token import CONTENT_TYPES
from skillcred.securing.mechanism import PreparedProof, ProofFindings, ProofRequest, SecuringError
from skillcred.securing.verified_document import SEAL, VerifiedDocument

_NAMES: Final = frozenset({MECHANISM})
_KEYS_OF_CLAIMS: Final = {name: key for key, name in CLAIM_KEYS.items()}
_BYTE_STRINGS: Final = frozenset({"jti", "nonce"})


class CoseMechanism:
    """Credentials and presentations in COSE_Sign1 messages."""

    names = _NAMES
    form = Form.COSE
    """Every COSE_Sign1 message; what is no credential in it is said by `verify`."""

    def key_algorithms(self, name: str) -> tuple[Algorithm, ...]:
        """Ed25519, P-256, P-384, P-521."""
        del name  # there is only one
        return tuple(SIGNATURE_ALGORITHMS)

    def media_type(self, name: str, purpose: str) -> str:
        """`application/vc+cose`, or `application/vp+cose` for what a holder signs for authentication."""
        del name
        return MEDIA_TYPES.get(purpose, MEDIA_TYPES[ASSERTION])

    def peek_controllers(self, secured: SecuredDocument) -> tuple[str, ...]:
        """The DID of `kid`, `iss`, issuer or holder. Unverified."""
        try:
            read = parse_credential_message(secured.content, secured.media_type)
        except (CoseError, JoseError):
            return ()  # `verify` meets the same fault and reports it
        return peek_controller(read.proof.key_id, read.proof.controller)

    def verify(self, secured: SecuredDocument, request: ProofRequest) -> ProofFindings:
        """VC-JOSE-COSE section 5.3."""
        try:
            read = parse_credential_message(secured.content, secured.media_type)
            check_credential_audience(read.proof, request)

            def check_signature(key: PublicKey) -> None:
                verify_cose_sign1(read.message, key)

            proof = verify_envelope_proof(read.proof, request, check_signature)
        except (CoseError, JoseError) as error:
            unsupported = isinstance(error, CoseUnsupportedError | JoseUnsupportedError)
            return failed(fault_of(error, unsupported=unsupported))
        except ProofError as fault:
            return failed(fault)
        return passed(VerifiedDocument(SEAL, read.document, (proof,)))

    def prepare(
        self,
        name: str,
        document: JsonObject,
        *,
        verification_method: str,
        algorithm: Algorithm,
        created: datetime,
        purpose: str,
        contexts: ContextStore,
        options: Mapping[str, JsonValue] | None = None,
    ) -> PreparedProof:
        """Header and bytes to sign. `options`: `domain`, `challenge`, `expires`. Raises `SecuringError`.

        The exact header and payload are kept in `extra`, in base64.
        """
        del contexts  # the text is signed, not what it means
        if name not in _NAMES:
            raise SecuringError("There is no securing mechanism of that name.")
        if algorithm not in SIGNATURE_ALGORITHMS:
            raise SecuringError("The mechanism does not sign with such a key.", code="wrong_key_type")
        claims = build_claims(document, purpose, created, options or {})
        payload = encode_payload(document)
        protected = encode_cbor(
            {
                ALG: SIGNATURE_ALGORITHMS[algorithm][0],
                CONTENT_TYPE: CONTENT_TYPES[purpose],
                KID: verification_method.encode("utf-8"),
                CWT_CLAIMS: {
                    _KEYS_OF_CLAIMS[claim]: _encode(claim, value) for claim, value in claims.items()
                },
                TYPE: MEDIA_TYPES[purpose],
            }
        )
        extra: JsonObject = {"protected": _text(protected), "payload": _text(payload)}
        return PreparedProof(name, document, claims, build_signing_input(protected, payload), extra)

    def attach(self, prepared: PreparedProof, signature: bytes) -> bytes:
        """The tagged message."""
        protected, payload = (_bytes(prepared.extra, name) for name in ("protected", "payload"))
        return encode_cose_sign1(protected, payload, signature)


def _encode(name: str, value: JsonValue) -> CborValue:
    if isinstance(value, str):
        return value.encode("utf-8") if name in _BYTE_STRINGS else value
    if isinstance(value, int):
        return value
    raise SecuringError("A claim has no CBOR form.", code="unsupported_option", pointer=f"/{name}")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(extra: JsonObject, name: str) -> bytes:
    value = extra.get(name)
    if not isinstance(value, str):
        raise SecuringError("The prepared proof is not complete.", code="unsupported_option")
    return base64.b64decode(value, validate=True)
