"""Media types: what a body says it is, and what a client accepts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import Message
from typing import Final

from starlette.requests import Request

from skillcred.model.baked_badges import IMAGE_MEDIA_TYPES
from skillcred.model.documents import FORM_OF_MEDIA_TYPE
from skillcred.web.faults import NotAcceptableError, UnsupportedMediaTypeError

JSON: Final = "application/json"
CREDENTIAL: Final = "application/vc"
PRESENTATION: Final = "application/vp"
JSON_LD: Final = "application/ld+json"
MULTIPART_FORM: Final = "multipart/form-data"

ENVELOPES: Final = tuple(sorted(FORM_OF_MEDIA_TYPE))
"""Media types of credentials and presentations inside an envelope."""
IMAGES: Final = IMAGE_MEDIA_TYPES
"""Media types of pictures with a credential baked into them."""

MAX_HEADER_CHARACTERS: Final = 1000
"""Longest Content-Type or Accept header that is looked at."""
MAX_RANGES: Final = 32
"""Most media ranges of an Accept header that are looked at."""

_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.ASCII)


def content_type_of(request: Request, accepted: Sequence[str]) -> tuple[str, Message]:
    """The media type of the body, one of `accepted`, and the parsed header with its parameters.

    A charset other than UTF-8 is refused, not converted. Raises `UnsupportedMediaTypeError`.
    """
    values = request.headers.getlist("content-type")
    header = Message()
    if len(values) == 1 and len(values[0]) <= MAX_HEADER_CHARACTERS:
        header["content-type"] = values[0]
        media_type = values[0].partition(";")[0].strip().lower()
        charset = header.get_param("charset")
        if media_type in accepted and (charset is None or str(charset).lower() in {"utf-8", "utf8"}):
            return media_type, header
    raise UnsupportedMediaTypeError("The Content-Type must be " + " or ".join(accepted) + ", in UTF-8.")


def choose_media_type(request: Request, offered: Sequence[str]) -> str:
    """The offered media type that the Accept header likes best; the first one where it has no preference.

    RFC 9110 section 12.5.1: the most specific range decides. Raises `NotAcceptableError`.
    """
    header = ",".join(request.headers.getlist("accept")).strip()
    if not header:
        return offered[0]
    ranges = [_parse_range(part) for part in header[:MAX_HEADER_CHARACTERS].split(",")[:MAX_RANGES]]
    best = max(offered, key=lambda media_type: _quality(media_type, ranges))
    if _quality(best, ranges) <= 0:
        raise NotAcceptableError("This is available as " + " or ".join(offered) + ".")
    return best


def _parse_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            return name, float(value) if _QUALITY.fullmatch(value.strip()) else 0.0
    return name, 1.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    main = media_type.partition("/")[0]
    for wanted in (media_type, f"{main}/*", "*/*"):
        qualities = [quality for name, quality in ranges if name == wanted]
        if qualities:
            return max(qualities)
    return 0.0
