"""Text in one or several languages: BCP 47 tags, JSON-LD language maps, VCDM language value objects.

Texts are never normalised, trimmed or re-ordered: what came in is what is signed (SECURITY P-13).
"""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonValue
from skillcred.encoding.language_tags import is_language_tag

UNDETERMINED: Final = "und"
"""The tag of BCP 47 for a text whose language is not stated."""

_VALUE_MEMBERS: Final = frozenset({"@value", "@language", "@direction"})


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
    if isinstance(value, str):
        return {language: value}
    texts: dict[str, str] = {}
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str):
            texts.setdefault(language, item)
        elif isinstance(item, dict) and is_language_value(item):
            tag, text = item.get("@language", language), item["@value"]
            if isinstance(tag, str) and isinstance(text, str):
                texts.setdefault(tag, text)
    return texts
