"""Demonstrating Proof of Possession (RFC 9449): whether a request was made with the key of its token."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.errors import DpopError
from skillcred.exchange.nonces import NonceSealer
from skillcred.keys.public_key import InvalidKeyError, PublicKey
from skillcred.securing.jose.claims import read_numeric_date
from skillcred.securing.jose.envelope import (
    check_type,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError

DPOP_TYPE: Final = "application/dpop+jwt"
MAX_DPOP_BYTES: Final = 8 * 1024
"""Longest proof, in bytes. One with a P-384 key and all claims has about 900."""
DPOP_WINDOW_SECONDS: Final = 10
"""How far `iat` may be from our clock, to both sides (SECURITY I13 and V-08)."""
MAX_JTI_CHARACTERS: Final = 256
"""Longest `jti`. A UUID has 36."""
_HEADER: Final = frozenset({"alg", "typ", "jwk", "kid"})
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class DpopRequest:
    """The HTTP request that a proof has to be made for. `url` is what we say our address is, never what the `Host`
    header says. `access_token` at protected resources only, with the thumbprint of the key it is bound to.
    Without `nonces` none is asked for."""

    method: str
    url: str
    at: datetime
    access_token: str | None = None
    thumbprint: str | None = None
    nonces: NonceSealer | None = None


@dataclass(frozen=True, slots=True)
class VerifiedDpop:
    """A proof that fits. `replay_digest` is to be recorded until `replay_until`, and refused if it is there already; it
    depends on key and `jti`, so that nobody can use up the identifiers of somebody else."""

    public_key: PublicKey
    thumbprint: str
    replay_digest: str
    replay_until: datetime


def verify_dpop(headers: Sequence[str], request: DpopRequest) -> VerifiedDpop:
    """The proof in the values of the `DPoP` header fields (RFC 9449 section 4.3). Raises `DpopError`."""
    if len(headers) != 1:
        raise DpopError("The request needs exactly one DPoP header.")
    try:
        jws = parse_compact_jws(headers[0].encode("ascii"), header_members=_HEADER, max_bytes=MAX_DPOP_BYTES)
        check_type(jws, DPOP_TYPE)
        jwk = jws.header.get("jwk")
        if not isinstance(jwk, dict):
            raise DpopError("The DPoP proof does not hold its key.")
        key = PublicKey.from_jwk(jwk)
        verify_compact_jws(jws, key)
        claims = parse_payload(jws)
        issued_at = read_numeric_date(claims, "iat")
    except (JoseError, InvalidKeyError, UnicodeEncodeError) as error:
        raise DpopError("The DPoP proof is not a token of its kind with a good signature.") from error
    window = timedelta(seconds=DPOP_WINDOW_SECONDS)
    if issued_at is None or abs(issued_at - request.at) > window:
        raise DpopError("The DPoP proof was not made just now.")
    if claims.get("htm") != request.method:
        raise DpopError("The DPoP proof was made for another method.")
    address = normalise_htu(_text(claims, "htu"))
    if address is None or address != normalise_htu(request.url):
        raise DpopError("The DPoP proof was made for another address.")
    thumbprint = key.thumbprint()
    _check_token(claims, thumbprint, request)
    jti = _text(claims, "jti")
    if not 0 < len(jti) <= MAX_JTI_CHARACTERS:
        raise DpopError("The DPoP proof has no acceptable identifier.")
    if request.nonces is not None:
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or request.nonces.accept(nonce, request.at) is None:
            raise DpopError("The DPoP proof needs a nonce of this server.", code="use_dpop_nonce")
    digest = hashlib.sha256(thumbprint.encode("ascii") + b"\0" + jti.encode("utf-8")).hexdigest()
    return VerifiedDpop(key, thumbprint, digest, issued_at + window)


def build_ath(access_token: str) -> str:
    """The digest of an access token that a proof carries (RFC 9449 section 4.2)."""
    return encode_base64url(hashlib.sha256(access_token.encode("ascii")).digest())


def normalise_htu(url: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and path; query and fragment do not count (RFC 9449 section 4.3; RFC 3986 sections 6.2.2.1 and
    6.2.3). None for what is no address of HTTP."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    default = _DEFAULT_PORTS.get(parts.scheme)
    if default is None or not parts.hostname or parts.username is not None or parts.password is not None:
        return None
    return parts.scheme, parts.hostname, default if port is None else port, parts.path or "/"


def _check_token(claims: JsonObject, thumbprint: str, request: DpopRequest) -> None:
    if request.access_token is not None:
        stated = claims.get("ath")
        expected = build_ath(request.access_token)
        if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), expected.encode()):
            raise DpopError("The DPoP proof was made for another access token.")
    if request.thumbprint is not None and thumbprint != request.thumbprint:
        raise DpopError("The DPoP proof was made with another key.")


def _text(claims: JsonObject, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str):
        raise DpopError("A claim of the DPoP proof is missing or not text.")
    return value
