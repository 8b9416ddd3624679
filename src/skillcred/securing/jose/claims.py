"""Registered claims beside a credential or presentation (RFC 7519 section 4.1), and whether they agree with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.securing.jose.errors import JoseError

REGISTERED_CLAIMS: Final = frozenset({"iss", "sub", "jti", "exp", "nbf", "iat", "aud", "nonce", "cnf"})
"""The claims that an envelope may add to a document. They are not part of the document."""
MAX_NUMERIC_DATE: Final = 253_402_300_799
"""Last second of the year 9999."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


class Claims(NamedTuple):
    """The registered claims, read strictly; each `None` or empty where it is not there."""

    iss: str | None = None
    sub: str | None = None
    jti: str | None = None
    exp: datetime | None = None
    nbf: datetime | None = None
    iat: datetime | None = None
    aud: tuple[str, ...] = ()
    nonce: str | None = None
    cnf: JsonObject | None = None


def read_claims(members: JsonObject) -> Claims:
    """The registered claims among `members`. Raises `JoseError`: `malformed_claims`, `invalid_numeric_date`.

    `iat` may be text, a date and time with an offset: RFC 7519 asks for a number, but the examples of the W3C suite for
    this Recommendation are written so, and it cannot be misread (docs/divergences.md). `exp` and `nbf` may not.
    """
    return Claims(**{name: read(members[name], name) for name, read in _READERS.items() if name in members})


def read_numeric_date(members: JsonObject, name: str) -> datetime | None:
    """A NumericDate (RFC 7519 section 2), to the microsecond. Raises `JoseError` (`invalid_numeric_date`)."""
    return _instant(members[name], name) if name in members else None


def numeric_date(instant: datetime) -> int:
    """`instant` as a NumericDate in whole seconds."""
    return (instant - _EPOCH) // _SECOND


def check_agreement(claims: Claims, document: JsonObject, *, party: str) -> None:
    """Claims and document say the same where both say something (SECURITY J-12; VC-JOSE-COSE section 3.1.3).

    `party` is `issuer` or `holder`. Raises `JoseError` (`claim_conflict`).
    """
    pairs = (
        ("iss", claims.iss, identifier_of(document.get(party))),
        ("jti", claims.jti, document.get("id")),
    )
    for name, claim, stated in pairs:
        if claim is not None and stated is not None and claim != stated:
            raise conflict(name)
    if claims.sub is not None and any(claims.sub != subject for subject in subjects_of(document)):
        raise conflict("sub")


def identifier_of(value: JsonValue) -> str | None:
    """The identifier of an issuer or holder, which is text or an object with an `id`."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else None


def subjects_of(document: JsonObject) -> list[str]:
    """The identifiers of the subjects that have one."""
    found = [identifier_of(subject) for subject in as_list(document.get("credentialSubject", []))]
    return [identifier for identifier in found if identifier is not None]


def conflict(name: str) -> JoseError:
    """The error for a claim that contradicts the document."""
    return JoseError(
        "A claim of the envelope contradicts the document in it.", code="claim_conflict", pointer=f"/{name}"
    )


def _text(value: JsonValue, name: str) -> str:
    if not isinstance(value, str) or not value:
        raise _malformed(name)
    return value


def _object(value: JsonValue, name: str) -> JsonObject:
    if not isinstance(value, dict):
        raise _malformed(name)
    return value


def _audience(value: JsonValue, name: str) -> tuple[str, ...]:
    values = as_list(value)
    texts = tuple(value for value in values if isinstance(value, str) and value)
    if not texts or len(texts) != len(values):
        raise _malformed(name)
    return texts


def _instant(value: JsonValue, name: str) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _not_a_date(name)
    if not math.isfinite(value) or not 0 <= value <= MAX_NUMERIC_DATE:
        raise _not_a_date(name)
    return _EPOCH + timedelta(seconds=value)


def _issued_at(value: JsonValue, name: str) -> datetime:
    if not isinstance(value, str):
        return _instant(value, name)
    try:
        return parse_instant(value)
    except DateTimeError as error:
        raise _not_a_date(name) from error


def _malformed(name: str) -> JoseError:
    return JoseError(
        "A claim of the envelope is not what it must be.", code="malformed_claims", pointer=f"/{name}"
    )


def _not_a_date(name: str) -> JoseError:
    return JoseError(
        "A time in the envelope is not a NumericDate.", code="invalid_numeric_date", pointer=f"/{name}"
    )


_READERS: Final[Mapping[str, Callable[[JsonValue, str], Any]]] = MappingProxyType(
    {
        "cnf": _object,
        "iss": _text,
        "sub": _text,
        "jti": _text,
        "exp": _instant,
        "nbf": _instant,
        "iat": _issued_at,
        "aud": _audience,
        "nonce": _text,
    }
)
"""Name of a registered claim → what reads its value."""
