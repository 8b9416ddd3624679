"""Proof that a credential existed at some time. What a credential says of its own date is only a claim.

A record of our own says that a document with a certain digest was here at an instant: stored when it was issued, or
seen when it was verified. It is evidence like any other; whoever keeps it vouches for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple

from skillcred.encoding.json_types import FrozenJson, JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, parse_instant

EXISTENCE_FORMAT: Final = "skillcred-existence-1"
MAX_RECORD_BYTES: Final = 4096
"""Largest record that is read, in bytes."""
SOURCES: Final = frozenset({"issued_here", "first_seen"})


class ExistenceRecordError(InputError):
    """The bytes are not a record of existence. Code `invalid_existence_record`."""

    default_code = "invalid_existence_record"


class ProvableTime(NamedTuple):
    """That the document existed at `instant` at the latest; `source` is one of `SOURCES`."""

    instant: datetime
    source: str

    def describe(self) -> Mapping[str, FrozenJson]:
        """For the details of a report."""
        return {"by": format_instant(self.instant), "source": self.source}


def encode_existence_record(document_sha256: str, time: ProvableTime) -> bytes:
    """The record as UTF-8 JSON."""
    record: JsonObject = {
        "format": EXISTENCE_FORMAT,
        "document_sha256": document_sha256,
        "existed_at": format_instant(time.instant),
        "source": time.source,
    }
    return json.dumps(record, sort_keys=True).encode("utf-8")


def parse_existence_record(content: bytes, *, document_sha256: str) -> ProvableTime:
    """What the record says of the document with that digest. Raises `ExistenceRecordError` or a strict JSON error."""
    record = parse_json_object(content, max_bytes=MAX_RECORD_BYTES)
    source, instant = record.get("source"), record.get("existed_at")
    if (
        record.get("format") != EXISTENCE_FORMAT
        or record.get("document_sha256") != document_sha256
        or not isinstance(source, str)
        or source not in SOURCES
        or not isinstance(instant, str)
    ):
        raise ExistenceRecordError("The record is not about this document, or not well-formed.")
    return ProvableTime(parse_instant(instant), source)
