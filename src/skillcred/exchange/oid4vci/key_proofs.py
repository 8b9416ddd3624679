"""Proofs of the keys that credentials shall be bound to, of the type `jwt` (OID4VCI 1.0 appendix F.1).

All or nothing: one proof that is not good refuses the whole request (SECURITY V-06, V-07). Key attestations and
certificates in the header are not accepted; metadata must not ask for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.nonces import AcceptedNonce, NonceSealer
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.identifiers import DidDocumentError, DidError, derive_document, did_of
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey
from skillcred.securing.jose.claims import read_numeric_date
from skillcred.securing.jose.envelope import (
    CompactJws,
    check_type,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError

KEY_PROOF_TYPE: Final = "application/openid4vci-proof+jwt"
MAX_KEY_PROOF_BYTES: Final = 16 * 1024
"""Longest proof, in bytes. One whose key is named by a did:jwk has about 1,000."""
MAX_KEY_PROOF_AGE_SECONDS: Final = 300
"""Oldest proof, in seconds. The nonce is what stops replay; this bounds how far a proof can be made ahead."""
KEY_PROOF_SKEW_SECONDS: Final = 60
"""How far the clock of a wallet may be ahead, in seconds (SECURITY I13)."""
HOLDER_ALGORITHMS: Final = frozenset({Algorithm.ED25519, Algorithm.P256, Algorithm.P384})
"""Kinds of keys that credentials are bound to."""
_HEADER: Final = frozenset({"alg", "typ", "kid", "jwk"})


@dataclass(frozen=True, slots=True)
class KeyProofExpectation:
    """What proofs have to fit. `client_id` is None where the access token was had anonymously by a pre-authorised
    code: then a proof must not have an `iss`. `with_did` where the credential names its holder by DID."""

    credential_issuer: str
    nonces: NonceSealer
    at: datetime
    batch_size: int
    client_id: str | None = None
    with_did: bool = False
    algorithms: frozenset[Algorithm] = HOLDER_ALGORITHMS


@dataclass(frozen=True, slots=True)
class ProvenKeys:
    """Different keys, each of which signed, in the order of the request; `dids` beside them where a header named one.
    `nonce` is the one they share, to be used up with the issuance."""

    keys: tuple[PublicKey, ...]
    dids: tuple[str | None, ...]
    nonce: AcceptedNonce


def verify_key_proofs(tokens: Sequence[str], expected: KeyProofExpectation) -> ProvenKeys:
    """The keys that `tokens` prove. Raises `CredentialRequestError`: `invalid_proof`, `invalid_nonce`."""
    if not tokens:
        raise _invalid("The request has no key proof.")
    if len(tokens) > expected.batch_size:
        raise _invalid("The request has more key proofs than are issued at once.")
    proofs = [_verify(token, expected) for token in tokens]
    if len({key.to_multikey() for key, _, _ in proofs}) != len(proofs):
        raise _invalid("Two key proofs are of the same key.")
    if len({nonce for _, _, nonce in proofs}) != 1:
        raise _invalid("The key proofs do not share one nonce.")
    accepted = expected.nonces.accept(proofs[0][2], expected.at)
    if accepted is None:
        raise CredentialRequestError(
            "The nonce of the key proof is not one of ours or too old.", code="invalid_nonce"
        )
    return ProvenKeys(tuple(key for key, _, _ in proofs), tuple(did for _, did, _ in proofs), accepted)


def _verify(token: str, expected: KeyProofExpectation) -> tuple[PublicKey, str | None, str]:
    try:
        jws = parse_compact_jws(token.encode("ascii"), header_members=_HEADER, max_bytes=MAX_KEY_PROOF_BYTES)
        check_type(jws, KEY_PROOF_TYPE)
        key, did = _find_key(jws)
        verify_compact_jws(jws, key)
        claims = parse_payload(jws)
        issued_at = read_numeric_date(claims, "iat")
    except (JoseError, InvalidKeyError, DidError, DidDocumentError, UnicodeEncodeError) as error:
        raise _invalid("A key proof is not a token of its kind with a good signature.") from error
    if key.algorithm not in expected.algorithms:
        raise _invalid("Credentials are not bound to keys of this kind.")
    if expected.with_did and did is None:
        raise _invalid("This credential names its holder: the key proof must name its key by a DID URL.")
    if issued_at is None or not _is_fresh(issued_at, expected.at):
        raise _invalid("A key proof was not made just now.")
    if claims.get("aud") != expected.credential_issuer:
        raise _invalid("A key proof was made for another issuer.")
    _check_client(claims, expected.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise _invalid("A key proof has no nonce.")
    return key, did, nonce


def _find_key(jws: CompactJws) -> tuple[PublicKey, str | None]:
    """The key in the header or, by its DID, the one that the header names: one of both."""
    jwk = jws.header.get("jwk")
    if (jwk is None) == (jws.key_id is None):
        raise _invalid("A key proof must hold its key or name it, and not both.")
    if jws.key_id is None:
        if not isinstance(jwk, dict):
            raise _invalid("The key in a key proof is no object.")
        return PublicKey.from_jwk(jwk), None
    did = did_of(jws.key_id)
    document = derive_document(did)
    if document is None:
        raise _invalid("The DID of a key proof cannot be resolved from itself; use did:key or did:jwk.")
    return document.get_verification_method(jws.key_id, relationship="authentication").public_key, did


def _is_fresh(issued_at: datetime, at: datetime) -> bool:
    oldest = at - timedelta(seconds=MAX_KEY_PROOF_AGE_SECONDS)
    return oldest <= issued_at <= at + timedelta(seconds=KEY_PROOF_SKEW_SECONDS)


def _check_client(claims: JsonObject, client_id: str | None) -> None:
    if "iss" in claims and (client_id is None or claims["iss"] != client_id):
        raise _invalid("A key proof was made by another client.")


def _invalid(message: str) -> CredentialRequestError:
    return CredentialRequestError(message, code="invalid_proof")
