"""Processes that verify beside a serving one: the same answers, and nothing stands still when one of them does."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from skillcred.services.report_bytes import encode_report
from skillcred.services.verify_document import VerifyDocument
from skillcred.web.app import create_app
from skillcred.web.verifying import processes as module
from skillcred.web.verifying.processes import VerificationProcesses
from worlds.application import DemoRegistry, build_demo_registry
from worlds.pure_world import PureWorld

PATH = "/v1/verifications"
PROCESSES = 2
PATIENCE_SECONDS = 60


class Served:
    """A demo registry over HTTP, with processes beside it."""

    def __init__(
        self, registry: DemoRegistry, client: TestClient, beside: VerificationProcesses, log: io.StringIO
    ) -> None:
        self.registry, self.client, self.beside, self.log = registry, client, beside, log
        self.credential = registry.issue("served").content
        for _ in range(2):
            self.post(self.credential)

    def post(self, content: bytes, media_type: str = "application/json") -> Any:
        return self.client.post(PATH, content=content, headers={"Content-Type": media_type})

    def wait_until_ready(self) -> None:
        wait_for(lambda: self.beside.ready == PROCESSES)

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_there(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    registry = build_demo_registry(tmp_path_factory.mktemp("beside"), verifications_per_minute=1_000_000)
    log = io.StringIO()
    app = create_app(registry.application, log_stream=log, verification_processes=PROCESSES)
    beside: VerificationProcesses = app.state.verification_processes
    with TestClient(app, raise_server_exceptions=False) as client:
        served = Served(registry, client, beside, log)
        served.wait_until_ready()
        yield served
        ids = beside.process_ids
    assert len(ids) == PROCESSES
    assert not any(map(is_there, ids)), "none outlives the service"


@pytest.fixture
def only_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is verified in the serving process."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("verified here")

    monkeypatch.setattr(VerifyDocument, "judge_prepared", refuse)
    monkeypatch.setattr(VerifyDocument, "upload", refuse)


def without_times(value: Any) -> Any:
    if isinstance(value, list):
        return [without_times(item) for item in value]
    if not isinstance(value, dict):
        return value
    left_out = {"evaluated_at", "retrieved_at", "date"}
    return {name: without_times(item) for name, item in value.items() if name not in left_out}


@pytest.mark.usefixtures("only_beside")
def test_a_known_issuers_credential_is_verified_beside(served: Served) -> None:
    for _ in range(2 * PROCESSES):
        answer = served.post(served.credential)
        assert (answer.status_code, answer.json()["verdict"]) == (200, "valid")


@pytest.mark.parametrize(
    "name", ["good", "forged", "not JSON", "empty", "presentation", "stranger", "envelope", "large"]
)
def test_the_answer_is_the_same_as_without(served: Served, name: str) -> None:
    envelope = served.registry.issue("envelope", mechanism="vc+jwt")
    content, media_type = {
        "good": (served.credential, "application/json"),
        "forged": (served.credential.replace(b"Welding", b"Surgery"), "application/json"),
        "not JSON": (b'{"a": 1, "a": 2}', "application/json"),
        "empty": (b" ", "application/json"),
        "presentation": (
            b'{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"], '
            b'"verifiableCredential": [' + served.credential + b"]}",
            "application/json",
        ),
        "stranger": (PureWorld().credential(), "application/json"),
        "envelope": (envelope.content, envelope.media_type),
        "large": (served.credential + b" " * 40_000, "application/json"),
    }[name]
    verify = served.registry.application.verify_document
    for _ in range(2):  # from records, and from memory
        verify.upload(content, media_type=media_type)
        answer = served.post(content, media_type)
        expected = json.loads(encode_report(verify.upload(content, media_type=media_type).report))
        assert answer.status_code == 200
        assert without_times(answer.json()) == without_times(expected)


def test_what_is_verified_beside_is_counted_here(served: Served) -> None:
    metrics = served.registry.application.metrics

    def count() -> int:
        lines = [line for line in metrics.render().splitlines() if 'verdict="valid",road="fast"' in line]
        return sum(int(line.rpartition(" ")[2]) for line in lines)

    before = count()
    served.post(served.credential)
    assert count() == before + 1


def test_a_revocation_counts_in_the_next_verification(served: Served) -> None:
    stored = served.registry.issue("to-be-revoked")
    for _ in range(3):
        assert served.post(stored.content).json()["verdict"] == "valid"
    served.registry.application.change_status(
        served.registry.provider, stored.credential_id, kind="revoked", reason="a typo"
    )
    report = served.post(stored.content).json()
    assert (report["verdict"], report["reason"]) == ("invalid", "revoked")


def test_they_have_no_settings_and_no_secrets(served: Served) -> None:
    for process_id in served.beside.process_ids:
        environment = Path(f"/proc/{process_id}/environ").read_bytes()
        assert b"PATH=" in environment
        assert b"SKILLCRED_" not in environment
        opened = [os.readlink(link) for link in Path(f"/proc/{process_id}/fd").iterdir()]
        assert not [name for name in opened if "sqlite" in name or name.endswith(".pem")]


def stop_all(served: Served) -> tuple[int, ...]:
    ids = served.beside.process_ids
    for process_id in ids:
        os.kill(process_id, signal.SIGSTOP)
    return ids


def test_the_service_answers_others_while_a_verification_takes_long(served: Served) -> None:
    served.wait_until_ready()
    ids = stop_all(served)
    try:
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(served.post, served.credential)
            for _ in range(20):
                assert served.client.get("/healthz").status_code == 200
            assert not waiting.done()
            for process_id in ids:
                os.kill(process_id, signal.SIGCONT)
            assert waiting.result(PATIENCE_SECONDS).json()["verdict"] == "valid"
    finally:
        for process_id in ids:
            os.kill(process_id, signal.SIGCONT)


def waiting_for_both(served: Served, pool: ThreadPoolExecutor, each: int) -> list[Future[Any]]:
    """Requests that all of the stopped processes have before them."""
    asked = [pool.submit(served.post, served.credential) for _ in range(PROCESSES * each)]
    wait_for(lambda: sum(len(one.waiting) for one in served.beside._connections) == len(asked))
    return asked


def test_only_the_document_under_way_is_lost_with_a_process(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(served.beside, "_pause", 0.05)
    served.wait_until_ready()
    ids = stop_all(served)
    with ThreadPoolExecutor(16) as pool:
        asked = waiting_for_both(served, pool, 3)
        for process_id in ids:
            os.kill(process_id, signal.SIGKILL)
        answers = [one.result(PATIENCE_SECONDS) for one in asked]
    lost = [answer for answer in answers if answer.status_code != 200]
    assert [(answer.status_code, answer.json()["code"]) for answer in lost] == [
        (503, "verification_lost")
    ] * PROCESSES
    assert {answer.json()["verdict"] for answer in answers if answer.status_code == 200} == {"valid"}
    served.wait_until_ready()
    assert not set(ids) & set(served.beside.process_ids)
    assert served.events().count("verification_process_ended") >= PROCESSES


def test_a_process_that_says_nothing_is_ended(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    served.wait_until_ready()
    monkeypatch.setattr(served.beside, "_pause", 0.05)
    monkeypatch.setattr(module, "STALL_SECONDS", 0.2)
    monkeypatch.setattr(module, "LOOK_EVERY_SECONDS", 0.05)
    ids = stop_all(served)
    with ThreadPoolExecutor(16) as pool:
        asked = waiting_for_both(served, pool, 1)
        codes = {one.result(PATIENCE_SECONDS).json().get("code") for one in asked}
    assert codes == {"verification_lost"}
    wait_for(lambda: not set(ids) & set(served.beside.process_ids))
    served.wait_until_ready()
    assert "verification_process_stalled" in served.events()
