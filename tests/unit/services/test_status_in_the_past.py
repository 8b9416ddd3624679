"""What the report says about a time in the past (docs/adr/0009; SECURITY S-14)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from skillcred.errors import InputError
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, Step, StepResult, Verdict
from skillcred.services.records import StatusView, StoredCredential
from skillcred.services.verify_document import Verification
from skillcred.verification import Evidence, VerificationReport, replay_bundle, verify
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage

DAY = timedelta(days=1)


class World:
    """A credential that was relied on at `relied_on`, ten days after it was issued; now is twenty days later."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.storage = InMemoryStorage()
        self.registry: DemoRegistry = fill_demo_registry(
            open_in_memory_application(clock=self.clock, storage=self.storage)
        )
        self.credential: StoredCredential = self.registry.issue()
        self.issued_at = self.clock.now()
        self.relied_on = self.issued_at + 10 * DAY

    def pass_days(self, days: int) -> None:
        """Time goes by, and the publisher does its work."""
        for _ in range(2 * days):
            self.registry.application.publish_due_lists()
            self.clock.advance(hours=12)
        self.registry.application.publish_due_lists()

    def change(self, kind: str, effective_at: datetime | None = None) -> None:
        self.registry.application.change_status(
            self.registry.provider,
            self.credential.credential_id,
            kind=kind,
            reason="A story.",
            effective_at=effective_at,
        )

    def report(self, at: datetime | None = None, *, offline: bool = False) -> VerificationReport:
        return self.registry.application.verify_document(
            self.credential.content, at=at, offline=offline
        ).report


def status_of(report: VerificationReport) -> StepResult:
    return next(step for step in report.steps if step.step is Step.STATUS)


def told(report: VerificationReport) -> tuple[Verdict, str]:
    return report.verdict, status_of(report).code


@pytest.fixture
def world() -> World:
    world = World()
    # the publisher keeps lists up that were asked for once
    world.report()
    return world


def test_what_is_not_revoked_was_not_revoked_then(world: World) -> None:
    world.pass_days(30)
    assert told(world.report(world.relied_on)) == (Verdict.VALID, "not_revoked")


def test_revoked_later_with_effect_from_then_on_leaves_the_past_alone(world: World) -> None:
    world.pass_days(30)
    world.change("revoked")
    now, then = world.report(), world.report(world.relied_on)
    assert told(now) == (Verdict.INVALID, "revoked")
    assert told(then) == (Verdict.VALID, "revoked_since")
    assert [warning.code for warning in then.warnings] == ["revoked_since"]


def test_revoked_with_effect_from_before_it_was_relied_on(world: World) -> None:
    world.pass_days(30)
    effective = world.issued_at + 5 * DAY
    world.change("revoked", effective)
    report = world.report(world.relied_on)
    assert told(report) == (Verdict.INVALID, "revoked_retroactively")
    entry = status_of(report).details["entries"][0]  # type: ignore[index]
    assert entry["revoked_with_effect_from"] == "2026-06-06T12:00:00Z"  # type: ignore[index, call-overload]
    assert entry["revocation_recorded_at"] == "2026-07-01T12:00:00Z"  # type: ignore[index, call-overload]
    [problem] = status_of(report).problems
    assert "2026-06-06T12:00:00Z" in problem.message
    before = world.report(effective - DAY)
    assert told(before) == (Verdict.VALID, "revoked_since")
    now = world.report()
    assert told(now) == (Verdict.INVALID, "revoked")
    assert "2026-06-06T12:00:00Z" in status_of(now).problems[0].message


def test_what_was_revoked_then_was_revoked(world: World) -> None:
    world.pass_days(8)
    world.change("revoked")
    world.pass_days(20)
    assert told(world.report(world.relied_on)) == (Verdict.INVALID, "revoked")


def test_a_suspension_is_that_of_the_day(world: World) -> None:
    world.pass_days(8)
    assert told(world.report(world.clock.now())) == (Verdict.VALID, "not_revoked")
    world.change("suspended")
    world.pass_days(4)
    world.change("reinstated")
    world.pass_days(18)
    assert told(world.report()) == (Verdict.VALID, "not_revoked")
    assert told(world.report(world.relied_on)) == (Verdict.INVALID, "suspended")
    assert told(world.report(world.relied_on + 5 * DAY)) == (Verdict.VALID, "not_revoked")


def test_suspended_now_is_not_suspended_then(world: World) -> None:
    world.pass_days(30)
    world.change("suspended")
    assert told(world.report()) == (Verdict.INVALID, "suspended")
    assert told(world.report(world.relied_on)) == (Verdict.VALID, "not_revoked")


def test_where_no_list_of_the_day_was_kept_it_says_so(world: World) -> None:
    """The publisher was off, and nobody asked for the list for days."""
    world.clock.advance(days=30)
    assert told(world.report(world.relied_on)) == (Verdict.INDETERMINATE, "status_then_unknown")


def test_it_can_be_replayed_offline(world: World) -> None:
    world.pass_days(30)
    world.change("revoked", world.issued_at + 5 * DAY)
    verification = world.registry.application.verify_document(world.credential.content, at=world.relied_on)
    assert not verification.report.needs
    assert replay_bundle(verification.bundle()) == verification.report
    offline = world.report(world.relied_on, offline=True)
    assert told(offline) == told(verification.report)


@pytest.mark.parametrize("kind", [EvidenceKind.REVOCATION_DATES, EvidenceKind.PAST_STATUS_LIST])
@pytest.mark.parametrize("story", ["revoked", "reaching back", "suspended then", "suspended now"])
def test_less_evidence_is_never_better(world: World, kind: EvidenceKind, story: str) -> None:
    world.pass_days(8)
    if story == "suspended then":
        world.change("suspended")
        world.pass_days(4)
        world.change("reinstated")
    world.pass_days(20)
    if story != "suspended then":
        effective = world.issued_at + DAY if story == "reaching back" else None
        world.change("suspended" if story == "suspended now" else "revoked", effective)
    full = world.report(world.relied_on)
    items = [item for item in full.evidence_used if item.reference.kind is not kind]
    report = verify(world.credential.content, evidence=Evidence(items), at=world.relied_on)
    assert report.verdict in {full.verdict, Verdict.INDETERMINATE}


def test_dates_of_another_list_are_not_believed(world: World) -> None:
    """Equal places of two lists of one issuer: only the signed names of the lists tell them apart."""
    world.pass_days(30)
    world.change("revoked", world.issued_at + 5 * DAY)
    full = world.report(world.relied_on)
    other = replace(world.registry.application.publish_status_list, base_url="https://other.example")
    [list_id] = world.storage.state.status_lists
    world.clock.advance(hours=13)  # so that the other deployment publishes anew, under its own name
    foreign = other(list_id, StatusView.REVOCATION_DATES)
    items = {item.reference: item for item in full.evidence_used}
    reference = next(ref for ref in items if ref.kind is EvidenceKind.REVOCATION_DATES)
    assert isinstance(reference, EvidenceReference)
    items[reference] = items[reference]._replace(content=foreign.content)
    report = verify(world.credential.content, evidence=Evidence(items.values()), at=world.relied_on)
    assert status_of(report).outcome is Outcome.INDETERMINATE


@pytest.mark.parametrize("content", [b"", b"{}", b"a.b.c", b"\xff"])
def test_dates_that_cannot_be_read_are_none(world: World, content: bytes) -> None:
    world.pass_days(30)
    world.change("revoked", world.issued_at + 5 * DAY)
    full = world.report(world.relied_on)
    items = [
        item._replace(content=content) if item.reference.kind is EvidenceKind.REVOCATION_DATES else item
        for item in full.evidence_used
    ]
    report = verify(world.credential.content, evidence=Evidence(items), at=world.relied_on)
    assert told(report) == (Verdict.INDETERMINATE, "status_then_unknown")


def kept(world: World) -> list[bytes]:
    """The lists of now, as somebody may keep them."""
    entries = json.loads(world.credential.content)["credentialStatus"]
    publish = world.registry.application.publish_status_list
    found = []
    for entry in entries:
        list_id, view = entry["statusListCredential"].rsplit("/", 2)[1:]
        found.append(publish(list_id, StatusView(view)).content)
    return found


@pytest.mark.parametrize("offline", [False, True])
def test_S14_lists_that_were_kept_tell_what_was_known_then(world: World, offline: bool) -> None:
    """Of a time before the suspension was lifted nothing else is left."""
    verify = world.registry.application.verify_document.upload
    world.change("suspended")
    lists, at = kept(world), world.clock.now() + timedelta(minutes=1)
    world.change("reinstated")
    world.pass_days(3)
    found = verify(world.credential.content, at=at, offline=offline, kept_lists=lists)
    assert isinstance(found, Verification)
    assert told(found.report) == (Verdict.INVALID, "suspended")
    world.clock.advance(minutes=1)
    good, then = kept(world), world.clock.now() + timedelta(minutes=1)
    world.change("revoked")
    world.pass_days(3)
    found = verify(world.credential.content, at=then, offline=offline, kept_lists=good)
    assert isinstance(found, Verification)
    assert told(found.report) == (Verdict.VALID, "not_revoked")
    assert [warning.code for warning in status_of(found.report).warnings] == ["status_as_known_then"]
    assert "handed in" in {item.source for item in found.report.evidence_used}
    # of another day they tell nothing
    late = verify(world.credential.content, at=then + 2 * DAY, offline=offline, kept_lists=good)
    assert told(late.report) == (Verdict.INDETERMINATE, "status_list_stale")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "days", "code"),
    [
        (b"{}", -1, "kept_list_unnamed"),
        (b"a.b.c", -1, "kept_list_unnamed"),
        (b"", -1, "kept_list_unnamed"),
        (b'{"id": "https://other.example/list"}', -1, "kept_list_not_used"),
        (b"{}", 0, "kept_list_without_instant"),
        (b"{}", None, "kept_list_without_instant"),
    ],
)
def test_lists_that_cannot_be_handed_in(world: World, content: bytes, days: int | None, code: str) -> None:
    at = None if days is None else world.clock.now() + days * DAY
    with pytest.raises(InputError) as caught:
        world.registry.application.verify_document.upload(
            world.credential.content, at=at, kept_lists=[content]
        )
    assert caught.value.code == code


def test_a_list_that_was_edited_tells_nothing(world: World) -> None:
    world.change("revoked")
    lists, at = kept(world), world.clock.now() + timedelta(minutes=1)
    world.pass_days(2)
    edited = [json.dumps(json.loads(item) | {"validFrom": "2020-01-01T00:00:00Z"}).encode() for item in lists]
    found = world.registry.application.verify_document.upload(
        world.credential.content, at=at, kept_lists=edited
    )
    assert told(found.report) == (Verdict.INDETERMINATE, "status_list_not_verified")  # type: ignore[arg-type]
