"""Many at once: the same request, different requests, and a key rotation between them, on both databases."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.errors import ConflictError, SkillcredError
from skillcred.model.outcomes import Verdict
from skillcred.services.records import Issuance, IssuancePurpose, IssuanceState
from worlds.application import DemoRegistry, build_demo_registry

THREADS = 50
ROTATIONS = 4
CLIENTS = 8
CREDENTIALS_EACH = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DemoRegistry]:
    changes = {} if request.param == "sqlite" else {"database_url": request.getfixturevalue("postgres_url")}
    demo = build_demo_registry(tmp_path, **changes)
    yield demo
    demo.application.close()


def all_issuances(registry: DemoRegistry) -> list[Issuance]:
    engine = build_engine(registry.application.settings.database_address)
    with SqlUnitOfWorkFactory(engine)(writes=False) as unit:
        found = [
            issuance
            for state in IssuanceState
            for issuance in unit.issuances.list_in_state(
                state, reserved_before=registry.application.clock.now()
            )
            if issuance.purpose is IssuancePurpose.CREDENTIAL
        ]
    engine.dispose()
    return found


def at_once(count: int, act: Callable[[int], str]) -> list[str]:
    gate = threading.Barrier(count)

    def run(number: int) -> str:
        gate.wait(timeout=30)
        try:
            return act(number)
        except SkillcredError as fault:
            return fault.code

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_F16_fifty_times_the_same_request(registry: DemoRegistry) -> None:
    answers = at_once(THREADS, lambda number: registry.issue("same").content.decode())
    first = registry.issue("same").content.decode()
    assert set(answers) <= {first, "issuance_in_progress"}
    assert first in answers
    (issuance,) = all_issuances(registry)
    assert issuance.state is IssuanceState.RELEASED


def test_F16_one_key_for_two_bodies_and_two_organisations(registry: DemoRegistry) -> None:
    def act(number: int) -> str:
        actor = registry.provider if number % 2 else registry.stranger
        mechanism = "eddsa-rdfc-2022" if number % 4 < 2 else "eddsa-jcs-2022"
        return registry.issue("same", actor=actor, mechanism=mechanism).credential_id

    answers = set(at_once(20, act))
    assert answers - {"issuance_in_progress", "idempotency_key_reused"} == {
        issuance.credential_id for issuance in all_issuances(registry)
    }
    assert len(all_issuances(registry)) == 2


def test_K18_rotation_while_eight_clients_issue(registry: DemoRegistry) -> None:
    """Every credential verifies, and its key was active when its reservation was made. The long run is nightly."""
    application, provider = registry.application, registry.provider
    done = threading.Event()

    def rotate() -> None:
        for _ in range(ROTATIONS):
            application.rotate_key(provider)
            done.wait(0.2)

    rotating = threading.Thread(target=rotate)

    def act(number: int) -> str:
        if number == 0:
            rotating.start()
        for turn in range(CREDENTIALS_EACH):
            registry.issue(f"{number}-{turn}", mechanism="eddsa-jcs-2022")
        return "done"

    assert at_once(CLIENTS, act) == ["done"] * CLIENTS
    done.set()
    rotating.join()
    keys = {key.id: key for key in application.list_keys(provider)}
    assert len(keys) == ROTATIONS + 1
    released = [item for item in all_issuances(registry) if item.state is IssuanceState.RELEASED]
    assert len(released) == CLIENTS * CREDENTIALS_EACH
    used = set()
    for issuance in released:
        key = keys[issuance.key_id]
        assert key.activated_at <= issuance.reserved_at
        assert key.retired_at is None or issuance.reserved_at < key.retired_at
        stored = application.get_credential(provider, issuance.credential_id)
        assert json.loads(stored.content)["proof"]["verificationMethod"] == key.id
        assert application.verify_document(stored.content).report.verdict is Verdict.VALID
        used.add(key.id)
    assert len(used) > 1


def test_two_rotations_at_once_leave_one_active_key(registry: DemoRegistry) -> None:
    answers = at_once(4, lambda number: registry.application.rotate_key(registry.provider).id)
    active = [key for key in registry.application.list_keys(registry.provider) if key.state == "active"]
    assert len(active) == 1
    assert active[0].id in answers
    registry.issue()


def test_contradicting_changes_of_one_accreditation(registry: DemoRegistry) -> None:
    """Ten at once: one is recorded, the others find that it is not in a state for that any more."""
    application = registry.application
    effective = application.clock.now()

    def act(number: int) -> str:
        try:
            return application.change_accreditation(
                registry.body,
                registry.accreditation.id,
                kind="suspended",
                effective_at=effective,
                reason="audit",
            ).id
        except ConflictError as fault:
            return fault.code

    answers = at_once(10, act)
    assert answers.count("accreditation_state") == 9
    assert len(application.get_accreditation(registry.accreditation.id).events) == 1


def test_same_slug_at_once(registry: DemoRegistry) -> None:
    def act(number: int) -> str:
        return registry.application.create_organisation(
            kind="provider", slug="same", name="Same School", country="KE", actor=registry.operator
        ).id

    answers = at_once(6, act)
    made = [organisation.id for organisation in registry.application.list_organisations()]
    assert len(set(answers) & set(made)) == 1
    assert set(answers) - set(made) <= {"slug_taken", "did_taken", "name_taken", "already_recorded"}
