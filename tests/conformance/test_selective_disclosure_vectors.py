"""The step-by-step vectors of ECDSA Cryptosuites 1.0 for `ecdsa-sd-2023`, byte for byte."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, ContextStore
from skillcred.securing.data_integrity.selective_disclosure import (
    GroupedStatements,
    canonicalise_and_group,
    hash_statements,
    hmac_label_map,
    known_label_map,
    label_statements,
    select_json_ld,
)

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
