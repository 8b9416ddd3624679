"""RDFC-1.0 against the W3C manifest: evaluation, identifier map and negative tests (SECURITY L-15, L-17)."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from skillcred.linkeddata.errors import LinkedDataLimitError
from skillcred.linkeddata.nquads import Quad, iri_term, literal_term
from skillcred.linkeddata.rdfc10 import canonicalise_quads

EXPECTED_TESTS = {"RDFC10EvalTest": 64, "RDFC10MapTest": 21, "RDFC10NegativeEvalTest": 1}
SECONDS_FOR_POISON = 2.5

_TERM = re.compile(
    r"\s*(?:<(?P<iri>[^>]*)>|(?P<blank>_:[^\s]+)"
    r'|"(?P<text>(?:[^"\\]|\\.)*)"(?:\^\^<(?P<datatype>[^>]*)>|@(?P<language>[A-Za-z0-9-]+))?|(?P<end>\.))'
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_NAMED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def unescape(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else _NAMED.get(match.group(3), match.group(3))

    return _ESCAPE.sub(character, text)


def read_nquads(text: str) -> list[Quad]:
    quads = []
    for line in text.split("\n"):
        terms: list[str] = []
        position = 0
        while line.strip() and not line.lstrip().startswith("#"):
            match = _TERM.match(line, position)
            assert match is not None, line
            position = match.end()
            if match.group("end"):
                quads.append(Quad(*terms))
                break
            if match.group("iri") is not None:
                terms.append(iri_term(unescape(match.group("iri"))))
            elif match.group("blank"):
                terms.append(match.group("blank"))
            elif match.group("language"):
                terms.append(literal_term(unescape(match.group("text")), language=match.group("language")))
            elif match.group("datatype"):
                terms.append(literal_term(unescape(match.group("text")), unescape(match.group("datatype"))))
            else:
                terms.append(literal_term(unescape(match.group("text"))))
    return quads


@pytest.fixture(scope="module")
def folder(shared_dir: Path) -> Path:
    return shared_dir / "vectors" / "w3c-rdf-canon"


@pytest.fixture(scope="module")
def entries(folder: Path) -> list[dict[str, str]]:
    return json.loads((folder / "manifest.jsonld").read_text())["entries"]


def of_type(entries: list[dict[str, str]], name: str) -> list[dict[str, str]]:
    chosen = [entry for entry in entries if entry["type"] == f"rdfc:{name}"]
    assert len(chosen) == EXPECTED_TESTS[name]
    return chosen


def hash_name(entry: dict[str, str]) -> str:
    return entry.get("hashAlgorithm", "SHA256").lower()


def test_evaluation_tests(folder: Path, entries: list[dict[str, str]], subtests: pytest.Subtests) -> None:
    for entry in of_type(entries, "RDFC10EvalTest"):
        with subtests.test(entry["id"]):
            quads = read_nquads((folder / entry["action"]).read_text(encoding="utf-8"))
            canonical = canonicalise_quads(quads, hash_name=hash_name(entry))
            assert canonical.nquads == (folder / entry["result"]).read_bytes()


def test_issued_identifier_maps(
    folder: Path, entries: list[dict[str, str]], subtests: pytest.Subtests
) -> None:
    for entry in of_type(entries, "RDFC10MapTest"):
        with subtests.test(entry["id"]):
            quads = read_nquads((folder / entry["action"]).read_text(encoding="utf-8"))
            canonical = canonicalise_quads(quads, hash_name=hash_name(entry))
            assert canonical.labels == json.loads((folder / entry["result"]).read_text())


def test_poison_graphs_are_refused_quickly(folder: Path, entries: list[dict[str, str]]) -> None:
    for entry in of_type(entries, "RDFC10NegativeEvalTest"):
        quads = read_nquads((folder / entry["action"]).read_text(encoding="utf-8"))
        start = time.process_time()
        with pytest.raises(LinkedDataLimitError) as refused:
            canonicalise_quads(quads)
        assert refused.value.code == "canonicalization_limit"
        assert time.process_time() - start < SECONDS_FOR_POISON


def test_the_manifest_covers_sha384(entries: list[dict[str, str]]) -> None:
    assert any(entry.get("hashAlgorithm") == "SHA384" for entry in entries)
