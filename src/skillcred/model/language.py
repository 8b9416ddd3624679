"""Text in one or several languages: BCP 47 tags, JSON-LD language maps, VCDM language value objects.

Texts are never normalised, trimmed or re-ordered: what came in is what is signed (SECURITY P-13).
"""

from __future__ import annotations

import re
from typing import Final

from skillcred.encoding.json_types import JsonValue

MAX_TAG_CHARACTERS: Final = 64
"""Longest language tag accepted. RFC 5646 section 4.4.1 finds that 35 is enough for every registered use."""

UNDETERMINED: Final = "und"
"""The tag of BCP 47 for a text whose language is not stated."""

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

_VALUE_MEMBERS: Final = frozenset({"@value", "@language", "@direction"})


def is_language_tag(text: str) -> bool:
    """Whether `text` is a well-formed BCP 47 language tag, in any case."""
    return len(text) <= MAX_TAG_CHARACTERS and text.isascii() and _TAG.fullmatch(text.lower()) is not None


def is_language_value(value: JsonValue) -> bool:
    """Whether `value` is a string or a language value object (VCDM 2.0 "Language and Base Direction")."""
    if isinstance(value, str):
        return True
    if not isinstance(value, dict) or not value.keys() <= _VALUE_MEMBERS:
        return False
    language, direction = value.get("@language", UNDETERMINED), value.get("@direction", "ltr")
    return (
        isinstance(value.get("@value"), str)
        and isinstance(language, str)
        and is_language_tag(language)
        and direction in ("ltr", "rtl")
    )


def read_language_map(value: JsonValue) -> dict[str, str]:
    """The texts of a JSON-LD language map by tag, without what is not a text under a well-formed tag."""
    if not isinstance(value, dict):
        return {}
    return {tag: text for tag, text in value.items() if is_language_tag(tag) and isinstance(text, str)}


def read_texts(value: JsonValue, *, language: str = UNDETERMINED) -> dict[str, str]:
    """The texts of a `name`-like member by tag: a string is in `language`, language value objects say theirs.

    The first text of a language wins.
    """
    texts: dict[str, str] = {}
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            texts.setdefault(language, item)
        elif isinstance(item, dict) and is_language_value(item):
            tag, text = item.get("@language", language), item["@value"]
            if isinstance(tag, str) and isinstance(text, str):
                texts.setdefault(tag, text)
    return texts
