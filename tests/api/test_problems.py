"""Every fault has one answer, and no answer tells more than it should."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from http import HTTPStatus

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from skillcred import errors
from skillcred.errors import SkillcredError
from skillcred.services.verify_document import VerifyDocument
from skillcred.web.app import create_app
from skillcred.web.faults import RateLimitError, ValidationError
from skillcred.web.problems import STATUSES, TITLES, build_problem, problem_response, status_of

CANARY = "s3cret-canary-Maria Santos"


def subclasses(cls: type[SkillcredError]) -> Iterator[type[SkillcredError]]:
    yield cls
    for subclass in cls.__subclasses__():
        yield from subclasses(subclass)


ALL = sorted(set(subclasses(SkillcredError)), key=lambda cls: cls.__qualname__)


@pytest.mark.parametrize("cls", ALL, ids=lambda cls: cls.__qualname__)
def test_every_error_class_has_a_status_and_a_title(cls: type[SkillcredError]) -> None:
    assert status_of(cls) in TITLES


@pytest.mark.parametrize(
    "cls", [c for c in ALL if c.__module__ == errors.__name__], ids=lambda c: c.__qualname__
)
def test_every_root_is_decided_and_not_inherited(cls: type[SkillcredError]) -> None:
    assert cls in STATUSES


def test_only_what_the_caller_cannot_mend_is_a_server_error() -> None:
    ours = (errors.UnavailableError, errors.ConfigurationError, errors.IntegrityError)
    theirs = tuple(root for root in SkillcredError.__subclasses__() if root.__module__ == errors.__name__)
    for cls in ALL:
        if issubclass(cls, theirs):
            assert (status_of(cls) >= 500) == issubclass(cls, ours), cls


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SkillcredError(CANARY), 500),
        (errors.ConfigurationError(CANARY), 500),
        (errors.IntegrityError(CANARY), 500),
        (errors.UnavailableError(CANARY), 503),
        (ValueError(CANARY), 500),
        (KeyError(CANARY), 500),
        (HTTPException(500, CANARY), 500),
        (
            RequestValidationError(
                [{"type": "json_invalid", "loc": ("body",), "msg": CANARY, "input": CANARY}]
            ),
            422,
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_W_33_texts_of_our_own_faults_stay_inside(error: Exception, status: int) -> None:
    problem = build_problem(error)
    response = problem_response(problem, "r1")
    assert problem.status == status
    assert CANARY.encode() not in bytes(response.body)


def test_M17_values_that_break_json_encoders_are_not_echoed() -> None:
    found = [{"type": "x", "loc": ("body", "\ud800"), "msg": "\ud800", "input": float("nan")}]
    problem = build_problem(RequestValidationError(found))
    document = json.loads(bytes(problem_response(problem, "r1").body))
    assert document["problems"][0]["pointer"] == "/body/\ud800"


def test_pointer_of_an_endless_name_is_shortened() -> None:
    error = errors.InputError("No.", pointer="/" + "x" * 10_000)
    assert len(str(build_problem(error).to_json("r")["pointer"])) == 200


def test_problem_has_what_rfc_9457_wants() -> None:
    error = errors.ConflictError("Taken already.", code="slug_taken", pointer="/slug")
    assert build_problem(error).to_json("r1") == {
        "type": "https://skillcred.org/problems/slug-taken",
        "title": "The request contradicts what is recorded",
        "status": 409,
        "code": "slug_taken",
        "detail": "Taken already.",
        "pointer": "/slug",
        "request_id": "r1",
    }


def test_headers_that_the_status_asks_for() -> None:
    assert build_problem(errors.AuthenticationError("Who?")).headers == {"WWW-Authenticate": "Bearer"}
    assert build_problem(RateLimitError("Wait.", retry_after=7)).headers == {"Retry-After": "7"}
    assert "Retry-After" in build_problem(errors.UnavailableError("Down.")).headers
    assert build_problem(ValidationError(())).status == HTTPStatus.UNPROCESSABLE_ENTITY


class Breaks:
    """Stands in for a use case that fails in a way nobody foresaw."""

    def __call__(self, *_: object, **__: object) -> object:
        raise RuntimeError(CANARY)


def test_I11_unforeseen_fault_is_a_plain_500_and_one_log_line(
    served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VerifyDocument, "prepare", Breaks.__call__)
    log = io.StringIO()
    client = TestClient(create_app(served.registry.application, log_stream=log), raise_server_exceptions=True)
    response = client.post("/v1/verifications", content=b"{}", headers={"Content-Type": "application/json"})
    assert response.status_code == 500
    assert response.json().keys() == {"type", "title", "status", "code", "request_id"}
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["event"] for line in lines] == ["fault", "request"]
    assert lines[0]["fault"] == "RuntimeError"
    assert lines[0]["request_id"] == lines[1]["request_id"] == response.json()["request_id"]
    assert "canary" not in log.getvalue() + response.text


def test_I11_page_visitors_get_a_page(served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VerifyDocument, "__call__", Breaks.__call__)
    client = TestClient(create_app(served.registry.application, log_stream=io.StringIO()))
    response = client.post("/verify", files={"file": ("x.json", b"{}")})
    assert response.status_code == 500
    assert response.headers["Content-Type"].startswith("text/html")
    assert response.headers["X-Request-Id"] in response.text
    assert "canary" not in response.text
