"""The securing mechanism `vc+jwt`: enveloping proofs in compact JSON Web Signatures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.linkeddata import ContextStore
from skillcred.model.conformance import BASE_CONTEXT_1
from skillcred.model.documents import Form, SecuredDocument
from skillcred.securing.data_integrity.proof import ProofError
from skillcred.securing.envelopes import (
    ASSERTION,
    check_credential_audience,
    failed,
    fault_of,
    names_did,
    passed,
    peek_controller,
)
from skillcred.securing.envelopes import verify_envelope_proof as verify_proof
from skillcred.securing.jose.envelope import (
    SIGNATURE_ALGORITHMS,
    build_header,
    build_signing_input,
    encode_compact_jws,
    peek_key_id,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError
from skillcred.securing.jose.new_claims import build_claims, build_vc_claims, encode_payload
from skillcred.securing.jose.token import (
    CONTENT_TYPES,
    HEADER_MEMBERS,
    LEGACY_MECHANISM,
    LEGACY_TYPE,
    MECHANISM,
    MEDIA_TYPES,
    parse_credential_token,
)
from skillcred.securing.mechanism import PreparedProof, ProofFindings, ProofRequest, SecuringError
from skillcred.securing.verified_document import SEAL, VerifiedDocument

_NAMES: Final = frozenset({MECHANISM, LEGACY_MECHANISM})


class JoseMechanism:
    """Credentials and presentations in compact JSON Web Signatures; also verifies those of VCDM 1.1."""

    names = _NAMES
    form = Form.JWT
    """Every compact token; what is no credential in it is said by `verify`."""

    def key_algorithms(self, name: str) -> tuple[Algorithm, ...]:
        """Ed25519, P-256, P-384, P-521."""
        del name  # there is only one
        return tuple(SIGNATURE_ALGORITHMS)

    def media_type(self, name: str, purpose: str) -> str:
        """`application/vc+jwt`, or `application/vp+jwt` for what a holder signs for authentication; the general one for
        the older form."""
        if name == LEGACY_MECHANISM:
            return LEGACY_TYPE
        return MEDIA_TYPES.get(purpose, MEDIA_TYPES[ASSERTION])

    def peek_controllers(self, secured: SecuredDocument) -> tuple[str, ...]:
        """The DID of `kid`, `iss`, issuer or holder. Unverified."""
        try:
            key_id = peek_key_id(secured.content, header_members=HEADER_MEMBERS)
            if names_did(key_id):  # the rest is read when the token is verified
                return peek_controller(key_id, None)
            token = parse_credential_token(secured.content, secured.media_type)
        except JoseError:
            return ()  # `verify` meets the same fault and reports it
        return peek_controller(token.proof.key_id, token.proof.controller)

    def verify(self, secured: SecuredDocument, request: ProofRequest) -> ProofFindings:
        """VC-JOSE-COSE section 5.1, with the rules of RFC 8725."""
        try:
            token = parse_credential_token(secured.content, secured.media_type)
            check_credential_audience(token.proof, request)

            def check_signature(key: PublicKey) -> None:
                verify_compact_jws(token.jws, key)

            proof = verify_proof(token.proof, request, check_signature)
        except JoseError as error:
            return failed(fault_of(error, unsupported=isinstance(error, JoseUnsupportedError)))
        except ProofError as fault:
            return failed(fault)
        return passed(VerifiedDocument(SEAL, token.document, (proof,), confirmation=token.confirmation))

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
        """Header and bytes to sign. `options`: `domain`, `challenge`, `expires`. Raises `SecuringError`."""
        del contexts  # the text is signed, not what it means
        if name not in _NAMES:
            raise SecuringError("There is no securing mechanism of that name.")
        if algorithm not in SIGNATURE_ALGORITHMS:
            raise SecuringError("The mechanism does not sign with such a key.", code="wrong_key_type")
        claims = build_claims(document, purpose, created, options or {})
        if name == LEGACY_MECHANISM:
            if purpose != ASSERTION:
                raise SecuringError("Only credentials are secured so.", code="unsupported_option")
            if as_list(document.get("@context", []))[:1] != [BASE_CONTEXT_1]:
                raise SecuringError(
                    "Only credentials of VCDM 1.1 are secured so.",
                    code="wrong_document_type",
                    pointer="/@context",
                )
            header = build_header(algorithm, typ="JWT", kid=verification_method)
            payload = encode_payload({**claims, **build_vc_claims(document)})
            return PreparedProof(name, document, header, build_signing_input(header, payload))
        header = build_header(
            algorithm,
            typ=MEDIA_TYPES[purpose].removeprefix("application/"),
            cty=CONTENT_TYPES[purpose].removeprefix("application/"),
            kid=verification_method,
        )
        payload = encode_payload({**document, **claims})
        return PreparedProof(name, document, header, build_signing_input(header, payload))

    def attach(self, prepared: PreparedProof, signature: bytes) -> bytes:
        """The compact serialization, ASCII."""
        return encode_compact_jws(prepared.to_be_signed, signature)
