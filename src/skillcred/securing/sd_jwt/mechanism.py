"""Credentials and presentations secured with SD-JWT: verifying and making them.

RFC 9901; SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19); Securing Verifiable Credentials using JOSE and COSE, section 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import ContextStore
from skillcred.model.documents import Form, SecuredDocument
from skillcred.model.outcomes import INVALID_VERIFICATION_METHOD
from skillcred.securing.certified_issuers import verify_certified_proof
from skillcred.securing.data_integrity.proof import ProofError
from skillcred.securing.envelopes import (
    EnvelopeProof,
    failed,
    fault_of,
    names_did,
    passed,
    peek_controller,
    verify_envelope_proof,
)
from skillcred.securing.jose.envelope import (
    KEYS_OF_ALGORITHM,
    SIGNATURE_ALGORITHMS,
    encode_compact_jws,
    parse_payload,
    peek_key_id,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError
from skillcred.securing.mechanism import (
    PreparedProof,
    ProofFindings,
    ProofRequest,
)
from skillcred.securing.sd_jwt.compact import SEPARATOR, parse_compact
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.issuing import DISCLOSURES, parse_options, prepare_sd_jwt, profile_of
from skillcred.securing.sd_jwt.key_binding import peek_confirmation_key, verify_key_binding
from skillcred.securing.sd_jwt.opening import (
    HEADER_MEMBERS,
    OpenedSdJwt,
    open_sd_jwt,
    read_issuer_jws,
    stated_controller,
)
from skillcred.securing.sd_jwt.profiles import DC_SD_JWT, PROFILES, VC_SD_JWT, VP_SD_JWT
from skillcred.securing.verified_document import SEAL, VerifiedDocument, VerifiedProof

_STEP_CODES: Final = {
    "key_binding_missing": "key_binding_wrong",
    "key_binding_malformed": "key_binding_wrong",
    "key_binding_type": "key_binding_wrong",
    "key_binding_key": "key_binding_wrong",
    "key_binding_signature": "key_binding_wrong",
    "sd_hash_mismatch": "key_binding_wrong",
    "key_binding_too_old": "key_binding_wrong",
    "key_binding_from_the_future": "key_binding_wrong",
    "audience_mismatch": "wrong_domain",
    "nonce_mismatch": "wrong_challenge",
    "unreferenced_disclosure": "disclosures_wrong",
    "duplicate_disclosure": "disclosures_wrong",
    "duplicate_digest": "disclosures_wrong",
    "wrong_disclosure_kind": "disclosures_wrong",
    "claim_name_taken": "disclosures_wrong",
    "claim_not_disclosable": "disclosures_wrong",
    "disclosure_malformed": "disclosures_wrong",
    "reserved_claim_name": "disclosures_wrong",
    "type_not_allowed": "wrong_envelope_type",
}
"""Code of `SdJwtError` → reason code of the step, where that is not `proof_malformed`."""


class SdJwtMechanism:
    """SD-JWTs in the compact serialization, with and without key binding."""

    names = frozenset({DC_SD_JWT.name, VC_SD_JWT.name})
    form = Form.SD_JWT

    def key_algorithms(self, name: str) -> tuple[Algorithm, ...]:
        """Those that sign tokens. For SD-JWT VCs P-256 comes first: it is the one that all wallets of the High
        Assurance Interoperability Profile know."""
        if name != DC_SD_JWT.name:
            return tuple(SIGNATURE_ALGORITHMS)
        return tuple(sorted(SIGNATURE_ALGORITHMS, key=lambda algorithm: algorithm is not Algorithm.P256))

    def media_type(self, name: str, purpose: str) -> str:
        """Of the token. Raises `SecuringError`."""
        return profile_of(name, purpose).media_type

    def peek_controllers(self, secured: SecuredDocument) -> tuple[str, ...]:
        """The issuer's DID, and the holder's where `cnf` names a key by DID and there is a key binding."""
        try:
            if secured.content.endswith(b"~"):  # no key binding
                key_id = peek_key_id(secured.content, header_members=HEADER_MEMBERS)
                if names_did(key_id):  # the rest is read when the token is verified
                    return peek_controller(key_id, None)
            compact = parse_compact(secured.content)
            jws = read_issuer_jws(compact)
            payload = parse_payload(jws)
        except (SdJwtError, JoseError):
            return ()  # `verify` meets the same fault and reports it
        found = peek_controller(jws.key_id, stated_controller(payload))
        confirmation = payload.get("cnf")
        if compact.key_binding is not None and isinstance(confirmation, dict):
            found += peek_controller(peek_confirmation_key(confirmation), None)
        return tuple(dict.fromkeys(found))

    def verify(self, secured: SecuredDocument, request: ProofRequest) -> ProofFindings:
        """The issuer's signature, the disclosures, and the key binding where there is one or one is asked for."""
        try:
            opened = open_sd_jwt(secured.content)
            if secured.media_type in PROFILES and opened.jws.type != secured.media_type:
                raise SdJwtError("The token is of another type.", code="type_not_allowed", pointer="/typ")
            _check_expectations(opened, request)
            proof = _verify_issuer(opened, request)
            bound = opened.profile is not VP_SD_JWT and verify_key_binding(opened, request)
        except JoseError as error:
            return failed(fault_of(error, unsupported=isinstance(error, JoseUnsupportedError)))
        except SdJwtError as error:
            return failed(_fault_of(error))
        except ProofError as fault:
            return failed(fault)
        if opened.profile is not VP_SD_JWT:
            asked = (request.domain, request.challenge) if bound else (None, None)
            if asked != (proof.domain, proof.challenge):
                proof = proof._replace(domain=asked[0], challenge=asked[1])
        if opened.compact.key_binding is not None:
            proof = proof._replace(holds=None)  # the age of the key binding counts too
        return passed(
            VerifiedDocument(
                SEAL,
                opened.document,
                (proof,),
                kind=opened.profile.kind,
                confirmation=opened.claims.cnf,
                holder_bound=bound,
                named_issuer=proof.controller if _is_named_otherwise(opened) else None,
            )
        )

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
        """Claims, salts and the bytes to sign. `options`: see `IssuingOptions`. Without any, nothing is concealed.
        Raises `SecuringError`."""
        del contexts  # the payload is signed as text
        return prepare_sd_jwt(
            name,
            document,
            verification_method=verification_method,
            algorithm=algorithm,
            created=created,
            purpose=purpose,
            options=parse_options(options or {}),
        )

    def attach(self, prepared: PreparedProof, signature: bytes) -> bytes:
        """`<Issuer-signed JWT>~<Disclosure>~…~`, with all disclosures."""
        token = encode_compact_jws(prepared.to_be_signed, signature).decode("ascii")
        disclosures = prepared.extra.get(DISCLOSURES, [])
        texts = (
            [text for text in disclosures if isinstance(text, str)] if isinstance(disclosures, list) else []
        )
        return SEPARATOR.join((token, *texts, "")).encode("ascii")


def _is_named_otherwise(opened: OpenedSdJwt) -> bool:
    """Whether it is not `iss` that says who the issuer is."""
    return opened.certified or (opened.profile is DC_SD_JWT and opened.controller != opened.claims.iss)


def _check_expectations(opened: OpenedSdJwt, request: ProofRequest) -> None:
    """What has to be so before any key is looked for."""
    if opened.profile is VP_SD_JWT:
        if opened.compact.key_binding is not None:
            raise SdJwtError("A presentation is itself the holder's proof.", code="key_binding_malformed")
    elif opened.claims.aud and request.domain not in opened.claims.aud:
        # RFC 7519 section 4.1.3: who is not named in `aud` must reject, whoever presents it.
        raise SdJwtError("The issuer made it for others.", code="audience_mismatch", pointer="/aud")
    if opened.profile is DC_SD_JWT and opened.claims.iss is None and not opened.certified:
        raise ProofError(
            "The issuer is not named by an identifier.",
            code="invalid_verification_method",
            problem_code="issuer_missing",
            problem_type=INVALID_VERIFICATION_METHOD,
        )


def _verify_issuer(opened: OpenedSdJwt, request: ProofRequest) -> VerifiedProof:
    """By whom an SD-JWT VC is signed, `iss` says if it is a DID, else a certificate. Keys by `jwt-vc-issuer` metadata
    are not supported, and say so (docs/divergences.md). Its `exp` and `nbf` belong to the credential and are left to
    the check of its validity; in a VCDM document they belong to the signature."""
    times_of_signature = opened.profile is not DC_SD_JWT
    proof = EnvelopeProof(
        mechanism=opened.profile.name,
        purpose=opened.profile.purpose,
        key_id=opened.jws.key_id,
        controller=opened.controller,
        algorithms=KEYS_OF_ALGORITHM[opened.jws.algorithm],
        created=opened.claims.iat,
        not_before=opened.claims.nbf if times_of_signature else None,
        expires=opened.claims.exp if times_of_signature else None,
        audience=opened.claims.aud,
        nonce=opened.claims.nonce,
    )
    # A credential answers nobody; what a verifier has asked for is answered by the key binding.
    if opened.profile is not VP_SD_JWT and (request.domain is not None or request.challenge is not None):
        request = request._replace(domain=None, challenge=None)
    if opened.certified:
        return verify_certified_proof(opened.jws, proof, request)
    return verify_envelope_proof(proof, request, lambda key: verify_compact_jws(opened.jws, key))


def _fault_of(error: SdJwtError) -> ProofError:
    return ProofError(
        error.message,
        code=_STEP_CODES.get(error.code, "proof_malformed"),
        problem_code=error.code,
        pointer=error.pointer,
    )
