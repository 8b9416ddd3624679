"""Credentials and presentations inside a compact JWS: which data model, what is the document, what are claims about it.

Two families that are never mixed (SECURITY J-12, J-13), told apart by `typ`:
`vc+jwt` and `vp+jwt` of "Securing Verifiable Credentials using JOSE and COSE" (Recommendation of 2025-05-15; here
VC-JOSE-COSE), section 3.1, where the payload is the document; and the older JWT of VCDM 1.1 section 6.3.1 (`typ` is
`JWT` or absent), where the document is under the claim `vc` or `vp` and claims stand for some of its members.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.model.conformance import BASE_CONTEXT_2
from skillcred.securing.envelopes import ASSERTION, AUTHENTICATION, EnvelopeProof
from skillcred.securing.jose.claims import (
    REGISTERED_CLAIMS,
    Claims,
    check_agreement,
    identifier_of,
    read_claims,
)
from skillcred.securing.jose.envelope import (
    BASIC_HEADER,
    KEYS_OF_ALGORITHM,
    CompactJws,
    check_type,
    parse_compact_jws,
    parse_payload,
)
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError
from skillcred.securing.jose.vcdm_1_1 import read_legacy_document

MEDIA_TYPES: Final = {ASSERTION: "application/vc+jwt", AUTHENTICATION: "application/vp+jwt"}
"""By the purpose of the signature."""
CONTENT_TYPES: Final = {ASSERTION: "application/vc", AUTHENTICATION: "application/vp"}
LEGACY_TYPE: Final = "application/jwt"
MECHANISM: Final = "vc+jwt"
LEGACY_MECHANISM: Final = "jwt_vc"
"""Our name for the mapping of VCDM 1.1. Wallets that ask for `jwt_vc_json` get it, nobody else does."""
WRAPPER_CLAIMS: Final = frozenset({"vc", "vp"})
HEADER_MEMBERS: Final = BASIC_HEADER | {"iss"}
"""`iss` may be repeated in the header (RFC 7519 section 5.3)."""
_PURPOSES: Final = {media_type: purpose for purpose, media_type in MEDIA_TYPES.items()}
_DOCUMENT_TYPES: Final = {ASSERTION: "VerifiableCredential", AUTHENTICATION: "VerifiablePresentation"}


@dataclass(frozen=True, slots=True)
class CredentialToken:
    """A token that was read and whose claims agree with its document. The signature is not checked."""

    jws: CompactJws
    document: JsonObject
    proof: EnvelopeProof
    confirmation: JsonObject | None


def parse_credential_token(content: bytes, media_type: str | None = None) -> CredentialToken:
    """The credential or presentation in `content`, which came as `media_type` if that is known.

    Raises `JoseError`; `JoseUnsupportedError` where nothing can be said about the token.
    """
    jws = parse_compact_jws(content, header_members=HEADER_MEMBERS)
    _check_media_type(jws, media_type)
    payload = parse_payload(jws)
    claims = read_claims(payload)
    _check_header_issuer(jws, claims)
    if jws.type in _PURPOSES:
        return _read_enveloped(jws, payload, claims, _PURPOSES[jws.type])
    if jws.type in (None, LEGACY_TYPE):
        return _read_legacy(jws, payload, claims)
    raise JoseError("The token is of another type.", code="type_not_allowed", pointer="/typ")


def check_document_type(document: JsonObject, purpose: str) -> None:
    """Raises `JoseError` unless the document is of the kind that its envelope says."""
    types = as_list(document.get("type", []))
    other = AUTHENTICATION if purpose == ASSERTION else ASSERTION
    if _DOCUMENT_TYPES[purpose] not in types or _DOCUMENT_TYPES[other] in types:
        raise JoseError("The document is not of the kind that its envelope says.", code="type_not_allowed")


def check_version(document: JsonObject) -> None:
    """Raises `JoseError` for what is not VCDM 2.0: VC-JOSE-COSE is for that only, and a document of VCDM 1.1 under its
    types would have no rules of its own (SECURITY J-13)."""
    if as_list(document.get("@context", []))[:1] != [BASE_CONTEXT_2]:
        raise JoseError("The document is not one of VCDM 2.0.", code="ambiguous_claims", pointer="/@context")


def refuse_embedded_proof(document: JsonObject) -> None:
    """Raises `JoseUnsupportedError` for a proof inside the envelope: it would be shown and not be checked."""
    if "proof" in document:
        raise JoseUnsupportedError(
            "There is a second proof inside the envelope.", code="unsupported_inner_proof", pointer="/proof"
        )


def _check_media_type(jws: CompactJws, media_type: str | None) -> None:
    """What it came as and what it says it is are the same. `application/jwt` is the more general name of all."""
    if media_type in _PURPOSES:
        check_type(jws, media_type)


def _check_header_issuer(jws: CompactJws, claims: Claims) -> None:
    if "iss" not in jws.header:
        return
    issuer = jws.header["iss"]
    if not isinstance(issuer, str):
        raise JoseError("A member of the header is not text.", pointer="/iss")
    if issuer != claims.iss:
        raise JoseError("The header contradicts the claims.", code="claim_conflict", pointer="/iss")


def _read_enveloped(jws: CompactJws, payload: JsonObject, claims: Claims, purpose: str) -> CredentialToken:
    """VC-JOSE-COSE section 3.1.3: the claims `vc` and `vp` must not be present."""
    for name in sorted(WRAPPER_CLAIMS & payload.keys()):
        raise JoseError(
            "A claim of the older format is present.", code="ambiguous_claims", pointer=f"/{name}"
        )
    if jws.content_type not in (None, CONTENT_TYPES[purpose]):
        raise JoseError("The content is of another type.", code="type_not_allowed", pointer="/cty")
    document = {name: value for name, value in payload.items() if name not in REGISTERED_CLAIMS}
    check_version(document)
    check_document_type(document, purpose)
    refuse_embedded_proof(document)
    party = "issuer" if purpose == ASSERTION else "holder"
    check_agreement(claims, document, party=party)
    return _token(MECHANISM, jws, document, claims, purpose)


def _read_legacy(jws: CompactJws, payload: JsonObject, claims: Claims) -> CredentialToken:
    wrappers = sorted(WRAPPER_CLAIMS & payload.keys())
    if not wrappers and jws.type is None and "@context" in payload:
        # The Recommendation only says that `typ` should be there; RFC 8725 section 3.11 asks verifiers to insist.
        raise JoseUnsupportedError("The token does not say its type.", code="type_missing", pointer="/typ")
    if len(wrappers) != 1 or "@context" in payload:
        raise JoseError(
            "The token does not hold exactly one credential or presentation.", code="ambiguous_claims"
        )
    if jws.content_type is not None:
        raise JoseError("The content is of another type.", code="type_not_allowed", pointer="/cty")
    purpose = ASSERTION if wrappers == ["vc"] else AUTHENTICATION
    document = read_legacy_document(payload[wrappers[0]], claims, payload, is_credential=purpose == ASSERTION)
    check_document_type(document, purpose)
    refuse_embedded_proof(document)
    if purpose == ASSERTION:
        # There, exp is the end of the credential, which is not a question of the signature any more.
        claims = Claims(iss=claims.iss, iat=claims.iat, aud=claims.aud, nonce=claims.nonce, cnf=claims.cnf)
    return _token(LEGACY_MECHANISM, jws, document, claims, purpose)


def _token(
    mechanism: str, jws: CompactJws, document: JsonObject, claims: Claims, purpose: str
) -> CredentialToken:
    stated = identifier_of(document.get("issuer" if purpose == ASSERTION else "holder"))
    proof = EnvelopeProof(
        mechanism=mechanism,
        purpose=purpose,
        key_id=jws.key_id,
        controller=claims.iss or stated,
        algorithms=KEYS_OF_ALGORITHM[jws.algorithm],
        created=claims.iat,
        not_before=claims.nbf,
        expires=claims.exp,
        audience=claims.aud,
        nonce=claims.nonce,
    )
    return CredentialToken(jws, document, proof, claims.cnf)
