"""What a list calls itself, when it says it was made and how long it lasts, and which key it says signed it, before
anybody has checked its signature.

For caches, for lists of our own and for finding the place of one that was kept; nothing of this reaches a verdict.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from skillcred.encoding.base64url import decode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import parse_instant

_LATEST: Final = 253_402_300_799
_LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class ListTimes:
    """What the list says of itself, unverified; `None` where it says nothing that can be understood."""

    issued_at: datetime | None = None
    valid_until: datetime | None = None
    ttl: timedelta | None = None


def peek_list_times(content: bytes) -> ListTimes:
    """The times in a list of either kind. Never raises."""
    try:
        if content.lstrip().startswith(b"{"):
            return _credential_times(parse_json_object(content))
        _, payload, _ = content.strip().decode("ascii").split(".")
        return _token_times(parse_json_object(decode_base64url(payload)))
    except (InputError, ValueError):
        return ListTimes()


def peek_list_signer(content: bytes) -> str | None:
    """The verification method that a list of either kind names as its signer. Never raises."""
    try:
        if not content.lstrip().startswith(b"{"):
            named = parse_json_object(decode_base64url(content.strip().decode("ascii").split(".")[0])).get(
                "kid"
            )
        else:
            proof = parse_json_object(content).get("proof")
            named = proof.get("verificationMethod") if isinstance(proof, dict) else None
    except (InputError, ValueError):
        return None
    return named if isinstance(named, str) else None


def peek_list_name(content: bytes) -> str | None:
    """What a list of either kind calls itself. Never raises."""
    try:
        if content.lstrip().startswith(b"{"):
            named = parse_json_object(content).get("id")
        else:
            _, payload, _ = content.strip().decode("ascii").split(".")
            named = parse_json_object(decode_base64url(payload)).get("sub")
    except (InputError, ValueError):
        return None
    return named if isinstance(named, str) else None


def _credential_times(document: JsonObject) -> ListTimes:
    subject = document.get("credentialSubject")
    ttl = subject.get("ttl") if isinstance(subject, dict) else None
    return ListTimes(
        _instant(document.get("validFrom")),
        _instant(document.get("validUntil")),
        _span(ttl, timedelta(milliseconds=1)),
    )


def _token_times(claims: JsonObject) -> ListTimes:
    return ListTimes(
        _numeric(claims.get("iat")),
        _numeric(claims.get("exp")),
        _span(claims.get("ttl"), timedelta(seconds=1)),
    )


def _instant(value: JsonValue) -> datetime | None:
    return parse_instant(value) if isinstance(value, str) else None


def _numeric(value: JsonValue) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LATEST:
        return None
    return datetime.fromtimestamp(value, UTC)


def _span(value: JsonValue, unit: timedelta) -> timedelta | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LONGEST // unit:
        return None
    return value * unit
