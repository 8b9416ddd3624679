"""What a wallet signs to get a credential: DPoP proofs (RFC 9449 section 4.2) and key proofs of the type `jwt`
(OID4VCI 1.0 appendix F.1)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.dpop import build_ath
from skillcred.identifiers import build_did_jwk, build_did_key
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.keys.signer import Signer
from skillcred.securing.jose.claims import numeric_date
from skillcred.securing.jose.envelope import (
    SIGNATURE_ALGORITHMS,
    build_header,
    build_signing_input,
    encode_compact_jws,
)

KEY_PROOF: Final = "openid4vci-proof+jwt"
DPOP: Final = "dpop+jwt"


def sign_token(
    signer: Signer, typ: str, claims: JsonObject, *, kid: str | None = None, **header: JsonObject | str
) -> str:
    """A compact JWT by `signer`, with `header` members beside the usual ones."""
    members: JsonObject = {**build_header(signer.public_key.algorithm, typ=typ, kid=kid), **header}
    message = build_signing_input(members, json.dumps(claims, separators=(",", ":")).encode("utf-8"))
    return encode_compact_jws(message, signer.sign(message)).decode("ascii")


def build_dpop_proof(
    signer: Signer,
    method: str,
    url: str,
    jti: str,
    at: datetime,
    *,
    nonce: str | None = None,
    access_token: str | None = None,
) -> str:
    """The proof for one request. `url` is without query and fragment already where it has neither."""
    claims: JsonObject = {
        "jti": jti,
        "htm": method,
        "htu": url.partition("#")[0].partition("?")[0],
        "iat": numeric_date(at),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    if access_token is not None:
        claims["ath"] = build_ath(access_token)
    return sign_token(signer, DPOP, claims, jwk=signer.public_key.to_jwk())


def build_key_proof(
    signer: Signer,
    credential_issuer: str,
    at: datetime,
    *,
    binding_method: str,
    nonce: str | None,
    client_id: str | None,
    key_attestation: str | None = None,
) -> str:
    """The proof of the signer's key. `client_id` stays away where the token was had anonymously."""
    claims: JsonObject = {"aud": credential_issuer, "iat": numeric_date(at)}
    if nonce is not None:
        claims["nonce"] = nonce
    if client_id is not None:
        claims["iss"] = client_id
    extra: dict[str, JsonObject | str] = {}
    kid = key_url(signer.public_key, binding_method)
    if kid is None:
        extra["jwk"] = signer.public_key.to_jwk()
    if key_attestation is not None:
        extra["key_attestation"] = key_attestation
    return sign_token(signer, KEY_PROOF, claims, kid=kid, **extra)


def holder_id(key: PublicKey, binding_method: str) -> str | None:
    """The DID by which a holder of `key` is named; `None` where the bare key is bound (`jwk`)."""
    if binding_method == "did:key":
        return build_did_key(key)
    return build_did_jwk(key) if binding_method == "did:jwk" else None


def key_url(key: PublicKey, binding_method: str) -> str | None:
    """The DID URL of the key itself."""
    did = holder_id(key, binding_method)
    if did is None:
        return None
    return f"{did}#0" if binding_method == "did:jwk" else f"{did}#{did.removeprefix('did:key:')}"


def choose_algorithm(names: tuple[str, ...], preferred: tuple[Algorithm, ...]) -> Algorithm | None:
    """The kind of key that is made, of those whose JOSE names are accepted."""
    return next((each for each in preferred if set(SIGNATURE_ALGORITHMS[each]).intersection(names)), None)
