"""The languages of the pages. English is the source; a catalogue per other language lies in `translations/`.

The English text is the key, also for the sentences of verification. What has no translation stays English and is
marked as English.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from markupsafe import Markup

TRANSLATIONS: Final = Path(__file__).resolve().parent / "translations"
MAX_HEADER_CHARACTERS: Final = 200
"""Longest Accept-Language header that is looked at."""

_TAG = re.compile(r"[a-z]{2,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Translation:
    """A text to show, and the language it is in."""

    text: str
    lang: str
    dir: str


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages."""

    code: str
    name: str
    direction: str
    locale: Locale
    messages: Mapping[str, str]

    def text(self, source: str, **values: object) -> str:
        """The translation of an English text, with `values` put in."""
        return self.messages.get(source, source).format(**values)

    def html(self, source: str, **values: object) -> Markup:
        """Like `text`; values that are not markup are escaped."""
        return Markup(self.messages.get(source, source)).format(**values)  # noqa: S704 - our own catalogue

    def sentence(self, english: str) -> Translation:
        """The translation of a sentence of a report, or the sentence marked as English."""
        translated = self.messages.get(english)
        if translated is None:
            return Translation(english, "en", "ltr")
        return Translation(translated, self.code, self.direction)

    def date(self, instant: datetime.datetime) -> str:
        """The day of an instant, in UTC, written out."""
        return self.day(instant.astimezone(datetime.UTC).date())

    def day(self, day: datetime.date) -> str:
        """A day, written out."""
        return format_date(day, "long", locale=self.locale)

    def date_time(self, instant: datetime.datetime) -> str:
        """Day and time of an instant, in UTC, written out."""
        return f"{self.date(instant)}, {instant.astimezone(datetime.UTC):%H:%M} UTC"

    def country(self, code: str) -> str:
        """The name of a country, or its code where there is none."""
        return str(self.locale.territories.get(code, code))

    def language_name(self, tag: str) -> str:
        """The name of a language tag's language, or the tag itself."""
        return str(self.locale.languages.get(tag.partition("-")[0].lower(), tag))


@dataclass(frozen=True, slots=True)
class Languages:
    """All languages, English first."""

    by_code: Mapping[str, Language]

    @property
    def default(self) -> Language:
        """English."""
        return self.by_code["en"]

    def choose(self, wanted: str | None, accept_language: str) -> Language:
        """The language asked for by `?lang=`, else the one that the browser likes best, else English."""
        if wanted is not None and wanted in self.by_code:
            return self.by_code[wanted]
        for tag in _preferred(accept_language[:MAX_HEADER_CHARACTERS]):
            if tag in self.by_code:
                return self.by_code[tag]
        return self.default


def load_languages() -> Languages:
    """English and every language that has a catalogue."""
    found = {"en": _language("en", {})}
    for path in sorted(TRANSLATIONS.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=path.stem, abort_invalid=True)
        messages: dict[str, str] = {
            str(message.id): str(message.string)
            for message in catalogue
            if message.id and message.string and not message.fuzzy
        }
        found[path.stem] = _language(path.stem, messages)
    return Languages(MappingProxyType(found))


def _language(code: str, messages: Mapping[str, str]) -> Language:
    locale = Locale("en", "GB") if code == "en" else Locale(code)
    name = locale.languages[code]
    return Language(
        code, name[:1].upper() + name[1:], locale.text_direction, locale, MappingProxyType(dict(messages))
    )


def _preferred(header: str) -> Sequence[str]:
    weighted: list[tuple[float, str]] = []
    for part in header.lower().split(","):
        tag, _, quality = part.strip().partition(";q=")
        primary = tag.partition("-")[0].strip()
        if _TAG.fullmatch(primary):
            try:
                weighted.append((-float(quality or "1"), primary))
            except ValueError:
                weighted.append((0.0, primary))
    return [tag for _, tag in sorted(weighted, key=lambda item: item[0])]
