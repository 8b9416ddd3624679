"""A national body that signs on a machine of its own: accreditations and its branch of the published registry, on both
databases, down to a verifier who has nothing but a copy (SECURITY T-05, T-09, W-18, W-30)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Targets

from skillcred.adapters.registry import FolderFetcher, RegistryCopy
from skillcred.adapters.registry.layout import role_of
from skillcred.adapters.registry.root import build_root, install_root, sign_root
from skillcred.adapters.registry.signers import RegistrySigner
from skillcred.bootstrap import Application
from skillcred.errors import SkillcredError
from skillcred.keys.public_key import PublicKey
from skillcred.services.publish_registry import Published
from skillcred.services.role_keys import make_role_key, role_key_name
from skillcred.services.root_plan import RoleKeys
from skillcred.trust import RegisteredKey
from worlds.application import (
    DemoRegistry,
    fill_demo_registry,
    open_application,
    open_in_memory_application,
)
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.outside_body import DID, OutsideBody, SoftKeys, enrol_outside_body
from worlds.pure_world import SoftSigner

START = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
SCHOOL, COLLEGE = "did:web:school.example", "did:web:college.example"
ROLE = role_of(DID)


@dataclass
class Stage:
    """An operator with a body whose keys are here, one whose keys are not, and a verifier."""

    folder: Path
    registry: DemoRegistry
    body: OutsideBody
    clock: FixedClock
    root: bytes

    @property
    def published(self) -> Path:
        return self.folder / "published"

    def publish(self) -> Published:
        return self.registry.application.publish_registry(self.registry.operator, self.published)

    def copy(self) -> RegistryCopy:
        place = self.folder / "copy"
        return RegistryCopy(place, self.root, lambda: datetime.now(UTC), FolderFetcher(), str(self.published))

    def update(self) -> dict[str, set[str]]:
        """What a verifier then knows: the providers by the branch that speaks for them, and whose was left out."""
        left_out = self.copy().update().left_out
        statements = self.copy().load().snapshot.statements_about
        found = {
            branch: {did for did, all_of in statements.items() for one in all_of if one.edge.branch == branch}
            for branch in (DID, self.registry.body.organisation.did)
        }
        return {**found, "left out": set(left_out)}


def make_stage(folder: Path, application: Application, clock: FixedClock) -> Stage:
    registry = fill_demo_registry(application)
    body = enrol_outside_body(registry, START - timedelta(days=30))
    application = registry.application
    multikey = make_role_key(application.publish_registry.signers)  # type: ignore[arg-type]
    signer = application.publish_registry.signers.get_signer(role_key_name(multikey), multikey)
    roles = dict.fromkeys(
        ("root", "targets", "snapshot", "timestamp"), RoleKeys((PublicKey.from_multikey(multikey),))
    )
    root = sign_root(build_root(roles, version=1, expires=START + timedelta(days=900)), signer)
    install_root(folder / "published", root)
    return Stage(folder, registry, body, clock, root)


@pytest.fixture(params=["sqlite", "postgresql"])
def everywhere(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    """On a database and with keys in files."""
    changes = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    clock = FixedClock(START)
    application = open_application(tmp_path, clock=clock, **changes)
    yield make_stage(tmp_path, application, clock)
    application.close()


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage()


@pytest.fixture
def stage(storage: InMemoryStorage, tmp_path: Path) -> Stage:
    """In memory, but for what is published."""
    clock = FixedClock(START)
    return make_stage(tmp_path, open_in_memory_application(storage=storage, clock=clock), clock)


def key_of(signer: SoftSigner, **changes: datetime) -> RegisteredKey:
    """The key as the registry records it."""
    recorded = RegisteredKey(
        signer.verification_method, signer.public_key.to_multikey(), START - timedelta(days=30)
    )
    return replace(recorded, **changes)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(SkillcredError) as fault:
        act()
    return fault.value.code


def test_a_body_signs_elsewhere_and_a_verifier_judges_by_it(everywhere: Stage) -> None:
    """Accreditation and branch are made elsewhere, handed in by one and approved by another, and published byte for
    byte; then the same once more, with a new key in between."""
    stage, body, application = everywhere, everywhere.body, everywhere.registry.application
    identifier = body.accredit(SCHOOL, START)
    assert stage.publish().left_out == {DID: "branch_not_handed_in"}
    assert stage.update()[DID] == set()
    first = body.hand_in_branch(START)
    done = stage.publish()
    assert (done.left_out, done.kept, done.statements) == ({}, {}, 2)
    assert ROLE in done.signed
    assert (stage.published / "metadata" / f"1.{ROLE}.json").read_bytes() == first
    inside = stage.registry.body.organisation.did
    assert stage.update() == {
        DID: {SCHOOL},
        inside: {stage.registry.provider.organisation.did},
        "left out": set(),
    }
    loaded = stage.copy().load()
    (statement,) = loaded.snapshot.statements_about[SCHOOL]
    assert loaded.credential(statement) == application.get_accreditation(identifier).accreditation.content
    assert stage.publish().signed == ()

    later = START + timedelta(hours=1)
    stage.clock.instant = later
    heir = SoftSigner(2, did=DID)
    for key in (key_of(body.signer, retired_at=later), key_of(heir, activated_at=later)):
        application.record_known_key(stage.registry.operator, DID, key)
    body.signer, body.keys = heir, SoftKeys(heir)
    body.accredit(COLLEGE, later)
    assert stage.publish().kept == {DID: "branch_outdated"}
    assert stage.update()[DID] == {SCHOOL}
    second = body.hand_in_branch(later)
    assert stage.publish().kept == {}
    assert (stage.published / "metadata" / f"2.{ROLE}.json").read_bytes() == second
    assert stage.update()[DID] == {SCHOOL, COLLEGE}
    assert application.verify_registry_log().faults == ()
    assert application.compare_registry_tables().faults == ()


def test_a_branch_that_has_run_out_stays_and_loses_only_itself(stage: Stage) -> None:
    """Verifiers leave it out; the other body, and what was handed in, stay as they are."""
    body = stage.body
    body.accredit(SCHOOL, START)
    signed = body.hand_in_branch(START)
    stage.publish()
    stage.clock.advance(days=46)
    assert stage.publish().kept == {DID: "branch_expires_soon"}
    stage.clock.advance(days=60)
    assert stage.publish().left_out == {DID: "branch_expired"}
    assert (stage.published / "metadata" / f"1.{ROLE}.json").read_bytes() == signed
    snapshot = max(
        (stage.published / "metadata").glob("*.snapshot.json"), key=lambda path: int(path.name.split(".")[0])
    )
    assert f"{ROLE}.json" in json.loads(snapshot.read_bytes())["signed"]["meta"]
    body.hand_in_branch(stage.clock.now())
    assert stage.publish().left_out == {}
    assert (stage.published / "metadata" / f"2.{ROLE}.json").exists()


def test_K13_a_branch_that_a_thief_can_have_signed_is_taken_away(stage: Stage) -> None:
    """Stolen before it was handed in: gone, until the body signs with another key. Stolen later: it stays."""
    body, application = stage.body, stage.registry.application
    identifier = body.accredit(SCHOOL, START)
    body.hand_in_branch(START)
    stage.publish()
    assert stage.update()[DID] == {SCHOOL}
    stage.clock.advance(hours=1)
    stolen = key_of(body.signer, compromised_at=START + timedelta(minutes=30))
    application.record_known_key(stage.registry.operator, DID, stolen)
    assert stage.publish().kept == {DID: "branch_outdated"}
    assert stage.update()[DID] == {SCHOOL}
    stolen = replace(stolen, compromised_at=START - timedelta(days=1))
    application.record_known_key(stage.registry.operator, DID, stolen)
    assert stage.publish().left_out == {DID: "branch_key_compromised", identifier: "key_compromised"}
    found = stage.update()
    assert (found[DID], found["left out"]) == (set(), set())
    heir = SoftSigner(2, did=DID)
    application.record_known_key(stage.registry.operator, DID, key_of(heir))
    body.signer, body.keys = heir, SoftKeys(heir)
    assert body.prepare().left_out == {identifier: "key_compromised"}
    body.accredit(COLLEGE, stage.clock.now())
    body.hand_in_branch(stage.clock.now())
    assert stage.publish().left_out == {identifier: "key_compromised"}
    assert stage.update()[DID] == {COLLEGE}


def test_T05_branches_that_were_lost_here_are_not_replaced_by_older_ones(
    stage: Stage, storage: InMemoryStorage
) -> None:
    body = stage.body
    body.accredit(SCHOOL, START)
    body.hand_in_branch(START)
    body.accredit(COLLEGE, START)
    body.hand_in_branch(START)
    stage.publish()
    before = stage.update()
    for lost in (2, 1):
        del storage.state.branches[DID, lost]
        assert stage.publish().kept == {DID: "branch_later_published"}
        assert stage.update() == before


def test_a_branch_that_was_altered_in_the_database_is_not_published(
    stage: Stage, storage: InMemoryStorage
) -> None:
    body, application = stage.body, stage.registry.application
    body.accredit(SCHOOL, START)
    body.hand_in_branch(START)
    kept = storage.state.branches[DID, 1]
    storage.state.branches[DID, 1] = replace(kept, credentials=b"{}")
    assert code_of(stage.publish) == "branch_altered"
    storage.state.branches[DID, 1] = replace(kept, signed=kept.signed + b" ")
    (fault,) = application.compare_registry_tables().faults
    assert (fault.row.table, fault.code) == ("branch", "row_differs")


def test_T05_T09_a_host_gives_out_another_branch_than_the_signed_one(stage: Stage) -> None:
    """An attacker with the published folder puts a branch there that another key signed, or an older one."""
    body = stage.body
    body.accredit(SCHOOL, START)
    old = body.hand_in_branch(START)
    stage.publish()
    stage.update()
    body.accredit(COLLEGE, START)
    body.hand_in_branch(START)
    stage.publish()
    place = stage.published / "metadata" / f"2.{ROLE}.json"
    thief = SoftSigner(66, did=DID)
    forged = Metadata[Targets].from_bytes(place.read_bytes())
    forged.signatures.clear()
    forged.sign(RegistrySigner(thief))
    for content in (forged.to_bytes(), old):
        place.write_bytes(content)
        assert code_of(lambda: stage.copy().update()) == "registry_damaged"
    assert SCHOOL in stage.copy().load().snapshot.statements_about
