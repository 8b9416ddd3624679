"""Messages and refreshing (Bitstring Status List 1.0 sections 2.1 and 2.2; SECURITY S-05)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skillcred.encoding.bitstrings import BitOrder, read_entry
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConflictError, InputError, NotFoundError, SkillcredError
from skillcred.model.outcomes import Step, Verdict
from skillcred.services.records import StatusView, StoredCredential
from skillcred.services.status_views import views_of
from skillcred.status.bitstring_status_list import parse_list_credential
from skillcred.status.scheme import NO_SCHEME
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import InMemoryStorage

MESSAGES = ("in order", "renewal due", "under review", "undefined")
REFERENCE = "https://school.example/statuses"


class World:
    def __init__(self) -> None:
        self.storage = InMemoryStorage()
        self.registry: DemoRegistry = fill_demo_registry(open_in_memory_application(storage=self.storage))
        self.schemes = self.registry.application.status_schemes

    def set(self, messages: tuple[str, ...] = MESSAGES, *, refresh: bool = True) -> None:
        references = (REFERENCE,) if messages else ()
        self.schemes.set(self.registry.provider, messages=messages, references=references, refresh=refresh)

    def say(self, credential: StoredCredential, kind: str, value: int, **details: Any) -> Any:
        actor = details.get("actor", self.registry.provider)
        return self.schemes.record_value(
            actor, credential.credential_id, kind=kind, value=value, reason="So it is."
        )

    def step(self, credential: StoredCredential) -> Any:
        report = self.registry.application.verify_document(credential.content).report
        return report.verdict, next(step for step in report.steps if step.step is Step.STATUS)


@pytest.fixture
def world() -> World:
    return World()


def entries(credential: StoredCredential) -> dict[str, dict[str, Any]]:
    found = json.loads(credential.content)["credentialStatus"]
    return {entry["statusPurpose"]: entry for entry in found}


def test_only_who_has_a_scheme_gets_more_entries(world: World) -> None:
    plain = world.registry.issue("plain")
    assert set(entries(plain)) == {"revocation", "suspension"}
    world.set()
    told = entries(world.registry.issue("told"))
    assert list(told) == ["revocation", "suspension", "message", "refresh"]
    assert told["message"]["statusSize"] == 2
    assert told["message"]["statusReference"] == REFERENCE
    assert told["message"]["statusMessage"] == [
        {"status": f"0x{value}", "message": message} for value, message in enumerate(MESSAGES)
    ]
    assert "statusSize" not in told["refresh"]
    other = world.registry.issue("other", actor=world.registry.stranger)
    assert set(entries(other)) == {"revocation", "suspension"}


def test_a_message_is_told_and_invalidates_nothing(world: World) -> None:
    world.set()
    credential, other = world.registry.issue("one"), world.registry.issue("two")
    event = world.say(credential, "message", 2)
    assert (event.value, event.sequence, event.retroactive) == (2, 1, False)
    verdict, step = world.step(credential)
    assert (verdict, step.code) == (Verdict.VALID, "not_revoked")
    told = {entry["purpose"]: entry for entry in step.details["entries"]}
    assert (told["message"]["value"], told["message"]["message"]) == (2, "under review")
    assert told["refresh"]["value"] == 0
    _, untouched = world.step(other)
    assert {entry["value"] for entry in untouched.details["entries"]} == {0}
    # the same again is the same event; messages can be changed, also back to the first
    assert world.say(credential, "message", 2) == event
    world.say(credential, "message", 0)
    assert world.step(credential)[1].details["entries"][2]["message"] == "in order"


def test_refreshing_warns_and_is_for_good(world: World) -> None:
    world.set()
    credential = world.registry.issue("one")
    world.say(credential, "refresh", 1)
    verdict, step = world.step(credential)
    assert verdict is Verdict.VALID
    assert [warning.code for warning in step.warnings] == ["refresh_available"]
    with pytest.raises(InputError) as fault:
        world.say(credential, "refresh", 0)
    assert fault.value.code == "invalid_status_value"


def test_a_revoked_credential_stays_revoked_whatever_is_said_behind_it(world: World) -> None:
    world.set()
    credential = world.registry.issue("one")
    world.registry.application.change_status(
        world.registry.provider, credential.credential_id, kind="revoked", reason="A typo."
    )
    world.say(credential, "message", 1)
    world.say(credential, "refresh", 1)
    assert world.step(credential)[0] is Verdict.INVALID


def test_a_changed_scheme_closes_the_list_and_leaves_what_was_issued(world: World) -> None:
    before = world.registry.issue("before")
    world.set()
    first = world.registry.issue("first")
    world.set()  # nothing changes
    world.set(("yes", "no"), refresh=False)
    second = world.registry.issue("second")
    provider = world.registry.provider.organisation.id
    records = [r for r in world.storage.state.status_lists.values() if r.organisation_id == provider]
    assert [record.closed_at is None for record in records] == [False, False, True]
    assert [record.scheme.messages for record in records] == [(), MESSAGES, ("yes", "no")]
    assert [StatusView.MESSAGE in views_of(record) for record in records] == [False, True, True]
    assert StatusView.REFRESH not in views_of(records[2])
    world.say(first, "message", 3)
    world.say(second, "message", 1)
    assert world.step(first)[1].details["entries"][2]["message"] == "undefined"
    assert world.step(second)[1].details["entries"][2]["message"] == "no"
    for credential, kind in ((before, "message"), (second, "refresh")):
        with pytest.raises(ConflictError) as fault:
            world.say(credential, kind, 1)
        assert fault.value.code == "status_purpose_missing"
    world.set((), refresh=False)
    assert world.schemes.get(world.registry.provider) == NO_SCHEME
    assert set(entries(world.registry.issue("after"))) == {"revocation", "suspension"}


def test_the_next_list_has_the_scheme_of_the_one_that_is_full(world: World) -> None:
    world.set()
    state = world.storage.state
    [record] = [r for r in state.status_lists.values() if r.scheme.messages]
    state.status_lists[record.id] = type(record)(
        **{name: getattr(record, name) for name in record.__slots__} | {"closed_at": record.opened_at}
    )
    told = entries(world.registry.issue("next"))
    assert "message" in told
    assert record.id not in told["message"]["statusListCredential"]


def test_the_published_list_has_entries_of_the_size_that_the_credential_says(world: World) -> None:
    world.set()
    credential = world.registry.issue("one")
    world.say(credential, "message", 3)
    entry = entries(credential)["message"]
    list_id = entry["statusListCredential"].split("/")[-2]
    published = world.registry.application.publish_status_list(list_id, StatusView.MESSAGE)
    found = parse_list_credential(parse_json_object(published.content))
    assert found.purposes == {"message"}
    assert len(found.data) * 8 == 131_072 * 2
    index = int(entry["statusListIndex"])
    assert read_entry(found.data, 2, BitOrder.MOST_SIGNIFICANT_FIRST, index) == 3
    assert int.from_bytes(found.data).bit_count() == 2


@pytest.mark.parametrize(
    ("messages", "references", "code"),
    [
        (("one",), (), "invalid_status_messages"),
        (("a", "b", "c"), (), "invalid_status_messages"),
        (("x",) * 512, (), "invalid_status_messages"),
        (("a", " "), (), "invalid_status_messages"),
        (("a", "b\n"), (), "invalid_status_messages"),
        (("a", "b"), ("ftp://a.example",), "invalid_status_reference"),
        (("a", "b"), ("https://u@a.example",), "invalid_status_reference"),
        ((), (REFERENCE,), "invalid_status_reference"),
    ],
)
def test_a_scheme_that_cannot_be_is_refused(
    world: World, messages: tuple[str, ...], references: tuple[str, ...], code: str
) -> None:
    with pytest.raises(InputError) as fault:
        world.schemes.set(world.registry.provider, messages=messages, references=references, refresh=False)
    assert fault.value.code == code


def test_others_may_say_nothing(world: World) -> None:
    world.set()
    credential = world.registry.issue("one")
    for actor, error in ((world.registry.stranger, NotFoundError), (world.registry.operator, SkillcredError)):
        with pytest.raises(error):
            world.say(credential, "message", 1, actor=actor)
    for kind, value in (("revoked", 1), ("message", 4), ("message", -1)):
        with pytest.raises(InputError):
            world.say(credential, kind, value)
    for kind in ("message", "refresh"):
        with pytest.raises(InputError) as fault:
            world.registry.application.change_status(
                world.registry.provider, credential.credential_id, kind=kind, reason="No."
            )
        assert fault.value.code == "unknown_event_kind"
