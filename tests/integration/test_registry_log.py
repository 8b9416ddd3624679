"""The tamper experiment on the registry's log (SECURITY W-30, F-34), and W-31: what cannot be logged is not done."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, insert, text

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.adapters.db.registry_rows import RegistryLogRow
from skillcred.errors import SkillcredError
from skillcred.services.checkpoints import (
    CheckpointError,
    encode_checkpoint,
    parse_checkpoint,
)
from skillcred.services.governance_records import Checkpoint, LogEntry
from skillcred.services.registry_log import build_entry, digest_of, log_change
from worlds.application import DemoRegistry, build_demo_registry
from worlds.in_memory import START, FixedClock

ENTRIES = 24
Log = list[LogEntry]


@dataclass
class Rig:
    """A registry with a long log, a checkpoint that was kept elsewhere, and somebody who can write everywhere here."""

    registry: DemoRegistry
    engine: Engine
    log: Log
    kept: Checkpoint

    def write(self, log: Log) -> None:
        columns = [{name: getattr(entry, name) for name in LogEntry.__slots__} for entry in log]
        with self.engine.begin() as connection:
            connection.execute(delete(RegistryLogRow))
            connection.execute(insert(RegistryLogRow), columns)

    def codes(self, *checkpoints: Checkpoint) -> set[str]:
        found = self.registry.application.verify_registry_log(checkpoints)
        return {fault.code for fault in found.faults}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rig(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    changes = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("module_postgres_url")
    registry = build_demo_registry(tmp_path_factory.mktemp("log"), clock=FixedClock(), **changes)
    application = registry.application
    engine = build_engine(application.settings.database_address)
    with SqlUnitOfWorkFactory(engine)(writes=True) as unit:
        for number in range(ENTRIES - 2):
            log_change(
                unit,
                at=START + timedelta(hours=number),
                actor="k1",
                organisation_did=registry.operator.organisation.did,
                action="enrolment_suspended",
                subject=f"did:web:b{number}.example",
                content={"reason": f"Reason {number}."},
            )
        unit.commit()
    kept = application.make_checkpoint(registry.operator)
    yield Rig(registry, engine, application.read_registry_log(limit=1000), kept)
    engine.dispose()
    application.close()


def rechain(log: Log) -> Log:
    """All digests computed anew, as somebody would who has read this program."""
    chained: Log = []
    for number, entry in enumerate(log, start=1):
        previous = chained[-1].sha256 if chained else "0" * 64
        draft = replace(entry, number=number, previous_sha256=previous)
        chained.append(replace(draft, sha256=digest_of(draft)))
    return chained


def edit(log: Log, chance: random.Random) -> Log:
    place = chance.randrange(len(log))
    entry = log[place]
    changed = chance.choice(
        [
            replace(entry, content=entry.content.replace(b"e", b"o", 1)),
            replace(entry, at=entry.at + timedelta(microseconds=1)),
            replace(entry, actor="k2"),
            replace(entry, action="body_enrolled!"),
            replace(entry, subject=entry.subject + "x"),
        ]
    )
    return [*log[:place], changed, *log[place + 1 :]]


def edit_with_digest(log: Log, chance: random.Random) -> Log:
    place = chance.randrange(len(log) - 1)
    draft = replace(log[place], subject="did:web:mallory.example")
    return [*log[:place], replace(draft, sha256=digest_of(draft)), *log[place + 1 :]]


def delete_middle(log: Log, chance: random.Random) -> Log:
    first = chance.randrange(len(log) - 2)
    return log[:first] + log[chance.randrange(first + 1, len(log)) :]


def swap(log: Log, chance: random.Random) -> Log:
    one, other = sorted(chance.sample(range(len(log)), 2))
    swapped = list(log)
    swapped[one] = replace(log[other], number=log[one].number)
    swapped[other] = replace(log[one], number=log[other].number)
    return swapped


def put_in(log: Log, chance: random.Random) -> Log:
    place = chance.randrange(1, len(log))
    forged = build_entry(
        log[place - 1], at=START, actor="k1", action="body_enrolled", subject="x", content={}
    )
    later = [replace(entry, number=entry.number + 1) for entry in log[place:]]
    later[0] = replace(later[0], previous_sha256=forged.sha256)
    return [*log[:place], forged, *later]


def delete_tail(log: Log, chance: random.Random) -> Log:
    return log[: chance.randrange(1, len(log))]


def restore_old_copy(log: Log, chance: random.Random) -> Log:
    """An old copy of the database, on which work went on."""
    restored = delete_tail(log, chance)
    for number in range(chance.randrange(1, 2 * len(log))):
        restored.append(
            build_entry(restored[-1], at=START, actor="k1", action="new", subject=f"new {number}", content={})
        )
    return restored


def compute_anew(log: Log, chance: random.Random) -> Log:
    return rechain(edit(log, chance))


Attack = Callable[[Log, random.Random], Log]
FOUND_IN_THE_LOG: tuple[Attack, ...] = (edit, edit_with_digest, delete_middle, swap, put_in)
FOUND_AGAINST_A_CHECKPOINT: tuple[Attack, ...] = (delete_tail, restore_old_copy, compute_anew)


def try_attack(rig: Rig, attack: Attack, trials: int) -> None:
    chance = random.Random(f"{attack.__name__}")
    try:
        for _ in range(trials):
            rig.write(attack(rig.log, chance))
            alone = rig.codes()
            assert bool(alone) == (attack in FOUND_IN_THE_LOG), alone
            against = rig.codes(rig.kept)
            assert against >= alone
            assert against, "found in every trial"
    finally:
        rig.write(rig.log)
    assert rig.codes(rig.kept) == set()


@pytest.mark.parametrize(
    "attack", FOUND_IN_THE_LOG + FOUND_AGAINST_A_CHECKPOINT, ids=lambda item: item.__name__
)
def test_W_30_tampering_is_found(rig: Rig, attack: Attack) -> None:
    try_attack(rig, attack, trials=4)


@pytest.mark.nightly
@pytest.mark.parametrize(
    "attack", FOUND_IN_THE_LOG + FOUND_AGAINST_A_CHECKPOINT, ids=lambda item: item.__name__
)
def test_F_34_tampering_is_found_in_sixty_trials_of_sixty(rig: Rig, attack: Attack) -> None:
    try_attack(rig, attack, trials=60)


def test_W_30_a_checkpoint_signed_anew_does_not_explain_the_one_that_was_kept(rig: Rig) -> None:
    """With the stolen key of the operator, log and checkpoint can be made anew; what was kept elsewhere contradicts."""
    application = rig.registry.application
    try:
        rig.write(rechain([rig.log[0], *rig.log[2:], rig.log[1]]))
        again = application.make_checkpoint(rig.registry.operator)
        assert rig.codes(again) == set()
        assert rig.codes(again, rig.kept) == {"log_rewritten"}
    finally:
        rig.write(rig.log)


def test_checkpoints_of_others_are_no_checkpoints(rig: Rig, tmp_path: Path) -> None:
    stranger = build_demo_registry(tmp_path, clock=FixedClock())
    foreign = stranger.application.make_checkpoint(stranger.operator)
    stranger.application.close()
    assert "checkpoint_key_unknown" in rig.codes(foreign)
    assert rig.codes(replace(rig.kept, at=rig.kept.at + timedelta(days=1))) == {"checkpoint_signature"}
    assert rig.codes(replace(rig.kept, sha256="0" * 64)) == {"checkpoint_signature", "log_rewritten"}
    assert parse_checkpoint(encode_checkpoint(rig.kept)) == rig.kept
    for damaged in (b"{}", b'{"number":0}', encode_checkpoint(rig.kept).replace(b'"number":', b'"number":-')):
        with pytest.raises(CheckpointError):
            parse_checkpoint(damaged)


def test_a_broken_log_is_not_signed(rig: Rig) -> None:
    application = rig.registry.application
    try:
        rig.write([*rig.log[:3], *rig.log[4:]])
        with pytest.raises(SkillcredError) as fault:
            application.make_checkpoint(rig.registry.operator)
        assert fault.value.code == "log_broken"
    finally:
        rig.write(rig.log)


def test_W_31_what_cannot_be_logged_is_not_done(rig: Rig) -> None:
    """The log cannot be written: nothing is enrolled, suspended or accredited; reading and verifying go on."""
    application, registry = rig.registry.application, rig.registry
    embedded = rig.engine.dialect.name == "sqlite"
    block = (
        ["CREATE TRIGGER full BEFORE INSERT ON registry_log BEGIN SELECT RAISE(ABORT, 'disk full'); END"]
        if embedded
        else ["ALTER TABLE registry_log ADD CONSTRAINT full_up CHECK (number < 0) NOT VALID"]
    )
    release = "DROP TRIGGER full" if embedded else "ALTER TABLE registry_log DROP CONSTRAINT full_up"
    body = registry.body.organisation.did
    at = application.clock.now()
    with rig.engine.begin() as connection:
        for statement in block:
            connection.execute(text(statement))
    try:
        with pytest.raises(SkillcredError):
            application.enrol_national_body(
                registry.operator, did="did:web:b.example", name="Another Body", country="PH"
            )
        with pytest.raises(SkillcredError):
            application.change_enrolment(
                registry.operator, body, kind="suspended", effective_at=at, reason="Inquiry."
            )
        with pytest.raises(SkillcredError):
            application.change_accreditation(
                registry.body, registry.accreditation.id, kind="ended", effective_at=at, reason="Closed."
            )
        assert [known.did for known in application.list_national_bodies()] == [body]
        assert application.get_accreditation(registry.accreditation.id).events == ()
        assert rig.codes(rig.kept) == set()
    finally:
        with rig.engine.begin() as connection:
            connection.execute(text(release))


def test_only_the_operator_signs_checkpoints(rig: Rig) -> None:
    for actor in (rig.registry.body, rig.registry.provider):
        with pytest.raises(SkillcredError) as fault:
            rig.registry.application.make_checkpoint(actor)
        assert fault.value.code == "not_permitted"
