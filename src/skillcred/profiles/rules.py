"""What a schema cannot say: codes that exist, translations that agree, periods that do not run backwards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.model.findings import Findings, has_type, items_of
from skillcred.model.outcomes import RANGE_ERROR, Problem
from skillcred.profiles.codes import (
    COUNTRIES,
    EQF,
    find_code_system,
    is_consistent,
    is_known_code,
    load_codes,
)

_TRANSLATED: Final = (
    ("name", "nameTranslations"),
    ("description", "descriptionTranslations"),
    ("narrative", "narrativeTranslations"),
    ("jobTitle", "jobTitleTranslations"),
)
_PERIODS: Final = (("periodStart", "periodEnd"), ("activityStartDate", "activityEndDate"))
_COUNTRY_MEMBERS: Final = ("countryOfAward", "addressCountryCode")
_TRANSLATIONS: Final = frozenset(translations for _, translations in _TRANSLATED)
_ENDS: Final = frozenset(end for _, end in _PERIODS)
_COUNTRIES: Final = frozenset(_COUNTRY_MEMBERS)
_ALIGNED: Final = frozenset({"frameworkId", "targetFramework", "targetUrl"})
"""An alignment with none of these names no framework that we know."""
_RULED: Final = _ALIGNED | _TRANSLATIONS | _ENDS | _COUNTRIES
"""An object with none of these members breaks no rule, whatever else it holds."""


def check_rules(document: JsonObject, objects: Iterable[JsonObject] | None = None) -> tuple[Problem, ...]:
    """The problems of a skill credential beyond its schema. Never raises; looks at every node. `objects` are all
    objects of this very document, where they are known already: places are then told only if one of them is at fault.
    """
    language = document.get("languageOfAward")
    if objects is not None:
        findings = Findings()
        for node in objects:
            if not _RULED.isdisjoint(node):
                _check_node(node, language, "", findings)
        _check_results(document, findings)
        if not findings.problems():
            return ()
    findings = Findings()
    for node, pointer in _nodes(document):
        _check_node(node, language, pointer, findings)
    _check_results(document, findings)
    return findings.problems()


def _check_node(node: JsonObject, language: JsonValue, pointer: str, findings: Findings) -> None:
    if not _ALIGNED.isdisjoint(node) and has_type(node, "Alignment"):
        _check_alignment(node, pointer, findings)
    if isinstance(language, str) and not _TRANSLATIONS.isdisjoint(node):
        _check_translations(node, language, pointer, findings)
    if not _ENDS.isdisjoint(node):
        _check_periods(node, pointer, findings)
    if not _COUNTRIES.isdisjoint(node):
        _check_countries(node, pointer, findings)


def _nodes(document: JsonObject) -> Iterator[tuple[JsonObject, str]]:
    """All objects, each before those inside it, in the order of the document. Other values cost no pointer."""
    stack: list[tuple[JsonValue, str]] = [(document, "")]
    while stack:
        value, pointer = stack.pop()
        inner: list[tuple[JsonValue, str]]
        if isinstance(value, dict):
            yield value, pointer
            inner = [
                (item, f"{pointer}/{pointer_token(name)}")
                for name, item in value.items()
                if isinstance(item, (dict, list))
            ]
        elif isinstance(value, list):
            inner = [
                (item, f"{pointer}/{index}")
                for index, item in enumerate(value)
                if isinstance(item, (dict, list))
            ]
        else:
            inner = []
        stack += reversed(inner)


def _check_alignment(alignment: JsonObject, pointer: str, findings: Findings) -> None:
    code, framework_id = alignment.get("targetCode"), alignment.get("frameworkId")
    system = find_code_system(alignment)
    if "frameworkId" in alignment and (framework_id == EQF.framework) != (system is EQF):
        findings.add(
            "framework_mismatch",
            "The frameworkId and the targetFramework name different frameworks.",
            f"{pointer}/frameworkId",
        )
    elif system is None:
        return
    elif isinstance(code, str) and not is_known_code(code, system):
        findings.add("unknown_code", f"{system.framework} has no such code.", f"{pointer}/targetCode")
    elif not is_consistent(alignment, system):
        findings.add(
            "code_url_mismatch",
            f"The targetUrl is not that of the code in {system.framework}.",
            f"{pointer}/targetUrl",
        )


def _check_translations(node: JsonObject, language: str, pointer: str, findings: Findings) -> None:
    for name, member in _TRANSLATED:
        if member not in node:
            continue
        translations = node[member]
        if not isinstance(translations, dict):
            continue
        if name not in node:
            findings.add(
                "translation_without_text",
                f"Translations need the text itself in {name}, in the language of award.",
                f"{pointer}/{member}",
            )
        elif language in translations and translations[language] != node[name]:
            findings.add(
                "translation_contradicts",
                f"The entry in the language of award differs from {name}.",
                f"{pointer}/{member}/{language}",
            )


def _check_periods(node: JsonObject, pointer: str, findings: Findings) -> None:
    for start_name, end_name in _PERIODS:
        if end_name not in node:
            continue
        start, end = node.get(start_name), node[end_name]
        if not isinstance(start, str) or not isinstance(end, str):
            continue
        try:
            inverted = parse_instant(end) < parse_instant(start)
        except DateTimeError:
            continue  # the schema says so
        if inverted:
            findings.add(
                "period_inverted", "The end lies before the start.", f"{pointer}/{end_name}", RANGE_ERROR
            )


def _check_countries(node: JsonObject, pointer: str, findings: Findings) -> None:
    for name in _COUNTRY_MEMBERS:
        if name not in node:
            continue
        country = node[name]
        if isinstance(country, str) and country not in load_codes(COUNTRIES):
            findings.add("unknown_code", "ISO 3166-1 has no such country code.", f"{pointer}/{name}")


def _check_results(document: JsonObject, findings: Findings) -> None:
    """A result refers to a result description of the same achievement (Open Badges 3.0, class Result)."""
    subjects = document.get("credentialSubject")
    if isinstance(subjects, dict) and "result" not in subjects:
        return
    for subject, pointer in items_of(subjects, "/credentialSubject"):
        if not isinstance(subject, dict) or "result" not in subject:
            continue
        achievement = subject.get("achievement")
        described = achievement.get("resultDescription") if isinstance(achievement, dict) else None
        known = [item.get("id") for item, _ in items_of(described, "") if isinstance(item, dict)]
        for result, place in items_of(subject["result"], f"{pointer}/result"):
            if not isinstance(result, dict) or "resultDescription" not in result:
                continue
            reference = result["resultDescription"]
            if isinstance(reference, str) and reference not in known:
                findings.add(
                    "result_not_described",
                    "The achievement has no result description with this id.",
                    f"{place}/resultDescription",
                )
