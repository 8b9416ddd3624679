"""Proofs of the keys that credentials shall be bound to, of the type `jwt` (OID4VCI 1.0 appendix F.1).

All or nothing: one proof that is not good refuses the whole request (SECURITY V-06, V-07). An attestation by the maker
of the wallet may stand in the header of a proof, which then is for all keys that it attests, or take the place of the
proofs (appendix F.3). Where nobody is trusted to attest, what stands in the header is not looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.nonces import AcceptedNonce, NonceSealer
from skillcred.exchange.oid4vci.attestations import (
    AttestedKeys,
    WalletProviders,
    verify_key_attestation,
)
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
_HEADER: Final = frozenset({"alg", "typ", "kid", "jwk", "key_attestation"})


@dataclass(frozen=True, slots=True)
class KeyProofExpectation:
    """What proofs have to fit. `client_id` is None where the access token was had anonymously by a pre-authorised
    code: then a proof must not have an `iss`. `with_did` where the credential names its holder by DID. `providers` are
    those who are trusted to attest keys; with `attestation_required` keys that nobody attests are refused."""

    credential_issuer: str
    nonces: NonceSealer
    at: datetime
    batch_size: int
    client_id: str | None = None
    with_did: bool = False
    algorithms: frozenset[Algorithm] = HOLDER_ALGORITHMS
    providers: WalletProviders | None = None
    attestation_required: bool = False


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
    attested = [proof.attested for proof in proofs if proof.attested is not None]
    if attested and len(proofs) > 1:
        raise _invalid("With a key attestation there must be one key proof.")
    if expected.attestation_required and not attested:
        raise _invalid("The key proof needs a key attestation.")
    if len({proof.nonce for proof in proofs}) != 1:
        raise _invalid("The key proofs do not share one nonce.")
    if attested:
        return _accept(attested[0].keys, None, proofs[0].nonce, expected)
    keys = tuple(proof.key for proof in proofs)
    return _accept(keys, tuple(proof.did for proof in proofs), proofs[0].nonce, expected)


def verify_attested_keys(tokens: Sequence[str], expected: KeyProofExpectation) -> ProvenKeys:
    """The keys that the one attestation in `tokens` is for, made for a nonce of ours (appendix F.3). Raises
    `CredentialRequestError`: `invalid_proof`, `invalid_nonce`."""
    if expected.providers is None or len(tokens) != 1:
        raise _invalid("Key attestations are not accepted in place of key proofs.")
    attested = verify_key_attestation(tokens[0], expected.providers, expected.at)
    if attested.nonce is None:
        raise _invalid("The key attestation has no nonce.")
    return _accept(attested.keys, None, attested.nonce, expected)


def _accept(
    keys: tuple[PublicKey, ...],
    dids: tuple[str | None, ...] | None,
    nonce: str,
    expected: KeyProofExpectation,
) -> ProvenKeys:
    """What holds for all keys of a request together, however they were proven."""
    if len(keys) > expected.batch_size:
        raise _invalid("There are more keys than are issued for at once.")
    if len({key.to_multikey() for key in keys}) != len(keys):
        raise _invalid("Two key proofs are of the same key.")
    if any(key.algorithm not in expected.algorithms for key in keys):
        raise _invalid("Credentials are not bound to keys of this kind.")
    accepted = expected.nonces.accept(nonce, expected.at)
    if accepted is None:
        raise CredentialRequestError(
            "The nonce of the key proof is not one of ours or too old.", code="invalid_nonce"
        )
    return ProvenKeys(keys, dids or (None,) * len(keys), accepted)


@dataclass(frozen=True, slots=True)
class _Proof:
    """One proof that is good, but for its nonce."""

    key: PublicKey
    did: str | None
    nonce: str
    attested: AttestedKeys | None


def _verify(token: str, expected: KeyProofExpectation) -> _Proof:
    try:
        jws = parse_compact_jws(token.encode("ascii"), header_members=_HEADER, max_bytes=MAX_KEY_PROOF_BYTES)
        check_type(jws, KEY_PROOF_TYPE)
        key, did = _find_key(jws)
        verify_compact_jws(jws, key)
        claims = parse_payload(jws)
        issued_at = read_numeric_date(claims, "iat")
    except (JoseError, InvalidKeyError, DidError, DidDocumentError, UnicodeEncodeError) as error:
        raise _invalid("A key proof is not a token of its kind with a good signature.") from error
    attested = _find_attestation(jws, key, expected)
    if expected.with_did and did is None and attested is None:
        raise _invalid("This credential names its holder: the key proof must name its key by a DID URL.")
    if issued_at is None or not _is_fresh(issued_at, expected.at):
        raise _invalid("A key proof was not made just now.")
    if claims.get("aud") != expected.credential_issuer:
        raise _invalid("A key proof was made for another issuer.")
    _check_client(claims, expected.client_id)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise _invalid("A key proof has no nonce.")
    if attested is not None and attested.nonce not in (None, nonce):
        raise _invalid("The key attestation was made for another nonce.")
    return _Proof(key, did, nonce, attested)


def _find_attestation(jws: CompactJws, key: PublicKey, expected: KeyProofExpectation) -> AttestedKeys | None:
    """The attestation in the header (appendix F.1): the key of the proof is one of those that it is for."""
    token = jws.header.get("key_attestation")
    if token is None or expected.providers is None:
        return None
    if not isinstance(token, str):
        raise _invalid("The key attestation is not text.")
    attested = verify_key_attestation(token, expected.providers, expected.at)
    if key not in attested.keys:
        raise _invalid("The key of the proof is not one that is attested.")
    return attested


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
