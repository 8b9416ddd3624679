"""Enveloped credentials and presentations: a JSON object that carries a secured document as a `data:` URL.

VCDM 2.0 sections "Enveloped Verifiable Credentials" and "Enveloped Verifiable Presentations" (4.13). The wrapper
is not signed, so it may say nothing: one type, one identifier, contexts, and no other member.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.errors import InputError
from skillcred.model.conformance import BASE_CONTEXT_2, ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION
from skillcred.model.documents import (
    FORM_OF_MEDIA_TYPE,
    DocumentFormError,
    Form,
    SecuredDocument,
    parse_secured_document,
)
from skillcred.model.findings import is_url

_MEMBERS: Final = frozenset({"@context", "id", "type"})

_MEDIA_TYPES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        ENVELOPED_CREDENTIAL: frozenset(
            {"application/vc+jwt", "application/vc+sd-jwt", "application/vc+cose", "application/jwt"}
        ),
        ENVELOPED_PRESENTATION: frozenset(
            {"application/vp+jwt", "application/vp+sd-jwt", "application/vp+cose", "application/jwt"}
        ),
    }
)
"""What each wrapper may hold. `application/jwt` says nothing about the content; the mechanism looks at `typ`."""
ENVELOPES: Final = frozenset(_MEDIA_TYPES)
"""The types of wrappers: what has one of them claims to be an enveloped credential or presentation."""

_DATA_URL: Final = re.compile(
    r"data:(?P<media_type>[a-z]+/[a-z0-9.+-]+)(?P<base64>;base64)?,(?P<data>[\x21-\x7e]+)"
)
"""RFC 2397 without parameters. The envelopes are made of characters that need no percent-encoding."""
_COMPACT_CHARACTERS: Final = re.compile(r"[A-Za-z0-9_.~-]+")


class EnvelopeError(InputError):
    """The wrapper of an enveloped document is not as it must be. Codes: `envelope_malformed`,
    `envelope_media_type`, and those of `DocumentFormError` for what is inside."""

    default_code = "envelope_malformed"


def unwrap_enveloped(document: JsonObject) -> SecuredDocument:
    """The secured document inside the wrapper `document`, which has one of `ENVELOPES` as a type. Nothing is verified.

    What is inside is an envelope and never JSON, so there is nothing more to unwrap.
    Raises `EnvelopeError`, `DocumentFormError` or `StrictJsonLimitError`.
    """
    kind = _check_wrapper(document)
    identifier = document.get("id")
    match = _DATA_URL.fullmatch(identifier) if isinstance(identifier, str) else None
    if match is None:
        raise EnvelopeError("The id of an envelope must be a data: URL.", pointer="/id")
    media_type = match["media_type"]
    if media_type not in _MEDIA_TYPES[kind]:
        raise EnvelopeError(
            f"An {kind} does not hold this media type.", code="envelope_media_type", pointer="/id"
        )
    content = _decode(match["data"], media_type, is_base64=match["base64"] is not None)
    try:
        secured = parse_secured_document(content, media_type)
    except DocumentFormError as error:
        raise EnvelopeError(error.message, code=error.code, pointer="/id") from error
    if secured.content != content:
        raise EnvelopeError("There is white space around the enveloped document.", pointer="/id")
    return secured


def _check_wrapper(document: JsonObject) -> str:
    """The one type of the wrapper."""
    types = as_list(document.get("type"))
    if len(types) != 1 or types[0] not in _MEDIA_TYPES:
        raise EnvelopeError("An envelope has this one type only.", pointer="/type")
    contexts = as_list(document.get("@context"))
    if BASE_CONTEXT_2 not in contexts or not all(is_url(context) for context in contexts):
        raise EnvelopeError("An envelope names the base context, and contexts by URL.", pointer="/@context")
    if document.keys() != _MEMBERS:
        raise EnvelopeError("An envelope has an id, a type, contexts and nothing else: nothing signs it.")
    return str(types[0])


def _decode(data: str, media_type: str, *, is_base64: bool) -> bytes:
    if not is_base64:
        if FORM_OF_MEDIA_TYPE[media_type] is Form.COSE:
            raise EnvelopeError("A COSE message in a data: URL is written in base64.", pointer="/id")
        if _COMPACT_CHARACTERS.fullmatch(data) is None:
            raise EnvelopeError("The data: URL holds characters that an envelope never has.", pointer="/id")
        return data.encode("ascii")
    try:
        content = base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
    except binascii.Error as error:
        raise EnvelopeError("The data: URL is not well-formed base64.", pointer="/id") from error
    if base64.b64encode(content).decode("ascii").rstrip("=") != data.rstrip("="):
        raise EnvelopeError("The data: URL is not canonical base64.", pointer="/id")
    return content
