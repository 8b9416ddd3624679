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

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant
from skillcred.trust.accreditation import AccreditationError
from skillcred.trust.records import (
    EnrolledBody,
    ExtractedEvent,
    KeyHistory,
    read_body,
    read_event,
    read_history,
    read_instant,
    read_key,
    read_number,
    read_object,
    read_objects,
    read_optional_text,
    read_text,
    write_body,
    write_event,
    write_history,
)

EXTRACT_FORMAT: Final = "skillcred-registry-extract-3"
READ_FORMATS: Final = frozenset(
    {"skillcred-registry-extract-1", "skillcred-registry-extract-2", EXTRACT_FORMAT}
)
"""The first version had one accreditation level: no scopes and events of bodies, no names, no successions. The second
had the keys of the issuer only, and came from the registry itself: no branches, no copy."""
MAX_EXTRACT_BYTES: Final = 4 * 1024 * 1024
"""Largest extract that is read, in bytes."""
MAX_ACCREDITATIONS: Final = 200
"""Most accreditations of one issuer, and of those above it, that are judged in one verification."""
EXTRACT_CACHE_SIZE: Final = 256
MAX_CACHED_BYTES: Final = 64 * 1024
"""Parsed extracts kept in memory, and the largest that is, in bytes: 16 MiB of them at most."""


class RegistryExtractError(InputError):
    """The bytes are not a registry extract."""

    default_code = "invalid_registry_extract"


@dataclass(frozen=True, slots=True)
class ExtractedAccreditation:
    """A signed accreditation as recorded, and all events since."""

    content: bytes
    media_type: str
    recorded_at: datetime
    events: tuple[ExtractedEvent, ...] = ()
    branch: str | None = None
    """The enrolled body that published it, where it comes from a published registry; see `Edge`."""


@dataclass(frozen=True, slots=True)
class RegistryCopyInfo:
    """The copy of a published registry that an extract was taken from: the versions it has, when it was brought up to
    date last, and until when it may be used."""

    timestamp_version: int
    snapshot_version: int
    updated_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RegistryExtract:
    """What the registry knew about `issuer_did`, and about everybody above it, at `as_of`. `names` are the
    registered names of those who signed, by DID; `keys` what is known of the keys of them and of the issuer. `copy`
    says from which copy it was taken, if not from the registry itself."""

    issuer_did: str
    as_of: datetime
    issuer_name: str | None = None
    keys: tuple[KeyHistory, ...] = ()
    bodies: tuple[EnrolledBody, ...] = ()
    accreditations: tuple[ExtractedAccreditation, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    copy: RegistryCopyInfo | None = None

    def keys_of(self, did: str) -> tuple[KeyHistory, ...]:
        """What is known of the keys of that DID, of each branch apart."""
        return tuple(history for history in self.keys if history.did == did)


def encode_registry_extract(extract: RegistryExtract) -> bytes:
    """The extract as UTF-8 JSON."""
    value: JsonObject = {
        "format": EXTRACT_FORMAT,
        "issuer_did": extract.issuer_did,
        "as_of": format_instant(extract.as_of),
        "issuer_name": extract.issuer_name,
        "keys": [write_history(history) for history in extract.keys],
        "bodies": [write_body(body) for body in extract.bodies],
        "accreditations": [_accreditation_json(item) for item in extract.accreditations],
        "names": dict(extract.names),
        "copy": None if extract.copy is None else _copy_json(extract.copy),
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
        accreditations = read_objects(value["accreditations"])
        if len(accreditations) > MAX_ACCREDITATIONS:
            raise ValueError("too many accreditations")
        return RegistryExtract(
            issuer_did=issuer_did,
            as_of=read_instant(value["as_of"]),
            issuer_name=None if name is None else read_text(name),
            keys=_keys(value, issuer_did),
            bodies=tuple(read_body(item) for item in read_objects(value["bodies"])),
            accreditations=tuple(_accreditation(item) for item in accreditations),
            names={did: read_text(name) for did, name in read_object(value.get("names", {})).items()},
            copy=None if (copy := value.get("copy")) is None else _copy(read_object(copy)),
        )
    except (AccreditationError, KeyError, TypeError, ValueError) as error:
        raise RegistryExtractError("The registry extract is not well-formed.") from error


def _keys(value: JsonObject, issuer_did: str) -> tuple[KeyHistory, ...]:
    if value["format"] == EXTRACT_FORMAT:
        return tuple(read_history(item) for item in read_objects(value["keys"]))
    keys = tuple(read_key(item) for item in read_objects(value["issuer_keys"]))
    return (KeyHistory(issuer_did, keys),) if keys else ()


def _copy_json(copy: RegistryCopyInfo) -> JsonObject:
    return {
        "timestamp_version": copy.timestamp_version,
        "snapshot_version": copy.snapshot_version,
        "updated_at": format_instant(copy.updated_at),
        "expires_at": format_instant(copy.expires_at),
    }


def _copy(value: JsonObject) -> RegistryCopyInfo:
    return RegistryCopyInfo(
        read_number(value["timestamp_version"]),
        read_number(value["snapshot_version"]),
        read_instant(value["updated_at"]),
        read_instant(value["expires_at"]),
    )


def _accreditation_json(item: ExtractedAccreditation) -> JsonObject:
    return {
        "content": base64.b64encode(item.content).decode("ascii"),
        "media_type": item.media_type,
        "recorded_at": format_instant(item.recorded_at),
        "events": [write_event(event) for event in item.events],
        "branch": item.branch,
    }


def _accreditation(value: JsonObject) -> ExtractedAccreditation:
    return ExtractedAccreditation(
        content=base64.b64decode(read_text(value["content"]), validate=True),
        media_type=read_text(value["media_type"]),
        recorded_at=read_instant(value["recorded_at"]),
        events=tuple(read_event(item) for item in read_objects(value["events"])),
        branch=read_optional_text(value.get("branch")),
    )
