"""What a credential says becomes plain nodes, whatever it holds, and nothing gets lost on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.web.pages.claims_view import (
    MAX_ENTRIES,
    MAX_SUMMARY_VALUES,
    MAX_TEXT_CHARACTERS,
    Group,
    Leaf,
    Row,
    build_claims_view,
    show_text,
)


def leaves(node: Leaf | Group) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    else:
        for row in node.rows:
            for value in row.values:
                yield from leaves(value)


def rows(node: Leaf | Group) -> Iterator[Row]:
    if isinstance(node, Group):
        for row in node.rows:
            yield row
            for value in row.values:
                yield from rows(value)


def only(claims: dict) -> Leaf:
    found = list(leaves(build_claims_view(claims).main))
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ("Welding", "text", "Welding"),
        ("did:web:x.example", "id", "did:web:x.example"),
        ("https://x.example/a", "id", "https://x.example/a"),
        ("javascript:alert(1)", "id", "javascript:alert(1)"),
        ("Note: see below", "text", "Note: see below"),
        (True, "flag", "yes"),
        (3.5, "number", "3.5"),
        (None, "nothing", ""),
        ("", "text", ""),
    ],
)
def test_kinds(value: object, kind: str, text: str) -> None:
    leaf = only({"x": value})
    assert (leaf.kind, leaf.text) == (kind, text)


@pytest.mark.parametrize(
    ("stamp", "day", "time"),
    [
        ("2025-03-28T00:00:00+03:00", "2025-03-28", ""),
        ("2025-03-28T09:30:00Z", "2025-03-28", "09:30 UTC"),
        ("2025-03-28T23:59:59-05:00", "2025-03-28", "23:59 UTC-05:00"),
    ],
)
def test_days_stand_as_the_issuer_wrote_them(stamp: str, day: str, time: str) -> None:
    leaf = only({"awardedDate": stamp})
    assert (str(leaf.day), leaf.time) == (day, time)


@pytest.mark.parametrize(
    ("value", "lang", "direction"),
    [
        ({"@value": "نص", "@language": "ar"}, "ar", "rtl"),
        ({"@value": "x", "@language": "ar", "@direction": "ltr"}, "ar", "ltr"),
        ({"@value": "x", "@language": '"><script>'}, "", "auto"),
        ({"@value": "x", "@language": 5, "@direction": "sideways"}, "", "auto"),
        ({"@value": "x"}, "", "auto"),
    ],
)
def test_language_and_direction(value: object, lang: str, direction: str) -> None:
    leaf = only({"name": value})
    assert (leaf.lang, leaf.dir) == (lang, direction)


def test_translations_carry_their_language() -> None:
    found = list(leaves(build_claims_view({"nameTranslations": {"sw": "A", "fr": ["B", "C"]}}).main))
    assert [(leaf.lang, leaf.text) for leaf in found] == [("sw", "A"), ("fr", "B"), ("fr", "C")]


def test_translations_of_the_wrong_form_are_shown_too() -> None:
    found = list(leaves(build_claims_view({"nameTranslations": {"sw": 5, "fr": {"x": "y"}}}).main))
    assert {leaf.text for leaf in found} == {"5", "y"}


def test_unknown_members_show_under_their_own_name() -> None:
    row = next(iter(build_claims_view({"shoeSize": 42}).main.rows))
    assert (row.member, row.label) == ("shoeSize", None)


def test_nothing_hides_behind_a_value() -> None:
    found = list(leaves(build_claims_view({"name": {"@value": "shown", "@note": "also shown"}}).main))
    assert {leaf.text for leaf in found} == {"shown", "also shown"}


def test_P_11_odd_names_are_names() -> None:
    view = build_claims_view({"__proto__": "a", "__class__": {"constructor": "b"}})
    assert {row.member for row in rows(view.main)} == {"__proto__", "__class__", "constructor"}


@pytest.mark.parametrize(
    "crowd",
    [
        ["v"] * 100_000,
        [{}] * 100_000,
        [[]] * 100_000,
        {str(n): [] for n in range(100_000)},
        [[["v"]]] * 100_000,
    ],
    ids=["values", "objects", "lists", "members", "nested"],
)
def test_too_much_is_counted_not_shown(crowd: object) -> None:
    view = build_claims_view({"x": crowd})
    assert len(list(rows(view.main))) + len(list(leaves(view.main))) <= 2 * MAX_ENTRIES
    assert view.dropped > 90_000


def test_long_texts_are_shortened() -> None:
    leaf = only({"x": "y" * (MAX_TEXT_CHARACTERS + 7)})
    assert (len(leaf.text), leaf.shortened) == (MAX_TEXT_CHARACTERS, 7)


def test_summary_is_short_whatever_is_sent() -> None:
    subject = {"name": ["n"] * 1000, "achievement": [{"alignment": [{"targetName": "t"}] * 1000}] * 50}
    view = build_claims_view({"credentialSubject": [subject] * 50, "issuer": "did:web:x"})
    assert max(len(row.values) for row in view.summary.rows) <= MAX_SUMMARY_VALUES


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u0000", "\u001b", "\u0085", "\u007f", "\ufeff"])
def test_W_04_characters_that_trick_the_eye_are_made_visible(character: str) -> None:
    assert show_text(f"a{character}b") == f"a[U+{ord(character):04X}]b"


def test_joiners_that_scripts_need_are_kept() -> None:
    assert show_text("می\u200cخواهم क\u094d\u200dष \u200f") == "می\u200cخواهم क\u094d\u200dष \u200f"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=25,
)
MEMBERS = st.sampled_from(
    ["name", "credentialSubject", "achievement", "issuer", "nameTranslations", "@value", "x"]
)


@given(st.dictionaries(MEMBERS | st.text(), JSON, max_size=6))
def test_any_document_can_be_shown(claims: dict) -> None:
    view = build_claims_view(claims)
    for part in (view.summary, view.main, view.technical):
        for leaf in leaves(part):
            assert "\u202e" not in leaf.text


@given(st.dictionaries(MEMBERS, JSON, max_size=3))
def test_claims_of_any_shape_have_a_summary(subject: dict) -> None:
    build_claims_view({"credentialSubject": [{**subject, "achievement": subject}], "issuer": subject})
