"""What programs of a body, a provider and an employer do, over HTTP and nothing else."""

from __future__ import annotations

from types import TracebackType
from typing import Final

import httpx2

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import UnavailableError

TIMEOUT_SECONDS: Final = 30


class ServiceRefusedError(UnavailableError):
    """The service did not do what it should have done."""

    default_code = "service_refused"


class DemoClient:
    """A client of one running service."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx2.Client(base_url=base_url, timeout=TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> DemoClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def enrol(self, secret: str, body: JsonObject) -> None:
        """The operator enrols a national body; one that is enrolled already stays so."""
        self._post("/v1/registry/bodies", secret, body, also=httpx2.codes.CONFLICT)

    def accredit(self, secret: str, accreditation: JsonObject, idempotency_key: str) -> str:
        """A national body accredits a provider. The id of the accreditation."""
        response = self._post("/v1/registry/accreditations", secret, accreditation, idempotency_key)
        return str(parse_json_object(response.content)["id"])

    def change(
        self, secret: str, accreditation_id: str, event: JsonObject, *, also: int | None = None
    ) -> None:
        """A body changes an accreditation that it gave; an answer with the status `also` is taken for done, too."""
        last = accreditation_id.rpartition("/")[2]
        self._post(f"/v1/registry/accreditations/{last}/events", secret, event, also=also)

    def issue(self, secret: str, profile: str, claims: JsonObject, idempotency_key: str) -> bytes:
        """A provider issues a credential. The bytes as the service released them."""
        request: JsonObject = {"profile": profile, "credential": claims}
        return self._post("/v1/credentials", secret, request, idempotency_key).content

    def offer(self, secret: str, profile: str, claims: JsonObject, idempotency_key: str) -> JsonObject:
        """A provider offers a credential to the wallet of the person it is about. The offer, with its links."""
        request: JsonObject = {"profile": profile, "credential": claims}
        return parse_json_object(self._post("/v1/offers", secret, request, idempotency_key).content)

    def ask(self, secret: str, order: JsonObject) -> JsonObject:
        """An employer asks for a presentation. The request, with the link that opens a wallet."""
        return parse_json_object(self._post("/v1/presentation-requests", secret, order).content)

    def look(self, secret: str, request_id: str) -> JsonObject:
        """Where that request stands."""
        path = f"/v1/presentation-requests/{request_id}"
        response = self._client.get(path, headers={"Authorization": f"Bearer {secret}"})
        if response.status_code != httpx2.codes.OK:
            raise ServiceRefusedError(f"GET {path} was answered with {response.status_code}.")
        return parse_json_object(response.content)

    def upload(self, name: str, content: bytes) -> JsonObject:
        """An employer uploads a file. The report."""
        response = self._client.post(
            "/v1/verifications",
            files={"file": (name, content, "application/json")},
            headers={"Accept": "application/json"},
        )
        if response.status_code != httpx2.codes.OK:
            raise ServiceRefusedError(f"POST /v1/verifications was answered with {response.status_code}.")
        return parse_json_object(response.content)

    def _post(
        self,
        path: str,
        secret: str,
        body: JsonObject,
        idempotency_key: str | None = None,
        *,
        also: int | None = None,
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {secret}"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        response = self._client.post(path, json=body, headers=headers)
        if not response.is_success and response.status_code != also:
            raise ServiceRefusedError(
                f"POST {path} was answered with {response.status_code}: {response.text[:500]}"
            )
        return response
