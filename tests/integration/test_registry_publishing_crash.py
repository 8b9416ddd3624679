"""Publishing the registry is killed (SIGKILL) at every step (SECURITY F-01, T-05, T-08), and old files are removed.

A reader sees the registry before or after, the next publication finishes, and no version has two contents.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from skillcred.adapters.crash_points import build_crash_point
from skillcred.adapters.registry import RegistryPublisher
from skillcred.adapters.registry.fetchers import FolderFetcher
from skillcred.adapters.registry.pruning import NOTE
from skillcred.services.publish_registry import DEFAULT_KEEP, MIN_KEEP
from worlds.published_registry import BODIES, DAY, SCHOOL, World, build_world

COLLEGE = "did:web:college.example"
WRITING = ("registry-file-prepared", "registry-file-written")
PRUNING = ("registry-file-removed", "registry-note-prepared")


def test_every_step_has_its_point() -> None:
    source = Path(__file__).parents[2] / "src" / "skillcred" / "adapters" / "registry"
    found = {
        line.split('crash_point("')[1].split('"')[0]
        for file in source.glob("*.py")
        for line in file.read_text(encoding="utf-8").splitlines()
        if 'crash_point("' in line
    }
    assert found == {*WRITING, *PRUNING}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return build_world(tmp_path)


def killed(work: Callable[[], object]) -> bool:
    """Whether the process that did `work` was killed; it ended well if not."""
    child = os.fork()
    if child == 0:
        status = 70
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


def remember(world: World, seen: dict[str, bytes]) -> None:
    """No file of metadata that was ever there may have another content later, but for the timestamp."""
    for path in (world.repository / "metadata").glob("[0-9]*.json"):
        assert seen.setdefault(path.name, path.read_bytes()) == path.read_bytes(), path.name


@pytest.mark.parametrize(
    "point", [pytest.param(WRITING[0], marks=pytest.mark.nightly), pytest.param(WRITING[1])]
)
def test_killed_while_publishing(world: World, point: str) -> None:
    """One accreditation more each time; at the n-th step, until there are no more steps."""
    seen: dict[str, bytes] = {}
    remember(world, seen)
    before = {SCHOOL}
    for step in range(1, 100):
        after = before | {f"did:web:college-{step}.example"}
        world.accredited[BODIES[step % 2]].append(f"did:web:college-{step}.example")
        crash = build_crash_point(f"{point}:{step}")
        died = killed(lambda crash=crash: world.publish(crash_point=crash))
        remember(world, seen)
        world.update()
        found = world.providers()
        assert found in ((before, after) if died else (after,))
        if not died:
            break
        world.publish()
        remember(world, seen)
        before = after
    assert step == 6, "two targets, and three files of metadata, of which the last is the timestamp"


def test_a_file_that_was_being_written_is_cleared_away(world: World) -> None:
    world.accredited[BODIES[0]].append(COLLEGE)
    assert killed(lambda: world.publish(crash_point=build_crash_point("registry-file-prepared:1")))
    assert list(world.repository.rglob(".new-*"))
    prune(world, world.now)
    assert not list(world.repository.rglob(".new-*"))


def prune(world: World, at, keep: timedelta = DEFAULT_KEEP) -> int:  # type: ignore[no-untyped-def]
    return RegistryPublisher(world.repository).prune(at=at, keep=keep)


def files(world: World) -> set[str]:
    return {
        path.relative_to(world.repository).as_posix()
        for path in world.repository.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def publish_more(world: World, name: str) -> None:
    world.accredited[BODIES[0]].append(f"did:web:{name}.example")
    world.publish()


def test_old_files_are_removed_when_nobody_can_be_reading_them(world: World) -> None:
    first = files(world)
    publish_more(world, "one")
    both = files(world)
    assert prune(world, world.now) == 0
    assert prune(world, world.now + DEFAULT_KEEP) == 0
    assert files(world) == both
    assert prune(world, world.now + DEFAULT_KEEP + DAY) == 4, (
        "two targets, the role of the body, the snapshot"
    )
    gone = both - files(world)
    assert gone < first
    assert not any(name.endswith((".root.json", "timestamp.json")) for name in gone)
    world.update()
    assert world.providers() == {SCHOOL, "did:web:one.example"}
    publish_more(world, "two")
    world.update()


def test_a_reader_in_the_middle_of_an_update_is_not_disturbed(world: World) -> None:
    """Between its timestamp and its last file, a reader sees two publications, one of which removes old files."""
    publish_more(world, "one")
    prune(world, world.now)
    done = []

    class Slow(FolderFetcher):
        def _fetch(self, url: str):  # type: ignore[no-untyped-def]
            found = iter(list(super()._fetch(url)))
            if url.endswith("timestamp.json"):
                publish_more(world, "two")
                done.append(prune(world, world.now + DEFAULT_KEEP + DAY))
                publish_more(world, "three")
                done.append(prune(world, world.now + DEFAULT_KEEP + DAY))
            return found

    world.copy(Slow()).update()
    assert done == [4, 0], "what the copy had was removed; what it was about to read was not"
    assert world.providers() == {SCHOOL, "did:web:one.example"}
    world.update()
    assert world.providers() == {SCHOOL, *(f"did:web:{name}.example" for name in ("one", "two", "three"))}


def test_what_is_named_again_stays(world: World) -> None:
    world.accredited[BODIES[0]].append(COLLEGE)
    world.publish()
    prune(world, world.now)
    world.accredited[BODIES[0]].remove(COLLEGE)
    world.publish()
    removed = prune(world, world.now + DEFAULT_KEEP + DAY)
    assert removed == 2, "metadata of the first version; its targets are named again"
    world.update()
    assert world.providers() == {SCHOOL}


def test_without_a_note_the_time_begins_anew_and_foreign_files_stay(world: World) -> None:
    publish_more(world, "one")
    prune(world, world.now)
    (world.repository / NOTE).write_text("{not json")
    for name in ("index.html", "metadata/README", "targets/robots.txt"):
        (world.repository / name).write_text("by the host")
    later = world.now + DEFAULT_KEEP + DAY
    assert prune(world, later) == 0
    assert set(json.loads((world.repository / NOTE).read_text()).values()) == {
        later.strftime("%Y-%m-%dT%H:%M:%SZ")
    }
    assert prune(world, later + MIN_KEEP + DAY, MIN_KEEP) == 4
    assert {"index.html", "metadata/README", "targets/robots.txt"} < files(world)


def test_nothing_is_removed_where_what_is_live_cannot_be_read(world: World) -> None:
    publish_more(world, "one")
    prune(world, world.now)
    (role,) = (world.repository / "metadata").glob("2.body-*.json")
    role.rename(world.folder / "away")
    before = files(world)
    assert prune(world, world.now + DEFAULT_KEEP + DAY) == 0
    assert files(world) == before


@pytest.mark.nightly
@pytest.mark.parametrize("point", PRUNING)
def test_killed_while_removing(world: World, point: str) -> None:
    publish_more(world, "one")
    prune(world, world.now)
    later = world.now + DEFAULT_KEEP + DAY
    for step in range(1, 100):
        nth = 1 if point == "registry-file-removed" and step <= 4 else step
        publisher = RegistryPublisher(world.repository, build_crash_point(f"{point}:{nth}"))
        if not killed(lambda publisher=publisher: publisher.prune(at=later, keep=DEFAULT_KEEP)):
            break
        world.update()
    assert step == (5 if point == "registry-file-removed" else 2), "four files in all, and one note"
    assert prune(world, later) == 0
    world.update()
    publish_more(world, "two")
    world.update()
    assert world.providers() == {SCHOOL, "did:web:one.example", "did:web:two.example"}
