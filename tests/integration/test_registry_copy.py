"""A registry that is published and copied, and everything that somebody in between could try (SECURITY T-05 to T-09).

The repository lies in a folder, as any static file server would host it; an attacker may change that folder at will but
has none of the keys, or only the ones that a test says.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from types import SimpleNamespace

import pytest
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Targets, Timestamp

from skillcred.adapters.registry import RegistryPublisher
from skillcred.adapters.registry.fetchers import MAX_VERSION_JUMP, FolderFetcher
from skillcred.adapters.registry.layout import branch_path, role_of
from skillcred.adapters.registry.publisher import LIFETIMES
from skillcred.adapters.registry.root import build_root, install_root, sign_root
from skillcred.adapters.registry.signers import RegistrySigner
from skillcred.errors import ConfigurationError, ConflictError, InputError, NotFoundError
from skillcred.services.checkpoints import encode_checkpoint
from skillcred.services.governance_records import Checkpoint
from skillcred.services.publication_ports import (
    OperatorSigners,
    RegistryContent,
    RegistryCopyError,
)
from skillcred.services.registry_copy import CopiedRegistrySource
from skillcred.services.registry_copy_reading import OpenCopiedRegistry
from skillcred.services.root_plan import RoleKeys
from skillcred.trust import (
    EnrolledBody,
    encode_registry_extract,
    parse_registry_extract,
)
from skillcred.trust.published import (
    encode_bodies,
)
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.published_registry import BODIES, DAY, SCHOOL, START, World, build_world
from worlds.pure_world import SoftSigner


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path)


def refused(world: World) -> str:
    """The code with which an update is refused; what was trusted before must still be."""
    before = world.providers()
    with pytest.raises(RegistryCopyError) as caught:
        world.update()
    assert world.providers() == before
    return caught.value.code


def test_a_published_registry_is_copied_and_loaded_without_the_host(world: World) -> None:
    shutil.rmtree(world.repository)
    loaded = world.copy().load()
    assert set(loaded.snapshot.bodies) == set(BODIES)
    (statement,) = loaded.snapshot.statements_about[SCHOOL]
    assert loaded.credential(statement) == f"credential of {SCHOOL}".encode()
    extract = loaded.snapshot.extract(SCHOOL, loaded.credential, loaded.state.info)
    (item,) = extract.accreditations
    assert (item.content, item.branch) == (f"credential of {SCHOOL}".encode(), BODIES[0])
    assert parse_registry_extract(encode_registry_extract(extract), issuer_did=SCHOOL) == extract
    own = loaded.snapshot.extract(BODIES[0], loaded.credential)
    assert [body.did for body in own.bodies] == [BODIES[0]], "a body decides by its own enrolment"
    assert world.copy().state() == loaded.state
    assert loaded.state.info.timestamp_version == 1


def test_only_what_changed_is_signed_and_written(world: World) -> None:
    before = {path: path.stat().st_mtime_ns for path in world.repository.rglob("*") if path.is_file()}
    world.accredited[BODIES[1]].append("did:web:college.example")
    assert world.publish() == (role_of(BODIES[1]), "snapshot", "timestamp")
    changed = {
        path.relative_to(world.repository).as_posix()
        for path in world.repository.rglob("*")
        if path.is_file() and before.get(path) != path.stat().st_mtime_ns
    }
    folder = branch_path(BODIES[1]).rpartition("/")[0]
    assert {name for name in changed if not name.startswith(f"targets/{folder}/")} == {
        f"metadata/2.{role_of(BODIES[1])}.json",
        "metadata/2.snapshot.json",
        "metadata/timestamp.json",
    }
    assert world.publish() == ()
    world.update()
    assert world.providers() == {SCHOOL, "did:web:college.example"}


def test_signatures_are_renewed_before_they_run_out(world: World) -> None:
    soon = START + LIFETIMES["timestamp"] * 0.6
    assert world.publish(soon) == ("timestamp",)
    later = START + LIFETIMES["snapshot"] * 0.6
    assert world.publish(later) == ("snapshot", "timestamp")


def test_a_machine_with_the_timestamp_key_alone_renews_the_timestamp_and_nothing_else(world: World) -> None:
    operator = "did:web:operator.example"
    world.checkpoint = encode_checkpoint(
        Checkpoint(7, "ab" * 32, START, operator, f"{operator}#key-1", "z6Mk", "signature")
    )
    world.publish()
    signers = OperatorSigners([], [], [world.operator])
    content = RegistryContent(
        encode_bodies([EnrolledBody(did, f"Body {did}", "PH", START) for did in BODIES]),
        [world.branch(did) for did in BODIES],
        world.checkpoint,
    )
    publisher = RegistryPublisher(world.repository)
    soon = START + LIFETIMES["timestamp"] * 0.6
    assert publisher.publish(content, signers, at=soon) == ("timestamp",)
    world.update()
    assert world.copy().state().checkpoint == world.checkpoint
    world.accredited[BODIES[0]].append("did:web:college.example")
    changed = RegistryContent(content.bodies, [world.branch(did) for did in BODIES], world.checkpoint)
    with pytest.raises(ConfigurationError) as caught:
        publisher.publish(changed, signers, at=soon)
    assert caught.value.code == "registry_keys_not_in_root"
    world.update()
    assert world.providers() == {SCHOOL}


def test_T05_rollback(world: World) -> None:
    old = world.folder / "old"
    shutil.copytree(world.repository, old)
    world.accredited[BODIES[1]].append("did:web:college.example")
    world.publish()
    world.update()
    shutil.rmtree(world.repository)
    old.rename(world.repository)
    assert refused(world) == "registry_rolled_back"


class Later(datetime):
    """The clock of the framework's client, after the timestamp has run out."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + LIFETIMES["timestamp"] + DAY


def test_T05_freeze(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that cannot be renewed is used until it runs out, and then no more."""
    assert world.copy().state().info.expires_at == START + LIFETIMES["timestamp"]
    world.providers()
    world.now = Later.now(UTC)
    clock = SimpleNamespace(datetime=Later, timezone=timezone)
    monkeypatch.setattr("tuf.ngclient._internal.trusted_metadata_set.datetime", clock)
    with pytest.raises(RegistryCopyError) as caught:
        world.copy().load()
    assert caught.value.code == "registry_expired"
    with pytest.raises(RegistryCopyError) as caught:
        world.update()
    assert caught.value.code == "registry_expired"


def test_T05_fast_forward(world: World) -> None:
    world.resign_timestamp(lambda timestamp: setattr(timestamp, "version", 2**63 - 1))
    assert refused(world) == "registry_fast_forward"
    assert world.copy().state().info.timestamp_version == 1
    world.resign_timestamp(lambda timestamp: setattr(timestamp, "version", 1 + MAX_VERSION_JUMP))
    world.update()


def test_T05_mix_and_match(world: World) -> None:
    """A new body's file under the old snapshot, and an old one under the new snapshot."""
    role = role_of(BODIES[0])
    first = (world.repository / "metadata" / f"1.{role}.json").read_bytes()
    world.accredited[BODIES[0]].append("did:web:college.example")
    world.publish()
    second = world.repository / "metadata" / f"2.{role}.json"
    second.write_bytes(first)
    assert refused(world) in ("registry_rolled_back", "registry_damaged")


@pytest.mark.parametrize("name", ["timestamp.json", "2.snapshot.json"])
def test_T05_endless_data(world: World, name: str) -> None:
    world.accredited[BODIES[0]].append("did:web:college.example")
    world.publish()
    (world.repository / "metadata" / name).write_bytes(b" " * 20_000_000)
    assert refused(world) == "registry_damaged"


@pytest.mark.parametrize(
    "change", [lambda content: content + b" ", lambda content: content[:-1], lambda _: b""]
)
def test_a_changed_target_is_refused(world: World, change: Callable[[bytes], bytes]) -> None:
    world.accredited[BODIES[0]].append("did:web:college.example")
    world.publish()
    for path in (world.repository / "targets").rglob("*statements.json"):
        path.write_bytes(change(path.read_bytes()))
    assert refused(world) in ("registry_damaged", "registry_unreachable")


def test_T06_root_rotation(world: World) -> None:
    """The new root needs a threshold of the old keys and of its own; a version is never skipped."""
    heirs = [SoftSigner(400 + number) for number in range(2)]
    content = world.root(2, holders=heirs)
    with pytest.raises(InputError, match="Not enough"):
        install_root(world.repository, sign_root(sign_root(content, heirs[0]), heirs[1]))
    for signer in (world.root_keys[0], world.root_keys[0]):  # the same key twice is one key
        content = sign_root(content, signer)
    with pytest.raises(InputError, match="Not enough"):
        install_root(world.repository, sign_root(sign_root(content, heirs[0]), heirs[1]))
    for signer in (world.root_keys[1], *heirs):
        content = sign_root(content, signer)
    with pytest.raises(ConflictError):
        install_root(world.repository, _with_version(content, 3))
    assert install_root(world.repository, content) == 2
    world.publish(START + timedelta(hours=1))
    world.update()
    assert world.providers() == {SCHOOL}


def _with_version(content: bytes, version: int) -> bytes:
    value = json.loads(content)
    value["signed"]["version"] = version
    return json.dumps(value).encode()


def test_T06_a_root_that_a_thief_of_one_key_signed_is_not_followed(world: World) -> None:
    thief = SoftSigner(500)
    forged = sign_root(sign_root(world.root(2, holders=[thief], threshold=1), thief), world.root_keys[0])
    (world.repository / "metadata" / "2.root.json").write_bytes(forged)
    assert refused(world) == "registry_not_signed"


@pytest.mark.parametrize(
    "roles",
    [
        pytest.param(lambda key: {"root": RoleKeys((key, key), 2)}, id="repeated-key"),
        pytest.param(lambda key: {"root": RoleKeys((key,), 2)}, id="threshold-out-of-reach"),
        pytest.param(lambda key: {"root": RoleKeys((key,), 0)}, id="threshold-of-none"),
        pytest.param(lambda key: {}, id="no-roles"),
    ],
)
def test_T06_roots_that_cannot_be(roles: Callable[[object], dict[str, RoleKeys]]) -> None:
    key = SoftSigner(1).public_key
    rest = dict.fromkeys(("targets", "snapshot", "timestamp"), RoleKeys((key,)))
    with pytest.raises(InputError) as caught:
        build_root({**rest, **roles(key)}, version=1, expires=START + DAY)
    assert caught.value.code == "invalid_root"


def test_T07_a_copy_that_was_damaged_on_disk_is_not_loaded(world: World) -> None:
    """CVE-2020-15163: what lies there from an earlier run is checked like what has just come."""
    for path in (world.folder / "copy" / "current" / "targets").iterdir():
        path.write_bytes(path.read_bytes().replace(b"school", b"skoool"))
    with pytest.raises(RegistryCopyError) as caught:
        world.copy().load()
    assert caught.value.code == "registry_damaged"
    world.update()
    assert world.providers() == {SCHOOL}


def test_T07_metadata_that_nobody_signed_is_not_loaded(world: World) -> None:
    for name in ("timestamp.json", "snapshot.json"):
        path = world.folder / "copy" / "current" / "metadata" / name
        value = json.loads(path.read_bytes())
        value["signatures"] = []
        path.write_text(json.dumps(value))
        with pytest.raises(RegistryCopyError):
            world.copy().load()


def test_T08_split_view(world: World) -> None:
    """Two contents of one version are an alarm, and both are kept."""
    world.resign_timestamp(lambda timestamp: setattr(timestamp, "expires", START + timedelta(days=2)))
    assert refused(world) == "registry_split_view"
    kept = sorted((world.folder / "copy" / "evidence").iterdir())
    assert len(kept) == 2
    assert {json.loads(path.read_bytes())["signed"]["version"] for path in kept} == {1}


def test_T09_a_body_signs_its_own_branch_only(world: World) -> None:
    """Even with the operator's online keys stolen, one body's key signs nothing in the folder of another."""
    role = role_of(BODIES[0])
    place = world.repository / "metadata"
    branch = Metadata[Targets].from_bytes((place / f"1.{role}.json").read_bytes())
    branch.signed.version = 2
    branch.sign(RegistrySigner(world.body_keys[BODIES[1]]))
    (place / f"2.{role}.json").write_bytes(branch.to_bytes())
    snapshot = Metadata[Snapshot].from_bytes((place / "1.snapshot.json").read_bytes())
    snapshot.signed.version = 2
    snapshot.signed.meta[f"{role}.json"] = MetaFile(2)
    snapshot.sign(RegistrySigner(world.operator))
    (place / "2.snapshot.json").write_bytes(snapshot.to_bytes())

    def point_to_it(timestamp: Timestamp) -> None:
        timestamp.version = 2
        timestamp.snapshot_meta.version = 2

    world.resign_timestamp(point_to_it)
    assert refused(world) == "registry_not_signed"


def test_an_update_that_is_cut_off_leaves_the_copy_in_use(world: World) -> None:
    world.accredited[BODIES[0]].append("did:web:college.example")
    world.publish()

    class Dying(FolderFetcher):
        def _fetch(self, url: str):  # type: ignore[no-untyped-def]
            if "credentials" in url:
                raise KeyboardInterrupt
            return super()._fetch(url)

    with pytest.raises(KeyboardInterrupt):
        world.copy(Dying()).update()
    assert world.providers() == {SCHOOL}
    assert len(list((world.folder / "copy").glob("copy-*"))) == 1


def test_keys_that_are_not_those_of_the_root_publish_nothing(world: World) -> None:
    world.operator = SoftSigner(999)
    world.accredited[BODIES[0]].append("did:web:college.example")
    before = (world.repository / "metadata" / "timestamp.json").read_bytes()
    with pytest.raises(ConfigurationError) as caught:
        world.publish()
    assert caught.value.code == "registry_keys_not_in_root"
    assert (world.repository / "metadata" / "timestamp.json").read_bytes() == before


def test_without_a_root_nothing_is_published(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        World(tmp_path).publish()
    assert caught.value.code == "registry_root_missing"


def test_a_statement_whose_credential_says_something_else_is_not_shown(world: World) -> None:
    """What lies beside the statements here is no credential at all."""
    open_registry = OpenCopiedRegistry(
        CopiedRegistrySource(world.copy()), InMemoryStorage(), FixedClock(world.now)
    )
    with open_registry() as registry:
        assert registry.list_accreditations(provider_did=SCHOOL) == []
        assert registry.list_latest_given(BODIES[0], 10) == ([], 1)
        entry = registry.find_provider(SCHOOL)
        assert entry is not None
        assert (entry.name, entry.recorded_at) == (SCHOOL, START)
        assert [found.id for found in registry.list_providers()] == [SCHOOL]
        assert not registry.is_operator("did:web:operator.example")
        with pytest.raises(NotFoundError):
            registry.get_accreditation(f"urn:{BODIES[0]}:{SCHOOL}")
