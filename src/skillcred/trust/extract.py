"""The registry extract: all that a registry knows about one issuer, as one piece of evidence.

It is one piece, so that leaving out a suspension means leaving out the accreditation too: less evidence can
make a verdict less certain, never better.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.trust.accreditation import AccreditationError, read_scope, write_scope
from skillcred.trust.scope import AccreditationScope

EXTRACT_FORMAT: Final = "skillcred-registry-extract-2"
READ_FORMATS: Final = frozenset({"skillcred-registry-extract-1", EXTRACT_FORMAT})
"""The first version had one accreditation level: no scopes and events of bodies, no names, no successions."""
MAX_EXTRACT_BYTES: Final = 4 * 1024 * 1024
"""Largest extract that is read, in bytes."""
MAX_ACCREDITATIONS: Final = 200
"""Most accreditations of one issuer, and of those above it, that are judged in one verification."""
EXTRACT_CACHE_SIZE: Final = 256
MAX_CACHED_BYTES: Final = 64 * 1024
"""Parsed extracts kept in memory, and the largest that is, in bytes: 16 MiB of them at most."""
EVENT_KINDS: Final = frozenset({"suspended", "reinstated", "ended", "withdrawn", "succeeded"})
SUCCESSIONS: Final = frozenset({"merger", "renaming", "closure"})
"""How a body or provider came to be followed by another, which keeps its records."""


class RegistryExtractError(InputError):
    """The bytes are not a registry extract."""

    default_code = "invalid_registry_extract"


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
class ExtractedAccreditation:
    """A signed accreditation as recorded, and all events since."""

    content: bytes
    media_type: str
    recorded_at: datetime
    events: tuple[ExtractedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisteredKey:
    """A key of the issuer that the registry knows, with the time in which it was used: [from, retired)."""

    verification_method: str
    public_key_multibase: str
    activated_at: datetime
    retired_at: datetime | None = None
    compromised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegistryExtract:
    """What the registry knew about `issuer_did`, and about everybody above it, at `as_of`. `names` are the
    registered names of those who signed, by DID."""

    issuer_did: str
    as_of: datetime
    issuer_name: str | None = None
    issuer_keys: tuple[RegisteredKey, ...] = ()
    bodies: tuple[EnrolledBody, ...] = ()
    accreditations: tuple[ExtractedAccreditation, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def encode_registry_extract(extract: RegistryExtract) -> bytes:
    """The extract as UTF-8 JSON."""
    value: JsonObject = {
        "format": EXTRACT_FORMAT,
        "issuer_did": extract.issuer_did,
        "as_of": format_instant(extract.as_of),
        "issuer_name": extract.issuer_name,
        "issuer_keys": [_key_json(key) for key in extract.issuer_keys],
        "bodies": [
            {
                "did": body.did,
                "name": body.name,
                "country": body.country,
                "enrolled_at": format_instant(body.enrolled_at),
                "ended_at": _instant_json(body.ended_at),
                "scopes": [write_scope(scope) for scope in body.scopes],
                "events": [_event_json(event) for event in body.events],
            }
            for body in extract.bodies
        ],
        "accreditations": [_accreditation_json(item) for item in extract.accreditations],
        "names": dict(extract.names),
    }
    return json.dumps(value, ensure_ascii=False, sort_keys=True).encode("utf-8")


def parse_registry_extract(content: bytes, *, issuer_did: str) -> RegistryExtract:
    """The extract about `issuer_did` in `content`. Raises `RegistryExtractError` or a strict JSON error.

    What was read is kept by the exact bytes: the credentials of one issuer come with one extract.
    """
    parse = _parse_extract.__wrapped__ if len(content) > MAX_CACHED_BYTES else _parse_extract
    return parse(content, issuer_did)


@lru_cache(maxsize=EXTRACT_CACHE_SIZE)
def _parse_extract(content: bytes, issuer_did: str) -> RegistryExtract:
    value = parse_json_object(content, max_bytes=MAX_EXTRACT_BYTES)
    try:
        if value["format"] not in READ_FORMATS or value["issuer_did"] != issuer_did:
            raise ValueError("another format or issuer")
        name = value["issuer_name"]
        accreditations = _objects(value["accreditations"])
        if len(accreditations) > MAX_ACCREDITATIONS:
            raise ValueError("too many accreditations")
        return RegistryExtract(
            issuer_did=issuer_did,
            as_of=_instant(value["as_of"]),
            issuer_name=None if name is None else _text(name),
            issuer_keys=tuple(_key(item) for item in _objects(value["issuer_keys"])),
            bodies=tuple(_body(item) for item in _objects(value["bodies"])),
            accreditations=tuple(_accreditation(item) for item in accreditations),
            names={did: _text(name) for did, name in _object(value.get("names", {})).items()},
        )
    except (AccreditationError, KeyError, TypeError, ValueError) as error:
        raise RegistryExtractError("The registry extract is not well-formed.") from error


def _key_json(key: RegisteredKey) -> JsonObject:
    return {
        "verification_method": key.verification_method,
        "public_key_multibase": key.public_key_multibase,
        "activated_at": format_instant(key.activated_at),
        "retired_at": _instant_json(key.retired_at),
        "compromised_at": _instant_json(key.compromised_at),
    }


def _key(value: JsonObject) -> RegisteredKey:
    return RegisteredKey(
        verification_method=_text(value["verification_method"]),
        public_key_multibase=_text(value["public_key_multibase"]),
        activated_at=_instant(value["activated_at"]),
        retired_at=_optional_instant(value["retired_at"]),
        compromised_at=_optional_instant(value["compromised_at"]),
    )


def _body(value: JsonObject) -> EnrolledBody:
    return EnrolledBody(
        did=_text(value["did"]),
        name=_text(value["name"]),
        country=_text(value["country"]),
        enrolled_at=_instant(value["enrolled_at"]),
        ended_at=_optional_instant(value["ended_at"]),
        scopes=tuple(read_scope(scope, "/bodies/scopes") for scope in _objects(value.get("scopes", []))),
        events=tuple(_event(item) for item in _objects(value.get("events", []))),
    )


def _accreditation_json(item: ExtractedAccreditation) -> JsonObject:
    return {
        "content": base64.b64encode(item.content).decode("ascii"),
        "media_type": item.media_type,
        "recorded_at": format_instant(item.recorded_at),
        "events": [_event_json(event) for event in item.events],
    }


def _event_json(event: ExtractedEvent) -> JsonObject:
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


def _accreditation(value: JsonObject) -> ExtractedAccreditation:
    return ExtractedAccreditation(
        content=base64.b64decode(_text(value["content"]), validate=True),
        media_type=_text(value["media_type"]),
        recorded_at=_instant(value["recorded_at"]),
        events=tuple(_event(item) for item in _objects(value["events"])),
    )


def _event(value: JsonObject) -> ExtractedEvent:
    kind = _text(value["kind"])
    if kind not in EVENT_KINDS:
        raise ValueError("unknown kind of event")
    successor = value.get("successor")
    return ExtractedEvent(
        kind,
        _instant(value["effective_at"]),
        _instant(value["recorded_at"]),
        _text(value["reason"]),
        None if successor is None else _succession(_object(successor)),
    )


def _succession(value: JsonObject) -> Succession:
    kind, did = _text(value["kind"]), value["did"]
    if kind not in SUCCESSIONS:
        raise ValueError("unknown kind of succession")
    return Succession(kind, None if did is None else _text(did), _text(value["name"]))


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("object expected")
    return value


def _objects(value: JsonValue) -> list[JsonObject]:
    if not isinstance(value, list):
        raise TypeError("list expected")
    return [_object(item) for item in value]


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _instant(value: JsonValue) -> datetime:
    return parse_instant(_text(value))


def _optional_instant(value: JsonValue) -> datetime | None:
    return None if value is None else _instant(value)


def _instant_json(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)
