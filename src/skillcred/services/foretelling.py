"""Which of the evidence held in memory a document is going to need, told from its bytes alone.

Without it the pure function would run several times, each time to name one more piece. Nothing here is parsed or
believed: a document that says more gets evidence that nobody reads, and what was not foretold is asked for in the
ordinary way. So a verdict is the same with foretelling and without it; it only comes sooner.
"""

from __future__ import annotations

import re
from datetime import datetime
from itertools import islice
from typing import Final

from skillcred.encoding.base64url import Base64UrlError, decode_base64url
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.identities import STATUS_LISTS_PATH
from skillcred.services.snapshot_ports import EvidenceSnapshot, OwnEvidence, Versions

MAX_NAMES: Final = 32
"""Most identifiers of each kind that are looked up for one document; a credential names two or three."""
MAX_SCANNED_BYTES: Final = 128 * 1024
"""How much of a document is looked at."""

_DID: Final = re.compile(rb"did:[a-z0-9]+:[A-Za-z0-9._:%-]{1,500}")
_LIST: Final = re.compile(re.escape(STATUS_LISTS_PATH.encode()) + rb'[^"\\\s]{1,200}(?=")')
MAX_ORIGIN: Final = 300
"""Longest part of an address before the path of our lists, in bytes."""
_COMPACT: Final = re.compile(rb"[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*")


def foretell_evidence(
    content: bytes, snapshot: EvidenceSnapshot, *, versions: Versions, at: datetime
) -> tuple[OwnEvidence, ...]:
    """What is held in memory, as of the present `at`, of all that `content` names and that this leads to."""
    found: dict[EvidenceReference, OwnEvidence] = {}
    waiting = peek_references(content)
    for reference in waiting:
        if reference in found:
            continue
        own = snapshot.find(reference, versions=versions, at=at)
        if own is not None:
            found[reference] = own
            waiting.extend(own.leads_to)
    return tuple(found.values())


def peek_references(content: bytes) -> list[EvidenceReference]:
    """References that a document with these bytes may need: any DID in it, and addresses that look like our lists."""
    text = _readable(content[:MAX_SCANNED_BYTES])
    dids = dict.fromkeys([match[0] for match in islice(_DID.finditer(text), MAX_NAMES)])
    lists = dict.fromkeys([_address(text, match) for match in islice(_LIST.finditer(text), MAX_NAMES)])
    references = [EvidenceReference(EvidenceKind.STATUS_LIST, _text(uri)) for uri in lists]
    for did in map(_text, dids):
        references.append(EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, did))
        references.append(EvidenceReference(EvidenceKind.DID_DOCUMENT, did))
    return references


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


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
