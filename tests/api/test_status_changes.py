"""Many changes of status over HTTP: started, carried out behind the answer, looked at."""

from __future__ import annotations

import io
import time

import pytest
from starlette.testclient import TestClient

from skillcred.services.batch_records import BatchSelection, BatchState
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.web.app import create_app
from worlds.application import example_claims, fill_demo_registry, open_in_memory_application


def ask(served, body: object, key: str = "batch-1", who: str = "provider"):
    headers = served.bearer(who) | {"Idempotency-Key": key}
    return served.client.post("/v1/status-changes", json=body, headers=headers)


def test_started_and_finished(served) -> None:
    made = [served.registry.issue(f"api-intake/{number}") for number in range(3)]
    served.registry.issue("api-other")
    body = {"kind": "revoked", "reason": "A typo.", "selection": {"issued_under": "api-intake/"}}
    answer = ask(served, body)
    assert answer.status_code == 202, answer.text
    started = answer.json()
    assert (started["total"], started["done"], started["retroactive"]) == (3, 0, False)
    assert started["selection"] == {"issued_under": "api-intake/"}
    seen = served.client.get(answer.headers["Location"], headers=served.bearer("provider")).json()
    assert seen | {"finished_at": None} == started | {"state": "finished", "done": 3}
    for credential in made:
        report = served.registry.application.verify_document(credential.content).report
        assert report.reason == "revoked"
    again = ask(served, body)
    assert (again.status_code, again.json()["id"], again.json()["done"]) == (202, started["id"], 3)
    changed = ask(served, {**body, "reason": "Another."})
    assert (changed.status_code, changed.json()["code"]) == (409, "idempotency_key_reused")


def test_failures_are_listed(served) -> None:
    body = {"kind": "revoked", "reason": "A typo.", "selection": {"credential_ids": ["urn:a", "urn:b"]}}
    location = ask(served, body, "batch-2").headers["Location"]
    seen = served.client.get(location, headers=served.bearer("provider")).json()
    assert (seen["total"], seen["failed"], seen["selection"]) == (2, 2, {"listed": 2})
    assert seen["failures"] == [
        {"credential_id": "urn:a", "code": "no_status"},
        {"credential_id": "urn:b", "code": "no_status"},
    ]
    assert served.client.get(location, headers=served.bearer("stranger")).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "revoked", "reason": "x", "selection": {}},
        {"kind": "deleted", "reason": "x", "selection": {"profile": "training"}},
        {"kind": "revoked", "reason": "x", "selection": {"profile": "training", "organisation_id": "other"}},
        {"kind": "revoked", "reason": "x", "selection": {"credential_ids": [7]}},
        {"kind": "revoked", "reason": "x", "selection": {"credential_ids": ["urn:x"] * 10_001}},
        {"kind": "revoked", "reason": "x", "selection": {"issued_from": "yesterday"}},
    ],
)
def test_what_is_refused(served, body: object) -> None:
    assert ask(served, body, "batch-3").status_code == 422


def test_a_batch_is_cancelled_over_http(served) -> None:
    made = served.registry.issue("api-mistake")
    selection = BatchSelection(credential_ids=(made.credential_id,))
    request = StatusBatchRequest("revoked", "A mistake.", selection)
    waiting = served.registry.application.start_status_batch(served.registry.provider, request, "api-mistake")
    path = f"/v1/status-changes/{waiting.id}/cancellation"
    cancelled = served.client.post(path, headers=served.bearer("provider"))
    assert cancelled.status_code == 200, cancelled.text
    assert (cancelled.json()["state"], cancelled.json()["done"]) == ("cancelled", 0)
    assert served.registry.application.verify_document(made.content).report.reason != "revoked"


def test_a_renewal_over_http(served) -> None:
    parent = served.registry.issue("api-parent")
    body = {
        "profile": "training",
        "credential": example_claims(),
        "renews": parent.credential_id,
    }
    headers = served.bearer("provider") | {"Idempotency-Key": "api-renewal"}
    made = served.client.post("/v1/credentials", json=body, headers=headers)
    assert made.status_code == 201, made.text
    served.registry.application.change_status(
        served.registry.provider, parent.credential_id, kind="revoked", reason="Fraud."
    )
    assert served.registry.application.verify_document(made.content).report.reason == "revoked"
    late = served.client.post("/v1/credentials", json=body, headers=headers | {"Idempotency-Key": "api-late"})
    assert (late.status_code, late.json()["code"]) == (409, "renewed_revoked")


def test_a_serving_process_goes_on_with_what_was_left() -> None:
    """A batch was started and nobody works on it: its process has died."""
    registry = fill_demo_registry(open_in_memory_application())
    application, provider = registry.application, registry.provider
    selection = BatchSelection(credential_ids=(registry.issue().credential_id,))
    request = StatusBatchRequest("revoked", "A typo.", selection)
    batch = application.start_status_batch(provider, request, "left")
    with TestClient(create_app(application, log_stream=io.StringIO())):
        until = time.monotonic() + 20
        while application.get_status_batch(provider, batch.id).batch.state is BatchState.RUNNING:
            assert time.monotonic() < until
            time.sleep(0.02)
    assert application.get_status_batch(provider, batch.id).batch.done == 1
    assert application.run_status_batches.stopping.is_set()
