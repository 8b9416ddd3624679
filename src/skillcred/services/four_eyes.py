"""Whether one person may change the registry alone (SECURITY W-18; docs/adr/0011)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.errors import AuthorisationError


@dataclass(frozen=True, slots=True)
class FourEyes:
    """The rule of this deployment: with `required`, changes go through proposals that another person approves."""

    required: bool = False

    def refuse_alone(self) -> None:
        """Refuse a change that nobody else approved. Raises `AuthorisationError` (`four_eyes_required`)."""
        if self.required:
            raise AuthorisationError(
                "Changes of the registry are proposed by one person and approved by another.",
                code="four_eyes_required",
            )


NOT_REQUIRED: Final = FourEyes()
"""The rule where one person may change the registry alone: in development."""
