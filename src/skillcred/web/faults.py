"""Faults that only the HTTP surface knows: what is wrong with a request before any use case sees it."""

from __future__ import annotations

from skillcred.errors import InputError, LimitError
from skillcred.model.outcomes import Problem


class RequestError(InputError):
    """The request is not well-formed. Codes: `malformed_request`, `malformed_multipart`, `unknown_part`, …"""

    default_code = "malformed_request"


class FramingError(RequestError):
    """Where the request ends cannot be told for certain, so nothing after it on that connection is read
    (SECURITY W-35). Codes: `ambiguous_length`, `invalid_length`, `too_many_headers`."""

    default_code = "ambiguous_length"


class UnsupportedMediaTypeError(InputError):
    """The body is of a media type that this route does not read (SECURITY W-15, P-08)."""

    default_code = "unsupported_media_type"


class NotAcceptableError(InputError):
    """The client accepts none of the media types that this route can answer with."""

    default_code = "not_acceptable"


class RequestTimeoutError(InputError):
    """The body did not arrive in time (SECURITY W-10)."""

    default_code = "request_timeout"


class BodyTooLargeError(LimitError):
    """The body is larger than this service reads (SECURITY P-06)."""

    default_code = "too_large"


class RateLimitError(LimitError):
    """The caller asked too often. `retry_after` is in whole seconds (SECURITY W-19)."""

    default_code = "rate_limited"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class ValidationError(InputError):
    """The members of a body or the parameters of a request are not as described; `problems` names each."""

    default_code = "validation_failed"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("Some members of the request are not as described.")
        self.problems = problems
