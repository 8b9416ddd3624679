"""The step-by-step vectors of EdDSA Cryptosuites 1.0 through our own entry points, byte for byte."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from skillcred.encoding.json_types import as_list
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
    SecuringError,
    attach_proof,
    peek_controllers,
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
def test_proof_chains(folder: Path, contexts: ContextStore, name: str) -> None:
    """EdDSA Cryptosuites 1.0, appendix B.5: every proof holds, and none without those it builds on."""
    document = read(folder / "proof-set-chain" / name)
    findings = verify_vector(document, contexts)
    assert findings.result.outcome is Outcome.PASSED, findings.result
    assert findings.verified is not None
    assert len(findings.verified.proofs) == len(document["proof"])
    assert verify_vector({**document, "proof": document["proof"][::-1]}, contexts).verified is not None
    for index, proof in enumerate(document["proof"]):
        changed = [*document["proof"]]
        changed[index] = {**proof, "created": "2023-02-20T00:00:00Z"}
        assert verify_vector({**document, "proof": changed}, contexts).verified is None
        if any(proof.get("id", "") in as_list(other.get("previousProof")) for other in document["proof"]):
            del changed[index]
            assert verify_vector({**document, "proof": changed}, contexts).result.code == "proof_chain_broken"


def test_the_older_type_of_proof(folder: Path, contexts: ContextStore) -> None:
    """EdDSA Cryptosuites 1.0, appendix B.4: `Ed25519Signature2020`, verified and never made."""
    document = read(folder / "Ed25519Signature2020/signedEdSig.json")
    given = contexts.extended({}, [tuple(document["@context"])])
    findings = verify_vector(document, given)
    assert findings.result.outcome is Outcome.PASSED, findings.result
    assert findings.verified is not None
    assert findings.verified.proofs[0].mechanism == "Ed25519Signature2020"
    for change in (
        {"created": "2023-02-24T23:36:39Z"},
        {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"},
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"nonce": "x"},
        {"proofPurpose": "authentication"},
    ):
        changed = {**document, "proof": {**document["proof"], **change}}
        assert verify_vector(changed, given).verified is None, change
    for name in document:
        if name != "proof":
            changed = {key: value for key, value in document.items() if key != name}
            assert verify_vector(changed, given).verified is None, name
    with pytest.raises(SecuringError):
        prepare_proof(
            "Ed25519Signature2020",
            {name: value for name, value in document.items() if name != "proof"},
            verification_method=document["proof"]["verificationMethod"],
            algorithm=Algorithm.ED25519,
            created=AT,
            contexts=given,
        )


CHAINS = "vectors/w3c-di-proof-chains/eddsa-rdfc-2022"
CHAIN_NAMES = [
    f"{model}-previousProof{case}-SimpleSigned2.json"
    for model in ("1.1", "2.0")
    for case in (
        "ArrayOk",
        "StringOk",
        "ArrayMissingFail",
        "MissingFail",
        "NotStringFail",
        "StringMissingFail",
    )
]


@pytest.mark.parametrize("name", CHAIN_NAMES)
def test_proof_chains_of_the_suite(shared_dir: Path, name: str) -> None:
    """The contexts that these documents bring with them get an address; RDF does not know by which way terms came to
    their meaning, so the signatures stay the same."""
    document = read(shared_dir / CHAINS / name)
    inline = [context for context in document["@context"] if isinstance(context, dict)]
    address = "https://vectors.example/inline"
    document["@context"] = [
        address if isinstance(context, dict) else context for context in document["@context"]
    ]
    given = BUNDLED_CONTEXTS.extended(
        {address: json.dumps(inline[0]).encode()}, [tuple(document["@context"])]
    )
    findings = verify_vector(document, given)
    if "Ok" in name:
        assert findings.result.outcome is Outcome.PASSED, findings.result
        return
    assert findings.result.outcome is Outcome.FAILED
    assert findings.verified is None
    expected = "proof_malformed" if "NotString" in name else "proof_chain_broken"
    assert findings.result.code in (expected, "data_loss")
    assert "/proof/1/previousProof" in {
        str(problem.pointer)[:22] for problem in findings.result.problems
    } or (findings.result.code != expected)


PRESENTATIONS = "vectors/suite-traffic/vc-data-model-2.0-test-suite.json"


def test_presentations_of_the_data_model_suite(shared_dir: Path) -> None:
    """Presentations signed by another implementation, with whole credentials inside and without."""
    exchanges = read(shared_dir / PRESENTATIONS)["exchanges"]
    seen = {"passed": 0, "refused": 0, "with credentials": 0}
    for exchange in exchanges:
        body = exchange["request"]
        if exchange["endpoint"] != "/presentations/verify" or not isinstance(body, dict):
            continue
        document, asked = body.get("verifiablePresentation"), body.get("options", {})
        if not isinstance(document, dict) or "proof" not in document or document.get("@context") != [V2]:
            continue
        findings = verify_presentation(document, asked, exchange["at"])
        if exchange["status"] != 200:
            assert findings.verified is None
            seen["refused"] += 1
            continue
        assert findings.result.outcome is Outcome.PASSED, findings.result
        seen["passed"] += 1
        seen["with credentials"] += "verifiableCredential" in document
        other = {**asked, "challenge": "another"}
        assert verify_presentation(document, other, exchange["at"]).result.code == "wrong_challenge"
        for name in document:
            changed = {key: value for key, value in document.items() if key != name}
            assert verify_presentation(changed, asked, exchange["at"]).verified is None, name
    assert seen == {"passed": 7, "refused": 1, "with credentials": 4}


def verify_presentation(document: dict[str, Any], asked: dict[str, str], at: str) -> ProofFindings:
    secured = parse_secured_document(json.dumps(document).encode(), "application/vp")
    controllers: dict[str, Any] = {did: derive_document(did) for did in peek_controllers(secured)}
    request = ProofRequest(
        "authentication",
        parse_instant(at),
        controllers,
        domain=asked.get("domain"),
        challenge=asked.get("challenge"),
    )
    return verify_secured_document(secured, request)


def verify_vector(document: dict[str, Any], contexts: ContextStore) -> ProofFindings:
    """The findings on a document whose signers are all did:key."""
    proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
    dids = {did_of(proof["verificationMethod"]) for proof in proofs}
    controllers: dict[str, Any] = {did: derive_document(did) for did in dids}
    request = ProofRequest("assertionMethod", AT, controllers, contexts)
    return verify_secured_document(parse_secured_document(json.dumps(document).encode()), request)
