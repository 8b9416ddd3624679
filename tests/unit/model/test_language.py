"""Language tags and texts in several languages."""

from __future__ import annotations

import pytest

from skillcred.model.language import is_language_value, read_language_map, read_texts


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("Dog", True),
        ({"@value": "Dog"}, True),
        ({"@value": "كلب", "@language": "ar", "@direction": "rtl"}, True),
        ({"@value": "Dog", "@language": "en", "url": "did:x:y"}, False),
        ({"@language": "en"}, False),
        ({"@value": 1, "@language": "en"}, False),
        ({"@value": "Dog", "@language": "en .\n<did:x>"}, False),
        ({"@value": "Dog", "@language": None}, False),
        ({"@value": "Dog", "@direction": "up"}, False),
        ({"@value": "Dog", "@direction": ["ltr"]}, False),
        ({}, False),
        (None, False),
        (["Dog"], False),
        (7, False),
    ],
)
def test_language_value(value: object, good: bool) -> None:
    assert is_language_value(value) is good  # type: ignore[arg-type]


def test_language_map_leaves_out_what_is_not_a_text() -> None:
    assert read_language_map({"en": "Dog", "am": "ውሻ", "not a tag": "x", "fr": 3}) == {
        "en": "Dog",
        "am": "ውሻ",
    }
    assert read_language_map("Dog") == {}


def test_texts_are_read_by_language_and_kept_as_they_are() -> None:
    composed, decomposed = "Zoë", "Zoë"
    assert read_texts(composed, language="nl") == {"nl": composed}
    assert read_texts(decomposed)["und"] == decomposed
    both = [{"@value": "Dog", "@language": "en"}, {"@value": "ခွေး", "@language": "my"}, "Chien"]
    assert read_texts(both, language="fr") == {"en": "Dog", "my": "ခွေး", "fr": "Chien"}
    assert read_texts({"@value": 3}) == {}
    assert read_texts(None) == {}
