"""The road of plain requests gives the same answers as the described route, and leaves the rest to it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.services.verify_document import VerifyDocument
from skillcred.web.api import plain_verifications as module
from skillcred.web.api.plain_verifications import PLAIN

PATH = "/v1/verifications"


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What went the plain road, by media type."""
    found: list[str] = []
    real = module.find_plain_type

    def find(scope: Any) -> str | None:
        media_type = real(scope)
        found.extend([] if media_type is None else [media_type])
        return media_type

    monkeypatch.setattr(module, "find_plain_type", find)
    return found


def post(client: TestClient, content: bytes, media_type: str, query: str = "") -> dict[str, Any]:
    answer = client.post(PATH + query, content=content, headers={"Content-Type": media_type})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    report: dict[str, Any] = answer.json()
    return report


def timeless(value: Any) -> Any:
    """Without what tells when it was checked."""
    if isinstance(value, list):
        return [timeless(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: timeless(item)
        for name, item in value.items()
        if name not in {"evaluated_at", "retrieved_at", "date"}
    }


def test_both_roads_answer_alike(client: TestClient, credential: bytes, taken: list[str]) -> None:
    for _ in range(2):
        post(client, credential, "application/vc")
    plain = post(client, credential, "application/vc")
    described = post(client, credential, "application/vc; charset=utf-8")
    assert plain["verdict"] == "valid"
    assert timeless(plain) == timeless(described)
    assert len(taken) == 3
    forged = credential.replace(b"Welding", b"Surgery")
    assert post(client, forged, "application/vc")["verdict"] == "invalid"
    assert post(client, forged, "application/vc;charset=utf-8")["verdict"] == "invalid"


@pytest.mark.parametrize(
    ("media_type", "query"),
    [
        ("application/vc; charset=utf-8", ""),
        ("APPLICATION/VC", ""),
        ("application/vc", "?at=2026-06-01T12:00:00Z"),
        ("application/vc", "?domain=x"),
        ("application/vc", "?unknown"),
    ],
)
def test_everything_else_is_left_to_the_described_route(
    client: TestClient, credential: bytes, taken: list[str], media_type: str, query: str
) -> None:
    post(client, credential, media_type, query)
    assert taken == []


def test_forms_and_refusals_are_left_to_it_too(
    client: TestClient, credential: bytes, taken: list[str]
) -> None:
    assert client.post(PATH, files={"file": credential}).json()["verdict"] == "valid"
    assert client.post(PATH, content=credential).status_code == 415
    assert client.post(PATH, content=credential, headers={"Content-Type": "text/html"}).status_code == 415
    assert (
        client.post(PATH, content=credential, headers=[("Content-Type", "application/vc")] * 2).status_code
        == 415
    )  # type: ignore[arg-type]
    assert client.get(PATH).status_code == 405
    assert taken == []


def test_a_document_that_is_too_large_is_refused(client: TestClient, taken: list[str]) -> None:
    answer = client.post(PATH, content=b" " * (1024 * 1024 + 1), headers={"Content-Type": "application/vc"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert len(taken) == 1


def test_what_has_to_be_fetched_leaves_the_event_loop(
    client: TestClient, credential: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W-19, I9: nothing that may wait runs where all other requests wait for it."""
    import threading

    threads: list[threading.Thread] = []
    real = VerifyDocument.upload

    def upload(self: VerifyDocument, content: bytes, **given: Any) -> Any:
        threads.append(threading.current_thread())
        return real(self, content, **given)

    monkeypatch.setattr(VerifyDocument, "upload", upload)
    monkeypatch.setattr(VerifyDocument, "prepare", lambda self, content, **given: None)
    loops: list[threading.Thread] = []

    async def run(function: Any, *arguments: Any, **given: Any) -> Any:
        from starlette.concurrency import run_in_threadpool

        loops.append(threading.current_thread())
        return await run_in_threadpool(function, *arguments, **given)

    monkeypatch.setattr(module, "run_in_threadpool", run)
    assert post(client, credential, "application/vc")["verdict"] == "valid"
    assert len(threads) == len(loops) == 1
    assert threads[0] is not loops[0]


def test_every_plain_type_is_described(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"][PATH]["post"]
    assert {name.decode() for name in PLAIN} < set(operation["requestBody"]["content"])
    assert [
        name for name in json.loads(client.get("/openapi.json").text)["paths"] if "verification" in name
    ] == [PATH]


@pytest.mark.parametrize("query", [b"", b"at=2026-06-01T12:00:00Z"])
def test_whoever_goes_before_the_body_is_whole_is_no_fault(served: Any, query: bytes) -> None:
    """By either road: nothing is answered, and what is logged is a request without a status."""
    before = len(served.log_lines())
    messages = [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    scope = {
        "type": "http",
        "method": "POST",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": query,
        "headers": [(b"content-type", b"application/json")],
        "http_version": "1.1",
        "scheme": "http",
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(served.app(scope, receive, send))
    assert sent == []
    assert [(line["event"], line["status"]) for line in served.log_lines()[before:]] == [("request", 0)]
