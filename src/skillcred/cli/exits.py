"""Exit codes. 0, 1 and 2 are the verdicts; everything else uses the numbers of BSD's sysexits, which are no verdict."""

from __future__ import annotations

from typing import Final

from skillcred.errors import (
    AuthenticationError,
    AuthorisationError,
    ConfigurationError,
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
    SkillcredError,
    UnavailableError,
)
from skillcred.model.outcomes import Verdict

VERDICT_EXITS: Final = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.INDETERMINATE: 2}

USAGE: Final = 64
"""The command line, a file it names or what it asks for cannot be accepted."""
UNAVAILABLE: Final = 69
INTERNAL: Final = 70
NOT_PERMITTED: Final = 77
CONFIGURATION: Final = 78
INTERRUPTED: Final = 130

_EXITS: Final[tuple[tuple[type[SkillcredError], int], ...]] = (
    (InputError, USAGE),
    (NotFoundError, USAGE),
    (ConflictError, USAGE),
    (UnavailableError, UNAVAILABLE),
    (AuthenticationError, NOT_PERMITTED),
    (AuthorisationError, NOT_PERMITTED),
    (ConfigurationError, CONFIGURATION),
    (IntegrityError, INTERNAL),
)


def exit_code_for(fault: SkillcredError) -> int:
    """The exit code for a fault; 70 for one that no line of the table names."""
    return next((code for kind, code in _EXITS if isinstance(fault, kind)), INTERNAL)
