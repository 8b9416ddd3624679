"""The step-by-step vectors of EdDSA Cryptosuites 1.0 through our own entry points, byte for byte."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skillcred.encoding.multibase import decode_multibase
from skillcred.identifiers import derive_document, did_of
from skillcred.keys.algorithms import Algorithm
from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, ContextStore
from skillcred.model.datetimes import parse_instant
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import Outcome, Verdict
from skillcred.securing import (
    ProofFindings,
    ProofRequest,
    attach_proof,
    prepare_proof,
    verify_secured_document,
)
from skillcred.verification import VerificationPolicy, verify

EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
AT = datetime(2026, 6, 1, tzinfo=UTC)
SETS = [
    pytest.param("eddsa-rdfc-2022", "eddsa-rdfc-2022", "DataInt", "unsigned.json", id="rdfc-alumni"),
    pytest.param(
        "eddsa-rdfc-2022", "eddsa-rdfc-2022/employ", "DataInt", "employmentAuth.json", id="rdfc-employ"
    ),
    pytest.param("eddsa-jcs-2022", "eddsa-jcs-2022", "JCS", "unsigned.json", id="jcs-alumni"),
]


@pytest.fixture(scope="module")
def folder(shared_dir: Path) -> Path:
    return shared_dir / "vectors/w3c-vc-di-eddsa"


@pytest.fixture(scope="module")
def contexts(shared_dir: Path, project_dir: Path) -> ContextStore:
    """The bundled contexts and the vocabularies of the specification's examples, which we do not ship."""
    examples = (shared_dir / "vectors/contexts/credentials-examples-v2.jsonld").read_bytes()
    citizenship = (project_dir / "tests/fixtures/contexts/citizenship-v4rc1.jsonld").read_bytes()
    extra = {EXAMPLES: examples, CITIZENSHIP: citizenship}
    return BUNDLED_CONTEXTS.extended(extra, [(V2, EXAMPLES), (V2, CITIZENSHIP)])


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@pytest.mark.parametrize(("suite", "sub", "suffix", "source"), SETS)
def test_signing_gives_the_published_bytes(
    folder: Path, contexts: ContextStore, suite: str, sub: str, suffix: str, source: str
) -> None:
    unsigned = read(folder / source)
    options = read(folder / sub / f"proofConfig{suffix}.json")
    prepared = prepare_proof(
        suite,
        unsigned,
        verification_method=options["verificationMethod"],
        algorithm=Algorithm.ED25519,
        created=parse_instant(options["created"]),
        contexts=contexts,
    )
    assert prepared.to_be_signed.hex() == (folder / sub / f"combinedHash{suffix}.txt").read_text().strip()
    secret = decode_multibase(read(folder / "keyPair.json")["privateKeyMultibase"])[2:]
    signature = Ed25519PrivateKey.from_private_bytes(secret).sign(prepared.to_be_signed)
    assert signature.hex() == (folder / sub / f"sigHex{suffix}.txt").read_text().strip()
    signed = json.loads(attach_proof(prepared, signature))
    assert signed["proof"]["proofValue"] == (folder / sub / f"sigBTC58{suffix}.txt").read_text().strip()


@pytest.mark.parametrize(("suite", "sub", "suffix", "source"), SETS)
def test_the_published_document_verifies(
    folder: Path, contexts: ContextStore, suite: str, sub: str, suffix: str, source: str
) -> None:
    content = (folder / sub / f"signed{suffix}.json").read_bytes()
    secured = parse_secured_document(content)
    did = did_of(secured.document["proof"]["verificationMethod"])  # type: ignore[index,call-overload,arg-type]
    request = ProofRequest("assertionMethod", AT, {did: derive_document(did)}, contexts)  # type: ignore[dict-item]
    findings = verify_secured_document(secured, request)
    assert findings.result.outcome is Outcome.PASSED, findings.result
    assert findings.verified is not None
    # The issuer of the vectors is not the owner of the key: the report keeps the two findings apart.
    report = verify(content, policy=VerificationPolicy("test", contexts), at=AT)
    assert report.verdict is Verdict.INVALID
    assert report.reason == "issuer_key_mismatch"


@pytest.mark.parametrize(("suite", "sub", "suffix", "source"), SETS)
def test_every_changed_member_is_noticed(
    folder: Path, contexts: ContextStore, suite: str, sub: str, suffix: str, source: str
) -> None:
    signed = read(folder / sub / f"signed{suffix}.json")
    did = did_of(signed["proof"]["verificationMethod"])
    request = ProofRequest("assertionMethod", AT, {did: derive_document(did)}, contexts)  # type: ignore[dict-item]
    for name in [*signed, *(f"proof/{member}" for member in signed["proof"])]:
        changed = copy.deepcopy(signed)
        parent, _, member = name.rpartition("/")
        target = changed[parent] if parent else changed
        if member in ("@context", "proof"):
            del target[member]
        else:
            target[member] = "2001-01-01T00:00:00Z" if member in ("created", "validFrom") else "urn:x:y"
        findings = verify_secured_document(parse_secured_document(json.dumps(changed).encode()), request)
        expected_same = suite == "eddsa-jcs-2022" and name == "proof/@context"
        assert (findings.verified is None) or expected_same, name


@pytest.mark.parametrize("name", ["signedProofSet1.json", "signedProofSet2.json"])
def test_proof_sets(folder: Path, contexts: ContextStore, name: str) -> None:
    document = read(folder / "proof-set-chain" / name)
    assert verify_vector(document, contexts).result.outcome is Outcome.PASSED
    last = document["proof"][-1] if isinstance(document["proof"], list) else document["proof"]
    last["created"] = "2023-02-24T23:36:39Z"
    assert verify_vector(document, contexts).result.outcome is Outcome.FAILED


@pytest.mark.parametrize("name", ["signedProofChain1.json", "signedProofChain2.json"])
def test_proof_chains_are_not_claimed_to_be_checked(folder: Path, contexts: ContextStore, name: str) -> None:
    findings = verify_vector(read(folder / "proof-set-chain" / name), contexts)
    assert findings.result.outcome is Outcome.INDETERMINATE
    assert findings.result.code == "unsupported_proof"


def verify_vector(document: dict[str, Any], contexts: ContextStore) -> ProofFindings:
    """The findings on a document whose signers are all did:key."""
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    dids = {did_of(proof["verificationMethod"]) for proof in proofs}
    controllers: dict[str, Any] = {did: derive_document(did) for did in dids}
    request = ProofRequest("assertionMethod", AT, controllers, contexts)
    return verify_secured_document(parse_secured_document(json.dumps(document).encode()), request)
