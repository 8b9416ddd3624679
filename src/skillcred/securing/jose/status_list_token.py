"""Status list tokens (Token Status List section 5.1): signed like credentials, and never taken for one."""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.public_key import PublicKey
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
    SIGNATURE_ALGORITHMS,
    CompactJws,
    check_type,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError
from skillcred.securing.mechanism import ProofFindings, ProofRequest
from skillcred.securing.verified_document import SEAL, DocumentKind, VerifiedDocument

STATUS_LIST_TOKEN: Final = "application/statuslist+jwt"  # noqa: S105 - a media type


def peek_status_list_controllers(content: bytes) -> tuple[str, ...]:
    """The DID whose document is needed to verify the token. Read from *unverified* data."""
    try:
        proof, _, _ = _read(content)
    except JoseError:
        return ()  # `verify_status_list_token` meets the same fault and reports it
    return peek_controller(proof.key_id, proof.controller)


def verify_status_list_token(content: bytes, request: ProofRequest) -> ProofFindings:
    """The claims of a status list token whose signature holds; whether they are a list is not looked at.

    When the list ends (`exp`) is left to the reader, because a list may be asked about an instant in the past.
    """
    try:
        proof, jws, payload = _read(content)

        def check_signature(key: PublicKey) -> None:
            verify_compact_jws(jws, key)

        verified = verify_envelope_proof(proof, request, check_signature)
    except JoseError as error:
        return failed(fault_of(error, unsupported=isinstance(error, JoseUnsupportedError)))
    except ProofError as fault:
        return failed(fault)
    return passed(VerifiedDocument(SEAL, payload, (verified,), kind=DocumentKind.STATUS_LIST_TOKEN))


def _read(content: bytes) -> tuple[EnvelopeProof, CompactJws, JsonObject]:
    jws = parse_compact_jws(content)
    check_type(jws, STATUS_LIST_TOKEN)
    payload = parse_payload(jws)
    claims = read_claims(payload)
    algorithms = [kind for kind, names in SIGNATURE_ALGORITHMS.items() if jws.algorithm in names]
    proof = EnvelopeProof(
        mechanism="statuslist+jwt",
        purpose=ASSERTION,
        key_id=jws.key_id,
        controller=claims.iss,
        algorithms=algorithms,
        created=claims.iat,
    )
    return proof, jws, payload
