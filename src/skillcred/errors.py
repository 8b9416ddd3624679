"""The faults of the system, by what a caller can do about them.

Findings about a credential are data (`skillcred.model.outcomes`); only what stops the work is an exception.
Every error carries a stable `code` that clients may switch on. `web/problems.py` is the only place
that knows which class becomes which HTTP status.
"""

from __future__ import annotations


class SkillcredError(Exception):
    """Base of all faults raised on purpose.

    `code` is stable and machine-readable (snake_case). `message` is for people and never contains
    secrets or the offending value. `pointer` is an RFC 6901 JSON pointer to the place, where there is one.
    """

    default_code = "internal_fault"

    def __init__(self, message: str, *, code: str | None = None, pointer: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.pointer = pointer


class InputError(SkillcredError):
    """What came in cannot be accepted as it stands; the sender can mend it."""

    default_code = "invalid_input"


class LimitError(InputError):
    """A stated limit (bytes, depth, work) was passed; the sender can send less."""

    default_code = "limit_exceeded"


class AuthenticationError(SkillcredError):
    """The caller did not prove who it is."""

    default_code = "authentication_required"


class AuthorisationError(SkillcredError):
    """The caller is known but may not do this."""

    default_code = "not_permitted"


class NotFoundError(SkillcredError):
    """There is no such thing, or the caller may not know of it."""

    default_code = "not_found"


class ConflictError(SkillcredError):
    """The request contradicts what is recorded."""

    default_code = "conflict"


class UnavailableError(SkillcredError):
    """Something that is needed cannot be reached or written now; trying again later may work."""

    default_code = "unavailable"


class ConfigurationError(SkillcredError):
    """The installation is set up wrongly; an operator has to mend it before the service runs."""

    default_code = "configuration"


class IntegrityError(SkillcredError):
    """Something of our own is not as it was recorded (a key, a file, a stored credential)."""

    default_code = "integrity"
