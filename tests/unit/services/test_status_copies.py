"""Copies of one credential: entries that nobody can link, one fate (SECURITY S-15, S-16, PR-06)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from skillcred.encoding.base64url import decode_base64url
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConflictError, InputError, SkillcredError
from skillcred.services import recover_status_list
from skillcred.services.allocate_status_entry import MAX_COPIES, AllocateStatusEntry, Allocation
from skillcred.services.batch_records import BatchSelection
from skillcred.services.records import StatusEventKind, StatusSlot, StatusView
from skillcred.services.start_status_batch import StatusBatchRequest
from skillcred.status.bitstring_status_list import parse_list_credential
from skillcred.status.token_status_list import parse_claims
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage

RECORD = "https://school.example/credentials/1"
OTHER = "https://school.example/credentials/2"
MESSAGES = ("in order", "renewal due")


class World:
    def __init__(self, length: int = 131_072) -> None:
        self.clock = FixedClock()
        self.storage = InMemoryStorage()
        self.registry: DemoRegistry = fill_demo_registry(
            open_in_memory_application(clock=self.clock, storage=self.storage)
        )
        self.application, self.provider = self.registry.application, self.registry.provider
        self.give = AllocateStatusEntry(self.storage, self.clock, lambda point: None, length)

    def copies(self, count: int, name: str = RECORD) -> tuple[Allocation, ...]:
        return self.give.allocate_copies(self.provider.organisation.id, name, count)

    def change(self, kind: str, name: str = RECORD) -> object:
        return self.application.change_status(self.provider, name, kind=kind, reason="A typo.")

    def told(self, slot: StatusSlot, view: StatusView) -> int:
        """What the published list says of an entry."""
        content = self.application.publish_status_list(slot.list_id, view).content
        if view is StatusView.TOKEN:
            claims = parse_json_object(decode_base64url(content.split(b".")[1].decode()))
            issuer = self.provider.organisation.did
            return parse_claims(claims, issuer=issuer).get_status(slot.index, 2)
        return parse_list_credential(parse_json_object(content)).get_status(slot.index, 1)


@pytest.fixture
def world() -> World:
    return World()


def slots(allocations: Sequence[Allocation]) -> list[StatusSlot]:
    return [allocation.slot for allocation in allocations]


def test_each_copy_has_an_entry_of_its_own(world: World) -> None:
    first = slots(world.copies(10))
    more = slots(world.copies(3))
    assert [slot.copy for slot in (*first, *more)] == list(range(13))
    indexes = [slot.index for slot in (*first, *more)]
    assert len(set(indexes)) == 13
    assert indexes != sorted(indexes)
    assert world.give(world.provider.organisation.id, RECORD) == first[0]
    one = world.give(world.provider.organisation.id, OTHER)
    assert [slot.copy for slot in (one, *slots(world.copies(2, OTHER)))] == [0, 1, 2]


@pytest.mark.parametrize(
    ("kind", "values"),
    [("revoked", (1, 0, 1)), ("suspended", (0, 1, 2))],
)
def test_a_change_counts_for_all_copies(world: World, kind: str, values: tuple[int, ...]) -> None:
    mine, others = slots(world.copies(5)), slots(world.copies(5, OTHER))
    world.change(kind)
    views = (StatusView.REVOCATION, StatusView.SUSPENSION, StatusView.TOKEN)
    for slot in mine:
        assert tuple(world.told(slot, view) for view in views) == values
    for slot in others:
        assert tuple(world.told(slot, view) for view in views) == (0, 0, 0)
    assert len(world.storage.state.status_events) == 5
    world.change(kind)
    assert len(world.storage.state.status_events) == 5
    audited = [entry for entry in world.storage.state.audit if entry.action == f"credential_{kind}"]
    assert [entry.subject for entry in audited] == [RECORD]


def test_a_suspension_is_lifted_from_all_copies(world: World) -> None:
    mine = slots(world.copies(3))
    for kind in ("suspended", "reinstated", "suspended", "revoked"):
        world.change(kind)
    assert [world.told(slot, StatusView.TOKEN) for slot in mine] == [1, 1, 1]
    states = {slot.state for slot in world.storage.state.status_slots.values()}
    assert states == {StatusEventKind.REVOKED}


@pytest.mark.parametrize("kind", ["revoked", "suspended"])
def test_S15_what_is_revoked_or_suspended_gets_no_fresh_copies(world: World, kind: str) -> None:
    world.copies(2)
    world.change(kind)
    with pytest.raises(ConflictError) as fault:
        world.copies(2)
    assert fault.value.code == f"credential_{kind}"
    if kind == "suspended":
        world.change("reinstated")
        assert len(world.copies(2)) == 2


def test_another_organisation_gets_no_copies(world: World) -> None:
    world.copies(2)
    with pytest.raises(ConflictError) as fault:
        world.give.allocate_copies(world.registry.stranger.organisation.id, RECORD, 1)
    assert fault.value.code == "credential_of_another"


@pytest.mark.parametrize("count", [0, -1, MAX_COPIES + 1])
def test_a_number_that_is_none(world: World, count: int) -> None:
    with pytest.raises(InputError) as fault:
        world.copies(count)
    assert fault.value.code == "too_many_copies"


def test_S17_copies_go_on_in_the_next_list() -> None:
    world = World(length=5)
    first, second = slots(world.copies(3)), slots(world.copies(9, OTHER))
    lists = list(world.storage.state.status_lists.values())
    assert [record.allocated for record in lists] == [5, 5, 2]
    assert [slot.list_id for slot in second] == [lists[0].id] * 2 + [lists[1].id] * 5 + [lists[2].id] * 2
    assert {slot.index for slot in (*first, *second[:2])} == set(range(5))
    world.change("revoked", OTHER)
    states = {(slot.list_id, slot.index): slot.state for slot in world.storage.state.status_slots.values()}
    assert all(states[slot.list_id, slot.index] is StatusEventKind.REVOKED for slot in second)
    assert all(states[slot.list_id, slot.index] is None for slot in first)
    assert [record.events for record in world.storage.state.status_lists.values()] == [2, 5, 2]


def test_S15_what_is_given_up_is_never_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(length=8)
    monkeypatch.setattr(recover_status_list, "AT_ONCE", 2)
    early = slots(world.copies(3))
    [record] = world.storage.state.status_lists.values()
    with world.storage(writes=True) as unit:
        assert recover_status_list._give_up(unit, record, world.clock.now()) == 5
        unit.commit()
    closed = world.storage.state.status_lists[record.id]
    assert (closed.allocated, closed.closed_at) == (8, world.clock.now())
    assert {index for _, index in world.storage.state.status_slots} == set(range(8))
    late = slots(world.copies(3))
    assert {slot.list_id for slot in late}.isdisjoint({slot.list_id for slot in early})


def test_a_batch_revokes_all_copies(world: World) -> None:
    for name in (RECORD, OTHER):
        world.copies(4, name)
    selection = BatchSelection(credential_ids=(RECORD, OTHER, "urn:nothing"))
    batch = world.application.start_status_batch(
        world.provider, StatusBatchRequest("revoked", "A typo.", selection), "batch"
    )
    *_, ended = world.application.run_status_batches.run(batch.id)
    assert (ended.done, ended.already, ended.failed) == (2, 0, 1)
    assert {slot.state for slot in world.storage.state.status_slots.values()} == {StatusEventKind.REVOKED}
    assert len(world.storage.state.status_events) == 8


class TestMessages:
    """What is said of a credential is said of all its copies, also of those that come later."""

    @pytest.fixture(autouse=True)
    def scheme(self, world: World) -> None:
        self.set(world, MESSAGES)

    @staticmethod
    def set(world: World, messages: tuple[str, ...], *, refresh: bool = True) -> None:
        schemes = world.application.status_schemes
        schemes.set(world.provider, messages=messages, references=(), refresh=refresh)

    @staticmethod
    def say(world: World, kind: str, value: int) -> object:
        return world.application.status_schemes.record_value(
            world.provider, RECORD, kind=kind, value=value, reason="So it is."
        )

    def test_it_is_said_of_all(self, world: World) -> None:
        early = slots(world.copies(3))
        self.say(world, "message", 1)
        self.say(world, "refresh", 1)
        late = slots(world.copies(2))
        for slot in (*early, *late):
            assert world.told(slot, StatusView.MESSAGE) == 1
            assert world.told(slot, StatusView.REFRESH) == 1
        self.say(world, "message", 0)
        assert [world.told(slot, StatusView.MESSAGE) for slot in (*early, *late)] == [0] * 5
        count = len(world.storage.state.status_events)
        self.say(world, "message", 0)
        world.copies(1)
        assert len(world.storage.state.status_events) == count + 1, "only the newer version is told again"

    def test_a_message_of_another_scheme_is_not_touched(self, world: World) -> None:
        early = slots(world.copies(1))
        self.say(world, "message", 1)
        self.say(world, "refresh", 1)
        self.set(world, ("in order", "something else"))
        late = slots(world.copies(1))
        assert late[0].list_id != early[0].list_id
        assert world.told(late[0], StatusView.MESSAGE) == 0
        assert world.told(late[0], StatusView.REFRESH) == 1
        self.say(world, "message", 0)
        self.say(world, "message", 1)
        assert world.told(early[0], StatusView.MESSAGE) == 1
        assert world.told(late[0], StatusView.MESSAGE) == 0

    def test_a_scheme_that_is_gone_leaves_later_copies_without(self, world: World) -> None:
        world.copies(1)
        self.say(world, "message", 1)
        self.set(world, (), refresh=False)
        [late] = world.copies(1)
        assert not late.scheme.messages
        self.say(world, "message", 0)
        events = [e for e in world.storage.state.status_events.values() if e.list_id == late.slot.list_id]
        assert events == []
        with pytest.raises(SkillcredError):
            world.told(late.slot, StatusView.MESSAGE)
