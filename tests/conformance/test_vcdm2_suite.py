"""Every input of the W3C test suite for VCDM 2.0 against our model checks.

What the model lets through although the suite wants it refused is named here one by one, with the step that
refuses it; the test fails when one of them starts to be refused here, or a new one is let through.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.conformance import check_conformance

ISSUER: Final = "did:example:issuer"

REFUSED_BY_LINKED_DATA: Final = {
    "credential-redef-type-fail.json": "a context redefines the protected term VerifiableCredential",
    "credential-redef-type2-fail.json": "a context redefines a term that another one protects",
    "credential-type-mapped-nonurl-fail.json": "a context maps a type to what is not a URL",
    "credential-type-unmapped-fail.json": "no context maps the type",
}

WITHOUT_VERDICT: Final = {
    "presentation-self-asserted-vc-holder-mismatch.json",
    "presentation-self-asserted-vc-issuer-mismatch.json",
    "presentation-self-asserted-vc-no-holder.json",
}
"""The suite expects nothing for these; whether issuer and holder agree is told where proofs are known."""

EXPECTED_PROBLEMS: Final = {
    "credential-evidence-missing-type-fail.json": ("type_missing", "/evidence/type"),
    "credential-id-multi-fail.json": ("id_malformed", "/id"),
    "credential-id-subject-multi-fail.json": ("id_malformed", "/credentialSubject/id"),
    "credential-issuer-object-id-null-fail.json": ("id_malformed", "/issuer/id"),
    "credential-schema-no-id-fail.json": ("id_missing", "/credentialSchema/id"),
    "credential-status-type-nonurl-fail.json": ("type_malformed", "/credentialStatus/type"),
    "credential-validUntil-validFrom-fail.json": ("period_inverted", "/validUntil"),
    "presentation-holder-name-fail.json": ("id_missing", "/holder/id"),
    "presentation-vc-as-string-fail.json": ("credential_not_object", "/verifiableCredential/0"),
    "names-and-descriptions/issuer-name-extra-prop-en-fail.json": ("text_malformed", "/issuer/name"),
}
"""For some, that the reason is the one in the name."""


def read(file: Path) -> JsonObject:
    """The input as the suite sends it: with real dates, and with its issuer where it has none."""
    text = file.read_text(encoding="utf-8")
    text = text.replace("FUTURE DATE", "2099-01-01T00:00:00Z").replace("PAST DATE", "2000-01-01T00:00:00Z")
    document = parse_json_object(text.encode())
    if not file.name.startswith("presentation"):
        issuer = document.setdefault("issuer", ISSUER)
        if isinstance(issuer, dict):
            issuer.setdefault("id", ISSUER)
    return document


@pytest.fixture(scope="module")
def suite_dir(shared_dir: Path) -> Path:
    return shared_dir / "vectors" / "w3c-vcdm2-suite"


def inputs(folder: Path, ending: str) -> Iterator[tuple[str, JsonObject]]:
    for file in sorted(folder.rglob(f"*{ending}")):
        yield file.relative_to(folder).as_posix(), read(file)


def test_all_good_inputs_conform(suite_dir: Path) -> None:
    problems = {name: check_conformance(document) for name, document in inputs(suite_dir, "-ok.json")}
    assert len(problems) == 65
    assert {name: found for name, found in problems.items() if found} == {}


def test_all_bad_inputs_are_refused_but_those_named(suite_dir: Path) -> None:
    names = list(inputs(suite_dir, "-fail.json")) + list(inputs(suite_dir, "-fail-or-inject.json"))
    assert len(names) == 49 + 3
    assert {name for name, document in names if not check_conformance(document)} == set(
        REFUSED_BY_LINKED_DATA
    )


def test_bad_inputs_are_refused_for_the_reason_in_their_name(suite_dir: Path) -> None:
    for name, expected in EXPECTED_PROBLEMS.items():
        problems = check_conformance(read(suite_dir / name))
        assert expected in {(problem.code, problem.pointer) for problem in problems}, name


def test_inputs_without_verdict_are_these(suite_dir: Path) -> None:
    names = {
        file.name for file in suite_dir.rglob("*.json") if not file.stem.endswith(("-ok", "-fail", "-inject"))
    }
    assert names == WITHOUT_VERDICT


def test_related_resource_of_the_suite(suite_dir: Path) -> None:
    """The suite builds this case in code: digests of the v2 context. Ours are those of the Recommendation."""
    context = (suite_dir.parent / "contexts" / "credentials-v2.jsonld").read_bytes()
    url = "https://www.w3.org/ns/credentials/v2"
    document = read(suite_dir / "credential-ok.json")
    good = {"id": url, "digestSRI": "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"}
    for resource, codes in (
        ([good], set()),
        ([good, good], {"related_resource_repeated"}),
        ([{**good, "digestSRI": "sha256-" + "A" * 43 + "="}], {"related_resource_digest_mismatch"}),
        (url, {"related_resource_malformed"}),
    ):
        sent = json.loads(json.dumps({**document, "relatedResource": resource}))
        assert {p.code for p in check_conformance(sent, known_resources={url: context})} == codes
