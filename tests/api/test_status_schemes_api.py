"""Messages and refreshing over HTTP."""

from __future__ import annotations

import json

import pytest


def test_from_scheme_to_message(served) -> None:
    bearer = served.bearer("provider")
    body = {"messages": ["a", "b", "c", "d"], "references": ["https://a.example/"], "refresh": True}
    answer = served.client.put("/v1/status-scheme", json=body, headers=bearer)
    assert (answer.status_code, answer.json()) == (200, body | {"size": 2})
    assert served.client.get("/v1/status-scheme", headers=bearer).json() == answer.json()
    credential = served.registry.issue("scheme-api")
    address = f"{credential.credential_id.removeprefix('http://127.0.0.1:8000')}/status-values"
    said = served.client.post(address, json={"kind": "message", "value": 2, "reason": "So."}, headers=bearer)
    assert (said.status_code, said.json()["value"]) == (201, 2), said.text
    refreshed = served.client.post(address, json={"kind": "refresh", "reason": "So."}, headers=bearer)
    assert (refreshed.status_code, refreshed.json()["value"]) == (201, 1)
    for entry in json.loads(credential.content)["credentialStatus"]:
        path = entry["statusListCredential"].removeprefix("http://127.0.0.1:8000")
        published = served.client.get(path)
        assert published.json()["credentialSubject"]["statusPurpose"] == entry["statusPurpose"]
    for wrong in ({"kind": "message", "value": 4}, {"kind": "refresh", "value": 0}, {"kind": "revoked"}):
        refused = served.client.post(address, json={"reason": "So."} | wrong, headers=bearer)
        assert refused.status_code == 422
    nothing = served.client.put("/v1/status-scheme", json={}, headers=bearer)
    assert nothing.json() == {"messages": [], "references": [], "refresh": False, "size": None}


@pytest.mark.parametrize("view", ["message", "refresh"])
def test_a_list_without_a_scheme_has_no_such_view(served, view: str) -> None:
    served.client.put("/v1/status-scheme", json={}, headers=served.bearer("provider"))
    credential = served.registry.issue(f"plain-{view}")
    uri = json.loads(credential.content)["credentialStatus"][0]["statusListCredential"]
    path = uri.removeprefix("http://127.0.0.1:8000").rpartition("/")[0]
    assert served.client.get(f"{path}/{view}").status_code == 404
