"""What a credential says, as plain nodes for the page: text with its language, identifiers, groups.

Everything in a credential is somebody's text. It is shown as text and isolated: never as markup, link or picture
(SECURITY W-01, W-02, W-04). Nothing is hidden: members without a label of ours appear under their own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.encoding.language_tags import is_language_tag
from skillcred.model.datetimes import parse_instant
from skillcred.web.pages.labels import FIRST_MEMBERS, LABELS, TECHNICAL_MEMBERS

MAX_ENTRIES: Final = 1500
"""Most members, objects and values shown on a page; the rest is only counted."""
MAX_NAME_CHARACTERS: Final = 200
"""Longest name of a member shown."""
MAX_TEXT_CHARACTERS: Final = 4000
"""Longest text shown; the rest is only counted."""

MAX_SUMMARY_VALUES: Final = 12
"""Most values of one line of the summary."""

VALUE_OBJECT: Final = frozenset({"@value", "@language", "@direction", "@type"})
"""Members of a JSON-LD value object; whatever has more is shown as the object that it is."""

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,20}:\S+", re.ASCII)
_HIDDEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Characters that act on the text around them, or that cannot be seen: shown by their number instead."""
_RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "ks", "ku", "ps", "sd", "ug", "ur", "yi"})

Kind = Literal["text", "id", "instant", "flag", "number", "nothing"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value. `lang` is a well-formed language tag or empty; `dir` is `ltr`, `rtl` or `auto`. An instant has the
    day as its author wrote it, and the time with its offset unless it is midnight there."""

    kind: Kind
    text: str
    lang: str = ""
    dir: str = "auto"
    day: date | None = None
    time: str = ""
    shortened: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A member and its values. `label` is an English label of ours, or None where we have none."""

    member: str
    label: str | None
    values: tuple[Leaf | Group, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """An object: its members in the order in which they are shown."""

    rows: tuple[Row, ...]


@dataclass(slots=True)
class _Budget:
    left: int = MAX_ENTRIES
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ClaimsView:
    """The whole credential: in short, all that people read, what machines need, and how many values found no
    room."""

    summary: Group
    main: Group
    technical: Group
    dropped: int = field(default=0)


def build_claims_view(claims: JsonObject) -> ClaimsView:
    """The view of a verified document."""
    budget = _Budget()
    names = sorted(claims, key=_rank)
    main = _group(((name, claims[name]) for name in names if name not in TECHNICAL_MEMBERS), budget)
    technical = _group(((name, claims[name]) for name in names if name in TECHNICAL_MEMBERS), budget)
    return ClaimsView(_summary(claims), main, technical, budget.dropped)


def _summary(claims: JsonObject) -> Group:
    """What a reader wants first. The members are those of VCDM, Open Badges 3.0 and our own context."""
    subjects = _objects(claims.get("credentialSubject"))
    achievements = [
        achievement for subject in subjects for achievement in _objects(subject.get("achievement"))
    ]
    found: list[tuple[str, str, list[JsonValue]]] = [
        ("name", "Holder", _all(subjects, "name")),
        ("awardedDate", "Awarded on", _all([claims], "awardedDate") or _all([claims], "issuanceDate")),
        ("validUntil", "Valid until", _all([claims], "validUntil") or _all([claims], "expirationDate")),
        ("description", "Description", _all(achievements, "description")),
        ("alignment", "Corresponds to", [_correspondence(item) for item in _alignments(achievements)]),
        ("narrative", "What had to be shown", _all(_parts(achievements, "criteria"), "narrative")),
        ("awardingBody", "Awarding body", _all(_parts(achievements, "awardingBody"), "name")),
        ("employer", "Employer", _all(_parts(achievements, "employer"), "name")),
        ("issuer", "Issuer, in its own words", _all(_objects(claims.get("issuer")), "name")),
    ]
    budget = _Budget()
    rows = [
        Row(member, label, tuple(_node(value, budget) for value in values)) for member, label, values in found
    ]
    return Group(tuple(row for row in rows if row.values))


def _objects(value: JsonValue) -> list[JsonObject]:
    return [item for item in as_list(value) if isinstance(item, dict)][:MAX_SUMMARY_VALUES]


def _parts(objects: list[JsonObject], name: str) -> list[JsonObject]:
    return [part for item in objects for part in _objects(item.get(name))][:MAX_SUMMARY_VALUES]


def _all(objects: list[JsonObject], name: str) -> list[JsonValue]:
    values: list[JsonValue] = []
    for item in objects:
        values += [value for value in as_list(item.get(name)) if value is not None]
    return values[:MAX_SUMMARY_VALUES]


def _alignments(achievements: list[JsonObject]) -> list[JsonObject]:
    return _parts(achievements, "alignment")


def _correspondence(alignment: JsonObject) -> str:
    name, framework, code = (
        alignment.get(member) for member in ("targetName", "targetFramework", "targetCode")
    )
    place = " ".join(text for text in (framework, code) if isinstance(text, str))
    return f"{name} ({place})" if place else str(name)


def build_text(text: str, lang: str) -> Leaf:
    """One text of a credential outside the tree of its members."""
    return _text(text, lang, "", _Budget())


def show_text(text: str) -> str:
    """`text` with characters that could trick the eye made visible."""
    return _HIDDEN.sub(lambda match: f"[U+{ord(match.group()):04X}]", text)


def _rank(name: str) -> tuple[int, int]:
    return (FIRST_MEMBERS.index(name), 0) if name in FIRST_MEMBERS else (len(FIRST_MEMBERS), 0)


def _group(members: Iterable[tuple[str, JsonValue]], budget: _Budget) -> Group:
    return Group(tuple(_row(name, value, budget) for name, value in members if _take(budget)))


def _row(name: str, value: JsonValue, budget: _Budget) -> Row:
    if isinstance(value, dict) and name.endswith("Translations"):
        nodes = [
            _text(text, tag, "", budget) if isinstance(text, str) else _node(text, budget)
            for tag, texts in value.items()
            for text in as_list(texts)
        ]
    else:
        nodes = [_node(item, budget) for item in as_list(value)]
    shown = tuple(node for node in nodes if node is not _NO_ROOM)
    return Row(show_text(name[:MAX_NAME_CHARACTERS]), LABELS.get(name), shown)


def _node(value: JsonValue, budget: _Budget) -> Leaf | Group:
    if isinstance(value, dict) and "@value" in value and value.keys() <= VALUE_OBJECT:
        return _text(str(value["@value"]), value.get("@language"), value.get("@direction"), budget)
    if isinstance(value, dict | list) and not _take(budget):
        return _NO_ROOM
    if isinstance(value, dict):
        return _group(((name, value[name]) for name in sorted(value, key=_rank)), budget)
    if isinstance(value, list):
        return _group(((str(number), item) for number, item in enumerate(value, 1)), budget)
    if isinstance(value, str):
        return _string(value, budget)
    if not _take(budget):
        return _NO_ROOM
    if isinstance(value, bool):
        return Leaf("flag", "yes" if value else "no")
    if value is None:
        return Leaf("nothing", "")
    return Leaf("number", str(value), dir="ltr")


def _string(value: str, budget: _Budget) -> Leaf:
    try:
        parse_instant(value)
        day = date.fromisoformat(value[:10])
    except ValueError:
        if _IDENTIFIER.fullmatch(value):
            leaf = _text(value, "", "ltr", budget)
            return leaf if leaf is _NO_ROOM else Leaf("id", leaf.text, dir="ltr", shortened=leaf.shortened)
        return _text(value, "", "", budget)
    time = "" if value[11:19] == "00:00:00" else f"{value[11:16]} {_offset(value)}"
    return Leaf("instant", value, dir="ltr", day=day, time=time) if _take(budget) else _NO_ROOM


def _offset(stamp: str) -> str:
    return "UTC" if stamp.endswith("Z") else f"UTC{stamp[-6:]}"


def _text(value: str, lang: JsonValue, direction: JsonValue, budget: _Budget) -> Leaf:
    if not _take(budget):
        return _NO_ROOM
    tag = lang if isinstance(lang, str) and is_language_tag(lang) else ""
    way = direction if direction in {"ltr", "rtl"} else _direction(tag)
    return Leaf(
        "text",
        show_text(value[:MAX_TEXT_CHARACTERS]),
        tag,
        str(way),
        shortened=max(0, len(value) - MAX_TEXT_CHARACTERS),
    )


def _direction(tag: str) -> str:
    if not tag:
        return "auto"
    return "rtl" if tag.partition("-")[0].lower() in _RIGHT_TO_LEFT else "auto"


def _take(budget: _Budget) -> bool:
    if budget.left:
        budget.left -= 1
        return True
    budget.dropped += 1
    return False


_NO_ROOM: Final = Leaf("nothing", "")
"""Stands for a value that found no room on the page."""
