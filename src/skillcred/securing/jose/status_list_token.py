"""Status list tokens (Token Status List section 5.1): signed like credentials, and never taken for one."""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.securing.certified_issuers import CERTIFICATES, is_certified, verify_certified_proof
from skillcred.securing.data_integrity.proof import ProofError
from skillcred.securing.envelopes import (
    ASSERTION,
    EnvelopeProof,
    failed,
    fault_of,
    passed,
    peek_controller,
    verify_envelope_proof,
)
from skillcred.securing.jose.claims import read_claims
from skillcred.securing.jose.envelope import (
    BASIC_HEADER,
    KEYS_OF_ALGORITHM,
    SIGNATURE_ALGORITHMS,
    CompactJws,
    build_header,
    build_signing_input,
    check_type,
    encode_compact_jws,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError
from skillcred.securing.jose.new_claims import encode_payload
from skillcred.securing.mechanism import PreparedProof, ProofFindings, ProofRequest, SecuringError
from skillcred.securing.verified_document import SEAL, DocumentKind, VerifiedDocument

STATUS_LIST_TOKEN: Final = "application/statuslist+jwt"  # noqa: S105 - a media type
MECHANISM: Final = "statuslist+jwt"
"""Also `typ` of the token."""


def prepare_status_list_token(
    claims: JsonObject, *, verification_method: str, algorithm: Algorithm
) -> PreparedProof:
    """Header and bytes to sign of a token with `claims`; `kid` is `verification_method`, a DID URL.

    Raises `SecuringError` for a key that does not sign tokens.
    """
    if algorithm not in SIGNATURE_ALGORITHMS:
        raise SecuringError("The mechanism does not sign with such a key.", code="wrong_key_type")
    header = build_header(algorithm, typ=MECHANISM, cty=None, kid=verification_method)
    return PreparedProof(MECHANISM, claims, header, build_signing_input(header, encode_payload(claims)))


def attach_status_list_signature(prepared: PreparedProof, signature: bytes) -> bytes:
    """The token in ASCII."""
    return encode_compact_jws(prepared.to_be_signed, signature)


def peek_status_list_controllers(content: bytes) -> tuple[str, ...]:
    """The DID whose document is needed to verify the token. Read from *unverified* data."""
    try:
        proof, jws, _ = _read(content)
    except JoseError:
        return ()  # `verify_status_list_token` meets the same fault and reports it
    if is_certified(jws, proof.controller):
        return ()
    return peek_controller(proof.key_id, proof.controller)


def needs_issuer_anchors(content: bytes) -> bool:
    """Whether the token names its issuer by a certificate. Read from *unverified* data."""
    try:
        proof, jws, _ = _read(content)
    except JoseError:
        return False
    return is_certified(jws, proof.controller)


def verify_status_list_token(content: bytes, request: ProofRequest) -> ProofFindings:
    """The claims of a status list token whose signature holds; whether they are a list is not looked at.

    When the list ends (`exp`) is left to the reader, because a list may be asked about an instant in the past.
    """
    try:
        proof, jws, payload = _read(content)

        def check_signature(key: PublicKey) -> None:
            verify_compact_jws(jws, key)

        if is_certified(jws, proof.controller):
            verified = verify_certified_proof(jws, proof, request)
        else:
            verified = verify_envelope_proof(proof, request, check_signature)
    except JoseError as error:
        return failed(fault_of(error, unsupported=isinstance(error, JoseUnsupportedError)))
    except ProofError as fault:
        return failed(fault)
    return passed(VerifiedDocument(SEAL, payload, (verified,), kind=DocumentKind.STATUS_LIST_TOKEN))


def _read(content: bytes) -> tuple[EnvelopeProof, CompactJws, JsonObject]:
    jws = parse_compact_jws(content, header_members=BASIC_HEADER | {CERTIFICATES})
    check_type(jws, STATUS_LIST_TOKEN)
    payload = parse_payload(jws)
    claims = read_claims(payload)
    proof = EnvelopeProof(
        mechanism=MECHANISM,
        purpose=ASSERTION,
        key_id=jws.key_id,
        controller=claims.iss,
        algorithms=KEYS_OF_ALGORITHM[jws.algorithm],
        created=claims.iat,
    )
    return proof, jws, payload
