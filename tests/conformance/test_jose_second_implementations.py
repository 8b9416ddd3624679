"""Tokens both ways with joserfc, those of VCDM 1.1 by openvc-core, and the interoperability tokens of the W3C suite."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey, OKPKey
from openvc.keys import Ed25519SigningKey, P256SigningKey, P384SigningKey
from openvc.proof.vc_jwt import VcJwtProofSuite

from skillcred.identifiers import build_did_key, derive_document
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import PublicKey
from skillcred.model.documents import parse_secured_document
from skillcred.securing import (
    ProofFindings,
    ProofRequest,
    attach_proof,
    peek_controllers,
    prepare_proof,
    verify_secured_document,
)
from worlds.pure_world import AWARDED, NOW, SoftSigner

ALGORITHMS = (Algorithm.ED25519, Algorithm.P256, Algorithm.P384, Algorithm.P521)
JOSE_NAMES = {
    Algorithm.ED25519: "EdDSA",
    Algorithm.P256: "ES256",
    Algorithm.P384: "ES384",
    Algorithm.P521: "ES512",
}


def credential(issuer: str) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:9f8e7d6c-0000-4000-8000-000000000002",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "credentialSubject": {"id": "did:example:holder", "name": "Adaeze Ọlá"},
    }


def check(
    content: bytes, media_type: str, purpose: str = "assertionMethod", at: datetime = NOW, **expected: str
) -> ProofFindings:
    parsed = parse_secured_document(content, media_type)
    documents = {did: document for did in peek_controllers(parsed) if (document := derive_document(did))}
    return verify_secured_document(parsed, ProofRequest(purpose, at, documents, **expected))


def key_of(jwk: Any, algorithm: Algorithm) -> OKPKey | ECKey:
    return OKPKey.import_key(jwk) if algorithm is Algorithm.ED25519 else ECKey.import_key(jwk)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_joserfc_verifies_ours(algorithm: Algorithm) -> None:
    signer = SoftSigner(5, algorithm)
    document = credential(signer.did)
    prepared = prepare_proof(
        "vc+jwt",
        document,
        verification_method=signer.verification_method,
        algorithm=algorithm,
        created=AWARDED,
    )
    token = attach_proof(prepared, signer.sign(prepared.to_be_signed)).decode()
    name = JOSE_NAMES[algorithm]
    read = jws.deserialize_compact(token, key_of(signer.public_key.to_jwk(), algorithm), [name])
    assert read.headers() == {"alg": name, "typ": "vc+jwt", "cty": "vc", "kid": signer.verification_method}
    claims = json.loads(read.payload)
    assert claims == {
        **document,
        "iss": signer.did,
        "sub": "did:example:holder",
        "jti": document["id"],
        "iat": int(AWARDED.timestamp()),
    }
    other = SoftSigner(6, algorithm).public_key.to_jwk()
    with pytest.raises(BadSignatureError):
        jws.deserialize_compact(token, key_of(other, algorithm), [name])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_ours_verifies_joserfc(algorithm: Algorithm) -> None:
    if algorithm is Algorithm.ED25519:
        key: Any = OKPKey.generate_key("Ed25519")
    else:
        key = ECKey.generate_key(algorithm.value)
    members = key.as_dict(private=False)
    public = PublicKey.from_jwk({name: members[name] for name in ("kty", "crv", "x", "y") if name in members})
    did = build_did_key(public)
    document = credential(did)
    header = {"alg": JOSE_NAMES[algorithm], "typ": "vc+jwt", "kid": f"{did}#{public.to_multikey()}"}
    token = jws.serialize_compact(header, json.dumps(document), key, [header["alg"]])
    findings = check(token.encode(), "application/vc+jwt")
    assert findings.verified is not None, findings.result
    assert findings.verified.document == document


@pytest.mark.parametrize("kind", [Ed25519SigningKey, P256SigningKey, P384SigningKey])
def test_ours_verifies_openvc_core(kind: Any) -> None:
    """They wrap the document in the claim `vc`, as VCDM 1.1 says. Their `nbf` is the time of signing, which is refused
    where the document states another `issuanceDate` (SECURITY J-12)."""
    key = kind.generate("x")
    public = PublicKey.from_jwk(key.public_jwk())
    did = build_did_key(public)
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "id": "urn:uuid:9f8e7d6c-0000-4000-8000-000000000003",
        "type": ["VerifiableCredential"],
        "issuer": did,
        "credentialSubject": {"id": "did:example:holder"},
    }
    signing_key = _Renamed(key, f"{did}#{public.to_multikey()}")
    later = datetime(2100, 1, 1, tzinfo=UTC)
    token = VcJwtProofSuite().sign(document, signing_key=signing_key)
    findings = check(token.encode(), "application/jwt", at=later)
    assert findings.verified is not None, findings.result
    assert findings.verified.document["issuer"] == did
    assert findings.verified.document["credentialSubject"] == {"id": "did:example:holder"}
    assert "issuanceDate" in findings.verified.document
    dated = {**document, "issuanceDate": "2026-01-01T00:00:00Z"}
    token = VcJwtProofSuite().sign(dated, signing_key=signing_key)
    assert check(token.encode(), "application/jwt", at=later).result.code == "claim_conflict"


class _Renamed:
    """Their key under the name of its did:key method."""

    def __init__(self, key: Any, kid: str) -> None:
        self._key = key
        self.alg = key.alg
        self.kid = kid

    def sign(self, message: bytes) -> bytes:
        return bytes(self._key.sign(message))


def test_the_interoperability_tokens_of_the_vcdm_suite(shared_dir: Path) -> None:
    """A presentation under the claim `vp`, which holds a credential under the claim `vc` (SUITES 3.1)."""
    text = (shared_dir / "vectors/suite-traffic/vc-data-model-2.0-test-suite.json").read_text()
    start = text.index("data:application/jwt,") + len("data:application/jwt,")
    token = text[start : text.index('"', start)]
    findings = check(token.encode(), "application/jwt", "authentication", challenge="123456789")
    assert findings.verified is not None, findings.result
    presentation: Any = findings.verified.document
    assert findings.verified.proofs[0].domain == "example.com"
    assert presentation["holder"] == findings.verified.proofs[0].controller
    inner = presentation["verifiableCredential"][0]["id"].removeprefix("data:application/jwt,")
    held = check(inner.encode(), "application/jwt")
    assert held.verified is not None, held.result
    assert held.verified.document["credentialSubject"] == {"id": "did:example:alice", "name": "Alice"}
