"""A key is reported as stolen, by HTTP and by the command: the status lists that it signed are signed anew at once, on
both databases (SECURITY K-11, S-08)."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from skillcred.cli import run
from skillcred.services.records import KeyState, StatusView
from skillcred.status.peek import peek_list_signer
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry


class World:
    """A provider with a revocable credential whose lists are published in all views."""

    def __init__(self, demo: DemoRegistry) -> None:
        self.demo = demo
        app = create_app(demo.application, log_stream=io.StringIO())
        self.client = TestClient(app, base_url="http://127.0.0.1:8000")
        self.credential = demo.issue()
        entry = json.loads(self.credential.content)["credentialStatus"][0]
        self.list_id = entry["statusListCredential"].split("/")[-2]
        self.views = (StatusView.REVOCATION, StatusView.SUSPENSION, StatusView.TOKEN)
        for view in self.views:
            demo.application.publish_status_list(self.list_id, view)

    def report(self, key_id: str, secret: str | None = None, **body: Any) -> Any:
        segment = quote(quote(key_id, safe=""), safe="")
        headers = {"Authorization": f"Bearer {secret or self.demo.provider_secret}"}
        return self.client.post(f"/v1/keys/{segment}/compromise", json=body, headers=headers)

    def active(self) -> str:
        keys = self.demo.application.list_keys(self.demo.provider)
        (key,) = [key.id for key in keys if key.state is KeyState.ACTIVE]
        return key

    def signers(self) -> set[str | None]:
        """Who signed what anybody gets who asks for the lists."""
        answers = [self.client.get(f"/v1/status-lists/{self.list_id}/{view.value}") for view in self.views]
        assert {answer.status_code for answer in answers} == {200}
        return {peek_list_signer(answer.content) for answer in answers}

    def verdict(self) -> str:
        return self.demo.application.verify_document(self.credential.content).report.verdict.value


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    changes = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("postgres_url")
    demo = build_demo_registry(tmp_path, **changes)
    yield World(demo)
    demo.application.close()


def test_lists_are_signed_anew_with_a_sound_key(world: World) -> None:
    stolen = world.active()
    assert world.signers() == {stolen}
    world.demo.application.rotate_key(world.demo.provider)
    assert world.signers() == {stolen}, "a replaced key is a sound key"
    assert world.verdict() == "valid"
    answer = world.report(stolen)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["key"]["state"], said["lists_not_signed"]) == ("compromised", [])
    assert said["lists_signed_anew"] == len(world.views)
    assert world.signers() == {world.active()} != {stolen}
    assert world.verdict() == "valid", "the credential is provably older, and its status is known"
    assert world.report(stolen).json()["lists_signed_anew"] == 0
    assert world.demo.application.publish_due_lists().published == ()


@pytest.mark.nightly
def test_it_is_said_where_there_is_no_sound_key(world: World) -> None:
    stolen = world.active()
    said = world.report(stolen, since="2026-01-01T00:00:00Z").json()
    assert said["key"]["compromised_at"] == "2026-01-01T00:00:00Z"
    assert {each["code"] for each in said["lists_not_signed"]} == {"no_active_key"}
    assert {each["view"] for each in said["lists_not_signed"]} == {view.value for view in world.views}
    answer = world.client.get(f"/v1/status-lists/{world.list_id}/revocation")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_active_key"), (
        "not one that a thief signed"
    )
    assert world.verdict() != "valid"
    world.demo.application.create_key(world.demo.provider, "Ed25519")
    assert world.report(stolen).json()["lists_signed_anew"] == len(world.views)
    assert world.signers() == {world.active()}


@pytest.mark.nightly
def test_the_publisher_goes_on_where_the_report_was_cut_off(world: World) -> None:
    """Killed between the record and the lists: whoever publishes next signs anew, and so does whoever is asked."""
    stolen = world.active()
    application = world.demo.application
    application.rotate_key(world.demo.provider)
    application.retire_key(world.demo.provider, stolen, compromised=True)
    assert len(application.publish_due_lists().published) == len(world.views)
    assert world.signers() == {world.active()}


@pytest.mark.nightly
def test_only_a_key_of_ones_own(world: World) -> None:
    stolen = world.active()
    for secret in (world.demo.body_secret, world.demo.stranger_secret, world.demo.operator_secret):
        assert world.report(stolen, secret).status_code == 404
    assert world.report(stolen, since="2090-01-01T00:00:00Z").json()["code"] == "invalid_key_times"
    assert world.active() == stolen


@pytest.mark.nightly
def test_the_command_says_what_became_of_the_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(build_demo_registry(tmp_path))
    stolen = world.active()
    settings = world.demo.application.settings
    world.demo.application.close()
    monkeypatch.setenv("SKILLCRED_DATA_FOLDER", str(settings.data_folder))
    monkeypatch.setenv("SKILLCRED_KEYS_FOLDER", str(settings.keys_folder))
    report = ["keys", "compromise", "--organisation", "welding-school", stolen]
    assert run(report) == 69
    printed = capsys.readouterr().out
    assert f"NOT SIGNED ANEW  status list {world.list_id}/revocation: no_active_key" in printed
    assert run(["keys", "create", "--organisation", "welding-school"]) == 0
    assert run(report) == 0
    assert f"signed anew: status list {world.list_id}/revocation" in capsys.readouterr().out
