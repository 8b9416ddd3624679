"""Documents before their proof was checked. What was checked is `skillcred.securing.VerifiedDocument`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object


@dataclass(frozen=True, slots=True)
class SecuredDocument:
    """A document as it came: exact bytes, media type, the JSON object they hold. Nothing is verified."""

    media_type: str
    content: bytes
    document: JsonObject

    @property
    def sha256(self) -> str:
        """SHA-256 of the exact bytes, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


def parse_secured_document(content: bytes, media_type: str = "application/vc") -> SecuredDocument:
    """The document in `content`, strictly parsed. Raises `StrictJsonError` or `StrictJsonLimitError`."""
    return SecuredDocument(media_type, content, parse_json_object(content))
