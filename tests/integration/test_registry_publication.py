"""The registry published and copied by the commands alone, and a verifier who has nothing but the copy.

The published folder is what a static file server would give out. An attacker changes it at will, and has keys only
where a test says so (SECURITY T-05 to T-08).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import httpx2
import pytest
from starlette.testclient import TestClient
from tuf.api.metadata import Metadata, Timestamp

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.keystore import FileKeyManager
from skillcred.adapters.registry import RegistryPublisher
from skillcred.adapters.registry.layout import role_of
from skillcred.adapters.registry.publisher import LIFETIMES
from skillcred.adapters.registry.signers import RegistrySigner, public_key_of
from skillcred.bootstrap import build_application, upgrade_database
from skillcred.cli import run
from skillcred.errors import InputError
from skillcred.keys.signer import Signer
from skillcred.model.datetimes import format_instant
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.publication_ports import OperatorSigners, RegistryContent
from skillcred.services.records import AccreditationEventKind
from skillcred.services.role_keys import role_key_name
from skillcred.trust import AccreditationScope
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry, build_settings, example_claims
from worlds.in_memory import FixedClock

PASSPHRASE = "a passphrase for these tests"
UNAVAILABLE = 69
USAGE = 64
CONFIGURATION = 78


@dataclass
class Stage:
    """An operator's deployment, its published folder, two holders of root keys, and a verifier without a database."""

    folder: Path
    registry: DemoRegistry
    capsys: pytest.CaptureFixture[str]
    environment: pytest.MonkeyPatch

    @property
    def published(self) -> Path:
        return self.folder / "published"

    @property
    def copy(self) -> Path:
        return self.folder / "verifier" / "registry-copy"

    def command(self, *arguments: str, expect: int = 0) -> str:
        """One command of the operator; what it prints."""
        self._settings("operator")
        return self._run(arguments, expect)

    def verifier(self, *arguments: str, expect: int = 0) -> str:
        """One command of the verifier."""
        self._settings("verifier")
        self.environment.setenv("SKILLCRED_REGISTRY_ROOT_FILE", str(self.folder / "root-1.json"))
        self.environment.setenv("SKILLCRED_REGISTRY_SOURCE", str(self.published))
        return self._run(arguments, expect)

    def _settings(self, whose: str) -> None:
        for name in ("REGISTRY_ROOT_FILE", "REGISTRY_SOURCE"):
            self.environment.delenv(f"SKILLCRED_{name}", raising=False)
        place = self.folder / ("data" if whose == "operator" else whose)
        self.environment.setenv("SKILLCRED_DATA_FOLDER", str(place))
        self.environment.setenv("SKILLCRED_KEYS_FOLDER", str(self.folder / "keys"))
        self.environment.setenv("SKILLCRED_KEY_PASSPHRASE", PASSPHRASE)

    def _run(self, arguments: tuple[str, ...], expect: int) -> str:
        self.capsys.readouterr()
        code = run(arguments)
        printed = self.capsys.readouterr()
        assert code == expect, printed.out + printed.err
        return printed.err if expect >= USAGE else printed.out

    def holder(self, number: int) -> list[str]:
        passphrase = self.folder / f"passphrase-{number}"
        passphrase.write_text(f"the passphrase of holder {number}")
        passphrase.chmod(0o600)
        return ["--keys-folder", str(self.folder / f"holder-{number}"), "--passphrase-file", str(passphrase)]

    def make_key(self, number: int | None = None) -> str:
        options = [] if number is None else self.holder(number)
        return self.command("registry", "root", "key", *options).split()[1]

    def make_root(self, name: str, holders: list[str], online: str, *before: str) -> str:
        """An unsigned root in a file; its digest."""
        plan = {
            role: {"keys": holders if role == "root" else [online], "threshold": 2 if role == "root" else 1}
            for role in ("root", "targets", "snapshot", "timestamp")
        }
        expires = (datetime.now(UTC) + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")
        (self.folder / "plan.json").write_text(json.dumps({"expires": expires, **plan}))
        made = ["registry", "root", "new", str(self.folder / "plan.json"), "--to", str(self.folder / name)]
        return self.command(*made, *before).rsplit("sha256", 1)[1].strip()

    def sign(self, source: str, to: str, sha256: str, number: int, *before: str, expect: int = 0) -> str:
        where = ["--to", str(self.folder / to), "--sha256", sha256]
        root = str(self.folder / source)
        return self.command(
            "registry", "root", "sign", root, *where, *self.holder(number), *before, expect=expect
        )

    def install(self, name: str, *, expect: int = 0) -> str:
        target = ["--into", str(self.published)]
        return self.command("registry", "root", "install", str(self.folder / name), *target, expect=expect)

    def publish(self, *, expect: int = 0) -> str:
        return self.command("registry", "publish", "--to", str(self.published), expect=expect)

    def verify(self, *, expect: int = 0) -> str:
        """The verifier judges the school's credential, offline."""
        return self.verifier("verify", str(self.folder / "credential.json"), "--offline", expect=expect)

    def signer(self) -> Signer:
        """The operator's online key."""
        root = Metadata.from_bytes((self.folder / "root-1.json").read_bytes()).signed
        multikey = public_key_of(root.keys[root.roles["timestamp"].keyids[0]]).to_multikey()
        keys = FileKeyManager(self.folder / "keys", PASSPHRASE.encode())
        return keys.get_signer(role_key_name(multikey), multikey)

    def resign_timestamp(self, change: Callable[[Timestamp], None]) -> None:
        place = self.published / "metadata" / "timestamp.json"
        timestamp = Metadata[Timestamp].from_bytes(place.read_bytes())
        change(timestamp.signed)
        timestamp.sign(RegistrySigner(self.signer()))
        place.write_bytes(timestamp.to_bytes())

    def change(self) -> None:
        """The body accredits one more provider."""
        number = time.time_ns()
        request = AccreditationRequest(
            f"did:web:school-{number}.example",
            f"School {number}",
            AccreditationScope(("training",)),
            datetime(2026, 1, 1, tzinfo=UTC),
            None,
        )
        self.registry.application.accredit_provider(self.registry.body, request, str(number))

    def suspend(self) -> None:
        self.registry.application.change_accreditation(
            self.registry.body,
            self.registry.accreditation.id,
            kind=AccreditationEventKind.SUSPENDED,
            effective_at=datetime.now(UTC) - timedelta(minutes=1),
            reason="Inspection.",
        )


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, DemoRegistry]]:
    """A deployment with a registry in it and a credential that it issued."""
    folder = tmp_path_factory.mktemp("published")
    registry = build_demo_registry(folder, key_passphrase=PASSPHRASE)
    request = IssuanceRequest("training", example_claims("training"), revocable=False)
    credential = registry.application.issue_credential(registry.provider, request, "first")
    (folder / "credential.json").write_bytes(credential.content)
    yield folder, registry
    registry.application.close()


@pytest.fixture
def stage(
    ready: tuple[Path, DemoRegistry],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """The deployment, published and copied; what is published, and the copy, are put back afterwards."""
    folder, registry = ready
    made = Stage(folder, registry, capsys, monkeypatch)
    if not made.published.exists():
        holders = [made.make_key(1), made.make_key(2)]
        sha256 = made.make_root("unsigned-1.json", holders, made.make_key())
        made.sign("unsigned-1.json", "by-1.json", sha256, 1)
        made.sign("unsigned-1.json", "by-2.json", sha256, 2)
        parts = [str(folder / "by-1.json"), str(folder / "by-2.json")]
        made.command("registry", "root", "combine", *parts, "--to", str(folder / "root-1.json"))
        made.install("root-1.json")
        made.publish()
        made.verifier("registry", "update")
        shutil.copytree(made.published, folder / "kept" / "published")
        shutil.copytree(folder / "verifier", folder / "kept" / "verifier", symlinks=True)
    yield made
    for name in ("published", "verifier"):
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(folder / "kept" / name, folder / name, symlinks=True)


def test_a_verifier_judges_from_the_copy_alone(stage: Stage) -> None:
    """No database, no network: registry, keys and accreditations come from the copy, and the report says how old."""
    shutil.move(stage.published, stage.folder / "gone")
    shown = stage.verify()
    assert shown.startswith("VALID  (issuer_authorised)")
    assert "Registry: copy brought up to date" in shown
    assert "key_from_registry" in shown
    assert "updated" in stage.verifier("registry", "copy", "status")
    shutil.move(stage.folder / "gone", stage.published)


def test_only_the_role_of_the_body_whose_accreditation_changed_is_written(stage: Stage) -> None:
    before = {path for path in stage.published.rglob("*") if path.is_file()}
    times = {path: path.stat().st_mtime_ns for path in before}
    assert stage.publish().endswith("signed anew: nothing\n")
    stage.suspend()
    role = role_of(stage.registry.body.organisation.did)
    assert stage.publish().endswith(f"signed anew: {role}, log, snapshot, timestamp\n")
    changed = {
        path.relative_to(stage.published).as_posix()
        for path in stage.published.rglob("*")
        if path.is_file() and times.get(path) != path.stat().st_mtime_ns and path.name != ".lock"
    }
    assert {name.partition("/")[0] + "/" + name.rpartition(".")[0].partition(".")[2] for name in changed} >= {
        f"metadata/{role}",
        "metadata/snapshot",
        "metadata/log",
    }
    assert not [name for name in changed if name.endswith(("targets.json", "bodies.json", "root.json"))]
    stage.verifier("registry", "update")
    assert "accreditation_suspended" in stage.verify()


def refused(stage: Stage) -> str:
    """The code with which an update is refused; what was trusted before still is."""
    shown = stage.verifier("registry", "update", expect=UNAVAILABLE)
    assert stage.verify().startswith("VALID")
    return shown.split()[1].rstrip(":")


def test_T05_rollback(stage: Stage) -> None:
    stage.change()
    stage.publish()
    stage.verifier("registry", "update")
    shutil.rmtree(stage.published)
    shutil.copytree(stage.folder / "kept" / "published", stage.published)
    assert refused(stage) == "registry_rolled_back"


def test_T05_freeze(stage: Stage) -> None:
    """Signatures that have run out are refused, and a copy whose signatures have run out judges nobody."""
    left = timedelta(seconds=2.5)
    stage.resign_timestamp(
        lambda timestamp: (
            setattr(timestamp, "expires", (datetime.now(UTC) + left).replace(microsecond=0)),
            setattr(timestamp, "version", timestamp.version + 1),
        )[0]
    )
    stage.verifier("registry", "update")
    assert stage.verify().startswith("VALID")
    time.sleep(left.total_seconds())
    assert "key_not_available" in stage.verify(expect=2)
    assert "registry_expired" in stage.verifier("registry", "update", expect=UNAVAILABLE)
    assert "registry_expired" in stage.verifier("registry", "copy", "status", expect=UNAVAILABLE)


def test_T05_fast_forward_and_how_one_recovers(stage: Stage) -> None:
    """A thief of the online key jumps ahead. Far jumps are refused; after a near one, new keys start afresh (TUF
    specification 1.0.34 section 5.3.11)."""
    stage.resign_timestamp(lambda timestamp: setattr(timestamp, "version", 2**63 - 1))
    assert refused(stage) == "registry_fast_forward"
    stage.resign_timestamp(lambda timestamp: setattr(timestamp, "version", 900_000))
    stage.verifier("registry", "update")
    shutil.rmtree(stage.published)
    shutil.copytree(stage.folder / "kept" / "published", stage.published)
    assert refused(stage) == "registry_rolled_back"
    replace_root(stage, "root-2.json", stage.make_key())
    stage.publish()
    stage.verifier("registry", "update")
    assert stage.verify().startswith("VALID")


def test_T05_mix_and_match(stage: Stage) -> None:
    stage.change()
    stage.publish()
    role = role_of(stage.registry.body.organisation.did)
    latest = max(stage.published.glob(f"metadata/*.{role}.json"), key=lambda p: int(p.name.split(".")[0]))
    latest.write_bytes((stage.published / "metadata" / f"1.{role}.json").read_bytes())
    assert refused(stage) in ("registry_rolled_back", "registry_damaged")


@pytest.mark.parametrize(
    "which", ["metadata/timestamp.json", "metadata/*.snapshot.json", "targets/**/*.statements.json"]
)
def test_T05_endless_data(stage: Stage, which: str) -> None:
    stage.change()
    stage.publish()
    for path in stage.published.glob(which):
        path.write_bytes(b" " * 6_000_000)
    assert refused(stage) == "registry_damaged"


def test_T08_split_view(stage: Stage) -> None:
    stage.resign_timestamp(
        lambda timestamp: setattr(timestamp, "expires", timestamp.expires - timedelta(hours=1))
    )
    assert refused(stage) == "registry_split_view"
    assert len(list((stage.copy / "evidence").iterdir())) == 2


def test_T08_verifiers_compare_what_they_were_shown(stage: Stage) -> None:
    """The operator publishes twice under the same versions and shows one to each verifier."""
    mine, theirs = stage.folder / "mine.json", str(stage.folder / "theirs.json")
    again = stage.folder / "again"
    shutil.copytree(stage.published, again)
    stage.change()
    stage.publish()
    stage.verifier("registry", "update")
    stage.verifier("registry", "copy", "view", "--to", theirs)
    assert "are the same" in stage.verifier("registry", "copy", "compare", theirs)
    shutil.rmtree(stage.published)
    shutil.rmtree(stage.copy)
    again.rename(stage.published)
    stage.verifier("registry", "update")
    shown = stage.verifier("registry", "copy", "compare", theirs)
    assert "are the same" in shown, "an older copy is not a split"
    stage.change()
    stage.publish()
    stage.verifier("registry", "update")
    shown = stage.verifier("registry", "copy", "compare", theirs, expect=1)
    assert f"{role_of(stage.registry.body.organisation.did)} 2 is not the same" in shown
    assert len(list((stage.copy / "evidence").glob("view.*"))) == 2
    value = json.loads(Path(theirs).read_text())
    mine.write_text(json.dumps(value | {"snapshot": value["snapshot"].replace('"length"', '"lengths"', 1)}))
    assert "view_not_signed" in stage.verifier("registry", "copy", "compare", str(mine), expect=USAGE)


def test_W30_a_log_that_got_shorter_is_not_followed(stage: Stage) -> None:
    stage.change()
    stage.publish()
    stage.verifier("registry", "update")
    old = (stage.folder / "kept" / "published" / "metadata" / "1.log.json").read_bytes()
    old = json.loads(old)["signed"]["targets"]["log/checkpoint.json"]["hashes"]["sha256"]
    checkpoint = stage.folder / "kept" / "published" / "targets" / "log" / f"{old}.checkpoint.json"
    publisher = RegistryPublisher(stage.published)
    bodies = next(stage.published.glob("targets/*.bodies.json")).read_bytes()
    content = RegistryContent(bodies, [], checkpoint.read_bytes())
    signer = stage.signer()
    publisher.publish(content, OperatorSigners([signer], [signer], [signer]), at=datetime.now(UTC))
    assert refused(stage) == "registry_log_rolled_back"


def test_T06_a_root_needs_its_holders_and_those_before_it(stage: Stage) -> None:
    heirs = [stage.make_key(3), stage.make_key(2)]
    before = ["--before", str(stage.folder / "root-1.json")]
    sha256 = stage.make_root("unsigned-2.json", heirs, stage.make_key(), *before)
    assert "root_changed" in stage.sign("unsigned-2.json", "x.json", "0" * 64, 3, *before, expect=USAGE)
    assert "no_root_key" in stage.sign("unsigned-2.json", "x.json", sha256, 4, *before, expect=USAGE)
    stage.sign("unsigned-2.json", "by-3.json", sha256, 3, *before)
    stage.sign("by-3.json", "by-3-and-2.json", sha256, 2, *before)
    assert "root_not_signed" in stage.install("by-3-and-2.json", expect=USAGE), "only one holder from before"
    (stage.published / "metadata" / "2.root.json").write_bytes(
        (stage.folder / "by-3-and-2.json").read_bytes()
    )
    assert refused(stage) == "registry_not_signed"
    (stage.published / "metadata" / "2.root.json").unlink()
    shown = stage.sign("by-3-and-2.json", "root-2.json", sha256, 1, *before)
    assert "lacking" not in shown
    assert stage.install("root-2.json").startswith("root 2")
    assert "root_version" in stage.install("root-2.json", expect=USAGE)
    stage.publish()
    stage.verifier("registry", "update")
    assert stage.verify().startswith("VALID")


def test_T06_one_holder_is_not_enough_and_one_key_counts_once(stage: Stage) -> None:
    only = stage.make_key(5)
    plan = stage.folder / "plan.json"
    stage.make_root("any.json", [only, stage.make_key(6)], only)
    for change in ({"threshold": 1}, {"keys": [only, only]}):
        value = json.loads(plan.read_bytes())
        value["root"].update(change)
        (stage.folder / "bad.json").write_text(json.dumps(value))
        command = [
            "registry",
            "root",
            "new",
            str(stage.folder / "bad.json"),
            "--to",
            str(stage.folder / "x.json"),
        ]
        assert "invalid_form" in stage.command(*command, expect=USAGE)


def test_T07_a_copy_that_was_changed_on_disk_judges_nobody_until_it_is_mended(stage: Stage) -> None:
    for path in (stage.copy / "current" / "targets").iterdir():
        path.write_bytes(path.read_bytes().replace(b"welding", b"velding"))
    shown = stage.verify(expect=2)
    assert "key_not_available" in shown
    stage.verifier("registry", "update")
    assert stage.verify().startswith("VALID")


def test_without_a_copy_nobody_is_trusted(stage: Stage) -> None:
    shutil.rmtree(stage.copy)
    assert "key_not_available" in stage.verify(expect=2)
    assert "registry_copy_missing" in stage.verifier("registry", "copy", "status", expect=UNAVAILABLE)


def test_keys_that_the_root_does_not_name_publish_nothing(stage: Stage) -> None:
    replace_root(stage, "root-2.json", stage.make_key(7))
    before = (stage.published / "metadata" / "timestamp.json").read_bytes()
    assert "registry_keys_not_in_root" in stage.publish(expect=CONFIGURATION)
    assert (stage.published / "metadata" / "timestamp.json").read_bytes() == before


def replace_root(stage: Stage, name: str, online: str) -> None:
    """The same holders give the online roles to another key."""
    root = Metadata.from_bytes((stage.folder / "root-1.json").read_bytes()).signed
    holders = [public_key_of(root.keys[keyid]).to_multikey() for keyid in root.roles["root"].keyids]
    before = ["--before", str(stage.folder / "root-1.json")]
    sha256 = stage.make_root("unsigned.json", holders, online, *before)
    stage.sign("unsigned.json", "half.json", sha256, 1, *before)
    stage.sign("half.json", name, sha256, 2, *before)
    stage.install(name)


def test_the_signatures_are_renewed_in_time(stage: Stage) -> None:
    stage.publish()
    later = datetime.now(UTC) + LIFETIMES["timestamp"] * 0.6
    settings = build_settings(stage.folder, key_passphrase=PASSPHRASE)
    application = build_application(settings, clock=FixedClock(later), evidence_sources={})
    try:
        operator = application.local_actor("operator")
        done = application.publish_registry(operator, stage.published)
        with pytest.raises(InputError) as caught:
            application.publish_registry(operator, stage.published, keep=timedelta(days=2))
    finally:
        application.close()
    assert (done.signed, done.removed) == (("timestamp",), 0)
    assert caught.value.code == "kept_too_short"


@pytest.mark.anyio
async def test_a_serving_verifier_updates_by_itself_and_says_how_old_its_copy_is(stage: Stage) -> None:
    shutil.rmtree(stage.copy)
    settings = build_settings(
        stage.folder / "service",
        registry_root_file=stage.folder / "root-1.json",
        registry_source=str(stage.published),
        registry_update_seconds=3600,
    )
    upgrade_database(settings)
    app = create_app(build_application(settings, evidence_sources={}))
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
            for _ in range(100):
                ready = (await client.get("/readyz")).json()
                (item,) = [check for check in ready["items"] if check["name"] == "registry_copy"]
                if item["code"] == "ok":
                    break
                time.sleep(0.05)
            assert item["code"] == "ok"
            assert item["age_seconds"] < 60
            content = (stage.folder / "credential.json").read_bytes()
            answer = await client.post(
                "/v1/verifications", content=content, headers={"Content-Type": "application/vc"}
            )
            report = answer.json()
    assert (report["verdict"], report["reason"]) == ("valid", "issuer_authorised")
    (trust,) = [step for step in report["steps"] if step["step"] == "trust"]
    assert trust["details"]["registry"]["timestamp_version"] == 1


def quoted(identifier: str) -> str:
    """As a segment of a path; the client under test decodes a path once before it sends it."""
    return quote(quote(identifier, safe=""), safe="")


def test_a_deployment_that_judges_by_a_copy_answers_everybody_from_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TRQP, the read API and the pages. What is recorded here is never an answer."""
    demo = build_demo_registry(
        stage.folder / "answering",
        base_url="http://127.0.0.1:9000",
        verifications_per_minute=10_000,
        registry_root_file=stage.folder / "root-1.json",
        registry_source=str(stage.published),
        registry_update_seconds=0,
    )
    here, body = demo.application, stage.registry.body.organisation.did
    school = stage.registry.provider.organisation.did
    only_here = demo.provider.organisation.did
    asked = {"authority_id": body, "action": "issue", "resource": "training"}
    recognition = {
        "entity_id": body, "authority_id": stage.registry.operator.organisation.did,
        "action": "recognise-qualifications", "resource": "training",
    }  # fmt: skip
    with TestClient(
        create_app(here), base_url="http://127.0.0.1:9000", raise_server_exceptions=False
    ) as client:
        for path in (
            "/v1/registry/bodies", f"/v1/registry/bodies/{quoted(body)}", "/v1/registry/entries", "/registry",
            f"/v1/registry/entries/{quoted(school)}", f"/v1/registry/linked-data/{quoted(school)}",
            f"/registry/bodies/{quoted(body)}", f"/registry/providers/{quoted(school)}", "/v1/registry/accreditations",
        ):  # fmt: skip
            missing = client.get(path)
            assert missing.status_code == 503, path
            if path.startswith("/v1"):
                assert missing.json()["code"] == "registry_copy_missing"
        missing = client.post("/authorization", json=asked | {"entity_id": school})
        assert (missing.status_code, missing.json()["code"]) == (503, "registry_copy_missing")

        updated = format_instant(here.update_registry_copy().info.updated_at)
        yes = client.post("/authorization", json=asked | {"entity_id": school}).json()
        assert yes["authorized"] is True
        assert yes["message"].endswith(f"By a copy of the published registry, brought up to date {updated}.")
        own = asked | {"entity_id": only_here, "authority_id": demo.body.organisation.did}
        no = client.post("/authorization", json=own).json()
        assert no["authorized"] is False
        assert no["message"].startswith("Not listed")
        assert client.post("/recognition", json=recognition).json()["recognized"] is True
        stranger = recognition | {"authority_id": demo.operator.organisation.did}
        assert client.post("/recognition", json=stranger).json()["recognized"] is False
        entry = client.get(f"/v1/registry/entries/{quoted(school)}")
        assert entry.headers["x-registry-updated-at"] == updated
        assert [each["standing"] for each in entry.json()["statements"]] == ["in_force"]
        assert client.get(f"/v1/registry/entries/{quoted(only_here)}").status_code == 404
        (listed,) = client.get("/v1/registry/accreditations", params={"body": body}).json()
        assert listed["provider_did"] == school
        detail = client.get(f"/v1/registry/accreditations/{quoted(listed['id'])}").json()
        assert (detail["credential"]["id"], detail["events"]) == (listed["id"], [])
        found = client.get("/v1/registry/entries", params={"profile": "training"}).json()["entries"]
        assert [(each["kind"], each["id"]) for each in found] == [("enrolled", body), ("provider", school)]
        linked = client.get(f"/v1/registry/linked-data/{quoted(school)}")
        assert linked.headers["x-registry-updated-at"] == updated
        assert "ceterms:accreditedIn" in linked.json()
        page = client.get(f"/registry/providers/{quoted(school)}", params={"lang": "en"}).text
        assert "Accredited today" in page
        assert "From a verified copy of the published registry" in page
        assert client.get(f"/registry/providers/{quoted(only_here)}").status_code == 404

        later = datetime.now(UTC) + LIFETIMES["timestamp"]
        monkeypatch.setattr(SystemClock, "now", lambda _: later)
        expired = client.post("/authorization", json=asked | {"entity_id": school})
        assert (expired.status_code, expired.json()["code"]) == (503, "registry_expired")
        assert client.get(f"/registry/providers/{quoted(school)}").status_code == 503
        assert client.get("/v1/registry/entries").json()["code"] == "registry_expired"
    here.close()


def test_a_copy_that_does_not_verify_answers_nobody(stage: Stage) -> None:
    settings = build_settings(
        stage.folder / "answering-too",
        registry_root_file=stage.folder / "root-1.json",
        registry_source=str(stage.published),
        registry_update_seconds=0,
        registry_copy_folder=stage.copy,
    )
    upgrade_database(settings)
    for path in (stage.copy / "current" / "targets").iterdir():
        path.write_bytes(path.read_bytes() + b" ")
    query = {
        "entity_id": stage.registry.provider.organisation.did, "authority_id": stage.registry.body.organisation.did,
        "action": "issue", "resource": "training",
    }  # fmt: skip
    with TestClient(create_app(build_application(settings, evidence_sources={}))) as client:
        answer = client.post("/authorization", json=query)
        assert (answer.status_code, answer.json()["code"]) == (503, "registry_damaged")
        assert client.get("/v1/registry/entries").json()["code"] == "registry_damaged"


@pytest.mark.nightly
def test_the_command_is_killed_at_every_step_of_publishing(stage: Stage) -> None:
    """A process of its own, killed by SIGKILL; a verifier updates after each, and the next publication finishes."""
    stage._settings("operator")
    command = [
        sys.executable,
        "-c",
        "from skillcred.cli import main; main()",
        "registry",
        "publish",
        "--to",
        str(stage.published),
    ]
    steps = 0
    for number in range(1, 100):
        stage.change()
        crash = {
            "SKILLCRED_CRASH": f"registry-file-written:{number}",
            "SKILLCRED_CRASH_POINTS_ENABLED": "true",
        }
        done = subprocess.run(command, env=os.environ | crash, capture_output=True, timeout=120, check=False)
        stage.verifier("registry", "update")
        assert stage.verify().startswith("VALID")
        stage._settings("operator")
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        steps += 1
        stage.publish()
        stage._settings("operator")
    assert steps == 7, "three targets and four files of metadata"
