"""Well-formed BCP 47 language tags. A malformed one could hide a statement in canonical N-Quads (SECURITY M3)."""

from __future__ import annotations

import re
from typing import Final

MAX_TAG_CHARACTERS: Final = 64
"""Longest language tag accepted. RFC 5646 section 4.4.1 finds that 35 is enough for every registered use."""

_TAG: Final = re.compile(
    r"(?:"
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})"
    r"(?:-[a-z]{4})?"
    r"(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+"
    r"|en-gb-oed|i-(?:ami|bnn|default|enochian|hak|klingon|lux|mingo|navajo|pwn|tao|tay|tsu)|sgn-(?:be-fr|be-nl|ch-de)"
    r"|art-lojban|cel-gaulish|no-(?:bok|nyn)|zh-(?:guoyu|hakka|min|min-nan|xiang)"
    r")"
)
"""RFC 5646 section 2.1. Hyphens tell the parts apart, and the length is capped first: time is linear."""


def is_language_tag(text: str) -> bool:
    """Whether `text` is a well-formed language tag, in any case."""
    return len(text) <= MAX_TAG_CHARACTERS and text.isascii() and _TAG.fullmatch(text.lower()) is not None
