"""Proof sets and chains, domain and challenge (SECURITY D-09 to D-14), below the pipeline."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.identifiers import derive_document
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import INVALID_CHALLENGE_ERROR, INVALID_DOMAIN_ERROR, Outcome
from skillcred.securing import (
    ProofFindings,
    ProofRequest,
    SecuringError,
    attach_proof,
    peek_controllers,
    prepare_proof,
    verify_secured_document,
)
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner

WORLD = PureWorld()
ONE, TWO, THREE = SoftSigner(11), SoftSigner(12), SoftSigner(13)
SUITES = ("eddsa-rdfc-2022", "eddsa-jcs-2022")
FIRST, SECOND = (
    "urn:uuid:11111111-0000-4000-8000-000000000000",
    "urn:uuid:22222222-0000-4000-8000-000000000000",
)


def add(document: dict[str, Any], signer: SoftSigner, suite: str, **options: Any) -> dict[str, Any]:
    prepared = prepare_proof(
        suite,
        document,
        verification_method=signer.verification_method,
        algorithm=signer.public_key.algorithm,
        created=AWARDED,
        options=options,
    )
    return dict(json.loads(attach_proof(prepared, signer.sign(prepared.to_be_signed))))


def findings_on(document: dict[str, Any], **expected: str) -> ProofFindings:
    secured = parse_secured_document(json.dumps(document).encode())
    controllers: dict[str, Any] = {did: derive_document(did) for did in peek_controllers(secured)}
    request = ProofRequest("assertionMethod", NOW, controllers, **expected)
    return verify_secured_document(secured, request)


def chain(first: str, second: str) -> dict[str, Any]:
    document = add(WORLD.unsigned(), ONE, first, id=FIRST)
    return add(document, TWO, second, id=SECOND, previousProof=FIRST)


@pytest.mark.parametrize("first", SUITES)
@pytest.mark.parametrize("second", SUITES)
def test_a_chain_verifies(first: str, second: str) -> None:
    document = add(chain(first, second), THREE, first, previousProof=[FIRST, SECOND])
    findings = findings_on(document)
    assert findings.result.outcome is Outcome.PASSED, findings.result
    assert findings.verified is not None
    assert [proof.controller for proof in findings.verified.proofs] == [ONE.did, TWO.did, THREE.did]
    assert "proof" not in findings.verified.document


@pytest.mark.parametrize("first", SUITES)
@pytest.mark.parametrize("second", SUITES)
def test_a_set_verifies_in_any_order(first: str, second: str) -> None:
    document = add(add(WORLD.unsigned(), ONE, first), TWO, second, previousProof=None)
    for proofs in (document["proof"], document["proof"][::-1]):
        findings = findings_on({**document, "proof": proofs})
        assert findings.result.outcome is Outcome.PASSED, findings.result


Change = Callable[[list[dict[str, Any]]], Any]
BROKEN: list[Any] = [
    pytest.param(lambda p: p.pop(0), "previous_proof_missing", "/0/previousProof", id="D-13-removed"),
    pytest.param(lambda p: p[0].pop("id"), "signature_wrong", "/0", id="D-12-id-removed"),
    pytest.param(
        lambda p: p[1].update(previousProof=[FIRST, "urn:x:y"]),
        "previous_proof_missing",
        "/1/previousProof/1",
        id="D-12-one-bad-in-list",
    ),
    pytest.param(
        lambda p: p[1].update(previousProof=SECOND),
        "previous_proof_cycle",
        "/1/previousProof",
        id="D-12-itself",
    ),
    pytest.param(
        lambda p: p[0].update(previousProof=SECOND),
        "previous_proof_cycle",
        "/0/previousProof",
        id="D-12-cycle",
    ),
    pytest.param(lambda p: p.append({**p[0]}), "duplicate_proof_id", "/2/id", id="D-12-duplicate-id"),
    pytest.param(lambda p: p[1].pop("previousProof"), "signature_wrong", "/1", id="D-09-reference-removed"),
    pytest.param(
        lambda p: p[0].update(proofValue=p[1]["proofValue"]),
        "signature_wrong",
        "/0",
        id="D-13-first-is-broken",
    ),
    pytest.param(
        lambda p: p[0].update(created="2026-03-15T08:59:59Z"),
        "signature_wrong",
        "/0",
        id="D-13-first-is-changed",
    ),
]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(("change", "problem", "pointer"), BROKEN)
def test_a_broken_chain_fails(suite: str, change: Change, problem: str, pointer: str) -> None:
    document = chain(suite, suite)
    change(document["proof"])
    findings = findings_on(document)
    assert findings.verified is None
    assert findings.result.outcome is Outcome.FAILED
    assert findings.result.code == (
        "signature_wrong" if problem == "signature_wrong" else "proof_chain_broken"
    )
    first = next(found for found in findings.result.problems if found.code == problem)
    assert first.pointer == f"/proof{pointer}"


@pytest.mark.parametrize(("suite", "same"), [("eddsa-rdfc-2022", True), ("eddsa-jcs-2022", False)])
def test_one_reference_as_text_or_as_array(suite: str, same: bool) -> None:
    """RDF knows no difference between a value and an array of it; JSON does."""
    document = chain(suite, suite)
    document["proof"][1]["previousProof"] = [FIRST]
    assert (findings_on(document).verified is not None) is same


@pytest.mark.parametrize("suite", SUITES)
def test_an_earlier_proof_that_was_made_anew_breaks_the_later_one(suite: str) -> None:
    """SECURITY D-13: both proofs hold by themselves, but the second was made over another first one."""
    document = chain(suite, suite)
    renewed = add(WORLD.unsigned(), THREE, suite, id=FIRST)
    document["proof"][0] = renewed["proof"]
    findings = findings_on(document)
    assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "signature_wrong")
    assert [problem.pointer for problem in findings.result.problems] == ["/proof/1"]


def test_a_chain_in_another_order_is_the_same_chain_for_linked_data() -> None:
    """SECURITY D-13."""
    document = chain("eddsa-rdfc-2022", "eddsa-rdfc-2022")
    document["proof"].reverse()
    assert findings_on(document).result.outcome is Outcome.PASSED


def test_one_failing_proof_fails_all() -> None:
    """SECURITY D-14: the text of the specification sets `verified` and then reads `status`."""
    good = add(WORLD.unsigned(), ONE, SUITES[0])
    for position in range(3):
        proofs = [copy.deepcopy(good["proof"]) for _ in range(3)]
        proofs[position]["nonce"] = "changed"
        findings = findings_on({**good, "proof": proofs})
        assert findings.verified is None
        assert findings.result.outcome is Outcome.FAILED


REFUSED: list[Any] = [
    pytest.param({}, "already_secured", id="set-not-asked-for"),
    pytest.param({"previousProof": "urn:x:none"}, "unsupported_option", id="missing"),
    pytest.param({"previousProof": SECOND, "id": SECOND}, "unsupported_option", id="itself"),
    pytest.param({"previousProof": None, "id": FIRST}, "unsupported_option", id="duplicate-id"),
    pytest.param({"previousProof": None, "id": "456"}, "unsupported_option", id="id-is-no-url"),
    pytest.param({"previousProof": None, "colour": "x"}, "unsupported_option", id="unknown"),
    pytest.param({"previousProof": None, "expires": "soon"}, "unsupported_option", id="expires-is-no-time"),
    pytest.param({"previousProof": None, "nonce": 1}, "unsupported_option", id="nonce-is-no-text"),
]


@pytest.mark.parametrize(("options", "code"), REFUSED)
def test_what_would_not_verify_is_not_prepared(options: dict[str, Any], code: str) -> None:
    document = add(WORLD.unsigned(), ONE, SUITES[0], id=FIRST)
    with pytest.raises(SecuringError) as caught:
        add(document, TWO, SUITES[0], **options)
    assert caught.value.code == code


def test_more_proofs_than_are_verified_are_not_made() -> None:
    document = add(WORLD.unsigned(), ONE, "eddsa-jcs-2022")
    for _ in range(7):
        document = add(document, ONE, "eddsa-jcs-2022", previousProof=None)
    assert findings_on(document).result.outcome is Outcome.PASSED
    with pytest.raises(SecuringError):
        add(document, ONE, "eddsa-jcs-2022", previousProof=None)


DOMAIN, CHALLENGE = "https://verifier.example", "c1"
ASKED: list[Any] = [
    pytest.param({"domain": DOMAIN, "challenge": CHALLENGE}, "proof_verified", None, id="answered"),
    pytest.param({"challenge": CHALLENGE}, "wrong_domain", INVALID_DOMAIN_ERROR, id="no-domain"),
    pytest.param({"domain": DOMAIN + "/", "challenge": CHALLENGE}, "wrong_domain", INVALID_DOMAIN_ERROR, id="slash"),
    pytest.param({"domain": DOMAIN.upper(), "challenge": CHALLENGE}, "wrong_domain", INVALID_DOMAIN_ERROR, id="case"),
    pytest.param(
        {"domain": [DOMAIN, "https://other.example"], "challenge": CHALLENGE},
        "wrong_domain",
        INVALID_DOMAIN_ERROR,
        id="superset",
    ),
    pytest.param({"domain": [DOMAIN], "challenge": CHALLENGE}, "proof_verified", None, id="array-of-one"),
    pytest.param({"domain": DOMAIN}, "wrong_challenge", INVALID_CHALLENGE_ERROR, id="no-challenge"),
    pytest.param(
        {"domain": DOMAIN, "challenge": "c2"}, "wrong_challenge", INVALID_CHALLENGE_ERROR, id="other"
    ),
]  # fmt: skip


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize(("options", "code", "problem_type"), ASKED)
def test_domain_and_challenge(
    suite: str, options: dict[str, Any], code: str, problem_type: str | None
) -> None:
    """SECURITY D-11."""
    document = add(WORLD.unsigned(), ONE, suite, **options)
    findings = findings_on(document, domain=DOMAIN, challenge=CHALLENGE)
    assert findings.result.code == code
    if problem_type is not None:
        assert findings.verified is None
        assert findings.result.problems[0].type == problem_type
    unasked = findings_on(document).verified
    assert unasked is not None
    wanted = options.get("domain")
    assert unasked.proofs[0].domain == (" ".join(wanted) if isinstance(wanted, list) else wanted)
    assert unasked.proofs[0].challenge == options.get("challenge")


@pytest.mark.parametrize("suite", SUITES)
def test_every_proof_of_a_set_must_answer(suite: str) -> None:
    document = add(WORLD.unsigned(), ONE, suite, domain=DOMAIN, challenge=CHALLENGE)
    document = add(document, TWO, suite, previousProof=None, domain=DOMAIN)
    findings = findings_on(document, domain=DOMAIN, challenge=CHALLENGE)
    assert (findings.result.outcome, findings.result.code) == (Outcome.FAILED, "wrong_challenge")


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("name", ["expires", "nonce", "domain", "challenge", "id"])
def test_further_options_are_signed(suite: str, name: str) -> None:
    """SECURITY D-09."""
    options = {
        "expires": "2027-01-01T00:00:00Z", "nonce": "n", "domain": "d", "challenge": "c", "id": FIRST
    }  # fmt: skip
    document = add(WORLD.unsigned(), ONE, suite, **options)
    findings = findings_on(document)
    assert findings.verified is not None
    assert str(findings.verified.proofs[0].expires) == "2027-01-01 00:00:00+00:00"
    other = "2028-01-01T00:00:00Z" if name == "expires" else "urn:x:other"
    for change in (lambda proof: proof.update({name: other}), lambda proof: proof.pop(name)):
        changed = copy.deepcopy(document)
        change(changed["proof"])
        assert findings_on(changed).verified is None
