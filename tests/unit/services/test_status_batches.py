"""Many changes of status under one reason, and renewals (SECURITY S-19, F-19)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from skillcred.errors import AuthorisationError, ConflictError, InputError, NotFoundError, SkillcredError
from skillcred.model.outcomes import Verdict
from skillcred.services.batch_records import BatchSelection, BatchState, ItemOutcome, StatusBatch
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.records import Actor, StatusEventKind, StoredCredential
from skillcred.services.run_status_batches import RunStatusBatches
from skillcred.services.start_status_batch import StatusBatchRequest
from worlds.application import (
    DemoRegistry,
    example_claims,
    fill_demo_registry,
    open_in_memory_application,
)
from worlds.in_memory import FixedClock, InMemoryStorage


class World:
    def __init__(self) -> None:
        self.clock = FixedClock()
        self.storage = InMemoryStorage()
        self.registry: DemoRegistry = fill_demo_registry(
            open_in_memory_application(clock=self.clock, storage=self.storage)
        )
        self.application = self.registry.application

    def start(self, selection: BatchSelection, key: str = "b", **changes: object) -> StatusBatch:
        details: dict[str, object] = {"kind": "revoked", "reason": "A typo.", **changes}
        actor = details.pop("actor", self.registry.provider)
        request = StatusBatchRequest(selection=selection, **details)
        return self.application.start_status_batch(actor, request, key)

    def run(self, selection: BatchSelection, key: str = "b", **changes: object) -> StatusBatch:
        [*_, last] = self.application.run_status_batches.run(self.start(selection, key, **changes).id)
        return last

    def verdict(self, credential: StoredCredential) -> Verdict:
        return self.application.verify_document(credential.content).report.verdict

    def renew(self, parent: str, key: str = "renewal", **changes: object) -> StoredCredential:
        request = IssuanceRequest("training", example_claims(), renews=parent, **changes)
        return self.application.issue_credential(self.registry.provider, request, key)


@pytest.fixture
def world() -> World:
    return World()


def listed(*credentials: StoredCredential) -> BatchSelection:
    return BatchSelection(credential_ids=tuple(item.credential_id for item in credentials))


def test_listed_credentials_and_no_other(world: World) -> None:
    made = [world.registry.issue(f"no-{number}") for number in range(5)]
    foreign = world.registry.issue("foreign", actor=world.registry.stranger)
    world.application.change_status(
        world.registry.provider, made[1].credential_id, kind="revoked", reason="Earlier."
    )
    selection = BatchSelection(
        (*listed(*made[:3]).credential_ids, foreign.credential_id, "urn:nothing", made[0].credential_id)
    )
    batch = world.run(selection)
    assert (batch.state, batch.total, batch.done, batch.already, batch.failed) == (
        BatchState.FINISHED, 5, 2, 1, 2,
    )  # fmt: skip
    assert [world.verdict(item) for item in made] == [Verdict.INVALID] * 3 + [Verdict.VALID] * 2
    progress = world.application.get_status_batch(world.registry.provider, batch.id)
    assert {item.credential_id: item.outcome for item in progress.failures} == {
        foreign.credential_id: ItemOutcome.NO_STATUS,
        "urn:nothing": ItemOutcome.NO_STATUS,
    }
    [owner] = {slot.organisation_id for slot in world.storage.state.status_slots.values() if slot.state}
    assert owner == world.registry.provider.organisation.id
    trail = [entry for entry in world.storage.state.audit if entry.subject == batch.id]
    assert [entry.action for entry in trail] == ["status_batch_started", "status_batch_finished"]
    assert {entry.actor for entry in trail} == {world.registry.provider.api_key_id}


def test_conditions(world: World) -> None:
    world.registry.issue("intake-1/a")
    world.registry.issue("Intake-1/b")
    world.clock.advance(hours=1)
    then = world.clock.now()
    world.registry.issue("intake-1/c", profile="apprenticeship")
    world.clock.advance(hours=1)
    world.registry.issue("intake-2/d")
    world.registry.issue("intake-1/e", actor=world.registry.stranger)
    for number, (selection, total) in enumerate(
        (
            (BatchSelection(issued_under="intake-1/"), 2),
            (BatchSelection(profile="apprenticeship"), 1),
            (BatchSelection(profile="training", issued_from=then), 1),
            (BatchSelection(issued_until=then), 2),
            (BatchSelection(issued_from=then, issued_until=then + timedelta(hours=1)), 1),
            (BatchSelection(issued_under="intake-1/", issued_until=then), 1),
        )
    ):
        assert world.start(selection, f"b-{number}").total == total, selection


def test_everything_that_a_key_signed(world: World) -> None:
    before = [world.registry.issue(f"before-{number}") for number in range(3)]
    key = json.loads(before[0].content)["proof"]["verificationMethod"]
    selection = BatchSelection(verification_method=key)
    with pytest.raises(ConflictError) as fault:
        world.start(selection)
    assert fault.value.code == "key_still_active"
    world.application.rotate_key(world.registry.provider)
    after = world.registry.issue("after")
    with pytest.raises(NotFoundError):
        world.start(selection, actor=world.registry.stranger)
    since = world.clock.now() - timedelta(days=3)
    batch = world.run(selection, effective_at=since)
    assert (batch.total, batch.done, batch.retroactive) == (3, 3, True)
    assert world.verdict(after) is Verdict.VALID
    events = world.storage.state.status_events.values()
    assert {(event.effective_at, event.retroactive) for event in events} == {(since, True)}


@pytest.mark.parametrize(
    ("selection", "changes", "code"),
    [
        (BatchSelection(), {}, "selection_missing"),
        (BatchSelection(("urn:a",), profile="training"), {}, "selection_ambiguous"),
        (BatchSelection(profile="no such"), {}, "unknown_profile"),
        (BatchSelection(profile="training"), {}, "nothing_selected"),
        (BatchSelection(("urn:a",)), {"kind": "forgotten"}, "unknown_event_kind"),
        (BatchSelection(("urn:a",)), {"reason": " "}, "invalid_reason"),
    ],
)
def test_what_is_refused(
    world: World, selection: BatchSelection, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(InputError) as fault:
        world.start(selection, **changes)
    assert fault.value.code == code
    assert not world.storage.state.status_batches


def test_who_may(world: World) -> None:
    credential = world.registry.issue()
    for actor in (world.registry.body, world.registry.operator):
        with pytest.raises(AuthorisationError):
            world.start(listed(credential), actor=actor)
    batch = world.start(listed(credential))
    with pytest.raises(NotFoundError):
        world.application.get_status_batch(world.registry.stranger, batch.id)


def test_F03_the_same_request_again(world: World) -> None:
    credential = world.registry.issue()
    first = world.run(listed(credential))
    assert world.start(listed(credential)) == first
    with pytest.raises(ConflictError) as fault:
        world.start(listed(credential), reason="Another.")
    assert fault.value.code == "idempotency_key_reused"
    assert world.start(listed(credential), "b", actor=world.registry.stranger).id != first.id
    assert len(world.storage.state.status_events) == 1


def test_states_decide(world: World) -> None:
    plain, suspended, revoked = (world.registry.issue(name) for name in ("a", "b", "c"))
    for credential, kind in ((suspended, "suspended"), (revoked, "revoked")):
        world.application.change_status(
            world.registry.provider, credential.credential_id, kind=kind, reason="Before."
        )
    everything = listed(plain, suspended, revoked)
    suspending = world.run(everything, "suspend", kind="suspended")
    assert (suspending.done, suspending.already, suspending.failed) == (1, 1, 1)
    lifting = world.run(everything, "lift", kind="reinstated")
    assert (lifting.done, lifting.already, lifting.failed) == (2, 0, 1)
    [failure] = world.application.get_status_batch(world.registry.provider, lifting.id).failures
    assert (failure.credential_id, failure.outcome) == (revoked.credential_id, ItemOutcome.STATUS_FINAL)


def test_chunk_by_chunk_and_by_whom_ever(world: World) -> None:
    made = [world.registry.issue(f"no-{number}") for number in range(5)]
    batch = world.start(listed(*made))
    one, other = (RunStatusBatches(world.storage, world.clock, lambda point: None, chunk=2) for _ in range(2))
    assert next(one.run(batch.id)).done == 2
    assert not other(), "somebody works on it"
    assert next(other.run(batch.id)).done == 4, "but that is courtesy only"
    world.clock.advance(minutes=1)
    [ended] = one()
    assert (ended.state, ended.done, ended.next_number) == (BatchState.FINISHED, 5, 6)
    assert [event.sequence for event in world.storage.state.status_events.values()] == [1, 2, 3, 4, 5]
    assert one() == []
    one.stop()
    assert list(one.run(batch.id)) == []


def test_S19_a_revocation_takes_the_renewals_with_it(world: World) -> None:
    parent = world.registry.issue()
    child = world.renew(parent.credential_id)
    grandchild = world.renew(child.credential_id, "again")
    other = world.registry.issue("other")
    world.application.change_status(
        world.registry.provider, parent.credential_id, kind="revoked", reason="Fraud."
    )
    assert [world.verdict(item) for item in (parent, child, grandchild, other)] == [
        Verdict.INVALID, Verdict.INVALID, Verdict.INVALID, Verdict.VALID,
    ]  # fmt: skip
    revoked = [entry.subject for entry in world.storage.state.audit if entry.action == "credential_revoked"]
    assert sorted(revoked) == sorted(item.credential_id for item in (parent, child, grandchild))
    assert world.renew(parent.credential_id) == child, "a repeated request gets what it got"


def test_a_batch_takes_the_renewals_with_it(world: World) -> None:
    parent = world.registry.issue()
    child = world.renew(parent.credential_id)
    batch = world.run(listed(parent, child))
    assert (batch.done, batch.already) == (2, 0)
    second = world.registry.issue("second")
    renewal = world.renew(second.credential_id, "second-renewal")
    assert world.run(listed(second), "other").done == 1
    assert world.verdict(renewal) is Verdict.INVALID


def test_S19_what_is_not_renewed(world: World) -> None:
    parent = world.registry.issue()

    def refusal(**changes: object) -> str:
        with pytest.raises(SkillcredError) as fault:
            world.renew(**{"parent": parent.credential_id, **changes})
        return fault.value.code

    assert refusal(parent="urn:nothing") == "renewed_not_found"
    foreign = world.registry.issue("foreign", actor=world.registry.stranger)
    assert refusal(parent=foreign.credential_id) == "renewed_not_found"
    assert refusal(revocable=False) == "renewal_not_revocable"
    for kind in ("suspended", "revoked"):
        world.application.change_status(
            world.registry.provider, parent.credential_id, kind=kind, reason="Fraud."
        )
        assert refusal() == f"renewed_{kind}"
    assert not [item for item in world.storage.state.issuances.values() if item.renews]


def test_suspending_leaves_renewals_alone(world: World) -> None:
    parent = world.registry.issue()
    child = world.renew(parent.credential_id)
    world.application.change_status(
        world.registry.provider, parent.credential_id, kind=StatusEventKind.SUSPENDED, reason="Inquiry."
    )
    assert world.verdict(parent) is Verdict.INVALID
    assert world.verdict(child) is Verdict.VALID


def test_the_local_actor_is_named(world: World) -> None:
    actor: Actor = world.registry.provider
    batch = world.start(listed(world.registry.issue()))
    assert (batch.started_by, batch.organisation_id) == (actor.api_key_id, actor.organisation.id)


def test_what_is_cancelled_stops_and_undoes_nothing(world: World) -> None:
    made = [world.registry.issue(f"no-{number}") for number in range(3)]
    batch = world.start(listed(*made))
    runner = RunStatusBatches(
        world.application.run_status_batches.units, world.clock, lambda _: None, chunk=1
    )
    progress = runner.run(batch.id)
    assert next(progress).done == 1
    with pytest.raises(NotFoundError):
        world.application.cancel_status_batch(world.registry.stranger, batch.id)
    with pytest.raises(AuthorisationError):
        world.application.cancel_status_batch(world.registry.body, batch.id)
    cancelled = world.application.cancel_status_batch(world.registry.provider, batch.id)
    assert (cancelled.state, cancelled.done, cancelled.finished_at) == (
        BatchState.CANCELLED,
        1,
        world.clock.now(),
    )
    world.clock.advance(hours=1)
    assert world.application.cancel_status_batch(world.registry.provider, batch.id) == cancelled
    assert list(progress) == [cancelled]  # whoever was at it stops
    assert world.application.run_status_batches() == []  # and nobody goes on
    assert list(world.application.run_status_batches.run(batch.id)) == [cancelled]
    assert [world.verdict(item) for item in made] == [Verdict.INVALID, Verdict.VALID, Verdict.VALID]
    assert world.start(listed(*made)) == cancelled  # the same request is the same batch
    rest = world.run(listed(*made), "rest")
    assert (rest.state, rest.done, rest.already) == (BatchState.FINISHED, 2, 1)
    with pytest.raises(ConflictError) as caught:
        world.application.cancel_status_batch(world.registry.provider, rest.id)
    assert caught.value.code == "batch_finished"
