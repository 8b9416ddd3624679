"""The only place that knows HTTP statuses: error classes become RFC 9457 problems.

What a caller sent is never echoed: neither values of members nor texts of foreign exceptions. Only the names of
members appear, in JSON pointers, shortened.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject, pointer_token
from skillcred.encoding.strict_json import StrictJsonError
from skillcred.errors import (
    AuthenticationError,
    AuthorisationError,
    ConfigurationError,
    ConflictError,
    InputError,
    IntegrityError,
    LimitError,
    NotFoundError,
    SkillcredError,
    UnavailableError,
)
from skillcred.exchange.errors import AccessTokenError, ClientError, DpopError, OAuthError
from skillcred.model.outcomes import Problem
from skillcred.web.faults import (
    BodyTooLargeError,
    FramingError,
    NotAcceptableError,
    RateLimitError,
    RequestError,
    RequestTimeoutError,
    UnsupportedMediaTypeError,
    ValidationError,
)

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
TYPE_BASE: Final = "https://skillcred.org/problems/"
"""Base of the problem types; the code follows with hyphens."""
MAX_PROBLEMS: Final = 50
"""Most single findings in one problem document."""
MAX_POINTER_CHARACTERS: Final = 200
"""Longest JSON pointer that is repeated to the caller, who chose the names in it."""
UNAVAILABLE_RETRY_SECONDS: Final = 5
_OAUTH_TEXT = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")
"""What an `error_description` may hold (RFC 6749 section 5.2)."""

STATUSES: Final[Mapping[type[SkillcredError], HTTPStatus]] = MappingProxyType(
    {
        SkillcredError: HTTPStatus.INTERNAL_SERVER_ERROR,
        InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
        LimitError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        StrictJsonError: HTTPStatus.BAD_REQUEST,
        OAuthError: HTTPStatus.BAD_REQUEST,
        RequestError: HTTPStatus.BAD_REQUEST,
        UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        NotAcceptableError: HTTPStatus.NOT_ACCEPTABLE,
        RequestTimeoutError: HTTPStatus.REQUEST_TIMEOUT,
        RateLimitError: HTTPStatus.TOO_MANY_REQUESTS,
        AuthenticationError: HTTPStatus.UNAUTHORIZED,
        AuthorisationError: HTTPStatus.FORBIDDEN,
        NotFoundError: HTTPStatus.NOT_FOUND,
        ConflictError: HTTPStatus.CONFLICT,
        UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
        ConfigurationError: HTTPStatus.INTERNAL_SERVER_ERROR,
        IntegrityError: HTTPStatus.INTERNAL_SERVER_ERROR,
    }
)
"""One row per class that has a status of its own; a subclass has the status of its nearest ancestor here."""

TITLES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "The request is not well-formed",
        401: "An API key is needed",
        403: "This is not permitted",
        404: "There is no such thing here",
        405: "The method is not supported here",
        406: "No acceptable form of the answer",
        408: "The request took too long to arrive",
        409: "The request contradicts what is recorded",
        413: "The request is larger than is accepted",
        415: "The media type is not read here",
        422: "The request cannot be accepted as it stands",
        429: "Too many requests",
        500: "Something went wrong on our side",
        501: "This is not offered here",
        503: "Not available now",
    }
)
"""Fixed titles by status (RFC 9457 section 3.1.3)."""

_VALIDATION_MESSAGES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "missing": ("member_missing", "This member is required."),
        "extra_forbidden": ("member_not_allowed", "This member is not known here."),
        "string_too_long": ("too_long", "The text is too long."),
        "string_too_short": ("too_short", "The text is too short."),
        "string_pattern_mismatch": ("pattern_mismatch", "The text is not of the expected form."),
        "too_long": ("too_long", "There are too many items."),
        "too_short": ("too_short", "There are too few items."),
        "literal_error": ("not_allowed", "The value is not one of those allowed."),
        "enum": ("not_allowed", "The value is not one of those allowed."),
    }
)


@dataclass(frozen=True, slots=True)
class ProblemDocument:
    """One RFC 9457 problem. `detail` is absent where it could tell what should stay inside."""

    status: int
    code: str
    detail: str | None = None
    pointer: str | None = None
    problems: tuple[Problem, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def title(self) -> str:
        """The fixed title of the status."""
        return TITLES.get(self.status) or HTTPStatus(self.status).phrase

    def to_json(self, request_id: str) -> JsonObject:
        """The problem as JSON, for the request `request_id`."""
        document: JsonObject = {
            "type": TYPE_BASE + self.code.replace("_", "-"),
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "request_id": request_id,
        }
        if self.detail is not None:
            document["detail"] = self.detail
        if self.pointer is not None:
            document["pointer"] = self.pointer[:MAX_POINTER_CHARACTERS]
        if self.problems:
            document["problems"] = [_problem_json(problem) for problem in self.problems[:MAX_PROBLEMS]]
        return document


def status_of(error_class: type[SkillcredError]) -> HTTPStatus:
    """The status of the nearest class in `STATUSES`."""
    return next(STATUSES[ancestor] for ancestor in error_class.__mro__ if ancestor in STATUSES)


def build_problem(error: Exception) -> ProblemDocument:
    """The problem for any exception. Whatever is not ours, or is a fault of ours, tells nothing about itself."""
    if isinstance(error, SkillcredError):
        return _from_skillcred_error(error)
    if isinstance(error, RequestValidationError):
        return _from_skillcred_error(ValidationError(build_validation_problems(error.errors())))
    if isinstance(error, HTTPException):
        return _from_http_exception(error)
    return ProblemDocument(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_fault")


def _from_skillcred_error(error: SkillcredError) -> ProblemDocument:
    status = status_of(type(error))
    headers: dict[str, str] = {}
    if isinstance(error, AuthenticationError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, RateLimitError):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, BodyTooLargeError | RequestTimeoutError | FramingError):
        headers["Connection"] = "close"
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return ProblemDocument(status, "internal_fault")
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(UNAVAILABLE_RETRY_SECONDS)
        return ProblemDocument(status, error.code, headers=headers)
    problems: Sequence[Problem] = getattr(error, "problems", ())
    return ProblemDocument(status, error.code, error.message, error.pointer, tuple(problems), headers)


def _from_http_exception(error: HTTPException) -> ProblemDocument:
    """What Starlette itself refuses: an unknown path, an unsupported method, a body that cannot be read."""
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 422: "validation_failed"}
    code = codes.get(error.status_code)
    if code is None:
        code = "malformed_request" if error.status_code < 500 else "internal_fault"
    return ProblemDocument(error.status_code, code, headers=dict(error.headers or {}))


def build_validation_problems(errors: Iterable[Mapping[str, object]]) -> tuple[Problem, ...]:
    """Pydantic's findings with our own words. Values are left out, also where pydantic's own text holds them."""
    return tuple(_validation_problem(error) for error in errors)


def _validation_problem(error: Mapping[str, object]) -> Problem:
    code, message = _VALIDATION_MESSAGES.get(
        str(error.get("type")), ("invalid_value", "The value is not acceptable here.")
    )
    location = error.get("loc")
    parts = location if isinstance(location, tuple | list) else ()
    pointer = "".join("/" + pointer_token(part) for part in parts)[:MAX_POINTER_CHARACTERS]
    return Problem(code, message, pointer)


def _problem_json(problem: Problem) -> JsonObject:
    document: JsonObject = {"code": problem.code, "message": problem.message}
    if problem.pointer is not None:
        document["pointer"] = problem.pointer[:MAX_POINTER_CHARACTERS]
    return document


def problem_response(problem: ProblemDocument, request_id: str) -> Response:
    """The HTTP response that carries `problem`."""
    content = json.dumps(problem.to_json(request_id), ensure_ascii=True, allow_nan=False).encode("ascii")
    return Response(content, problem.status, dict(problem.headers), PROBLEM_MEDIA_TYPE)


def build_oauth_error(error: Exception, *, at_resource: bool) -> tuple[ProblemDocument, JsonObject]:
    """How an endpoint of OAuth 2.0 answers `error`: status and headers, and the body of RFC 6749 section 5.2.

    `at_resource` for endpoints that take an access token: there a DPoP proof is refused by a challenge (RFC 9449
    section 7.1), elsewhere by the body (section 5). A missing token has no error code (RFC 6750 section 3.1).
    """
    if not isinstance(error, OAuthError):
        problem = build_problem(error)
        code = "invalid_request" if problem.status < 500 else "server_error"
        if problem.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            code = "temporarily_unavailable"
        body: JsonObject = {"error": code}
        if problem.detail is not None and _OAUTH_TEXT.fullmatch(problem.detail):
            body["error_description"] = problem.detail
        return problem, body
    status, headers = HTTPStatus.BAD_REQUEST, {}
    shown: JsonObject = {"error": error.code, "error_description": error.message}
    if isinstance(error, AccessTokenError):
        status = HTTPStatus.UNAUTHORIZED
        named = "" if error.code == "token_missing" else f' error="{error.code}"'
        headers["WWW-Authenticate"] = f"DPoP{named}"
        shown = shown if named else {}
    elif isinstance(error, DpopError) and at_resource:
        status = HTTPStatus.UNAUTHORIZED
        headers["WWW-Authenticate"] = f'DPoP error="{error.code}"'
    elif isinstance(error, ClientError):
        status = HTTPStatus.UNAUTHORIZED
    elif error.code == "temporarily_unavailable":
        status = HTTPStatus.SERVICE_UNAVAILABLE
        headers["Retry-After"] = "1"
    return ProblemDocument(status, error.code, headers=headers), shown
