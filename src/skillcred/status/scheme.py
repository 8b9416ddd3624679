"""What the entries of a list tell beside revocation and suspension: a message of a fixed set, and that there is
something newer (Bitstring Status List 1.0 section 2.1).

The messages are settled when a credential is issued, so a list keeps the scheme that it was opened with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError

MAX_SIZE: Final = 8
"""Most bits of an entry that this service reads and issues."""
MAX_MESSAGE_CHARACTERS: Final = 200
MAX_REFERENCES: Final = 8
MAX_REFERENCE_CHARACTERS: Final = 2048


@dataclass(frozen=True, slots=True)
class StatusScheme:
    """`messages` are by value, 2^`size` of them or none; `references` tell more about them; `refresh` says whether an
    entry can announce a newer version. One with neither messages nor `refresh` tells nothing more."""

    messages: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    refresh: bool = False

    @property
    def size(self) -> int:
        """`statusSize` in bits: the only one for which there is a message for each value."""
        return max(1, (len(self.messages) - 1).bit_length())

    def build_message_members(self) -> JsonObject:
        """The members of an entry for messages that tell what its values mean."""
        members: JsonObject = {
            "statusSize": self.size,
            "statusMessage": [
                {"status": f"0x{value:x}", "message": message} for value, message in enumerate(self.messages)
            ],
        }
        if self.references:
            one = len(self.references) == 1
            members["statusReference"] = self.references[0] if one else list(self.references)
        return members


NO_SCHEME: Final = StatusScheme()


def check_scheme(messages: Sequence[str], references: Sequence[str], *, refresh: bool) -> StatusScheme:
    """The scheme of those parts. Raises `InputError` (`invalid_status_messages`, `invalid_status_reference`)."""
    if messages and len(messages) not in {1 << size for size in range(1, MAX_SIZE + 1)}:
        raise InputError(
            "There are 2, 4, 8, 16, 32, 64, 128 or 256 messages, one for each value.",
            code="invalid_status_messages",
            pointer="/messages",
        )
    for index, message in enumerate(messages):
        if (
            not 1 <= len(message) <= MAX_MESSAGE_CHARACTERS
            or not message.isprintable()
            or not message.strip()
        ):
            raise InputError(
                f"A message has 1 to {MAX_MESSAGE_CHARACTERS} printable characters.",
                code="invalid_status_messages",
                pointer=f"/messages/{index}",
            )
    if len(references) > MAX_REFERENCES or (references and not messages):
        raise InputError(
            f"There are at most {MAX_REFERENCES} references, and only beside messages.",
            code="invalid_status_reference",
            pointer="/references",
        )
    for index, reference in enumerate(references):
        if not _is_web_address(reference):
            raise InputError(
                "A reference is a web address.",
                code="invalid_status_reference",
                pointer=f"/references/{index}",
            )
    return StatusScheme(tuple(messages), tuple(references), refresh)


def _is_web_address(text: str) -> bool:
    if len(text) > MAX_REFERENCE_CHARACTERS or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc
