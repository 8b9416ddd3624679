"""Documents before their proof was checked. What was checked is `skillcred.securing.VerifiedDocument`."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from typing import Any, Final, NamedTuple

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import MAX_BYTES, StrictJsonLimitError, parse_json_object
from skillcred.errors import InputError

_JSON_SPACE: Final = b" \t\r\n"
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ENCRYPTED = re.compile(rb"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*){4}")
_COSE_SIGN1 = (b"\xd2\x84", b"\x84")


class Form(StrEnum):
    """How a secured document is written: JSON with embedded proofs, or inside an envelope."""

    JSON = "json"
    JWT = "jwt"
    SD_JWT = "sd_jwt"
    COSE = "cose"


class DocumentFormError(InputError):
    """The bytes are in none of the forms that can be read. Codes: `unknown_form`, `encrypted_document`,
    `media_type_mismatch`."""

    default_code = "unknown_form"


FORM_OF_MEDIA_TYPE: Final = {
    "application/vc+jwt": Form.JWT,
    "application/vp+jwt": Form.JWT,
    "application/jwt": Form.JWT,
    "application/vc+sd-jwt": Form.SD_JWT,
    "application/vp+sd-jwt": Form.SD_JWT,
    "application/dc+sd-jwt": Form.SD_JWT,
    "application/vc+cose": Form.COSE,
    "application/vp+cose": Form.COSE,
}
"""Media types that fix the form. Others (`application/vc`, `application/json`, …) leave it to the bytes."""


class SecuredDocument(NamedTuple):
    """A document as it came: exact bytes, media type, form. Nothing is verified.

    `document` is the JSON object that the bytes hold where the form is JSON, and empty for an envelope: what is
    inside is read by the securing mechanism only.
    """

    media_type: str
    content: bytes
    document: JsonObject
    form: Form
    notes: dict[str, Any]
    """What a securing mechanism has read of it, so that nothing is read twice. For mechanisms only."""

    @property
    def sha256(self) -> str:
        """SHA-256 of the exact bytes, lower-case hex."""
        return hashlib.sha256(self.content).hexdigest()


def parse_secured_document(content: bytes, media_type: str = "application/vc") -> SecuredDocument:
    """The document in `content`. The form is told by the bytes; a media type that names another is refused.

    JSON is strictly parsed. White space around a compact envelope is taken off, nothing else is mended.
    Raises `StrictJsonError`, `StrictJsonLimitError` or `DocumentFormError`.
    """
    if len(content) > MAX_BYTES:
        raise StrictJsonLimitError(f"The document is larger than {MAX_BYTES} bytes.")
    form, trimmed = _tell_form(content)
    expected = FORM_OF_MEDIA_TYPE.get(media_type)
    if expected is not None and expected is not form:
        raise DocumentFormError("The file is not what its media type says.", code="media_type_mismatch")
    if form is Form.JSON:
        return SecuredDocument(media_type, content, parse_json_object(content), form, {})
    return SecuredDocument(media_type, trimmed, {}, form, {})


def _tell_form(content: bytes) -> tuple[Form, bytes]:
    if content.startswith(b"{"):  # what nearly all documents begin with, and no envelope
        return Form.JSON, content
    if content.startswith(_COSE_SIGN1):
        return Form.COSE, content
    trimmed = content.strip(_JSON_SPACE)
    if trimmed[:1] not in _ALPHABET:
        return Form.JSON, content  # the strict parser says what is wrong with anything else
    others = trimmed.translate(None, _ALPHABET)
    if others == b"..":
        return Form.JWT, trimmed
    if others.startswith(b"..~") and not others.strip(b".~"):
        first, end = trimmed.index(b"."), trimmed.index(b"~")
        if first + 1 < trimmed.rindex(b".", 0, end) < end - 1:
            return Form.SD_JWT, trimmed
    if _ENCRYPTED.fullmatch(trimmed):
        raise DocumentFormError("The document is encrypted.", code="encrypted_document")
    return Form.JSON, content  # the strict parser says what is wrong with anything else
