"""The step-by-step vectors of BBS Cryptosuites 1.0, feature option `baseline`, byte for byte.

`prc` goes through everything. The other credential has a vocabulary of its own inside and numbers with a fraction,
which we refuse in documents, so that its steps begin with the statements.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from py_arkworks_bls12381 import Scalar

from skillcred.keys.algorithms import Algorithm
from skillcred.keys.bbs import BLS12_381_SHA_256, BbsSecretKey, encode_signing_input, prove, verify_proof
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey
from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, ContextStore
from skillcred.securing import PreparedProof
from skillcred.securing.data_integrity.bbs_2023 import BBS_2023, Bbs2023, derive, shuffled_label_map
from skillcred.securing.data_integrity.bbs_2023_proof_value import (
    BbsProofValueError,
    decode_base_proof_value,
    decode_derived_proof_value,
    encode_base_proof_value,
    encode_derived_proof_value,
)
from skillcred.securing.data_integrity.cryptosuite import ProofToDerive, ProofToMake, ProofToVerify
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions, parse_proof
from skillcred.securing.data_integrity.selective_disclosure import (
    GroupedStatements,
    canonicalise_and_group,
    hash_statements,
    label_statements,
)

CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"
SUITE = BLS12_381_SHA_256


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@dataclass(frozen=True)
class Vectors:
    """The steps of one credential."""

    root: Path
    folder: str
    contexts: ContextStore

    def step(self, name: str) -> Any:
        return read(self.root / self.folder / name)

    def shared(self, name: str) -> Any:
        return read(self.root / name)

    @property
    def hmac_key(self) -> bytes:
        return bytes.fromhex(self.shared("BBSKeyMaterial.json")["hmacKeyString"])

    @property
    def key(self) -> PrivateKey:
        return PrivateKey(BbsSecretKey(bytes.fromhex(self.shared("BBSKeyMaterial.json")["privateKeyHex"])))

    @property
    def presentation_header(self) -> bytes:
        return bytes.fromhex(self.shared("BBSDeriveMaterial.json")["presentationHeaderHex"])

    @property
    def random_scalars(self) -> Callable[[int], list[Scalar]]:
        seed = bytes.fromhex(self.shared("BBSDeriveMaterial.json")["pseudoRandSeedHex"])
        return partial(mocked_scalars, seed)

    @property
    def document(self) -> Any:
        return without_proof(self.step("addSignedSDBase.json"))


def mocked_scalars(seed: bytes, count: int) -> list[Scalar]:
    """As the draft, section 8.1; the tag that these vectors were made with is the bare name of the interface."""
    octets = SUITE.expand(seed, SUITE.interface, count * 48)
    return [Scalar.from_be_bytes_mod_order(octets[start : start + 48]) for start in range(0, len(octets), 48)]


def without_proof(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def read_proof(document: dict[str, Any]) -> ProofOptions:
    return parse_proof("/proof", document["proof"], frozenset({"bbs-2023"}))


@pytest.fixture(scope="module")
def contexts(project_dir: Path) -> ContextStore:
    citizenship = (project_dir / "tests/fixtures/contexts/citizenship-v4rc1.jsonld").read_bytes()
    return BUNDLED_CONTEXTS.extended({CITIZENSHIP: citizenship}, [(V2, CITIZENSHIP)])


@pytest.fixture
def prc(shared_dir: Path, contexts: ContextStore) -> Vectors:
    return Vectors(shared_dir / "vectors/w3c-vc-di-bbs", "prc", contexts)


@pytest.fixture(params=["", "prc"], ids=["wind", "prc"])
def vectors(request: pytest.FixtureRequest, shared_dir: Path, contexts: ContextStore) -> Vectors:
    return Vectors(shared_dir / "vectors/w3c-vc-di-bbs", request.param, contexts)


def test_the_key(prc: Vectors) -> None:
    material = prc.shared("BBSKeyMaterial.json")
    assert prc.key.public_key.key_bytes.hex() == material["publicKeyHex"]
    method = prc.step("addProofConfig.json")["verificationMethod"]
    assert prc.key.public_key == PublicKey.from_multikey(method.partition("#")[2])
    assert method.startswith(f"did:key:{prc.key.public_key.to_multikey()}#")


def test_shuffled_labels(vectors: Vectors) -> None:
    """Section 3.2.1, on the canonical statements of the vectors."""
    canonical = vectors.step("addBaseDocCanon.json")
    labels = {term[2:] for line in canonical for term in line.split(" ") if term.startswith("_:")}
    new = shuffled_label_map(vectors.hmac_key)(labels)
    relabelled = [
        " ".join(f"_:{new[term[2:]]}" if term.startswith("_:") else term for term in line.split(" "))
        for line in canonical
    ]
    assert sorted(relabelled) == vectors.step("addBaseDocHMACCanon.json")


def grouped(prc: Vectors) -> GroupedStatements:
    mandatory, selective = prc.shared("prCredMandatory.json"), prc.shared("prCredSelective.json")
    groups = {"mandatory": mandatory, "selective": selective, "combined": mandatory + selective}
    return canonicalise_and_group(prc.document, shuffled_label_map(prc.hmac_key), groups, prc.contexts)


def test_statements_and_groups(prc: Vectors) -> None:
    found = grouped(prc)
    assert list(found.statements) == prc.step("addBaseDocHMACCanon.json")
    expected = prc.step("derivedGroupIndexes.json")
    for name in ("mandatory", "selective", "combined"):
        assert list(found.selections[name].indexes) == expected[f"{name}Indexes"]
    assert found.selections["combined"].document == prc.step("derivedUnsignedReveal.json")


def test_the_hash_of_what_must_be_shown(vectors: Vectors) -> None:
    mandatory = [line for _, line in vectors.step("addBaseTransform.json")["mandatory"]["value"]]
    assert hash_statements(mandatory).hex() == vectors.step("addHashData.json")["mandatoryHash"]


def test_the_base_proof(prc: Vectors) -> None:
    """Sections 3.4.1 to 3.4.5."""
    options = {name: value for name, value in prc.step("addProofConfig.json").items() if name != "@context"}
    parameters = {"mandatoryPointers": prc.shared("prCredMandatory.json")}
    procedures = Bbs2023(lambda: prc.hmac_key)
    made = procedures.prepare(
        ProofToMake(prc.document, options, Algorithm.BLS12381G2, "sha256", prc.contexts, parameters)
    )
    hashes = prc.step("addHashData.json")
    others = [line for _, line in prc.step("addBaseTransform.json")["nonMandatory"]["value"]]
    header = bytes.fromhex(hashes["proofHash"] + hashes["mandatoryHash"])
    assert made.data == encode_signing_input(header, [line.encode() for line in others])
    signature = prc.key.sign(made.data)
    assert signature[:80].hex() == prc.step("addRawBaseSignatureInfo.json")["bbsSignature"]
    assert prc.key.public_key.verify(signature, made.data)
    prepared = PreparedProof("bbs-2023", prc.document, made.options, made.data, made.extra)
    assert procedures.attach(prepared, signature) == prc.step("addSignedSDBase.json")["proof"]["proofValue"]


def test_signature_and_base_proof_value(vectors: Vectors) -> None:
    hashes = vectors.step("addHashData.json")
    header = bytes.fromhex(hashes["proofHash"] + hashes["mandatoryHash"])
    others = [line.encode() for _, line in vectors.step("addBaseTransform.json")["nonMandatory"]["value"]]
    signature = vectors.key.sign(encode_signing_input(header, others))
    raw = vectors.step("addRawBaseSignatureInfo.json")
    assert signature[:80].hex() == raw["bbsSignature"]

    text = vectors.step("addSignedSDBase.json")["proof"]["proofValue"]
    value = decode_base_proof_value(text)
    recovered = vectors.step("derivedRecoveredBaseData.json")
    assert value.bbs_signature.hex() == recovered["bbsSignature"]
    assert value.bbs_header == header
    assert value.public_key == vectors.key.public_key.key_bytes
    assert value.hmac_key.hex() == recovered["hmacKey"]
    assert list(value.mandatory_pointers) == recovered["mandatoryPointers"] == raw["mandatoryPointers"]
    assert encode_base_proof_value(value) == text


def test_bbs_proof_and_derived_proof_value(vectors: Vectors) -> None:
    hashes = vectors.step("addHashData.json")
    header = bytes.fromhex(hashes["proofHash"] + hashes["mandatoryHash"])
    messages = [line.encode() for _, line in vectors.step("addBaseTransform.json")["nonMandatory"]["value"]]
    data = vectors.step("derivedDisclosureData.json")
    selective = vectors.step("derivedAdjIndexes.json")["adjSelectiveIndexes"]
    public_key = vectors.key.public_key.key_bytes
    signature = bytes.fromhex(vectors.step("addRawBaseSignatureInfo.json")["bbsSignature"])
    arguments = (header, vectors.presentation_header)
    proof = prove(
        SUITE, public_key, signature, *arguments, messages, selective, random_scalars=vectors.random_scalars
    )
    assert proof.hex() == data["bbsProof"]
    assert verify_proof(SUITE, public_key, proof, *arguments, [messages[i] for i in selective], selective)

    text = vectors.step("derivedRevealDocument.json")["proof"]["proofValue"]
    value = decode_derived_proof_value(text)
    assert value.bbs_proof == proof
    assert value.labels == dict(data["labelMap"]["value"])
    assert list(value.mandatory_indexes) == data["mandatoryIndexes"]
    assert list(value.selective_indexes) == selective
    assert value.presentation_header == vectors.presentation_header
    assert encode_derived_proof_value(value) == text


def test_what_a_verifier_finds(prc: Vectors) -> None:
    derived = prc.step("derivedRevealDocument.json")
    value = decode_derived_proof_value(derived["proof"]["proofValue"])
    expected = prc.step("verifyDerivedProofValue.json")
    assert (value.bbs_proof.hex(), value.labels) == (expected["bbsProof"], dict(expected["labelMap"]))
    assert list(value.mandatory_indexes) == expected["mandatoryIndexes"]
    assert list(value.selective_indexes) == expected["adjSelectedIndexes"]
    statements = label_statements(without_proof(derived), lambda _: value.labels, prc.contexts)
    assert list(statements) == prc.step("verifyNQuads.json")


def test_the_derived_proof(prc: Vectors) -> None:
    """Section 3.4.6."""
    base = prc.step("addSignedSDBase.json")
    given = ProofToDerive(
        without_proof(base),
        read_proof(base),
        tuple(prc.shared("prCredSelective.json")),
        prc.contexts,
        {"presentationHeader": "uETN3qg"},
    )
    derived = derive(given, random_scalars=prc.random_scalars)
    expected = prc.step("derivedRevealDocument.json")
    assert derived.document == without_proof(expected)
    assert derived.proof_value == expected["proof"]["proofValue"]


def test_verification(prc: Vectors) -> None:
    """Section 3.4.7."""
    derived = prc.step("derivedRevealDocument.json")
    key = prc.key.public_key

    def verify(document: dict[str, Any]) -> None:
        given = ProofToVerify(without_proof(document), read_proof(document), key, "sha256", prc.contexts)
        BBS_2023.procedures.verify(given)

    verify(derived)
    with pytest.raises(ProofError) as caught:
        verify(prc.step("addSignedSDBase.json"))
    assert caught.value.code == "base_proof_presented"
    derived["validUntil"] = "2039-12-03T00:00:00Z"
    with pytest.raises(ProofError) as caught:
        verify(derived)
    assert caught.value.code == "signature_wrong"


@pytest.mark.parametrize("feature", ["HolderBinding", "Pseudonym", "PseudonymHB"])
def test_optional_features_are_told_apart_and_not_supported(shared_dir: Path, feature: str) -> None:
    folder = shared_dir / "vectors/w3c-vc-di-bbs" / feature
    base, derived = (
        read(folder / name)["proof"]["proofValue"]
        for name in ("addSignedSDBase.json", "derivedRevealDocument.json")
    )
    for decode, text, code in (
        (decode_base_proof_value, base, "unsupported_feature"),
        (decode_base_proof_value, derived, "derived_proof"),
        (decode_derived_proof_value, derived, "unsupported_feature"),
        (decode_derived_proof_value, base, "base_proof"),
    ):
        with pytest.raises(BbsProofValueError) as caught:
            decode(text)
        assert caught.value.code == code


VDL = "https://w3id.org/vdl/v1"
V1 = "https://www.w3.org/2018/credentials/v1"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"


def test_proofs_of_another_implementation(shared_dir: Path, project_dir: Path) -> None:
    """Base and derived proofs that the reference server of the W3C suite made (Digital Bazaar's library)."""
    vdl = (project_dir / "src/skillcred/linkeddata/contexts_of_examples/vdl-v1.jsonld").read_bytes()
    contexts = BUNDLED_CONTEXTS.extended({VDL: vdl}, [(V2, VDL), (V1, VDL, DATA_INTEGRITY)])
    exchanges = read(shared_dir / "vectors/suite-traffic/vc-di-bbs-test-suite.json")["exchanges"]

    def verify(document: dict[str, Any]) -> None:
        options = read_proof(document)
        key = PublicKey.from_multikey(options.verification_method.partition("#")[2])
        given = ProofToVerify(without_proof(document), options, key, "sha256", contexts)
        BBS_2023.procedures.verify(given)

    def derived_from(base: dict[str, Any], *pointers: str) -> dict[str, Any]:
        made = derive(ProofToDerive(without_proof(base), read_proof(base), pointers, contexts))
        return {**made.document, "proof": {**base["proof"], "proofValue": made.proof_value}}

    good = [exchange for exchange in exchanges if exchange["status"] < 300]
    assert [exchange["endpoint"].rpartition("/")[2] for exchange in good] == [
        *["issue"] * 4,
        "derive",
        "verify",
    ]
    for exchange in good[:4]:
        verify(derived_from(exchange["response"], ""))
    asked, answered = good[4]["request"], good[4]["response"]
    verify(answered)
    ours = derived_from(asked["verifiableCredential"], *asked["options"]["selectivePointers"])
    assert without_proof(ours) == without_proof(answered)
    verify(ours)
    verify(good[5]["request"]["verifiableCredential"])
