"""The publisher: everything that waits is published, by whoever runs next, and nothing twice."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConfigurationError, NotFoundError
from skillcred.services.check_readiness import ReadinessItem
from skillcred.services.publish_due_lists import PublishedLists
from skillcred.services.records import KeyState, StatusView
from skillcred.settings import Settings
from skillcred.status.bitstring_status_list import parse_list_credential
from skillcred.web.publisher import publishing
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage

EVERY_VIEW = set(StatusView) - {StatusView.MESSAGE, StatusView.REFRESH}
"""Of lists without a scheme."""


class Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


class World:
    def __init__(self) -> None:
        self.clock = FixedClock()
        self.storage = InMemoryStorage()
        self.killed_at: str | None = None
        application = open_in_memory_application(
            clock=self.clock, storage=self.storage, crash_point=self.pass_point
        )
        self.registry: DemoRegistry = fill_demo_registry(application)
        self.application = application

    def pass_point(self, point: str) -> None:
        if point == self.killed_at:
            self.killed_at = None
            raise Killed

    def revoke(self, key: str) -> None:
        credential = self.registry.issue(key)
        self.application.change_status(
            self.registry.provider, credential.credential_id, kind="revoked", reason="A typo."
        )

    def readiness(self) -> ReadinessItem:
        return next(item for item in self.application.check_readiness() if item.name == "status_lists")

    def versions(self) -> dict[StatusView, list[int]]:
        found: dict[StatusView, list[int]] = {}
        for publication in self.storage.state.status_publications.values():
            found.setdefault(publication.view, []).append(publication.version)
        return found


@pytest.fixture
def world() -> World:
    return World()


def test_nobody_misses_a_list_without_events(world: World) -> None:
    world.registry.issue()
    assert world.application.publish_due_lists() == PublishedLists()


def test_what_waits_is_published_once(world: World) -> None:
    world.revoke("first")
    done = world.application.publish_due_lists()
    assert {publication.view for publication in done.published} == EVERY_VIEW
    assert world.application.publish_due_lists() == PublishedLists()
    world.clock.advance(minutes=5)
    world.revoke("second")
    world.application.publish_due_lists()
    assert world.versions() == {view: [1, 2] for view in EVERY_VIEW}


def test_a_list_that_is_about_to_end_is_published_again(world: World) -> None:
    world.revoke("first")
    world.application.publish_due_lists()
    world.clock.advance(hours=11)
    assert not world.application.publish_due_lists().published
    world.clock.advance(hours=2)
    assert len(world.application.publish_due_lists().published) == len(EVERY_VIEW)


@pytest.mark.parametrize("point", ["before-sign-list", "after-sign-before-publish", "after-publish-commit"])
def test_a_publisher_that_is_killed_is_continued_by_the_next(world: World, point: str) -> None:
    """SECURITY S-10, S-18: with the default interval of 15 seconds that is long before a minute is over."""
    for number in range(3):
        world.revoke(f"no-{number}")
    world.killed_at = point
    with pytest.raises(Killed):
        world.application.publish_due_lists()
    world.application.publish_due_lists()
    assert world.versions() == {view: [1] for view in EVERY_VIEW}
    [latest] = [
        item
        for item in world.storage.state.status_publications.values()
        if item.view is StatusView.REVOCATION
    ]
    data = parse_list_credential(parse_json_object(latest.content)).data
    assert int.from_bytes(data).bit_count() == 3


def test_two_publishers_at_once_write_each_version_once(world: World) -> None:
    world.revoke("first")
    runs: list[PublishedLists] = []
    threads = [
        threading.Thread(target=lambda: runs.append(world.application.publish_due_lists())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(runs) == 4
    assert not any(run.failed for run in runs)
    assert world.versions() == {view: [1] for view in EVERY_VIEW}


def test_who_cannot_sign_keeps_nobody_else_waiting(world: World) -> None:
    world.revoke("first")
    other = world.registry.issue("other", actor=world.registry.stranger)
    world.application.change_status(
        world.registry.stranger, other.credential_id, kind="revoked", reason="A typo."
    )
    keys = world.storage.state.signing_keys
    for key_id, key in list(keys.items()):
        if key.organisation_id == world.registry.provider.organisation.id:
            keys[key_id] = replace(key, state=KeyState.RETIRED)
    done = world.application.publish_due_lists()
    assert {failure.code for failure in done.failed} == {"no_active_key"}
    assert len(done.published) == len(done.failed) == len(EVERY_VIEW)


def test_one_list_alone(world: World) -> None:
    world.revoke("first")
    [list_id] = world.storage.state.status_lists
    assert len(world.application.publish_due_lists(list_id).published) == len(EVERY_VIEW)
    with pytest.raises(NotFoundError):
        world.application.publish_due_lists("nothing")


def test_readiness_tells_how_long_the_oldest_event_waits(world: World) -> None:
    assert world.readiness() == ReadinessItem("status_lists", True, "ok")
    world.revoke("first")
    world.application.publish_due_lists()
    assert world.readiness().age_seconds is None
    world.clock.advance(minutes=1)
    world.revoke("second")
    world.clock.advance(seconds=59)
    world.revoke("third")
    world.clock.advance(seconds=1)
    assert world.readiness() == ReadinessItem("status_lists", True, "ok", 60)
    world.clock.advance(seconds=1)
    assert world.readiness() == ReadinessItem("status_lists", True, "publication_late", 61)
    world.application.publish_due_lists()
    assert world.readiness().age_seconds is None


def test_an_interval_that_cannot_keep_the_promise_is_refused() -> None:
    with pytest.raises(ConfigurationError) as fault:
        Settings(publisher_interval_seconds=61)
    assert fault.value.code == "publisher_too_slow"


class TestLoop:
    def test_it_runs_at_once_and_goes_on_after_a_fault(self, world: World) -> None:
        lines: list[tuple[str, dict[str, object]]] = []
        enough = threading.Event()
        faults = [ZeroDivisionError("nobody foresaw this")]

        def log(event: str, /, **fields: object) -> None:
            lines.append((event, fields))
            if event == "status_lists_published":
                enough.set()

        due = world.application.publish_due_lists
        world.revoke("first")

        class Publish:
            def __call__(self, list_id: str | None = None) -> PublishedLists:
                if faults:
                    raise faults.pop()
                return due(list_id)

        with publishing(Publish(), 0.01, log):  # type: ignore[arg-type]
            assert enough.wait(20)
        assert [event for event, _ in lines[:2]] == ["status_publisher_fault", "status_lists_published"]
        assert "nobody foresaw this" not in str(lines), "texts that are not ours stay out of the log"
        assert world.versions() == {view: [1] for view in EVERY_VIEW}
        assert not [thread for thread in threading.enumerate() if thread.name == "status-publisher"]

    def test_it_can_be_off(self, world: World) -> None:
        with publishing(world.application.publish_due_lists, 0, lambda event, **_: None):
            assert not [thread for thread in threading.enumerate() if thread.name == "status-publisher"]


def test_S20_whoever_waits_for_a_list_takes_what_others_published_meanwhile(world: World) -> None:
    """There is always somebody faster, and another revocation; what was recorded before the question is told."""
    issued = [world.registry.issue(f"no-{number}").credential_id for number in range(9)]
    [record] = world.storage.state.status_lists.values()
    provider = world.registry.provider
    waiting = iter(issued[1:])
    inside = False

    def be_faster(point: str) -> None:
        nonlocal inside
        if point == "after-sign-before-publish" and not inside:
            inside = True
            world.application.publish_status_list(record.id, StatusView.REVOCATION)
            world.application.change_status(provider, next(waiting), kind="revoked", reason="A typo.")
            inside = False

    world.application.change_status(provider, issued[0], kind="revoked", reason="A typo.")
    publish = replace(world.application.publish_status_list, crash_point=be_faster)
    found = publish(record.id, StatusView.REVOCATION)
    assert found.events == 1
    assert found == world.storage.state.status_publications[record.id, StatusView.REVOCATION, found.version]
    again = publish(record.id, StatusView.REVOCATION)
    assert again.events == 2
