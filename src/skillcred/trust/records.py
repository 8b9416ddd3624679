"""What a registry records beside accreditations: enrolled bodies, events and keys; and how they are written in JSON.

Reading raises `KeyError`, `TypeError` or `ValueError` for what is not well-formed; the caller says of which file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.trust.accreditation import read_scope, write_scope
from skillcred.trust.scope import AccreditationScope

EVENT_KINDS: Final = frozenset({"suspended", "reinstated", "ended", "withdrawn", "succeeded"})
SUCCESSIONS: Final = frozenset({"merger", "renaming", "closure"})
"""How a body or provider came to be followed by another, which keeps its records."""


@dataclass(frozen=True, slots=True)
class EnrolledBody:
    """A national body whose DID the registry has checked; it vouches from enrolment until `ended_at`, or as its
    events say, within `scopes` (none: no limit)."""

    did: str
    name: str
    country: str
    enrolled_at: datetime
    ended_at: datetime | None = None
    scopes: tuple[AccreditationScope, ...] = ()
    events: tuple[ExtractedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Succession:
    """Who follows: `kind` is one of `SUCCESSIONS`. The successor keeps the records; it is not thereby accredited."""

    kind: str
    did: str | None
    name: str


@dataclass(frozen=True, slots=True)
class ExtractedEvent:
    """Something that happened to an accreditation or an enrolment; `kind` is one of `EVENT_KINDS`."""

    kind: str
    effective_at: datetime
    recorded_at: datetime
    reason: str
    successor: Succession | None = None


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key of the issuer that the registry knows, with the time in which it was used: [from, retired)."""

    verification_method: str
    public_key_multibase: str
    activated_at: datetime
    retired_at: datetime | None = None
    compromised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyHistory:
    """The keys that somebody has or had, as the registry knows them. `branch` is the enrolled body that published them,
    where they come from a published registry: it then speaks for chains that begin with that body only."""

    did: str
    keys: tuple[RegisteredKey, ...]
    branch: str | None = None


def write_body(body: EnrolledBody) -> JsonObject:
    """An enrolled body."""
    return {
        "did": body.did,
        "name": body.name,
        "country": body.country,
        "enrolled_at": format_instant(body.enrolled_at),
        "ended_at": write_optional_instant(body.ended_at),
        "scopes": [write_scope(scope) for scope in body.scopes],
        "events": [write_event(event) for event in body.events],
    }


def read_body(value: JsonObject) -> EnrolledBody:
    """An enrolled body."""
    return EnrolledBody(
        did=read_text(value["did"]),
        name=read_text(value["name"]),
        country=read_text(value["country"]),
        enrolled_at=read_instant(value["enrolled_at"]),
        ended_at=read_optional_instant(value["ended_at"]),
        scopes=tuple(read_scope(scope, "/bodies/scopes") for scope in read_objects(value.get("scopes", []))),
        events=tuple(read_event(item) for item in read_objects(value.get("events", []))),
    )


def write_key(key: RegisteredKey) -> JsonObject:
    """A key."""
    return {
        "verification_method": key.verification_method,
        "public_key_multibase": key.public_key_multibase,
        "activated_at": format_instant(key.activated_at),
        "retired_at": write_optional_instant(key.retired_at),
        "compromised_at": write_optional_instant(key.compromised_at),
    }


def read_key(value: JsonObject) -> RegisteredKey:
    """A key."""
    return RegisteredKey(
        verification_method=read_text(value["verification_method"]),
        public_key_multibase=read_text(value["public_key_multibase"]),
        activated_at=read_instant(value["activated_at"]),
        retired_at=read_optional_instant(value["retired_at"]),
        compromised_at=read_optional_instant(value["compromised_at"]),
    )


def write_history(history: KeyHistory) -> JsonObject:
    """The keys of somebody."""
    return {
        "did": history.did,
        "keys": [write_key(key) for key in history.keys],
        "branch": history.branch,
    }


def read_history(value: JsonObject) -> KeyHistory:
    """The keys of somebody."""
    return KeyHistory(
        did=read_text(value["did"]),
        keys=tuple(read_key(item) for item in read_objects(value["keys"])),
        branch=read_optional_text(value["branch"]),
    )


def write_event(event: ExtractedEvent) -> JsonObject:
    """An event."""
    shown: JsonObject = {
        "kind": event.kind,
        "effective_at": format_instant(event.effective_at),
        "recorded_at": format_instant(event.recorded_at),
        "reason": event.reason,
    }
    if event.successor is not None:
        successor = event.successor
        shown["successor"] = {"kind": successor.kind, "did": successor.did, "name": successor.name}
    return shown


def read_event(value: JsonObject) -> ExtractedEvent:
    """An event."""
    kind = read_text(value["kind"])
    if kind not in EVENT_KINDS:
        raise ValueError("unknown kind of event")
    successor = value.get("successor")
    return ExtractedEvent(
        kind,
        read_instant(value["effective_at"]),
        read_instant(value["recorded_at"]),
        read_text(value["reason"]),
        None if successor is None else _succession(read_object(successor)),
    )


def _succession(value: JsonObject) -> Succession:
    kind, did = read_text(value["kind"]), value["did"]
    if kind not in SUCCESSIONS:
        raise ValueError("unknown kind of succession")
    return Succession(kind, None if did is None else read_text(did), read_text(value["name"]))


def read_object(value: JsonValue) -> JsonObject:
    """`value`, which must be an object."""
    if not isinstance(value, dict):
        raise TypeError("object expected")
    return value


def read_objects(value: JsonValue) -> list[JsonObject]:
    """`value`, which must be a list of objects."""
    if not isinstance(value, list):
        raise TypeError("list expected")
    return [read_object(item) for item in value]


def read_text(value: JsonValue) -> str:
    """`value`, which must be a text."""
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def read_optional_text(value: JsonValue) -> str | None:
    """`value`, which must be a text, or `None`."""
    return None if value is None else read_text(value)


def read_number(value: JsonValue) -> int:
    """`value`, which must be a whole number, and none below zero."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("number expected")
    return value


def read_instant(value: JsonValue) -> datetime:
    """The instant that `value` writes."""
    return parse_instant(read_text(value))


def read_optional_instant(value: JsonValue) -> datetime | None:
    """The instant, or `None`."""
    return None if value is None else read_instant(value)


def write_optional_instant(instant: datetime | None) -> str | None:
    """The instant, or null."""
    return None if instant is None else format_instant(instant)
