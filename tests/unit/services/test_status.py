"""Revoking, suspending, publishing (SECURITY S-05, S-08, S-10, S-15, S-16, S-17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skillcred.encoding.base64url import decode_base64url
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConflictError, InputError, NotFoundError, SkillcredError, UnavailableError
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.services.allocate_status_entry import AllocateStatusEntry, build_status_claim
from skillcred.services.list_status_lists import SMALL_HERD
from skillcred.services.record_status import fold_events
from skillcred.services.records import StatusListRecord, StatusView, StoredCredential
from skillcred.status.bitstring_status_list import parse_list_credential
from skillcred.status.revocation_dates import parse_dates
from skillcred.status.token_status_list import parse_claims
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage


class World:
    def __init__(self) -> None:
        self.clock = FixedClock()
        self.storage = InMemoryStorage()
        self.registry: DemoRegistry = fill_demo_registry(
            open_in_memory_application(clock=self.clock, storage=self.storage)
        )
        self.credential: StoredCredential = self.registry.issue()

    def change(self, kind: str, credential: StoredCredential | None = None, **details: object) -> object:
        return self.registry.application.change_status(
            self.registry.provider,
            (credential or self.credential).credential_id,
            kind=kind,
            **{"reason": "A typo.", **details},
        )

    def verdict(self, credential: StoredCredential | None = None) -> tuple[Verdict, str]:
        report = self.registry.application.verify_document((credential or self.credential).content).report
        return report.verdict, report.reason

    @property
    def list_record(self) -> StatusListRecord:
        [record] = self.storage.state.status_lists.values()
        return record


@pytest.fixture
def world() -> World:
    return World()


def test_S10_a_revoked_credential_is_never_valid_again(world: World) -> None:
    assert world.verdict() == (Verdict.VALID, "issuer_authorised")
    world.change("revoked")
    assert world.verdict() == (Verdict.INVALID, "revoked")
    for kind in ("reinstated", "suspended"):
        with pytest.raises(ConflictError) as fault:
            world.change(kind)
        assert fault.value.code == "status_final"
    world.clock.advance(days=400)
    assert world.verdict()[0] is Verdict.INVALID


def test_a_suspension_can_be_lifted(world: World) -> None:
    world.change("suspended")
    assert world.verdict() == (Verdict.INVALID, "suspended")
    world.change("reinstated")
    assert world.verdict() == (Verdict.VALID, "issuer_authorised")
    world.change("suspended")
    world.change("revoked")
    assert world.verdict() == (Verdict.INVALID, "revoked")


def test_one_credential_is_revoked_and_no_other(world: World) -> None:
    other = world.registry.issue("second")
    world.change("revoked")
    assert world.verdict()[0] is Verdict.INVALID
    assert world.verdict(other) == (Verdict.VALID, "issuer_authorised")


def test_saying_it_again_changes_nothing(world: World) -> None:
    first = world.change("revoked")
    assert world.change("revoked", reason="Another reason.") == first
    assert len(world.storage.state.status_events) == 1


def test_what_has_not_happened_cannot_be_undone(world: World) -> None:
    with pytest.raises(ConflictError) as fault:
        world.change("reinstated")
    assert fault.value.code == "status_unchanged"


def test_only_the_issuer_may(world: World) -> None:
    """SECURITY W-25: another provider, and somebody without the role."""
    identifier = world.credential.credential_id
    for actor in (world.registry.stranger, world.registry.body):
        with pytest.raises(SkillcredError) as fault:
            world.registry.application.change_status(actor, identifier, kind="revoked", reason="x")
        assert fault.value.code in {"not_found", "not_permitted"}
    with pytest.raises(NotFoundError):
        world.registry.application.change_status(
            world.registry.provider, identifier + "x", kind="revoked", reason="x"
        )
    assert not world.storage.state.status_events


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "deleted"}, "unknown_event_kind"),
        ({"reason": " "}, "invalid_reason"),
        ({"reason": "x" * 1001}, "invalid_reason"),
        ({"reason": "a\u0000b"}, "invalid_reason"),
        ({"effective_at": FixedClock().now() + timedelta(days=1)}, "effective_in_the_future"),
        ({"effective_at": FixedClock().now().replace(tzinfo=None)}, "invalid_datetime"),
    ],
)
def test_bad_input(world: World, changes: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as fault:
        world.change(**{"kind": "revoked", **changes})  # type: ignore[arg-type]
    assert fault.value.code == code


def test_a_retroactive_revocation_says_so(world: World) -> None:
    early = world.clock.now() - timedelta(days=30)
    event = world.change("revoked", effective_at=early)
    assert (event.retroactive, event.effective_at) == (True, early)  # type: ignore[attr-defined]
    assert world.storage.state.audit[-1].action == "credential_revoked"


def test_without_a_status_nothing_can_be_changed(world: World) -> None:
    from skillcred.services.issue_credential import IssuanceRequest
    from worlds.application import example_claims

    plain = world.registry.application.issue_credential(
        world.registry.provider,
        IssuanceRequest("training", example_claims("training"), revocable=False),
        "plain",
    )
    assert "credentialStatus" not in parse_json_object(plain.content)
    with pytest.raises(NotFoundError):
        world.change("revoked", plain)
    report = world.registry.application.verify_document(plain.content).report
    status = next(step for step in report.steps if step.step is Step.STATUS)
    assert status.outcome is Outcome.NOT_APPLICABLE


class TestPublishing:
    def publish(self, world: World) -> object:
        return world.registry.application.publish_status_list(world.list_record.id, StatusView.REVOCATION)

    def test_a_version_is_made_only_when_something_is_new(self, world: World) -> None:
        first = self.publish(world)
        assert self.publish(world) == first
        world.change("revoked")
        second = self.publish(world)
        assert (first.version, second.version) == (1, 2)  # type: ignore[attr-defined]
        world.clock.advance(hours=13)  # half of its time is over
        assert self.publish(world).version == 3  # type: ignore[attr-defined]

    def test_S08_a_clock_that_steps_back_does_not_move_a_list_back(self, world: World) -> None:
        first = self.publish(world)
        world.clock.advance(hours=-5)
        world.change("revoked")
        second = self.publish(world)
        assert second.published_at >= first.published_at  # type: ignore[attr-defined]
        assert second.version == 2  # type: ignore[attr-defined]
        document = parse_json_object(second.content)  # type: ignore[attr-defined]
        assert parse_list_credential(document).data.count(0) == 131_072 // 8 - 1

    def test_a_list_that_nobody_knows(self, world: World) -> None:
        with pytest.raises(NotFoundError):
            world.registry.application.publish_status_list("nothing", StatusView.REVOCATION)

    def test_the_bits_are_the_fold_of_the_events(self, world: World) -> None:
        credentials = [world.registry.issue(f"no-{number}") for number in range(12)]
        for number, credential in enumerate(credentials):
            for kind in (["revoked"], ["suspended"], ["suspended", "reinstated"], [])[number % 4]:
                world.change(kind, credential)
        events = world.storage.state.status_events.values()
        states = fold_events(events)
        for view, kind in ((StatusView.REVOCATION, "revoked"), (StatusView.SUSPENSION, "suspended")):
            publication = world.registry.application.publish_status_list(world.list_record.id, view)
            published = parse_list_credential(parse_json_object(publication.content))
            found = {index for index in range(131_072) if published.get_status(index, 1)}
            assert found == {index for index, state in states.items() if state == kind}
            assert len(found) == 3

    def test_an_organisation_without_a_key_cannot_publish(self, world: World) -> None:
        for key_id, key in list(world.storage.state.signing_keys.items()):
            world.storage.state.signing_keys[key_id] = replace(key, state=key.state.RETIRED)
        with pytest.raises(UnavailableError) as fault:
            self.publish(world)
        assert fault.value.code == "no_active_key"


class TestAllocating:
    def test_an_entry_is_given_once_and_again_for_the_same_credential(self, world: World) -> None:
        allocate = AllocateStatusEntry(world.storage, world.clock, lambda point: None)
        organisation = world.registry.provider.organisation.id
        slots = [allocate(organisation, f"urn:x:{number}") for number in range(50)]
        assert len({slot.index for slot in slots}) == 50
        assert allocate(organisation, "urn:x:7") == slots[7]
        assert slots != sorted(slots, key=lambda slot: slot.index)

    def test_S17_the_next_list_is_opened_once(self, world: World) -> None:
        allocate = AllocateStatusEntry(world.storage, world.clock, lambda point: None, length=131_072)
        organisation = world.registry.stranger.organisation.id
        short = AllocateStatusEntry(world.storage, world.clock, lambda point: None, length=5)
        slots = [short(organisation, f"urn:x:{number}") for number in range(12)]
        lists = world.storage.state.status_lists
        mine = [record for record in lists.values() if record.organisation_id == organisation]
        assert [record.allocated for record in mine] == [5, 5, 2]
        assert [record.closed_at is None for record in mine] == [False, False, True]
        assert {(slot.list_id, slot.index) for slot in slots[:5]} == {(mine[0].id, n) for n in range(5)}
        assert allocate(organisation, "urn:x:next").list_id == mine[2].id


class TestOtherViews:
    """The views beside those of Bitstring Status List tell of the same events at the same places."""

    def test_the_token_tells_both_revoked_and_suspended(self, world: World) -> None:
        others = [world.registry.issue(f"no-{number}") for number in range(3)]
        world.change("revoked")
        world.change("suspended", others[0])
        world.change("suspended", others[1])
        world.change("reinstated", others[1])
        slots = world.storage.state.status_slots
        places = {slot.credential_id: slot.index for slot in slots.values()}
        publication = world.registry.application.publish_status_list(world.list_record.id, StatusView.TOKEN)
        assert publication.media_type == "application/statuslist+jwt"
        header, payload, _ = (publication.content + b".").split(b".")[:3]
        claims = parse_json_object(decode_base64url(payload.decode()))
        uri = f"http://127.0.0.1:8000/v1/status-lists/{world.list_record.id}/token"
        now = int(world.clock.now().timestamp())
        assert {name: claims[name] for name in ("iss", "sub", "iat", "exp", "ttl")} == {
            "iss": world.registry.provider.organisation.did,
            "sub": uri,
            "iat": now,
            "exp": now + 24 * 3600,
            "ttl": 60,
        }
        kid = parse_json_object(decode_base64url(header.decode()))["kid"]
        assert kid in {key.id for key in world.storage.state.signing_keys.values()}
        listed = parse_claims(claims, issuer=world.registry.provider.organisation.did)
        assert listed.size == 2
        expected = {world.credential.credential_id: 1, others[0].credential_id: 2}
        assert {name: listed.get_status(index, 2) for name, index in places.items()} == {
            name: expected.get(name, 0) for name in places
        }

    def test_a_claim_points_to_the_token(self, world: World) -> None:
        [slot] = world.storage.state.status_slots.values()
        assert build_status_claim("https://x.example", slot) == {
            "status_list": {
                "idx": slot.index,
                "uri": f"https://x.example/v1/status-lists/{slot.list_id}/token",
            }
        }

    def test_the_dates_of_revocations(self, world: World) -> None:
        others = [world.registry.issue(f"no-{number}") for number in range(9)]
        early = world.clock.now() - timedelta(days=30)
        for number, credential in enumerate(others):
            world.change("revoked", credential, effective_at=early + timedelta(days=number))
        world.change("suspended")
        view = StatusView.REVOCATION_DATES
        publication = world.registry.application.publish_status_list(world.list_record.id, view)
        claims = parse_json_object(decode_base64url(publication.content.split(b".")[1].decode()))
        dates = parse_dates(claims, issuer=world.registry.provider.organisation.did)
        places = {slot.credential_id: slot.index for slot in world.storage.state.status_slots.values()}
        for number, credential in enumerate(others):
            found = dates.find(places[credential.credential_id])
            assert found == (early + timedelta(days=number), world.clock.now())
        assert dates.find(places[world.credential.credential_id]) is None

    def test_a_version_of_the_past_is_kept_and_none_stands_for_another(self, world: World) -> None:
        application, list_id = world.registry.application, world.list_record.id
        before = application.publish_status_list(list_id, StatusView.TOKEN)
        world.clock.advance(minutes=10)
        world.change("revoked")
        after = application.publish_status_list(list_id, StatusView.TOKEN)
        for minutes, expected in ((0, before), (9, before), (10, after)):
            at = before.published_at + timedelta(minutes=minutes)
            assert application.get_past_status_list(list_id, StatusView.TOKEN, at) == expected
        for wrong in (timedelta(seconds=-1), timedelta(hours=25)):
            with pytest.raises(NotFoundError) as fault:
                application.get_past_status_list(list_id, StatusView.TOKEN, before.published_at + wrong)
            assert fault.value.code == "status_list_not_kept"


def test_PR03_an_issuer_sees_how_many_share_a_list(world: World) -> None:
    registry = world.registry
    application = registry.application
    mine, none = (application.list_status_lists(actor) for actor in (registry.provider, registry.stranger))
    assert none == []
    [found] = mine
    assert (found.record.organisation_id, found.small_herd) == (registry.provider.organisation.id, True)
    assert 1 <= found.record.allocated < SMALL_HERD
    with world.storage(writes=True) as unit:
        unit.statuses.update_list(replace(found.record, allocated=SMALL_HERD))
        unit.commit()
    assert [item.small_herd for item in application.list_status_lists(registry.provider)] == [False]
