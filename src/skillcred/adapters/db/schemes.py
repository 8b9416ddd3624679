"""Schemes of status lists as text in a row; nothing where there is none."""

from __future__ import annotations

import json
from dataclasses import asdict

from skillcred.errors import InputError, IntegrityError
from skillcred.status.scheme import NO_SCHEME, StatusScheme, check_scheme


def encode_scheme(scheme: StatusScheme) -> str | None:
    """The text for a row."""
    return None if scheme == NO_SCHEME else json.dumps(asdict(scheme), sort_keys=True, ensure_ascii=False)


def decode_scheme(text: str | None) -> StatusScheme:
    """The scheme. Raises `IntegrityError` (`status_scheme_damaged`)."""
    if text is None:
        return NO_SCHEME
    try:
        stored = json.loads(text)
        return check_scheme(stored["messages"], stored["references"], refresh=stored["refresh"] is True)
    except (ValueError, KeyError, TypeError, AttributeError, InputError) as error:
        raise IntegrityError(
            "The scheme of a status list cannot be read.", code="status_scheme_damaged"
        ) from error
