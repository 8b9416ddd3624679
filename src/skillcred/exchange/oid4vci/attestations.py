"""What makers of wallets say: which wallet it is, and how it keeps its keys.

Wallet attestations authenticate the client (OAuth 2.0 Attestation-Based Client Authentication, OID4VCI 1.0 appendix E),
key attestations stand beside or instead of proofs of keys (appendix D). Both count only if they are signed by a key
that the operator trusts, or by one that a certificate of his leads to (SECURITY V-17).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.errors import ClientError
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.keys.certificates import (
    CertificateError,
    TrustAnchors,
    parse_certificate_chain,
    verify_certificate_chain,
)
from skillcred.keys.public_key import InvalidKeyError, PublicKey
from skillcred.securing.jose.claims import read_numeric_date
from skillcred.securing.jose.envelope import (
    CompactJws,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError

WALLET_ATTESTATION_TYPE: Final = "application/oauth-client-attestation+jwt"
WALLET_POP_TYPE: Final = "application/oauth-client-attestation-pop+jwt"
KEY_ATTESTATION_TYPES: Final = ("application/key-attestation+jwt", "application/keyattestation+jwt")
"""The second is that of drafts before the final version, which libraries still write."""
MAX_ATTESTATION_BYTES: Final = 32 * 1024
"""Longest attestation, in bytes. One with three certificates and ten keys has about 8,000."""
POP_WINDOW_SECONDS: Final = 300
"""Oldest proof of possession of a wallet, in seconds; ours of use are remembered as long."""
SKEW_SECONDS: Final = 60
MAX_TEXT_CHARACTERS: Final = 512
_SIGNED: Final = frozenset({"alg", "typ", "kid", "jwk", "x5c"})
_POP: Final = frozenset({"alg", "typ", "jwk", "kid"})


class AttestationError(ClientError):
    """The attestation is not one that counts here."""


@dataclass(frozen=True, slots=True)
class WalletProviders:
    """Whom the operator trusts to speak about wallets: by thumbprints of keys, and by certificates of authorities."""

    thumbprints: frozenset[str] = frozenset()
    anchors: TrustAnchors | None = None


@dataclass(frozen=True, slots=True)
class AttestedClient:
    """A wallet that was vouched for. `replay_digest` is to be recorded until `replay_until`."""

    client_id: str
    replay_digest: str
    replay_until: datetime


@dataclass(frozen=True, slots=True)
class AttestedKeys:
    """Keys that were vouched for, different ones, and the nonce that the attestation was made for, if any."""

    keys: tuple[PublicKey, ...]
    nonce: str | None


def verify_wallet_attestation(
    attestations: Sequence[str], pops: Sequence[str], *, issuer: str, providers: WalletProviders, at: datetime
) -> AttestedClient:
    """The wallet in the values of the two header fields. `issuer` is whom the proof has to be made for.

    Raises `ClientError` (`invalid_client`).
    """
    if len(attestations) != 1 or len(pops) != 1:
        raise _refused("The request needs one wallet attestation and one proof of possession.")
    try:
        claims = _read_attestation(attestations[0], (WALLET_ATTESTATION_TYPE,), providers, at)
        subject = _text(claims, "sub")
        confirmation = claims.get("cnf")
        jwk = confirmation.get("jwk") if isinstance(confirmation, dict) else None
        if not isinstance(jwk, dict):
            raise _refused("The wallet attestation confirms no key.")
        key = PublicKey.from_jwk(jwk)
        pop = _parse(pops[0], _POP)
        _check_type(pop, (WALLET_POP_TYPE,))
        verify_compact_jws(pop, key)
        proof = parse_payload(pop)
        issued_at = read_numeric_date(proof, "iat")
        expires = read_numeric_date(proof, "exp")
        jti = _text(proof, "jti")
    except (JoseError, InvalidKeyError) as error:
        raise _refused("The wallet attestation or its proof is not a token of its kind.") from error
    if proof.get("aud") != issuer or proof.get("iss", subject) != subject:
        raise _refused("The proof of the wallet was made for or by another.")
    window = timedelta(seconds=POP_WINDOW_SECONDS)
    if issued_at is None or not at - window <= issued_at <= at + timedelta(seconds=SKEW_SECONDS):
        raise _refused("The proof of the wallet was not made just now.")
    if expires is not None and at >= expires:
        raise _refused("The proof of the wallet has ended.")
    content = f"{key.thumbprint()}\0{jti}".encode()
    return AttestedClient(subject, hashlib.sha256(content).hexdigest(), issued_at + window)


def verify_key_attestation(token: str, providers: WalletProviders, at: datetime) -> AttestedKeys:
    """The keys in a key attestation. Raises `CredentialRequestError` (`invalid_proof`)."""
    try:
        claims = _read_attestation(token, KEY_ATTESTATION_TYPES, providers, at)
        listed = claims.get("attested_keys")
        jwks = [jwk for jwk in listed if isinstance(jwk, dict)] if isinstance(listed, list) else []
        if not jwks or jwks != listed:
            raise _refused("The key attestation lists no keys.")
        keys = tuple(PublicKey.from_jwk(jwk) for jwk in jwks)
    except (JoseError, InvalidKeyError, ClientError) as error:
        raise CredentialRequestError(
            "The key attestation is not one that counts here.", code="invalid_proof"
        ) from error
    nonce = claims.get("nonce")
    return AttestedKeys(keys, nonce if isinstance(nonce, str) else None)


def _read_attestation(
    token: str, types: tuple[str, ...], providers: WalletProviders, at: datetime
) -> JsonObject:
    """The claims of an attestation by somebody whom the operator trusts, that holds at `at`."""
    jws = _parse(token, _SIGNED)
    _check_type(jws, types)
    verify_compact_jws(jws, _find_signer(jws, providers, at))
    claims = parse_payload(jws)
    skew = timedelta(seconds=SKEW_SECONDS)
    expires = read_numeric_date(claims, "exp")
    if expires is None or at >= expires:
        raise _refused("The attestation has ended, or does not say when it ends.")
    for name in ("iat", "nbf"):
        instant = read_numeric_date(claims, name)
        if instant is not None and instant > at + skew:
            raise _refused("The attestation does not hold yet.")
    return claims


def _find_signer(jws: CompactJws, providers: WalletProviders, at: datetime) -> PublicKey:
    """The key in the header, if the operator trusts it; or that of a certificate which leads to one of his, and is
    neither one of his itself nor comes with it (OpenID4VC HAIP 1.0 section 4.3.1)."""
    jwk, x5c = jws.header.get("jwk"), jws.header.get("x5c")
    if (jwk is None) == (x5c is None):
        raise _refused("The attestation does not say by which key it is signed.")
    if isinstance(jwk, dict):
        key = PublicKey.from_jwk(jwk)
        if key.thumbprint() not in providers.thumbprints:
            raise _refused("The attestation is by somebody who is not trusted here.")
        return key
    if x5c is None or providers.anchors is None:
        raise _refused("The attestation is by somebody who is not trusted here.")
    try:
        chain = parse_certificate_chain(x5c)
        if any(certificate in providers.anchors.certificates for certificate in chain):
            raise _refused("The certificates of the attestation include an anchor.")
        return verify_certificate_chain(chain, providers.anchors, at, named=False).public_key
    except CertificateError as error:
        raise _refused("The certificates of the attestation are not trusted here.") from error


def _parse(token: str, members: frozenset[str]) -> CompactJws:
    try:
        return parse_compact_jws(
            token.encode("ascii"), header_members=members, max_bytes=MAX_ATTESTATION_BYTES
        )
    except UnicodeEncodeError as error:
        raise _refused("The attestation is not ASCII.") from error


def _check_type(jws: CompactJws, types: tuple[str, ...]) -> None:
    if jws.type not in types:
        raise _refused("The attestation is of another type.")


def _text(claims: JsonObject, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT_CHARACTERS:
        raise _refused("A claim of the attestation is missing or not text.")
    return value


def _refused(message: str) -> AttestationError:
    return AttestationError(message)
