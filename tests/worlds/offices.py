"""A provider and an employer at the HTTP interface of a running service, for tests that come in from outside."""

from __future__ import annotations

import itertools
from typing import Any

import httpx2

from worlds.deployments import Deployment
from worlds.offers import claims_of

_numbers = itertools.count()


class Office:
    """Programs of one organisation."""

    def __init__(self, deployment: Deployment, secret: str) -> None:
        self.deployment = deployment
        self.client = httpx2.Client(
            base_url=deployment.base_url,
            trust_env=False,
            headers={"Authorization": f"Bearer {secret}"},
            timeout=60,
        )

    def call(self, method: str, path: str, expected: int, body: Any = None, **headers: str) -> dict[str, Any]:
        """One request whose status must be `expected`."""
        response = self.client.request(method, path, json=body, headers=headers)
        assert response.status_code == expected, response.text
        found: dict[str, Any] = response.json() if response.content else {}
        return found


class ProviderOffice(Office):
    """The accredited provider offers what it has prepared."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment, deployment.registry.provider_secret)

    def offer(self, profile: str = "training", **changes: Any) -> dict[str, Any]:
        """An offer as the interface tells of it."""
        body = {"profile": profile, "credential": claims_of(profile), **changes}
        key = {"Idempotency-Key": f"{type(self).__name__}-{next(_numbers)}"}
        return self.call("POST", "/v1/offers", 201, body, **key)

    def look(self, offer: dict[str, Any]) -> dict[str, Any]:
        """Where the offer stands."""
        return self.call("GET", f"/v1/offers/{offer['id']}", 200)

    def release(self, offer: dict[str, Any]) -> None:
        """Let a deferred credential be issued."""
        self.call("POST", f"/v1/offers/{offer['id']}/release", 200)

    def withdraw(self, offer: dict[str, Any]) -> None:
        """Take the offer back."""
        self.call("POST", f"/v1/offers/{offer['id']}/withdrawal", 200)

    def revoke(self, credential_id: str) -> None:
        """Revoke what was issued, by the command line of the operator's machine, and publish that."""
        registry = self.deployment.registry
        registry.application.change_status(
            registry.provider, credential_id, kind="revoked", reason="A test of revocation."
        )


class EmployerOffice(Office):
    """The operator asks holders, in every way that there is."""

    def __init__(self, deployment: Deployment) -> None:
        super().__init__(deployment, deployment.registry.operator_secret)

    def ask(self, **order: Any) -> tuple[str, str]:
        """The id of a request, and the link that opens a wallet."""
        asked = {"purpose": "training", **order}
        if asked.get("client_id_prefix") == "redirect_uri":
            asked["request_method"] = "value"
        made = self.call("POST", "/v1/presentation-requests", 201, asked)
        return str(made["id"]), str(made["link"])

    def look(self, request_id: str) -> dict[str, Any]:
        """Where it stands."""
        return self.call("GET", f"/v1/presentation-requests/{request_id}", 200)
