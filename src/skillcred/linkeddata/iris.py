"""Absolute IRIs (RFC 3987), as strictly as their grammar says.

JSON-LD processors drop a triple whose IRI is relative or malformed without a word, which lets unsigned claims
ride along (SECURITY L-03). So IRIs are checked before RDF is written."""

from __future__ import annotations

import re
from typing import Final

from skillcred.linkeddata.errors import LinkedDataError

MAX_IRI_CHARACTERS: Final = 512 * 1024
"""Longest IRI; images are embedded as data: URLs, so this is half of the largest document."""
_UCS = (
    "\u00a0-\u200d\u2010-\u2029\u202f-\u2065\u206a-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(f"{chr(plane << 16)}-{chr((plane << 16) + 0xFFFD)}" for plane in range(1, 14))
    + "\U000e1000-\U000efffd"
)
"""`ucschar` without the bidirectional controls (RFC 3987 section 4.1, and the isolates of Unicode 6.3)."""
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_ESCAPED = "%[0-9A-Fa-f]{2}"
_SEGMENT = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@{_UCS}]++|{_ESCAPED})"
_NAME = rf"(?:[A-Za-z0-9\-._~!$&'()*+,;={_UCS}]++|{_ESCAPED})"
_USER = rf"(?:(?:{_NAME}|:)*+@)?"
_HOST = rf"{_USER}(?:\[[0-9A-Fa-f:.]+\]|{_NAME}*+)"
_IRI: Final = re.compile(
    r"(?!(?i:https?):(?!//[^/?#:]))"
    rf"[A-Za-z][A-Za-z0-9+.\-]*+:"
    rf"(?://{_HOST}(?::[0-9]*+)?(?:/{_SEGMENT}*+)*+|/?{_SEGMENT}++(?:/{_SEGMENT}*+)*+)"
    rf"(?:\?(?:{_SEGMENT}|[/?{_PRIVATE}])*+)?"
    rf"(?:#(?:{_SEGMENT}|[/?])*+)?\Z"
)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*+:")


def is_absolute_iri(text: str) -> bool:
    """Whether `text` is an absolute IRI by RFC 3987 that names something; http and https need a host."""
    return len(text) <= MAX_IRI_CHARACTERS and _IRI.match(text) is not None


def check_iri(text: str, pointer: str | None) -> None:
    """Raises `LinkedDataError` (`blank_node_id`, `relative_iri`, `invalid_iri`) unless `text` is an absolute
    IRI."""
    if is_absolute_iri(text):
        return
    if text.startswith("_:"):
        raise LinkedDataError(
            "A blank node label stands where an identifier belongs.", code="blank_node_id", pointer=pointer
        )
    if not _SCHEME.match(text):
        raise LinkedDataError("An identifier is not an absolute IRI.", code="relative_iri", pointer=pointer)
    raise LinkedDataError("An identifier is not a valid IRI.", code="invalid_iri", pointer=pointer)
