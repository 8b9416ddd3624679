"""Every text of the pages has a translation in every language, with the same places for values."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import skillcred
from skillcred.recognition import skills_wire
from skillcred.recognition.classification import ATTRIBUTION
from skillcred.recognition.phrases import PHRASES
from skillcred.recognition.wording import SENTENCES
from skillcred.securing.data_integrity.findings import TIME_MISSING
from skillcred.trust.keys import KEY_DOUBTED
from skillcred.trust.reasons import REASONS
from skillcred.verification.holder_binding import NOT_FRESH
from skillcred.verification.messages import MESSAGES
from skillcred.verification.parsing import PICTURE_NOT_CHECKED
from skillcred.verification.registry_keys import KEY_FROM_REGISTRY, KEY_REPLACED
from skillcred.web.pages import (
    ask_view,
    labels,
    offer_labels,
    presentation_view,
    recognition_labels,
    recognition_routes,
    registry_labels,
    rendering,
    sign_in_routes,
    skills_routes,
    training_form,
    trust_view,
    verdict_view,
)
from skillcred.web.pages.languages import TRANSLATIONS, Translation, load_languages

LANGUAGES = load_languages()
OTHERS = sorted(set(LANGUAGES.by_code) - {"en"})
_CALL = re.compile(r"""\b[th]\(\s*(?:"([^"]+)"|'([^']+)')""")


def warnings_of_the_core() -> set[str]:
    """Texts given to `Problem` in the modules that make warnings for readers: trust and the profile check."""
    source = Path(skillcred.__file__).parent
    found = set()
    for module, function in (
        ("trust/conclusions.py", None),
        ("profiles/check.py", "_find_missing_achievements"),
        ("trust/keys.py", "check_keys"),
    ):
        tree = ast.parse((source / module).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in {
                "_authorised",
                "find_late_signature",
                function,
            }:
                texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
                found |= {
                    text for text in texts if isinstance(text, str) and re.fullmatch(r"The [^/]+\.", text)
                }
    return found


def all_texts() -> set[str]:
    texts = {
        double or single
        for file in rendering.TEMPLATES.glob("*.html")
        for double, single in _CALL.findall(file.read_text(encoding="utf-8"))
    }
    for table in (
        labels.LABELS,
        labels.STEPS,
        labels.OUTCOMES,
        labels.STANDINGS,
        labels.PROFILES,
        labels.ANSWERS,
        trust_view.DATES,
        REASONS,
        *registry_labels.TABLES,
        recognition_labels.PURPOSES,
        recognition_labels.TIES,
        recognition_labels.WEIGHTS,
        recognition_labels.STANDINGS,
        recognition_labels.ASSUMED,
        recognition_routes.FAULTS,
        offer_labels.STATE_NAMES,
        offer_labels.STATE_SENTENCES,
        offer_labels.EVENTS,
        offer_labels.LIFETIMES,
        offer_labels.FAULTS,
        training_form.KINDS,
        skills_wire.STATES,
        skills_wire.KINDS,
        SENTENCES,
        PHRASES,
    ):
        texts |= set(table.values())
    texts |= set(labels.SUMMARY_LABELS)
    texts |= set(presentation_view.PRESENTATION_HEADLINES.values())
    texts |= {text for pair in ask_view.STATE_TEXTS.values() for text in pair} | set(ask_view.PURPOSE_TEXTS)
    texts |= set(ask_view.RESULT_HEADLINES.values()) | set(ask_view.REFUSALS.values())
    texts |= {text for name, _, sentence in presentation_view.HOLDERS.values() for text in (name, sentence)}
    texts |= {name for name, _ in presentation_view.VERDICT_NAMES.values()}
    texts |= {text for field in training_form.FIELDS for text in (field.label, field.hint) if text}
    texts |= set(verdict_view.STATEMENT_HEADLINES.values())
    texts |= {verdict_view.RULES_HEADLINE, verdict_view.ADVICE_HEADLINE}
    texts |= set(verdict_view.HEADLINES.values()) | set(verdict_view.CAUTIONS.values())
    for pair in (
        *rendering.PROBLEM_TEXTS.values(),
        rendering.OTHER_CLIENT_FAULT,
        rendering.OTHER_SERVER_FAULT,
    ):
        texts |= set(pair)
    for message in MESSAGES.values():
        texts |= {text for text in (message.sentence, message.next_step) if text}
    return (
        texts
        | warnings_of_the_core()
        | {
            PICTURE_NOT_CHECKED.message,
            TIME_MISSING.message,
            NOT_FRESH.message,
            KEY_DOUBTED.message,
            KEY_FROM_REGISTRY.message,
            KEY_REPLACED.message,
            offer_labels.WAITS,
            sign_in_routes.STALE_FORM,
            sign_in_routes.WRONG_KEY,
            verdict_view.LINKABLE,
            recognition_labels.WORKING_DAYS,
            skills_routes.NO_CLASSIFICATION,
            skills_routes.NO_OCCUPATION,
            skills_wire.NOTE,
            ATTRIBUTION,
        }
    )


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_texts_are_found() -> None:
    assert len(all_texts()) > 200
    assert warnings_of_the_core()


@pytest.mark.parametrize("code", OTHERS)
def test_catalogue_is_complete(code: str) -> None:
    assert all_texts() - LANGUAGES.by_code[code].messages.keys() == set()


@pytest.mark.parametrize("code", OTHERS)
def test_catalogue_has_nothing_out_of_date(code: str) -> None:
    assert LANGUAGES.by_code[code].messages.keys() - all_texts() == set()


@pytest.mark.parametrize("code", OTHERS)
def test_translations_keep_the_places_for_values(code: str) -> None:
    for source, translated in LANGUAGES.by_code[code].messages.items():
        assert places(translated) == places(source), source
        assert not re.search("[<>&\u202a-\u202e\u2066-\u2069]", translated), source


def test_every_catalogue_is_a_language() -> None:
    assert sorted(path.stem for path in TRANSLATIONS.glob("*.po")) == OTHERS
    assert OTHERS


@pytest.mark.parametrize(
    ("asked", "header", "expected"),
    [
        (None, "", "en"),
        ("ar", "en", "ar"),
        ("xx", "ar", "ar"),
        ("../ar", "", "en"),
        (None, "ar-EG,ar;q=0.9,en;q=0.8", "ar"),
        (None, "fr, ar;q=0.5, en;q=0.9", "en"),
        (None, "en;q=nonsense, ar", "ar"),
        (None, "*;q=0", "en"),
        (None, "ar" * 100_000, "en"),
    ],
)
def test_language_is_chosen(asked: str | None, header: str, expected: str) -> None:
    assert LANGUAGES.choose(asked, header).code == expected


def test_what_is_not_translated_is_marked_as_english() -> None:
    arabic = LANGUAGES.by_code["ar"]
    assert arabic.sentence("Never translated.") == Translation("Never translated.", "en", "ltr")
    assert arabic.sentence("Passed").dir == "rtl"


def test_values_in_markup_are_escaped() -> None:
    shown = LANGUAGES.default.html("See {address}.", address="<b>")
    assert str(shown) == "See &lt;b&gt;."
