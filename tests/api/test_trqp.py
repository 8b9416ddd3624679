"""TRQP 2.0: queries and answers keep to the schemas of the protocol, and the answers are those of the trust core at the
instant asked about. The cases are those that its conformance suites look at, and ours."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest
from starlette.testclient import TestClient

from skillcred.model.datetimes import parse_instant
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.records import AccreditationEventKind
from skillcred.trust import AccreditationScope, Action, ScopeLevel
from skillcred.web.app import create_app
from worlds.application import build_demo_registry

ANSWER = {"/authorization": "authorized", "/recognition": "recognized"}
PATHS = list(ANSWER)
BEFORE, SUSPENDED, AGAIN, LATER = (f"{year}-06-01T00:00:00Z" for year in (2019, 2021, 2023, 2090))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """The demo registry; its provider was suspended from 2021 to 2022, and a second one may do less."""
    registry = build_demo_registry(tmp_path_factory.mktemp("trqp"), verifications_per_minute=100_000)
    application = registry.application
    for kind, year in ((AccreditationEventKind.SUSPENDED, 2021), (AccreditationEventKind.REINSTATED, 2022)):
        application.change_accreditation(
            registry.body, registry.accreditation.id, kind=kind,
            effective_at=datetime(year, 1, 1, tzinfo=UTC), reason="Inspection.",
        )  # fmt: skip
    accredit(
        registry, "did:web:narrow.example",
        AccreditationScope(
            ("training",), isced_fields=("0715",), max_level=ScopeLevel("EQF", "4"), countries=("KE",)
        ),
    )  # fmt: skip
    accredit(registry, "did:web:below.example", AccreditationScope(("training",), action=Action.ACCREDIT))
    app = create_app(application, log_stream=io.StringIO())
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        yield registry, client


@pytest.fixture(scope="module")
def schemas(shared_dir) -> dict[str, Any]:
    """Validators of the protocol's own schemas, formats included."""
    return {
        f"/{query}": tuple(
            jsonschema_rs.Draft202012Validator(
                json.loads(
                    (shared_dir / f"data/trqp/trqp_{query}_{side}.schema.json").read_text()
                ) | {"$id": f"https://trqp.example/{query}-{side}"},
                validate_formats=True,
            )
            for side in ("request", "response")
        )
        for query in ("authorization", "recognition")
    }  # fmt: skip


def accredit(registry, did: str, scope: AccreditationScope) -> None:
    request = AccreditationRequest(did, did.partition("did:web:")[2], scope, datetime(2020, 1, 1, tzinfo=UTC))
    registry.application.accredit_provider(registry.body, request, did)


def query(registry, path: str = "/authorization", **changes: Any) -> dict[str, Any]:
    """A query that is answered with yes."""
    if path == "/authorization":
        asked = {
            "entity_id": registry.provider.organisation.did,
            "authority_id": registry.body.organisation.did,
            "action": "issue",
            "resource": "training",
        }
    else:
        asked = {
            "entity_id": registry.body.organisation.did,
            "authority_id": registry.operator.organisation.did,
            "action": "recognise-qualifications",
            "resource": "qualification",
        }
    return {name: value for name, value in {**asked, **changes}.items() if value is not None}


def ask(world, schemas, path: str = "/authorization", **changes: Any) -> dict[str, Any]:
    """The answer to a query; both keep to their schemas."""
    registry, client = world
    asked = query(registry, path, **changes)
    schemas[path][0].validate(asked)
    started = datetime.now(UTC)
    response = client.post(path, json=asked)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer = response.json()
    schemas[path][1].validate(answer)
    for name in ("entity_id", "authority_id", "action", "resource"):
        assert answer[name] == asked[name]
    assert answer.get("context") == asked.get("context")
    evaluated = parse_instant(answer["time_evaluated"])
    assert started - timedelta(seconds=1) <= evaluated <= datetime.now(UTC), (
        "when it was worked out, no other time"
    )
    return answer


def at(time: str) -> dict[str, Any]:
    return {"context": {"time": time}}


@pytest.mark.parametrize("path", PATHS)
def test_yes_names_the_statements(world, schemas, path: str) -> None:
    answer = ask(world, schemas, path)
    assert answer[ANSWER[path]] is True
    assert "time_requested" not in answer
    if path == "/authorization":
        assert world[0].accreditation.id in answer["message"]


@pytest.mark.parametrize(
    "resource",
    ["training", "https://skillcred.org/schemas/profiles/training-v1.json",
     "http://127.0.0.1:8000/v1/schemas/profiles/training-v1.json", "https://skillcred.org/types/training-v1"],
)  # fmt: skip
def test_names_of_a_kind_of_credential(world, schemas, resource: str) -> None:
    assert ask(world, schemas, resource=resource)["authorized"] is True


@pytest.mark.parametrize("resource", ["driving", "Training", "https://other.example/schema.json", "*"])
def test_other_resources_are_not_confirmed(world, schemas, resource: str) -> None:
    assert ask(world, schemas, resource=resource)["authorized"] is False


@pytest.mark.parametrize("action", ["verify", "Issue", "issue ", "*"])
def test_other_actions_are_not_confirmed(world, schemas, action: str) -> None:
    assert ask(world, schemas, action=action)["authorized"] is False
    assert ask(world, schemas, "/recognition", action=action)["recognized"] is False


@pytest.mark.parametrize(
    ("time", "expected"), [(BEFORE, False), (SUSPENDED, False), (AGAIN, True), (LATER, True), ("", True)]
)
def test_the_time_is_really_evaluated(world, schemas, time: str, expected: bool) -> None:
    registry, client = world
    if time:
        answer = ask(world, schemas, **at(time))
        assert answer["time_requested"] == time
    else:  # the schema calls a blank time the present, and its own format would refuse it
        answer = client.post("/authorization", json=query(registry, **at(time))).json()
        assert "time_requested" not in answer
    assert answer["authorized"] is expected
    assert answer["message"]


def test_suspended_says_so(world, schemas) -> None:
    assert "accreditation_suspended" in ask(world, schemas, **at(SUSPENDED))["message"]


def test_recognition_by_the_registry_begins_with_enrolment(world, schemas) -> None:
    assert ask(world, schemas, "/recognition", **at(AGAIN))["recognized"] is False
    assert ask(world, schemas, "/recognition", **at(LATER))["recognized"] is True


@pytest.mark.parametrize(
    "changes",
    [
        {"entity_id": "did:web:nobody.example"},
        {"authority_id": "did:web:nobody.example"},
        {"authority_id": "did:web:below.example"},
        {"entity_id": "service-42"},
    ],
)
def test_not_listed_is_an_answer(world, schemas, changes: dict[str, str]) -> None:
    for path, member in ANSWER.items():
        answer = ask(world, schemas, path, **changes)
        assert answer[member] is False
        assert answer["message"].startswith("Not listed") or answer["message"].startswith("Not confirmed")


def test_wrong_authority(world, schemas) -> None:
    registry, _ = world
    own = registry.operator.organisation.did
    assert ask(world, schemas, authority_id=own)["authorized"] is False
    assert ask(world, schemas, authority_id=registry.provider.organisation.did)["authorized"] is False
    assert ask(world, schemas, entity_id=registry.stranger.organisation.did)["authorized"] is False


NARROW = {"isced_field": "0715", "level": "EQF:4", "country": "KE"}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (None, False),
        (NARROW, True),
        (NARROW | {"isced_field": "07155"}, True),
        (NARROW | {"level": "EQF:3", "mood": "good"}, True),
        (NARROW | {"level": "EQF:5"}, False),
        (NARROW | {"level": "4"}, False),
        (NARROW | {"isced_field": "0911"}, False),
        (NARROW | {"isced_field": "07"}, False),
        (NARROW | {"country": "PH"}, False),
        ({"isced_field": "0715", "level": "EQF:4"}, False),
    ],
)
def test_a_narrower_resource(world, schemas, context, expected: bool) -> None:
    answer = ask(world, schemas, entity_id="did:web:narrow.example", context=context)
    assert answer["authorized"] is expected
    other = ask(world, schemas, entity_id="did:web:narrow.example", context=context, resource="qualification")
    assert other["authorized"] is False


def test_who_may_accredit_may_not_issue(world, schemas) -> None:
    registry, _ = world
    below = {"entity_id": "did:web:below.example"}
    assert ask(world, schemas, **below)["authorized"] is False
    assert ask(world, schemas, **below, action="accredit")["authorized"] is True
    assert ask(world, schemas, action="accredit")["authorized"] is False
    for authority in (registry.body, registry.operator):
        asked = {**below, "authority_id": authority.organisation.did, "resource": "training"}
        assert ask(world, schemas, "/recognition", **asked)["recognized"] is True
        assert ask(world, schemas, "/recognition", **asked, **at(BEFORE))["recognized"] is False
        wider = asked | {"resource": "qualification"}
        assert ask(world, schemas, "/recognition", **wider)["recognized"] is False


def test_a_provider_is_no_authority_and_nobody_recognises_itself(world, schemas) -> None:
    registry, _ = world
    did = registry.provider.organisation.did
    assert ask(world, schemas, "/recognition", entity_id=did)["recognized"] is False
    own = registry.body.organisation.did
    assert ask(world, schemas, "/recognition", entity_id=own, authority_id=own)["recognized"] is False


@pytest.mark.parametrize("path", PATHS)
def test_members_that_are_not_known_are_ignored(world, schemas, path: str) -> None:
    answer = ask(world, schemas, path, extension={"a": [1]}, assertion_id="x")
    assert answer[ANSWER[path]] is True
    assert "extension" not in answer


NAMES = ("entity_id", "authority_id", "action", "resource")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "changes",
    [
        *[{name: None} for name in NAMES],
        *[{name: value} for name in NAMES for value in (1, True, {}, ["x"], "", "x" * 2001)],
        {"entity_id": "did:web:a b"}, {"authority_id": "did:web:\u00e9"}, {"entity_id": "did:web:%zz"},
        {"context": "now"}, {"context": [1]}, {"context": {"time": 1}}, {"context": {"extra": 1}},
        {"context": {str(number): "x" for number in range(51)}},
        *[at(time) for time in (
            "2026-03-03", "2026-03-03T12:00:00", "2026-03-03T12:00:00+00:00", "2026-03-03T12:00:00+01:00",
            "2026-03-03t12:00:00z", "2026-13-03T12:00:00Z", "2026-02-30T12:00:00Z", "2026-03-03T24:00:00Z",
            "2026-03-03T12:00:60Z", "2026-03-03 12:00:00Z", "now", " 2026-03-03T12:00:00Z", "1772539200",
        )],
    ],
    ids=str,
)  # fmt: skip
def test_malformed_queries_are_400_problems(world, path: str, changes: dict[str, Any]) -> None:
    registry, client = world
    refused(client.post(path, json=query(registry, path, **changes)), 400)


def refused(response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert {"type", "title"} <= problem.keys()
    return problem


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b'{"a":1,"a":2}', b"\xff", b"[[1]", b'{"a": NaN}']
)
def test_bodies_that_are_no_json_object(world, path: str, content: bytes) -> None:
    refused(world[1].post(path, content=content, headers={"content-type": "application/json"}), 400)


@pytest.mark.parametrize("path", PATHS)
def test_other_media_types_methods_and_paths(world, path: str) -> None:
    registry, client = world
    body = json.dumps(query(registry, path))
    refused(client.post(path, content=body, headers={"content-type": "text/plain"}), 415)
    refused(client.get(path), 405)
    refused(client.post(path + "/x", json={}), 404)


@pytest.mark.parametrize("path", PATHS)
def test_the_callers_id_comes_back(world, path: str) -> None:
    registry, client = world
    asked = query(registry, path)
    chosen = "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"
    headers = {"X-Request-ID": chosen}
    assert client.post(path, json=asked, headers=headers).headers["x-request-id"] == chosen
    assert client.post(path, json={}, headers=headers).headers["x-request-id"] == chosen
    for bad in ("a b", "x" * 129, "<script>"):
        got = client.post(path, json=asked, headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert len(got) == 32, "our own"
    assert client.get("/healthz", headers=headers).headers["x-request-id"] != chosen, (
        "only where TRQP says so"
    )


@pytest.mark.parametrize("path", PATHS)
def test_tokens(world, path: str) -> None:
    registry, client = world
    asked = query(registry, path)
    good = {"Authorization": f"Bearer {registry.stranger_secret}"}
    assert client.post(path, json=asked, headers=good).status_code == 200
    for header in ("Bearer nonsense", "Basic eDp5", "Bearer", registry.stranger_secret):
        response = client.post(path, json=asked, headers={"Authorization": header})
        refused(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"


def test_the_operator_may_ask_for_a_token(tmp_path) -> None:
    registry = build_demo_registry(tmp_path, trqp_requires_token=True)
    with TestClient(create_app(registry.application, log_stream=io.StringIO())) as client:
        for path in PATHS:
            asked = query(registry, path)
            refused(client.post(path, json=asked), 401)
            good = {"Authorization": f"Bearer {registry.provider_secret}"}
            assert client.post(path, json=asked, headers=good).json()[ANSWER[path]] is True


def test_an_unforeseen_fault_is_a_500_problem(world, monkeypatch) -> None:
    registry, client = world

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("skillcred.services.answer_trust_query.find_chains", broken)
    refused(client.post("/authorization", json=query(registry)), 500)


def test_a_statement_that_cannot_be_checked_is_not_confirmed(world, schemas, monkeypatch) -> None:
    """A registry that was tampered with: the proof does not hold, so the answer is no, and says why."""
    from skillcred.trust import StatementCheck

    monkeypatch.setattr(
        "skillcred.services.answer_trust_query.check_statement",
        lambda *_: StatementCheck(None, "proof_invalid"),
    )
    answer = ask(world, schemas)
    assert answer["authorized"] is False
    assert "could not be checked" in answer["message"]
