"""Proof Key for Code Exchange, S256 only (RFC 7636; RFC 9700 section 2.1.1)."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.exchange.errors import OAuthError

S256: Final = "S256"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
_DIGEST_BYTES: Final = 32


def check_challenge(challenge: str | None, method: str | None) -> str:
    """The challenge of an authorization request. Raises `OAuthError` (`invalid_request`) unless it is an S256 one:
    a missing method means `plain` (RFC 7636 section 4.3), which protects nothing once the request is seen."""
    if challenge is None or method != S256:
        raise OAuthError("The request needs a code_challenge with code_challenge_method S256.")
    try:
        digest = decode_base64url(challenge)
    except Base64UrlError as error:
        raise OAuthError("The code_challenge is not base64url.") from error
    if len(digest) != _DIGEST_BYTES:
        raise OAuthError("The code_challenge is not a SHA-256 digest.")
    return challenge


def build_challenge(verifier: str) -> str:
    """The S256 challenge of `verifier` (RFC 7636 section 4.2)."""
    return encode_base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def verify_code_verifier(challenge: str, verifier: str | None) -> None:
    """Raises `OAuthError`: `invalid_request` for one that is missing or malformed, `invalid_grant` for another's
    (RFC 7636 section 4.6)."""
    if verifier is None or not _VERIFIER.fullmatch(verifier):
        raise OAuthError("The code_verifier is missing or malformed.")
    if not hmac.compare_digest(build_challenge(verifier), challenge):
        raise OAuthError("The code_verifier does not belong to this code.", code="invalid_grant")
