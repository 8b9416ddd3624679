"""The step-by-step vectors of ECDSA Cryptosuites 1.0 for `ecdsa-sd-2023`, byte for byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from skillcred.encoding.multibase import decode_multibase
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import PublicKey
from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, ContextStore
from skillcred.securing import PreparedProof
from skillcred.securing.data_integrity.cryptosuite import ProofToDerive, ProofToMake, ProofToVerify
from skillcred.securing.data_integrity.ecdsa_sd_2023 import ECDSA_SD_2023, EcdsaSd2023, derive
from skillcred.securing.data_integrity.ecdsa_sd_2023_proof_value import (
    decode_base_proof_value,
    decode_derived_proof_value,
)
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions, parse_proof
from skillcred.securing.data_integrity.selective_disclosure import (
    GroupedStatements,
    canonicalise_and_group,
    hash_statements,
    hmac_label_map,
    known_label_map,
    label_statements,
    select_json_ld,
)
from skillcred.securing.derivation import derive_credential

CITIZENSHIP = "https://w3id.org/citizenship/v4rc1"


def read(path: Path) -> Any:
    return json.loads(path.read_bytes())


@dataclass(frozen=True)
class VectorSet:
    """One credential of the specification with all steps of its base proof, its derived proof and its verification."""

    name: str
    root: Path
    contexts: ContextStore

    def step(self, name: str) -> Any:
        return read(self.root / "ecdsa-sd-2023" / self.name / name)

    def pointers(self, kind: str) -> list[str]:
        found: list[str] = read(self.root / f"{'employ' if self.name == 'employ' else 'prCred'}{kind}.json")
        return found

    @property
    def document(self) -> Any:
        """Without its proof; `prCredUnsigned.json` has another description than the credential that was signed."""
        return {k: v for k, v in self.step("addSignedSDBase.json").items() if k != "proof"}

    @property
    def keys(self) -> Any:
        return read(self.root / "ecdsa-sd-2023/SDKeyMaterial.json")

    def grouped(self) -> GroupedStatements:
        mandatory, selective = self.pointers("Mandatory"), self.pointers("Selective")
        groups = {"mandatory": mandatory, "selective": selective, "combined": mandatory + selective}
        factory = hmac_label_map(bytes.fromhex(self.keys["hmacKeyString"]))
        return canonicalise_and_group(self.document, factory, groups, self.contexts)


@pytest.fixture(scope="module")
def contexts(shared_dir: Path, project_dir: Path) -> ContextStore:
    """The bundled contexts and the vocabulary of the specification's examples, which we do not ship."""
    del shared_dir
    citizenship = (project_dir / "tests/fixtures/contexts/citizenship-v4rc1.jsonld").read_bytes()
    return BUNDLED_CONTEXTS.extended({CITIZENSHIP: citizenship}, [(V2, CITIZENSHIP)])


@pytest.fixture(params=["employ", "prc"])
def vectors(request: pytest.FixtureRequest, shared_dir: Path, contexts: ContextStore) -> VectorSet:
    return VectorSet(request.param, shared_dir / "vectors/w3c-vc-di-ecdsa", contexts)


def test_statements_with_hmac_labels(vectors: VectorSet) -> None:
    assert list(vectors.grouped().statements) == vectors.step("addBaseDocHMACCanon.json")


def test_groups(vectors: VectorSet) -> None:
    grouped = vectors.grouped()
    expected = vectors.step("derivedGroupIndexes.json")
    for name in ("mandatory", "selective", "combined"):
        assert list(grouped.selections[name].indexes) == expected[f"{name}Indexes"]
    transform = vectors.step("addBaseTransform.json")
    mandatory = [[index, grouped.statements[index]] for index in grouped.selections["mandatory"].indexes]
    assert mandatory == transform["mandatory"]["value"]


def test_the_hash_of_what_must_be_shown(vectors: VectorSet) -> None:
    grouped = vectors.grouped()
    mandatory = [grouped.statements[index] for index in grouped.selections["mandatory"].indexes]
    assert hash_statements(mandatory).hex() == vectors.step("addHashData.json")["mandatoryHash"]


def test_the_part_that_is_shown(vectors: VectorSet) -> None:
    expected = vectors.step("derivedUnsignedReveal.json")
    combined = vectors.grouped().selections["combined"]
    assert combined.document == expected
    pointers = vectors.pointers("Mandatory") + vectors.pointers("Selective")
    assert select_json_ld(vectors.document, pointers) == expected


def test_what_a_verifier_finds(vectors: VectorSet) -> None:
    combined = vectors.grouped().selections["combined"]
    labels = dict(vectors.step("verifyDerivedProofValue.json")["labelMap"])
    assert dict(combined.verifier_labels) == labels
    assert combined.document is not None
    statements = label_statements(combined.document, known_label_map(labels), vectors.contexts)
    assert list(statements) == vectors.step("verifyNQuads.json")


def key_pair(text: str) -> PrivateKey:
    """A P-256 Multikey secret: two bytes of header, 32 of key."""
    data = decode_multibase(text, headers="z")
    assert data[:2] == bytes.fromhex("8626")
    return PrivateKey(ec.derive_private_key(int.from_bytes(data[2:]), ec.SECP256R1()))


def procedures(vectors: VectorSet) -> EcdsaSd2023:
    """With the keys of the vectors instead of new ones."""
    return EcdsaSd2023(
        lambda: bytes.fromhex(vectors.keys["hmacKeyString"]),
        lambda: key_pair(vectors.keys["proofKeyPair"]["secretKeyMultibase"]),
    )


def proof_options(vectors: VectorSet) -> dict[str, Any]:
    return {name: value for name, value in vectors.step("addProofConfig.json").items() if name != "@context"}


def read_proof(document: dict[str, Any]) -> ProofOptions:
    return parse_proof("/proof", document["proof"], frozenset({"ecdsa-sd-2023"}))


def without_proof(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


def verify_here(document: dict[str, Any], vectors: VectorSet) -> None:
    key = PublicKey.from_multikey(vectors.keys["baseKeyPair"]["publicKeyMultibase"])
    given = ProofToVerify(without_proof(document), read_proof(document), key, "sha256", vectors.contexts)
    ECDSA_SD_2023.procedures.verify(given)


def test_the_base_proof(vectors: VectorSet) -> None:
    """Section 3.6.1 to 3.6.5: signatures are deterministic on both sides, so that every byte is the same."""
    suite = procedures(vectors)
    parameters = {"mandatoryPointers": vectors.pointers("Mandatory")}
    made = suite.prepare(
        ProofToMake(
            vectors.document,
            proof_options(vectors),
            Algorithm.P256,
            "sha256",
            vectors.contexts,
            parameters,  # type: ignore[arg-type]
        )
    )
    hashes = vectors.step("addHashData.json")
    assert made.data[:32].hex() == hashes["proofHash"]
    assert made.data[-32:].hex() == hashes["mandatoryHash"]
    signature = key_pair(vectors.keys["baseKeyPair"]["secretKeyMultibase"]).sign(made.data)
    raw = vectors.step("addRawBaseSignatureInfo.json")
    assert signature.hex() == raw["baseSignature"]
    prepared = PreparedProof("ecdsa-sd-2023", vectors.document, made.options, made.data, made.extra)
    value = suite.attach(prepared, signature)
    assert [item.hex() for item in decode_base_proof_value(value).signatures] == raw["signatures"]
    assert value == vectors.step("addSignedSDBase.json")["proof"]["proofValue"]


def test_the_derived_proof(vectors: VectorSet) -> None:
    base = vectors.step("addSignedSDBase.json")
    derived = derive(
        ProofToDerive(
            without_proof(base), read_proof(base), tuple(vectors.pointers("Selective")), vectors.contexts
        )
    )
    expected = vectors.step("derivedRevealDocument.json")
    assert derived.document == without_proof(expected)
    assert derived.proof_value == expected["proof"]["proofValue"]
    content = derive_credential(
        json.dumps(base).encode(), vectors.pointers("Selective"), contexts=vectors.contexts
    )
    assert json.loads(content) == expected


def test_the_derived_proof_value(vectors: VectorSet) -> None:
    expected = vectors.step("verifyDerivedProofValue.json")
    value = decode_derived_proof_value(vectors.step("derivedRevealDocument.json")["proof"]["proofValue"])
    assert value.base_signature.hex() == expected["baseSignature"]
    assert value.public_key.to_multikey() == expected["publicKey"]
    assert [signature.hex() for signature in value.signatures] == expected["signatures"]
    assert value.labels == dict(expected["labelMap"])
    assert list(value.mandatory_indexes) == expected["mandatoryIndexes"]


def test_verification(vectors: VectorSet) -> None:
    derived = vectors.step("derivedRevealDocument.json")
    verify_here(derived, vectors)
    with pytest.raises(ProofError) as caught:
        verify_here(vectors.step("addSignedSDBase.json"), vectors)
    assert caught.value.code == "base_proof_presented"
    derived["validUntil"] = "2039-12-03T00:00:00Z"
    with pytest.raises(ProofError) as caught:
        verify_here(derived, vectors)
    assert caught.value.code == "signature_wrong"


def test_the_derived_badge_of_the_open_badges_validator(shared_dir: Path) -> None:
    """Made by Digital Bazaar's implementation for 1EdTech."""
    badge = read(shared_dir / "vectors/openbadges-3/ob30/sd/derivedcredential.json")
    [badge["proof"]] = badge["proof"]
    options = read_proof(badge)
    key = PublicKey.from_multikey(options.verification_method.partition("#")[2])
    given = ProofToVerify(without_proof(badge), options, key, "sha256", BUNDLED_CONTEXTS)
    ECDSA_SD_2023.procedures.verify(given)
    given.document["issuer"]["name"] = "Another"
    with pytest.raises(ProofError):
        ECDSA_SD_2023.procedures.verify(given)
