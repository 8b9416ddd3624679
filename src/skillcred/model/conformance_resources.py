"""`relatedResource`: what a credential refers to, pinned by digest.

VCDM 2.0 section "Integrity of Related Resources".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.multibase import decode_multibase
from skillcred.errors import InputError
from skillcred.model.findings import Findings, is_url, items_of

_SRI_ITEM: Final = re.compile(r"(sha256|sha384|sha512)-([A-Za-z0-9+/_-]{1,88}={0,2})(?:\?[\x21-\x7e]*)?")
"""One hash expression of Subresource Integrity section 3.5."""

_MULTIHASH: Final = {0x12: ("sha256", 32), 0x20: ("sha384", 48), 0x13: ("sha512", 64)}
"""Multihash codes (multiformats table) of the digests that Controlled Identifiers 1.0 section 2.5 names."""

MAX_DIGEST_CHARACTERS: Final = 512
"""Longest digest text read; a SHA-512 digest has 95 characters."""


def check_related_resources(
    document: JsonObject, pointer: str, findings: Findings, known_resources: Mapping[str, bytes]
) -> None:
    """Each related resource, which the document has, is an object with an id of its own and a well-formed digest, which
    matches what we hold."""
    seen: set[str] = set()
    for item, place in items_of(document["relatedResource"], f"{pointer}/relatedResource"):
        if not isinstance(item, dict):
            findings.add("related_resource_malformed", "A related resource must be an object.", place)
            continue
        identifier = item.get("id")
        if not isinstance(identifier, str) or not is_url(identifier):
            findings.add(
                "related_resource_id_malformed", "A related resource needs one absolute URL.", f"{place}/id"
            )
        elif identifier in seen:
            findings.add("related_resource_repeated", "A related resource is listed twice.", f"{place}/id")
        else:
            seen.add(identifier)
        content = known_resources.get(identifier) if isinstance(identifier, str) else None
        _check_digests(item, place, content, findings)


class DigestState(StrEnum):
    """What the digests in an object say about some bytes."""

    ABSENT = "absent"
    MATCH = "match"
    MISMATCH = "mismatch"


def check_digests(item: JsonObject, content: bytes) -> DigestState:
    """Whether every digest that `item` states is that of `content`; a malformed one is none of anything."""
    state = DigestState.ABSENT
    for name, read in _READERS:
        if name in item:
            digests = read(item[name])
            if not digests or not _matches(digests, content):
                return DigestState.MISMATCH
            state = DigestState.MATCH
    return state


def _check_digests(item: JsonObject, place: str, content: bytes | None, findings: Findings) -> None:
    if "digestSRI" not in item and "digestMultibase" not in item:
        findings.add("related_resource_digest_missing", "A related resource needs a digest.", place)
    for name, read in _READERS:
        if name not in item:
            continue
        digests = read(item[name])
        if not digests:
            findings.add("digest_malformed", f"The {name} is not a digest that we know.", f"{place}/{name}")
        elif content is not None and not _matches(digests, content):
            findings.add(
                "related_resource_digest_mismatch",
                "The digest is not that of the resource.",
                f"{place}/{name}",
            )


def _matches(digests: list[tuple[str, bytes]], content: bytes) -> bool:
    """As Subresource Integrity section 3.3.4 has it: any digest of the strongest algorithm given."""
    strongest = max(name for name, _ in digests)
    actual = hashlib.new(strongest, content).digest()
    return any(name == strongest and hmac.compare_digest(digest, actual) for name, digest in digests)


def _read_sri(value: JsonValue) -> list[tuple[str, bytes]]:
    """The digests of a `digestSRI`, empty if any part of it is not one."""
    if not isinstance(value, str) or len(value) > MAX_DIGEST_CHARACTERS:
        return []
    digests: list[tuple[str, bytes]] = []
    for part in value.split():
        match = _SRI_ITEM.fullmatch(part)
        if match is None:
            return []
        text = match[2].replace("-", "+").replace("_", "/").rstrip("=")
        try:
            digest = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
        except binascii.Error:
            return []
        if len(digest) != hashlib.new(match[1]).digest_size:
            return []
        digests.append((match[1], digest))
    return digests


def _read_multibase(value: JsonValue) -> list[tuple[str, bytes]]:
    """The digest of a `digestMultibase` as a list of one, empty if it is not one."""
    if not isinstance(value, str) or len(value) > MAX_DIGEST_CHARACTERS:
        return []
    try:
        data = decode_multibase(value)
    except InputError:
        return []
    name, size = _MULTIHASH.get(data[0] if data else 0, ("", 0))
    if not name or len(data) != size + 2 or data[1] != size:
        return []
    return [(name, data[2:])]


_READERS: Final = (("digestSRI", _read_sri), ("digestMultibase", _read_multibase))
"""The members that state a digest, and how each is read."""
