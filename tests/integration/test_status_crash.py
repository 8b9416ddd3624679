"""The process is killed (SIGKILL) at each step of giving out an entry, revoking and publishing, on both databases
(SECURITY S-10, S-16, S-18).

Whatever was recorded before is in the next list; versions go up by one, and no list tells of less than the one before.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.crash_points import no_crash
from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.bootstrap import Application
from skillcred.model.outcomes import Verdict
from skillcred.services.allocate_status_entry import AllocateStatusEntry
from skillcred.services.records import StatusEventKind, StatusPublication, StatusView
from skillcred.status.bitstring_status_list import parse_list_credential
from worlds.application import build_demo_registry, open_application
from worlds.status_workers import allocate_copies, context, revoke_and_publish

POINTS = {
    "before-status-commit": (0, 1),
    "after-status-commit": (1, 1),
    "before-sign-list": (1, 1),
    "after-sign-before-publish": (1, 1),
    "before-publish-commit": (1, 1),
    "after-publish-commit": (1, 2),
}
"""Every step of revoking and publishing → how many events and published versions there are afterwards."""


@pytest.fixture(params=["sqlite", "postgresql"])
def changes(request: pytest.FixtureRequest) -> dict[str, Any]:
    if request.param == "sqlite":
        return {}
    return {"database_url": request.getfixturevalue("postgres_url")}


def killed(work: Callable[..., None], *arguments: object) -> None:
    worker = context().Process(target=work, args=arguments)
    worker.start()
    worker.join(120)
    assert worker.exitcode == -signal.SIGKILL


def test_every_step_has_its_point() -> None:
    """A crash point that is added to these services is tried here."""
    services = Path(__file__).parents[2] / "src" / "skillcred" / "services"
    found = {
        line.split('"')[1]
        for name in ("change_status.py", "publish_status_list.py")
        for line in (services / name).read_text(encoding="utf-8").splitlines()
        if "self.crash_point(" in line
    }
    assert found == set(POINTS)


@pytest.mark.parametrize("point", POINTS)
def test_killed_while_revoking(changes: dict[str, Any], point: str, tmp_path: Path) -> None:
    recorded, published = POINTS[point]
    registry = build_demo_registry(tmp_path, **changes)
    credentials = [registry.issue(f"no-{number}") for number in range(3)]
    for credential in credentials:
        assert registry.application.verify_document(credential.content).report.verdict is Verdict.VALID
    provider = registry.provider.organisation
    settings = registry.application.settings
    entry = json.loads(credentials[0].content)["credentialStatus"][0]
    list_id = entry["statusListCredential"].split("/")[-2]
    registry.application.close()
    folders = {"data_folder": settings.data_folder, "keys_folder": settings.keys_folder}
    arguments = (provider.id, credentials[0].credential_id, list_id, f"{point}:1")

    killed(revoke_and_publish, folders | changes, *arguments)

    engine = build_engine(settings.database_address)
    units = SqlUnitOfWorkFactory(engine)

    def versions() -> list[StatusPublication]:
        with units(writes=False) as unit:
            return unit.statuses.list_publications(list_id, StatusView.REVOCATION)

    with units(writes=False) as unit:
        events = unit.statuses.list_events(list_id)
    assert [event.kind for event in events] == [StatusEventKind.REVOKED] * recorded
    assert len(versions()) == published

    def verdicts(application: Application) -> list[Verdict]:
        return [application.verify_document(item.content).report.verdict for item in credentials]

    application = open_application(tmp_path, **changes)
    if recorded:
        # nobody asks for the revocation again: whoever wants the list next gets it
        assert verdicts(application) == [Verdict.INVALID, Verdict.VALID, Verdict.VALID]
    else:
        # it was not acknowledged, and nothing of it is left: not the state without the event, nor a number without one
        assert verdicts(application) == [Verdict.VALID] * 3
    repeated = application.change_status(
        application.local_actor("issuer", provider.id),
        credentials[0].credential_id,
        kind="revoked",
        reason="A typo.",
    )
    assert [event.id for event in events] in ([], [repeated.id])
    assert verdicts(application) == [Verdict.INVALID, Verdict.VALID, Verdict.VALID]
    sound = application.check_storage()
    assert [result for result in sound if result.found] == []
    application.close()

    final = versions()
    assert [item.version for item in final] == [1, 2]
    assert [item.events for item in final] == [0, 1]
    assert final[0].published_at <= final[1].published_at
    latest = parse_list_credential(json.loads(final[-1].content))
    found = {index for index in range(131_072) if latest.get_status(index, 1)}
    assert found == {repeated.index}
    engine.dispose()


@pytest.mark.parametrize(
    ("point", "given"), [("before-allocate-commit", 0), ("after-allocate-commit", 5)], ids=str
)
def test_killed_while_entries_are_given_out(
    changes: dict[str, Any], point: str, given: int, tmp_path: Path
) -> None:
    """S-16: all of them are given out or none, also where the first list fills up; what was is not given out again."""
    registry = build_demo_registry(tmp_path, **changes)
    organisation_id = registry.stranger.organisation.id
    address = registry.application.settings.database_address
    engine = build_engine(address)
    units = SqlUnitOfWorkFactory(engine)

    def entries() -> list[tuple[str, int]]:
        with units(writes=False) as unit:
            lists = unit.statuses.list_lists(organisation_id)
            slots = [slot for record in lists for slot in unit.statuses.list_slots(record.id)]
        assert sum(record.allocated for record in lists) == len(slots)
        assert [record.closed_at is None for record in lists[-1:]] in ([], [True])
        return [(slot.list_id, slot.index) for slot in slots]

    killed(allocate_copies, address, organisation_id, 3, f"{point}:1")
    before = entries()
    assert len(before) == given
    give = AllocateStatusEntry(units, SystemClock(), no_crash, 3)
    again = [
        (allocation.slot.list_id, allocation.slot.index)
        for allocation in give.allocate_copies(organisation_id, "urn:copied", 5)
    ]
    assert sorted(entries()) == sorted([*before, *again])
    assert len({*before, *again}) == given + 5
    sound = registry.application.check_storage()
    assert [result for result in sound if result.found] == []
    registry.application.close()
    engine.dispose()
