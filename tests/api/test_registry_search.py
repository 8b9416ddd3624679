"""Searching the registry, and what it said on a day. Listed and enrolled are never mixed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from skillcred.model.datetimes import format_instant
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.import_listed_bodies import ListFormat
from skillcred.services.listed_records import LISTED_NOTE
from skillcred.services.records import AccreditationEventKind
from skillcred.shipped import shipped_path
from skillcred.trust import AccreditationScope
from skillcred.web.app import create_app
from worlds.application import fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock

ELSEWHERE = "did:web:elsewhere.example"
NOTE = "Listed in public sources, gives no trust."


@pytest.fixture(scope="module")
def world():
    """The demo registry with the starter list. The provider was suspended on day 20, effective from day 10; all days
    count from the start of the clock."""
    clock = FixedClock()
    application = open_in_memory_application(clock=clock, verifications_per_minute=100_000)
    registry = fill_demo_registry(application)
    content = shipped_path("schemas/registry/listed-bodies-v1.json").read_bytes()
    service = application.import_listed_bodies
    plan = service.preview(registry.operator, content, ListFormat.JSON, "starter-1")
    service.confirm(registry.operator, content, ListFormat.JSON, "starter-1", plan.digest)
    application.enrol_national_body(
        registry.operator, did="did:web:arab.example", name="هيئة المؤهلات الوطنية", country="JO"
    )
    welding = AccreditationScope(("training",), ("0715",), occupations=("7212", "72"), countries=("KE",))
    anything = AccreditationScope(("qualification",), countries=("UG", "TZ"))
    for key, did, name, scope in (
        ("earlier", ELSEWHERE, "Earlier School", AccreditationScope(("proficiency",), ("01",))),
        ("elsewhere", ELSEWHERE, "Elsewhere School", welding),
        ("abroad", "did:web:abroad.example", "Lake School", anything),
    ):
        request = AccreditationRequest(did, name, scope, datetime(2020, 1, 1, tzinfo=UTC))
        application.accredit_provider(registry.body, request, key)
    start = clock.now()
    effective = clock.advance(days=10)
    recorded = clock.advance(days=10)
    application.change_accreditation(
        registry.body, registry.accreditation.id, kind=AccreditationEventKind.SUSPENDED,
        effective_at=effective, reason="Inspection.",
    )  # fmt: skip
    clock.advance(days=10)
    with TestClient(create_app(application), base_url="http://127.0.0.1:8000") as client:
        yield registry, client, (start, effective, recorded)


def search(world, **parameters: Any) -> dict[str, Any]:
    response = world[1].get("/v1/registry/entries", params=parameters)
    assert response.status_code == 200, response.text
    found = response.json()
    assert all((entry["note"] == NOTE) == (entry["kind"] == "listed") for entry in found["entries"])
    return found


def get(world, entry_id: str, view: str = "entries", **parameters: Any) -> Any:
    segment = quote(quote(entry_id, safe=""), safe="")
    return world[1].get(f"/v1/registry/{view}/{segment}", params=parameters)


def test_note_is_the_one_that_is_promised() -> None:
    assert LISTED_NOTE == NOTE


def test_kinds_are_told_and_enrolled_come_first(world) -> None:
    found = search(world, limit=100)
    kinds = [entry["kind"] for entry in found["entries"]]
    assert found["total"] == 204 + 2 + 4
    assert kinds == sorted(kinds, key=["enrolled", "provider", "listed"].index)
    assert search(world, kind="listed")["total"] == 204
    assert search(world, kind="enrolled")["total"] == 2


def test_pages_are_bounded_and_whole(world) -> None:
    seen = []
    for offset in range(0, 300, 70):
        page = search(world, offset=offset, limit=70)
        assert len(page["entries"]) <= 70
        seen += [(entry["kind"], entry["id"]) for entry in page["entries"]]
    assert len(seen) == len(set(seen)) == 210
    for bad in ({"limit": 101}, {"limit": 0}, {"offset": -1}, {"country": "Kenya"}, {"kind": "trusted"}):
        assert world[1].get("/v1/registry/entries", params=bad).status_code == 422


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"name": "elsewhere"}, ELSEWHERE),
        ({"name": "School", "country": "UG"}, "did:web:abroad.example"),
        ({"identifier": ELSEWHERE, "kind": "provider"}, ELSEWHERE),
        ({"country": "JO", "kind": "enrolled"}, "did:web:arab.example"),
        ({"name": "المؤهلات"}, "did:web:arab.example"),
        ({"name": "QUALIFICACOES de angola"}, "AO-01"),
        ({"name": "INQ", "country": "AO"}, "AO-01"),
        ({"identifier": "did:web:arab.example"}, "did:web:arab.example"),
        ({"identifier": "AE-01"}, "AE-01"),
        ({"identifier": "http://www.qualifications.ae"}, "AE-01"),
        ({"name": "wеlding"}, None),
    ],
    ids=str,
)
def test_what_is_found(world, parameters: dict[str, str], expected: str | None) -> None:
    ids = [entry["id"] for entry in search(world, **parameters)["entries"]]
    assert ids == [expected or world[0].provider.organisation.did]


def test_search_by_kind_of_credential(world) -> None:
    registry, client, _ = world
    ids = {entry["id"] for entry in search(world, profile="training")["entries"]}
    assert registry.provider.organisation.did in ids
    assert registry.stranger.organisation.did not in ids
    assert not any(entry.startswith("KE-") for entry in ids)
    nothing = search(world, profile="driving", kind="provider")
    assert nothing["total"] == 0
    assert client.get("/v1/registry/entries", params={"name": "..."}).status_code == 422


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"field": "0715"}, ("abroad", "elsewhere")),
        ({"field": "0714"}, ("abroad",)),
        ({"field": "011"}, ("abroad", "elsewhere")),
        ({"field": "07"}, ("abroad",)),
        ({"occupation": "7212"}, ("abroad", "elsewhere")),
        ({"occupation": "7223"}, ("abroad", "elsewhere")),
        ({"occupation": "5"}, ("abroad", "elsewhere")),
        ({"occupation": "5", "field": "0715"}, ("abroad",)),
        ({"profile": "training", "field": "0715", "occupation": "7212"}, ("elsewhere",)),
        ({"profile": "training", "field": "0111"}, ()),
        ({"profile": "proficiency", "field": "0111", "occupation": "5"}, ("elsewhere",)),
        ({"field": "0715", "country": "KE"}, ("elsewhere",)),
    ],
    ids=str,
)
def test_search_by_what_a_scope_covers(world, asked: dict[str, str], found: tuple[str, ...]) -> None:
    """A shorter code covers a longer one, no codes cover all, and one scope covers everything that is asked for."""
    entries = search(world, kind="provider", **asked)["entries"]
    names = {entry["id"] for entry in entries} - {world[0].provider.organisation.did}
    assert names == {f"did:web:{name}.example" for name in found}


def test_whoever_has_no_limit_covers_all_and_listed_bodies_nothing(world) -> None:
    registry, client, _ = world
    entries = search(world, field="0999", occupation="9999")["entries"]
    assert {entry["id"] for entry in entries if entry["kind"] == "enrolled"} == {
        registry.body.organisation.did,
        "did:web:arab.example",
    }
    assert registry.provider.organisation.did in {entry["id"] for entry in entries}
    assert not any(entry["kind"] == "listed" for entry in entries)
    for bad in ({"field": "7"}, {"field": "welding"}, {"occupation": "72123"}, {"occupation": ""}):
        assert client.get("/v1/registry/entries", params=bad).status_code == 422


def test_too_many_accreditations_are_not_read(world, monkeypatch) -> None:
    monkeypatch.setattr("skillcred.services.registry_reading.MAX_RECEIVED", 1)
    response = world[1].get("/v1/registry/entries", params={"profile": "training"})
    assert (response.status_code, response.json()["code"]) == (422, "search_too_wide")


def standing(world, **times: datetime) -> tuple[str, int]:
    """Standing of the provider's accreditation, and how many events were known."""
    asked = {name: format_instant(instant) for name, instant in times.items()}
    answer = get(world, world[0].provider.organisation.did, **asked).json()
    (statement,) = answer["statements"]
    for name, text in asked.items():
        assert answer[name] == text
    return statement["standing"], len(statement["events"])


def test_what_the_registry_said_on_a_day(world) -> None:
    start, effective, recorded = world[2]
    assert standing(world) == ("suspended", 1)
    assert standing(world, at=start) == ("in_force", 1)
    assert standing(world, at=effective) == ("suspended", 1)
    assert standing(world, at=effective, recorded_at=effective) == ("in_force", 0), "nobody knew it yet"
    assert standing(world, at=effective, recorded_at=recorded) == ("suspended", 1)


def test_what_was_not_recorded_yet_was_not_there(world) -> None:
    registry, _, _ = world
    for entry_id in (registry.provider.organisation.did, registry.body.organisation.did, "KE-01"):
        assert get(world, entry_id).status_code == 200
        assert get(world, entry_id, recorded_at="2001-01-01T00:00:00Z").status_code == 404


def test_an_enrolled_body_and_a_listed_one(world) -> None:
    enrolled = get(world, world[0].body.organisation.did).json()
    assert enrolled["entry"]["kind"] == "enrolled"
    assert [statement["id"] for statement in enrolled["statements"]] == [None]
    listed = get(world, "AE-01").json()
    assert (listed["entry"]["kind"], listed["entry"]["note"], listed["statements"]) == ("listed", NOTE, [])
    assert listed["entry"]["sources"][0]["address"].startswith("http")


def test_a_provider_elsewhere_has_the_name_that_the_body_used(world) -> None:
    found = get(world, ELSEWHERE).json()["entry"]
    assert (found["kind"], found["name"], found["country"]) == ("provider", "Elsewhere School", "KE")
    assert found["countries"] == ["KE"]
    assert search(world, identifier=ELSEWHERE)["entries"] == [found]
    (abroad,) = search(world, name="lake")["entries"]
    assert (abroad["country"], abroad["countries"]) == (None, ["TZ", "UG"])
    assert search(world, name="Earlier")["total"] == 0


@pytest.mark.parametrize("entry_id", ["did:web:nobody.example", "XX-01", "x" * 2001])
def test_nobody_else_is_there(world, entry_id: str) -> None:
    assert get(world, entry_id).status_code == 404


def test_the_operator_is_no_entry(world) -> None:
    assert get(world, world[0].operator.organisation.did).status_code == 404


@pytest.mark.parametrize("text", ["2026-03-03", "now", "2026-03-03T00:00:00"])
def test_times_that_are_none(world, text: str) -> None:
    for name in ("at", "recorded_at"):
        assert get(world, world[0].body.organisation.did, **{name: text}).status_code == 422


def test_linked_data(world) -> None:
    start, effective, _ = world[2]
    response = get(world, "did:web:elsewhere.example", "linked-data")
    assert response.headers["content-type"] == "application/ld+json"
    *_, accredited = response.json()["ceterms:accreditedIn"]
    assert "address" not in response.json(), "where an accreditation holds is no address"
    assert accredited["ceterms:assertedBy"] == {"id": world[0].body.organisation.did}
    assert accredited["ceterms:mainJurisdiction"][0]["ceterms:addressCountry"] == "KE"
    provider = world[0].provider.organisation.did
    then = get(world, provider, "linked-data", at=format_instant(start)).json()
    assert then["ceterms:accreditedIn"][0]["ceterms:globalJurisdiction"] is True
    assert (
        "ceterms:accreditedIn" not in get(world, provider, "linked-data", at=format_instant(effective)).json()
    )
    listed = get(world, "AE-01", "linked-data").json()
    assert listed["disambiguatingDescription"] == NOTE
    assert listed["type"] == ["Organization"]
    assert not any(name.startswith("ceterms:") for name in listed)
