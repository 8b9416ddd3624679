"""The W3C JSON-LD 1.1 API tests "toRdf" whose documents bring their own context.

Such a context is made known under a URL, as a shipped one would be, and the document goes both roads. Our
strictness refuses most of these documents on purpose: they show what JSON-LD can spell in more than one way. Which
are refused, and for what, stands by name in `json_ld_api_outcomes.json`; what is accepted must be right."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

from skillcred.errors import SkillcredError
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.linkeddata.canonical import canonicalise_generally
from worlds.road_documents import compare_roads

OUTCOMES = json.loads((Path(__file__).parent / "json_ld_api_outcomes.json").read_text(encoding="utf-8"))
CONTEXT = "https://vectors.example/context"


def run(folder: Path, test: dict[str, Any]) -> tuple[str, bytes]:
    """`accepted` and the canonical form, or the code of the refusal."""
    if test.get("option", {}).get("specVersion") == "json-ld-1.0":
        return "json_ld_1_0", b""
    document = json.loads((folder / test["input"]).read_text(encoding="utf-8"))
    if not isinstance(document, dict) or "@context" not in document:
        return "no_local_context", b""
    content = json.dumps({"@context": document.pop("@context")}).encode()
    try:
        store = ContextStore({**BUNDLED_CONTEXTS.contents, CONTEXT: content}, frozenset({(CONTEXT,)}))
        document["@context"] = [CONTEXT]
        compare_roads(document, store)
        return "accepted", canonicalise_generally(document, contexts=store).nquads
    except SkillcredError as error:
        return error.code, b""


def statements(content: bytes) -> set[pyoxigraph.Quad]:
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(content, pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256)
    return set(dataset)


@pytest.fixture(scope="module")
def vectors(shared_dir: Path) -> Path:
    return shared_dir / "vectors" / "w3c-json-ld-api"


def manifest(vectors: Path) -> list[dict[str, Any]]:
    tests: list[dict[str, Any]] = json.loads((vectors / "toRdf-manifest.jsonld").read_text())["sequence"]
    return tests


def test_every_test_is_accounted_for(vectors: Path) -> None:
    outcomes = {test["@id"]: run(vectors, test)[0] for test in manifest(vectors)}
    assert outcomes == OUTCOMES


def test_what_is_accepted_is_right(vectors: Path) -> None:
    accepted = 0
    for test in manifest(vectors):
        outcome, nquads = run(vectors, test)
        if outcome != "accepted":
            continue
        assert "expect" in test, f"{test['@id']} must be refused: {test['name']}"
        assert statements(nquads) == statements((vectors / test["expect"]).read_bytes()), test["@id"]
        accepted += 1
    assert accepted == Counter(OUTCOMES.values())["accepted"]
    assert accepted >= 1
