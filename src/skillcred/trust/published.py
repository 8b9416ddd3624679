"""The files in which a registry is published: one with the enrolled bodies, and one for the branch of each of them.

Whoever signs a file vouches for all of it, so the signatures of the accreditations inside need not be checked each
when a registry is loaded; the credentials themselves lie beside it, for evidence. A branch may speak of a body only if
it is the branch's own or was accredited in it (SECURITY T-09). Both files are JSON in UTF-8; what cannot be read raises
`PublishedFileError`, and nothing of such a file is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant
from skillcred.trust.accreditation import AccreditationStatement, read_scope, write_scope
from skillcred.trust.chains import Edge
from skillcred.trust.records import (
    EnrolledBody,
    ExtractedEvent,
    RegisteredKey,
    read_body,
    read_event,
    read_instant,
    read_key,
    read_object,
    read_optional_instant,
    read_text,
    write_body,
    write_event,
    write_key,
    write_optional_instant,
)
from skillcred.trust.scope import AccreditationScope, Action

BODIES_FORMAT: Final = "skillcred-registry-bodies-1"
BRANCH_FORMAT: Final = "skillcred-registry-branch-1"
MAX_BODIES_BYTES: Final = 16 * 1024 * 1024
MAX_BRANCH_BYTES: Final = 128 * 1024 * 1024
"""Largest files that are read, in bytes; 100,000 accreditations take about 40 MiB."""


class PublishedFileError(InputError):
    """A file of a published registry is not well-formed, or speaks of what is not its own. Code
    `invalid_registry_file`."""

    default_code = "invalid_registry_file"


@dataclass(frozen=True, slots=True)
class PublishedStatement:
    """An accreditation as a branch publishes it. The credential is `length` bytes at `offset` in the file beside."""

    edge: Edge
    offset: int
    length: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Branch:
    """What one enrolled body publishes: accreditations of its own and of those below it, the names of whom they speak
    of, and the keys of issuers with their times."""

    body_did: str
    statements: Sequence[PublishedStatement]
    names: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, tuple[RegisteredKey, ...]] = field(default_factory=dict)


def encode_bodies(bodies: Iterable[EnrolledBody]) -> bytes:
    """The file of the enrolled bodies."""
    value: JsonObject = {"format": BODIES_FORMAT, "bodies": [write_body(body) for body in bodies]}
    return _encode(value)


def parse_bodies(content: bytes) -> tuple[EnrolledBody, ...]:
    """The enrolled bodies. Raises `PublishedFileError` or a strict JSON error."""
    value = parse_json_object(content, max_bytes=MAX_BODIES_BYTES)
    try:
        if value["format"] != BODIES_FORMAT:
            raise ValueError("another format")
        bodies = tuple(read_body(read_object(item)) for item in _list(value["bodies"]))
    except (InputError, KeyError, TypeError, ValueError) as error:
        raise PublishedFileError("The list of enrolled bodies is not well-formed.") from error
    if len({body.did for body in bodies}) != len(bodies):
        raise PublishedFileError("A body is enrolled twice.")
    return bodies


def encode_branch(branch: Branch) -> bytes:
    """The file of a branch. Scopes that are equal are written once."""
    scopes: dict[tuple[AccreditationScope, ...], int] = {}
    rows: list[JsonValue] = []
    for published in branch.statements:
        statement, edge = published.edge.statement, published.edge
        rows.append(
            [
                statement.credential_id,
                statement.body_did,
                statement.provider_did,
                format_instant(statement.valid_from),
                write_optional_instant(statement.valid_until),
                format_instant(edge.recorded_at),
                scopes.setdefault(statement.scopes, len(scopes)),
                [write_event(event) for event in edge.events],
                published.offset,
                published.length,
                published.media_type,
            ]
        )
    value: JsonObject = {
        "format": BRANCH_FORMAT,
        "body": branch.body_did,
        "scopes": [[write_scope(scope) for scope in group] for group in scopes],
        "statements": rows,
        "names": dict(branch.names),
        "keys": {did: [write_key(key) for key in keys] for did, keys in branch.keys.items()},
    }
    return _encode(value)


def parse_branch(content: bytes, *, body_did: str) -> Branch:
    """The branch of `body_did`. Raises `PublishedFileError` or a strict JSON error."""
    value = parse_json_object(content, max_bytes=MAX_BRANCH_BYTES)
    try:
        if value["format"] != BRANCH_FORMAT or value["body"] != body_did:
            raise ValueError("another format or body")
        scopes = [
            tuple(read_scope(read_object(item), "/scopes") for item in _list(group))
            for group in _list(value["scopes"])
        ]
        texts: dict[str, str] = {}
        statements = [_statement(row, scopes, body_did, texts) for row in _list(value["statements"])]
        branch = Branch(
            body_did,
            statements,
            {did: read_text(name) for did, name in read_object(value["names"]).items()},
            {did: tuple(_keys(keys)) for did, keys in read_object(value["keys"]).items()},
        )
    except (IndexError, InputError, KeyError, TypeError, ValueError) as error:
        raise PublishedFileError("The branch of the registry is not well-formed.") from error
    _check_own(branch)
    return branch


def _statement(
    row: JsonValue, scopes: Sequence[tuple[AccreditationScope, ...]], branch: str, texts: dict[str, str]
) -> PublishedStatement:
    (identifier, signer, subject, valid_from, until, recorded, scope, events, offset, length, media) = _list(
        row
    )
    if not (
        type(scope) is type(offset) is type(length) is int and scope >= 0 and offset >= 0 and length >= 0
    ):
        raise TypeError("numbers expected")
    signer_did, provider = read_text(signer), read_text(subject)
    statement = AccreditationStatement(
        credential_id=read_text(identifier),
        # A DID stands in many rows and is kept once.
        body_did=texts.setdefault(signer_did, signer_did),
        provider_did=texts.setdefault(provider, provider),
        scopes=scopes[scope],
        valid_from=read_instant(valid_from),
        valid_until=read_optional_instant(until),
    )
    happened: tuple[ExtractedEvent, ...] = tuple(read_event(read_object(event)) for event in _list(events))
    edge = Edge(statement, happened, read_instant(recorded), branch)
    return PublishedStatement(edge, offset, length, texts.setdefault(kind := read_text(media), kind))


def _check_own(branch: Branch) -> None:
    """Every signer is the body itself or somebody whom it, or one below it, accredited to accredit; and names and keys
    are only of them and of those whom they accredited."""
    subjects = {published.edge.statement.provider_did for published in branch.statements}
    if not (branch.names.keys() | branch.keys.keys()) <= subjects | {branch.body_did}:
        raise PublishedFileError(
            "The branch has names or keys of somebody who is not in it.", code="foreign_statement"
        )
    below = {branch.body_did}
    pending = [published.edge.statement for published in branch.statements]
    while True:
        rest = [statement for statement in pending if statement.body_did not in below]
        if not rest:
            return
        gained = {
            statement.provider_did
            for statement in pending
            if statement.body_did in below
            and any(scope.action is Action.ACCREDIT for scope in statement.scopes)
        } - below
        if not gained:
            raise PublishedFileError(
                "The branch has statements of a body that is not below its own.", code="foreign_statement"
            )
        below |= gained


def _keys(value: JsonValue) -> Iterator[RegisteredKey]:
    for item in _list(value):
        yield read_key(read_object(item))


def _encode(value: JsonObject) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise TypeError("list expected")
    return value


def content_ranges(contents: Iterable[bytes]) -> Iterator[tuple[int, int]]:
    """Offset and length of each of `contents`, put one after another with a line feed between."""
    offset = 0
    for content in contents:
        yield offset, len(content)
        offset += len(content) + 1
