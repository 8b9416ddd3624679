"""Case directories: a document, what is wrong with it, and what the verifier says (SECURITY sections 4 to 10).

`cases/<row>_<name>[_fail]/` holds `README.md`; one `input.*` or several `input-<variant>.*`; `expected.json`: what the
verdict must be and which step must notice what; and, where it is needed, `request.json` with more files of evidence.
The issuer is the provider of `worlds.pure_world`, whose registry extract is always in evidence, at the instant of that
world. Each `_fail` case names the case in which the same document was left alone: there the step must pass.
Cases are written by `make_cases.py`; one that is there is not changed any more, unless it was wrong.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, StepResult
from skillcred.verification import DEFAULT_POLICY, Evidence, EvidenceItem, verify, verify_presentation
from skillcred.verification.evidence import EvidenceReader
from skillcred.verification.integrity import check_proof
from worlds.case_worlds import build_input, case_world
from worlds.pure_world import NOW

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(FOLDER.iterdir())
INPUTS = [path for case in CASES for path in sorted(case.glob("input*"))]
REQUEST_MEMBERS = {"subject", "media_type", "challenge", "domain", "evidence", "provider"}
GOOD = {"passed", "not_applicable"}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a document names, nobody is called (SECURITY L-08, J-07, K-07, SD-17, I9)."""

    def refuse(*args: object, **kwargs: object) -> object:
        raise AssertionError(f"the verification went to the network: {args}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


KEPT_BY_THE_SERVICE = (
    EvidenceKind.PAST_STATUS_LIST,
    EvidenceKind.REVOCATION_DATES,
    EvidenceKind.REGISTRY_EXTRACT,
)
"""Evidence that only the service's own store has: asked for there, and nowhere else. A registry is asked about a name,
which for an issuer under a certificate is a URL."""


@dataclass(frozen=True)
class Found:
    """What a verification gave, whichever entry it went through."""

    verdict: str
    steps: tuple[StepResult, ...]
    shows_claims: bool
    needs: frozenset[str]

    def step(self, name: str) -> StepResult:
        return next(step for step in self.steps if step.step.value == name)


def request_of(case: Path) -> dict[str, Any]:
    path = case / "request.json"
    return dict(json.loads(path.read_bytes())) if path.exists() else {}


def expected_of(path: Path) -> dict[str, Any]:
    members = json.loads((path.parent / "expected.json").read_bytes())
    by_input = members.pop("inputs", {})
    return {**members, **by_input.get(path.name, {})}


def evidence_of(case: Path, request: dict[str, Any]) -> Evidence:
    """The registry extract about the provider, and what the request adds."""
    evidence = case_world(request.get("provider", "Ed25519")).evidence()
    return evidence.with_items(evidence_item(case, item) for item in request.get("evidence", []))


def evidence_item(case: Path, item: dict[str, Any]) -> EvidenceItem:
    reference = EvidenceReference(EvidenceKind(item["kind"]), item["id"])
    if "unavailable" in item:
        return EvidenceItem(reference, NOW, "case", unavailable=item["unavailable"])
    return EvidenceItem(reference, NOW, "case", content=build_input(case / item["file"]))


def judge(path: Path) -> Found:
    """Credentials by `verify`, presentations by `verify_presentation`; an SD-JWT for which a verifier has asked key
    binding by the check of its proof, because such a request is made of tokens inside a protocol only."""
    case = path.parent
    request = request_of(case)
    evidence = evidence_of(case, request)
    media_type = request.get("media_type", "application/vc")
    content = build_input(path)
    asked = {name: request[name] for name in ("challenge", "domain") if name in request}
    if request.get("subject") == "presentation":
        presented = verify_presentation(
            content,
            evidence=evidence,
            at=NOW,
            media_type=request.get("media_type", "application/vp"),
            **asked,
        )
        return Found(
            presented.verdict.value,
            presented.steps,
            bool(presented.credentials),
            frozenset(need.id for need in presented.needs),
        )
    if asked:
        secured = parse_secured_document(content, media_type)
        findings = check_proof(secured, EvidenceReader(evidence), DEFAULT_POLICY, NOW, **asked)
        verdict = {"passed": "valid", "failed": "invalid", "indeterminate": "indeterminate"}
        result = findings.result
        needs = frozenset(need.id for need in result.needs)
        return Found(verdict[result.outcome.value], (result,), findings.verified is not None, needs)
    report = verify(content, evidence=evidence, at=NOW, media_type=media_type)
    needs = frozenset(need.id for need in report.needs if need.kind not in KEPT_BY_THE_SERVICE)
    return Found(report.verdict.value, report.steps, report.claims is not None, needs)


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(path: Path) -> None:
    expected = expected_of(path)
    found = judge(path)
    step = found.step(expected["step"])
    assert (step.outcome.value, step.code) == (expected["outcome"], expected["code"]), step.problems
    if "problems" in expected:
        assert [[problem.code, problem.pointer] for problem in step.problems] == expected["problems"]
    assert [warning.code for warning in step.warnings] == expected.get("warnings", [])
    assert found.verdict == expected["verdict"]
    assert (found.verdict != "valid") or not path.parent.name.endswith("_fail")
    if step.step.value == "proof" and step.outcome.value == "failed":
        assert not found.shows_claims, "what nobody has signed is not shown"
    assert all(need.startswith("did:") for need in found.needs), "nothing that a document names is asked for"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_case_says_what_it_is(case: Path) -> None:
    names = {path.name for path in case.iterdir()}
    request = request_of(case)
    files = {item["file"] for item in request.get("evidence", []) if "file" in item}
    bases = {"base.json"} & names
    inputs = {path.name for path in case.glob("input*")}
    optional = {"request.json"} if request else set()
    assert inputs
    assert names == {"README.md", "expected.json"} | inputs | files | bases | optional
    assert request.keys() <= REQUEST_MEMBERS
    assert (case / "README.md").read_text(encoding="utf-8").startswith(f"# {case.name}\n\n")
    by_input = json.loads((case / "expected.json").read_bytes()).get("inputs", {})
    assert not by_input or by_input.keys() == inputs


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.endswith("_fail")], ids=lambda case: case.name
)
def test_the_document_left_alone_passes(case: Path) -> None:
    """A case whose document would fail anyhow shows nothing."""
    for path in sorted(case.glob("input*")):
        expected = expected_of(path)
        positive = FOLDER / expected["positive"]
        assert not positive.name.endswith("_fail")
        assert expected["verdict"] != "valid"
        for other in sorted(positive.glob("input*")):
            step = judge(other).step(expected["step"])
            assert step.outcome.value in GOOD, step
