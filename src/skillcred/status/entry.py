"""Where a credential says that its status can be looked up.

Bitstring Status List 1.0 section 2.1 (`BitstringStatusListEntry`); Token Status List section 6 (`status` with
`status_list`). An entry is read from verified claims only, and strictly: what is malformed here was signed so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError

MAX_ENTRIES: Final = 4
"""Most status entries of one credential (SECURITY S-11)."""
MAX_INDEX_DIGITS: Final = 10
MAX_URL_CHARACTERS: Final = 2048
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,%d}" % (MAX_INDEX_DIGITS - 1), re.ASCII)  # noqa: UP031
_NO_ADDRESS: Final = "The status list must be named by a web address."
_MESSAGE_STATUS = re.compile(r"0x[0-9a-fA-F]{1,2}", re.ASCII)

BITSTRING_ENTRY: Final = "BitstringStatusListEntry"
REVOCATION: Final = "revocation"
SUSPENSION: Final = "suspension"
REFRESH: Final = "refresh"
MESSAGE: Final = "message"


class StatusEntryError(InputError):
    """The credential names its status wrongly. Codes: `status_entry_malformed`, `status_type_unsupported`."""

    default_code = "status_entry_malformed"


class ListKind(StrEnum):
    """Which specification a list follows."""

    BITSTRING = "bitstring"
    JWT = "statuslist+jwt"


_BITSTRING: Final = ListKind.BITSTRING  # in 3.11 looking a member up costs more than a call
NO_MESSAGES: Final[Mapping[int, str]] = MappingProxyType({})


class StatusEntry(NamedTuple):
    """One place to look. `purpose` is `None` for token lists, whose values carry the meaning themselves.
    `size` is in bits, `None` where the list tells it. `messages` are by value."""

    pointer: str
    kind: ListKind
    list_uri: str
    list_index: int
    purpose: str | None = None
    size: int | None = None
    messages: Mapping[int, str] = NO_MESSAGES


def parse_status_entries(document: JsonObject) -> tuple[StatusEntry, ...]:
    """All status entries of verified claims, in order; none if the credential declares none.

    Raises `StatusEntryError` for the first that is malformed or of an unknown type.
    """
    entries: list[StatusEntry] = []
    if "credentialStatus" in document:
        value = document["credentialStatus"]
        if isinstance(value, list):
            for index, item in enumerate(value):
                entries.append(_parse_bitstring_entry(item, f"/credentialStatus/{index}"))
        else:
            entries.append(_parse_bitstring_entry(value, "/credentialStatus"))
    if "status" in document:
        entries.append(_parse_token_entry(document["status"], "/status"))
    if len(entries) > MAX_ENTRIES:
        raise StatusEntryError(f"A credential has at most {MAX_ENTRIES} status entries.")
    return tuple(entries)


def _parse_bitstring_entry(item: JsonValue, pointer: str) -> StatusEntry:
    if not isinstance(item, dict):
        raise StatusEntryError("A status entry must be an object.", pointer=pointer)
    kind = item.get("type")
    if kind != BITSTRING_ENTRY and kind != [BITSTRING_ENTRY]:
        raise StatusEntryError(
            "Status of this kind is not supported.", code="status_type_unsupported", pointer=f"{pointer}/type"
        )
    list_uri = item.get("statusListCredential")
    if not (isinstance(list_uri, str) and len(list_uri) <= MAX_URL_CHARACTERS and _is_list_address(list_uri)):
        raise StatusEntryError(_NO_ADDRESS, pointer=f"{pointer}/statusListCredential")
    if item.get("id") == list_uri:
        raise StatusEntryError(
            "The id of the entry must not be that of the list.", pointer=f"{pointer}/id"
        )  # section 2.1
    purpose = item.get("statusPurpose")
    if not isinstance(purpose, str) or not purpose:
        raise StatusEntryError("The status purpose must be a text.", pointer=f"{pointer}/statusPurpose")
    size = item.get("statusSize", 1)
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= 8:
        raise StatusEntryError("The status size is 1 to 8 bits.", pointer=f"{pointer}/statusSize")
    index = item.get("statusListIndex")
    if not isinstance(index, str) or not _INDEX.fullmatch(index):
        raise StatusEntryError(
            "The index must be a whole number, written as a text.", pointer=f"{pointer}/statusListIndex"
        )
    messages = NO_MESSAGES
    if size > 1 or "statusMessage" in item:
        messages = _messages(item, size, pointer)
    return StatusEntry(pointer, _BITSTRING, list_uri, int(index), purpose, size, messages)


def _parse_token_entry(value: JsonValue, pointer: str) -> StatusEntry:
    reference = value.get("status_list") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(reference, dict) or len(value) != 1:
        raise StatusEntryError(
            "Status of this kind is not supported.", code="status_type_unsupported", pointer=pointer
        )
    place = f"{pointer}/status_list"
    index = reference.get("idx")
    if not isinstance(index, int) or isinstance(index, bool) or index < 0 or index >= 10**MAX_INDEX_DIGITS:
        raise StatusEntryError("The index must be a whole number from 0 on.", pointer=f"{place}/idx")
    list_uri = reference.get("uri")
    if not (isinstance(list_uri, str) and len(list_uri) <= MAX_URL_CHARACTERS and _is_list_address(list_uri)):
        raise StatusEntryError(_NO_ADDRESS, pointer=f"{place}/uri")
    return StatusEntry(place, ListKind.JWT, list_uri, index)


@lru_cache(maxsize=256)
def _is_list_address(value: str) -> bool:
    """An http(s) URL without credentials or fragment; a query is kept, it belongs to the list's name."""
    if not value.isascii() or not value.isprintable():
        return False
    try:
        parts = urlsplit(value)
        return bool(
            parts.scheme in ("https", "http")
            and parts.hostname
            and "@" not in parts.netloc
            and not parts.fragment
        )
    except ValueError:
        return False


def _messages(item: JsonObject, size: int, pointer: str) -> Mapping[int, str]:
    """`statusMessage`: an array that names each of the 2^`statusSize` values once; entries of one bit may go without
    (section 2.1)."""
    place = f"{pointer}/statusMessage"
    if "statusMessage" not in item:
        raise StatusEntryError("Statuses of several bits need messages.", pointer=place)
    listed = item["statusMessage"]
    if not isinstance(listed, list):
        raise StatusEntryError("The status messages must be an array.", pointer=place)
    found: dict[int, str] = {}
    for index, message in enumerate(listed):
        status = message.get("status") if isinstance(message, dict) else None
        text = message.get("message") if isinstance(message, dict) else None
        if not isinstance(status, str) or not _MESSAGE_STATUS.fullmatch(status) or not isinstance(text, str):
            raise StatusEntryError("A status message has a status and a text.", pointer=f"{place}/{index}")
        value = int(status, 16)
        if value in found or value >= 1 << size:
            raise StatusEntryError("The status of a message is out of place.", pointer=f"{place}/{index}")
        found[value] = text
    if len(found) != 1 << size:
        raise StatusEntryError(f"A status of this size needs {1 << size} messages.", pointer=place)
    return MappingProxyType(found)
