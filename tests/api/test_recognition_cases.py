"""Cases of recognition over HTTP: from the submission to a signed decision, and what is wrong is said."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.fixture
def ask(served):  # type: ignore[no-untyped-def]
    def call(method: str, path: str, body: Any = None, *, who: str = "body", **headers: str) -> Any:
        return served.client.request(
            method, f"/v1/recognition-cases{path}", json=body, headers={**served.bearer(who), **headers}
        )

    return call


@pytest.fixture
def case_id(ask, credential: bytes) -> str:
    body = {"credentials": [json.loads(credential)], "destination": "KE", "purpose": "study"}
    answer = ask("POST", "", body)
    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["state"], shown["version"], len(shown["documents"])) == ("submitted", 1, 1)
    assert shown["prepared"]["destination"] == "KE"
    return str(shown["id"])


def test_a_case_goes_its_way(served, ask, case_id: str) -> None:
    assert ask("POST", f"/{case_id}/review").json()["state"] == "under_review"
    asked = ask("POST", f"/{case_id}/evidence-requests", {"items": ["A transcript."]}).json()
    assert (asked["state"], asked["requested"]) == ("evidence_requested", ["A transcript."])
    assert ask("POST", f"/{case_id}/evidence", {"credentials": [{}]}).json()["state"] == "under_review"
    found = ask("POST", f"/{case_id}/findings", {"elements": {"profile": "not_met"}}).json()
    assert found["state"] == "under_review"
    refusal = {"kind": "refused", "reasons": ["It is a course."], "appeal": "Within 30 days."}
    assert ask("POST", f"/{case_id}/decision", refusal).json()["decision"]["kind"] == "refused"
    statement = ask("POST", f"/{case_id}/statement")
    assert statement.headers["content-type"] == "application/vc"
    report = served.client.post("/v1/verifications", json=statement.json()).json()
    assert (report["verdict"], report["reason"]) == ("valid", "authority_enrolled")
    profile = next(step for step in report["steps"] if step["step"] == "profile")
    assert profile["details"] == {
        "profile": "recognition-statement",
        "nature": "decision",
        "kind": "refused",
        "stage": "final",
        "destination": "KE",
    }
    path = statement.json()["id"].removeprefix("http://127.0.0.1:8000")
    assert served.client.get(path, headers=served.bearer("body")).content == statement.content
    assert case_id in [item["id"] for item in ask("GET", "?state=issued").json()]
    assert ask("POST", f"/{case_id}/annulment", {"reason": "The appeal was allowed."}).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/decision", {"kind": "refused", "reasons": ["No."]}, 422, "decision_without_appeal"),
        ("/decision", {"kind": "conditional", "reasons": ["No."]}, 422, "decision_without_measure"),
        ("/decision", {"kind": "partial", "reasons": ["No."]}, 422, "decision_without_difference"),
        (
            "/decision",
            {"kind": "full", "stage": "provisional", "reasons": ["So."], "final_due": "2026-12-31"},
            409,
            "case_stage",
        ),
        (
            "/decision",
            {"kind": "full", "stage": "provisional", "reasons": ["So."], "final_due": "2026-02-31"},
            422,
            "recognition_question_malformed",
        ),
        ("/findings", {"elements": {"beauty": "met"}}, 422, "unknown_element"),
        ("/statement", None, 409, "case_state"),
        ("/review", None, 409, "case_state"),
        ("/evidence", {"credentials": []}, 422, "case_evidence_missing"),
    ],
)
def test_what_cannot_be_done_is_said(ask, case_id: str, path: str, body: Any, status: int, code: str) -> None:
    ask("POST", f"/{case_id}/review")
    answer = ask("POST", f"/{case_id}{path}", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_case_for_another_country_is_refused(ask) -> None:
    answer = ask("POST", "", {"credentials": [], "destination": "DE", "purpose": "study"})
    assert (answer.status_code, answer.json()["code"]) == (422, "authority_of_another_country")


def test_advice_is_signed_by_the_operator_and_says_that_it_is_advice(served, credential: bytes) -> None:
    body = {"credentials": [json.loads(credential)], "destination": "NO", "purpose": "study"}
    headers = {**served.bearer("operator"), "Idempotency-Key": "advice-over-http"}
    answer = served.client.post("/v1/recognition-statements", json=body, headers=headers)
    assert answer.status_code == 201
    assert (
        served.client.post("/v1/recognition-statements", json=body, headers=headers).content == answer.content
    )
    assert (
        served.client.get(answer.headers["Location"], headers=served.bearer("operator")).content
        == answer.content
    )
    report = served.client.post("/v1/verifications", json=answer.json()).json()
    assert (report["verdict"], report["reason"]) == ("indeterminate", "statement_advisory")
    revoke = {"kind": "revoked", "reason": "It rested on a rule that was wrong."}
    path = answer.headers["Location"] + "/status"
    assert served.client.post(path, json=revoke, headers=served.bearer("provider")).status_code == 404
    changed = served.client.post(path, json=revoke, headers=served.bearer("operator"))
    assert (changed.status_code, changed.json()["kind"]) == (201, "revoked")
    report = served.client.post("/v1/verifications", json=answer.json()).json()
    assert (report["verdict"], report["reason"]) == ("invalid", "revoked")
