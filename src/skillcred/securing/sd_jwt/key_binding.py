"""Key binding: the holder's proof of the key that the issuer confirmed (RFC 9901 sections 4.3 and 7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.public_key import InvalidKeyError, PublicKey
from skillcred.securing.envelopes import AUTHENTICATION, EnvelopeProof, verify_envelope_proof
from skillcred.securing.jose.claims import read_numeric_date
from skillcred.securing.jose.envelope import (
    SIGNATURE_ALGORITHMS,
    CompactJws,
    check_type,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError
from skillcred.securing.mechanism import CLOCK_SKEW_SECONDS, ProofRequest
from skillcred.securing.sd_jwt.disclosure import hash_text
from skillcred.securing.sd_jwt.errors import SdJwtError
from skillcred.securing.sd_jwt.opening import OpenedSdJwt

MAX_KEY_BINDING_AGE_SECONDS: Final = 300
"""Oldest KB-JWT taken as an answer to a request, in seconds. RFC 9901 section 7.3 leaves the window to the verifier;
the conformance tests for OID4VP presenters and verifiers use an hour as plainly too old. A wallet makes it when the
holder has agreed, so minutes are enough; the nonce is what stops replay."""
KEY_BINDING_TYPE: Final = "kb+jwt"
_SKEW: Final = timedelta(seconds=CLOCK_SKEW_SECONDS)


@dataclass(frozen=True, slots=True)
class _KeyBinding:
    jws: CompactJws
    issued_at: datetime
    expires: datetime | None
    audience: str
    nonce: str


def peek_confirmation_key(confirmation: JsonObject | None) -> str | None:
    """The DID URL that `cnf` names, where it names a key that way. From *unverified* data."""
    kid = (confirmation or {}).get("kid")
    return kid if isinstance(kid, str) and kid.startswith("did:") and "#" in kid else None


def verify_key_binding(opened: OpenedSdJwt, request: ProofRequest) -> bool:
    """Whether the holder has proved the key for this request: True only if `request` names verifier and challenge.

    Where the request asks for either, there must be a KB-JWT, and it must be fresh. One that nobody asked for still
    has to be right in all that can be checked. Raises `SdJwtError`, `JoseError` or `ProofError`.
    """
    asked = request.domain is not None or request.challenge is not None
    if opened.compact.key_binding is None:
        if asked:
            raise SdJwtError("The presentation has no key binding.", code="key_binding_missing")
        return False
    binding = _parse(opened, opened.compact.key_binding)
    _check_signature(opened, binding, request)
    _check_time(binding, request.at, fresh=asked)
    if request.domain is not None and binding.audience != request.domain:
        raise SdJwtError(
            "The key binding was made for another verifier.", code="audience_mismatch", pointer="/aud"
        )
    if request.challenge is not None and binding.nonce != request.challenge:
        raise SdJwtError(
            "The key binding was made for another request.", code="nonce_mismatch", pointer="/nonce"
        )
    return request.domain is not None and request.challenge is not None


def _parse(opened: OpenedSdJwt, token: str) -> _KeyBinding:
    jws = parse_compact_jws(token.encode("ascii"))
    try:
        check_type(jws, f"application/{KEY_BINDING_TYPE}")
    except JoseError as error:
        raise SdJwtError(
            "The key binding is a token of another type.", code="key_binding_type", pointer="/typ"
        ) from error
    claims = parse_payload(jws)
    issued_at = read_numeric_date(claims, "iat")
    not_before = read_numeric_date(claims, "nbf")
    if issued_at is None:
        raise SdJwtError("The key binding has no time.", code="key_binding_malformed", pointer="/iat")
    audience, nonce, sd_hash = (_text(claims, name) for name in ("aud", "nonce", "sd_hash"))
    if sd_hash != hash_text(opened.compact.without_key_binding, opened.sd_alg):
        raise SdJwtError(
            "The key binding was made for other disclosures.", code="sd_hash_mismatch", pointer="/sd_hash"
        )
    later = issued_at if not_before is None else max(issued_at, not_before)
    return _KeyBinding(jws, later, read_numeric_date(claims, "exp"), audience, nonce)


def _text(claims: JsonObject, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise SdJwtError(
            "A claim of the key binding is missing or not text.",
            code="key_binding_malformed",
            pointer=f"/{name}",
        )
    return value


def _check_signature(opened: OpenedSdJwt, binding: _KeyBinding, request: ProofRequest) -> None:
    """The signature by the key in `cnf`, and by no other: one confirmation member, a key or the name of one
    (RFC 7800 sections 3.2 and 3.4; SECURITY SD-10)."""
    confirmation = opened.claims.cnf or {}
    kid = peek_confirmation_key(confirmation)
    jwk = confirmation.get("jwk")
    if len(confirmation) != 1 or (kid is None and not isinstance(jwk, dict)):
        raise SdJwtError(
            "The issuer did not confirm exactly one usable key.", code="key_binding_key", pointer="/cnf"
        )
    if kid is not None:
        proof = EnvelopeProof(
            mechanism=KEY_BINDING_TYPE,
            purpose=AUTHENTICATION,
            key_id=kid,
            controller=None,
            algorithms=tuple(SIGNATURE_ALGORITHMS),
        )
        anyhow = request._replace(purpose=AUTHENTICATION, domain=None, challenge=None)
        verify_envelope_proof(proof, anyhow, lambda key: _verify(binding.jws, key))
        return
    try:
        key = PublicKey.from_jwk(jwk if isinstance(jwk, dict) else {})
    except InvalidKeyError as error:
        raise SdJwtError(error.message, code="key_binding_key", pointer="/cnf/jwk") from error
    _verify(binding.jws, key)


def _verify(jws: CompactJws, key: PublicKey) -> None:
    try:
        verify_compact_jws(jws, key)
    except JoseError as error:
        raise SdJwtError(
            "The key binding was not signed by the confirmed key.", code="key_binding_signature"
        ) from error


def _check_time(binding: _KeyBinding, at: datetime, *, fresh: bool) -> None:
    if binding.issued_at - at > _SKEW:
        raise SdJwtError(
            "The key binding says it was made in the future.",
            code="key_binding_from_the_future",
            pointer="/iat",
        )
    age_limit = timedelta(seconds=MAX_KEY_BINDING_AGE_SECONDS)
    expired = binding.expires is not None and binding.expires <= at
    if expired or (fresh and at - binding.issued_at > age_limit):
        raise SdJwtError("The key binding is too old.", code="key_binding_too_old", pointer="/iat")
