"""Which of the evidence held in memory a document is going to need, told from its bytes alone.

Without it the pure function would run several times, each time to name one more piece. Nothing here is parsed or
believed: a document that says more gets evidence that nobody reads, and what was not foretold is asked for in the
ordinary way. So a verdict is the same with foretelling and without it; it only comes sooner.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from skillcred.encoding.base64url import Base64UrlError, decode_base64url
from skillcred.services.identities import STATUS_LISTS_PATH
from skillcred.services.snapshot_ports import EvidenceSnapshot, OwnEvidence, Versions

MAX_NAMES: Final = 32
"""Most identifiers of each kind that are looked up for one document; a credential names two or three."""
MAX_SCANNED_BYTES: Final = 128 * 1024
"""How much of a document is looked at."""

_DID_START: Final = b"did:"
_DID: Final = re.compile(rb"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,500}")
_LIST_START: Final = STATUS_LISTS_PATH.encode()
_LIST: Final = re.compile(re.escape(_LIST_START) + rb'[^"\\\s#]{1,200}(?=")')
MAX_ORIGIN: Final = 300
"""Longest part of an address before the path of our lists, in bytes."""
_COMPACT: Final = re.compile(rb"[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")


def foretell_evidence(
    content: bytes, snapshot: EvidenceSnapshot, *, versions: Versions, at: datetime
) -> tuple[OwnEvidence, ...]:
    """What is held in memory, as of the present `at`, of all that `content` names and that this leads to."""
    found: dict[int, OwnEvidence] = {}
    for name in peek_names(content):
        for own in snapshot.recall(name, versions=versions, at=at):
            found[id(own)] = own
    return tuple(found.values())


def peek_names(content: bytes) -> list[str]:
    """Under what a document with these bytes may need evidence: any DID in it, and addresses that look like our
    lists."""
    text = _readable(content[:MAX_SCANNED_BYTES])
    lists = [_address(text, path) for path in _find(_LIST, _LIST_START, text)]
    dids = [match[0] for match in _find(_DID, _DID_START, text)]
    return [name.decode("utf-8", "replace") for name in dict.fromkeys([*lists, *dids])]


def _find(pattern: re.Pattern[bytes], start: bytes, text: bytes) -> list[re.Match[bytes]]:
    """The first matches. Most of the text is passed over by looking for `start`, which is much faster."""
    found: list[re.Match[bytes]] = []
    place = text.find(start)
    while place >= 0 and len(found) < MAX_NAMES:
        match = pattern.match(text, place)
        if match is not None:
            found.append(match)
        place = text.find(start, place + 1 if match is None else match.end())
    return found


def _address(text: bytes, path: re.Match[bytes]) -> bytes:
    """The whole address, from the quotation mark before the path that was found."""
    start = text.rfind(b'"', max(0, path.start() - MAX_ORIGIN), path.start()) + 1
    return text[start : path.end()]


def _readable(content: bytes) -> bytes:
    """The claims of a compact envelope (JWT, SD-JWT), else the bytes themselves."""
    compact = _COMPACT.match(content)
    if compact is None:
        return content
    try:
        return decode_base64url(compact.group(1).decode("ascii"))
    except Base64UrlError:
        return content
