"""What the recognition pages show, in the language of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from babel.units import format_unit

from skillcred.profiles.codes import COUNTRIES, load_codes
from skillcred.recognition.agreements import PairFinding
from skillcred.recognition.records import RecognitionData, TimeLimit
from skillcred.recognition.survey import Survey, Tie
from skillcred.recognition.wording import get_sentence
from skillcred.web.pages.languages import Language, Translation
from skillcred.web.pages.recognition_labels import WORKING_DAYS

REGIONS: Final = "un-m49-regions"
"""File name of the list of regions, by which the map puts neighbours beside each other."""


LABEL_HEIGHT: Final = 2.4
"""Height of a line of text on the map, in countries."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A code and its name in the language of the page."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences for codes, in the language of the page or marked as English."""

    language: Language

    def __call__(self, code: str) -> Translation:
        """The sentence for a code."""
        return self.language.sentence(get_sentence(code))

    def limit(self, limit: TimeLimit) -> str:
        """A time limit in words."""
        if limit.unit == "month":
            return self._amount(limit.count, "duration-month")
        return self.language.text(WORKING_DAYS, count=limit.count)

    def years(self, count: float) -> str:
        """A number of years in words."""
        return self._amount(count, "duration-year")

    def _amount(self, count: float, unit: str) -> str:
        """Some languages have one form only, which the locale data call short; without it, what comes back is the name
        of the unit."""
        long = format_unit(count, unit, locale=self.language.locale)
        return format_unit(count, unit, length="short", locale=self.language.locale) if unit in long else long


@dataclass(frozen=True, slots=True)
class MapRow:
    """A destination, as seen from one country: what there is, by which agreements."""

    country: Choice
    tie: Tie
    agreements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapCountry:
    """A country on the axes of the map. `place` counts from 0."""

    country: Choice
    place: int
    region: str
    first_of_region: bool


@dataclass(frozen=True, slots=True)
class MapView:
    """The map of pairs. `paths` are drawings in a grid of one unit a country: rows are origins, columns
    destinations."""

    countries: tuple[MapCountry, ...]
    paths: Mapping[Tie, str]
    counts: Mapping[Tie, int]
    choices: tuple[Choice, ...]
    origin: Choice | None
    rows: tuple[MapRow, ...]
    release: str

    @property
    def size(self) -> int:
        """How many countries stand on each axis."""
        return len(self.countries)

    @property
    def regions(self) -> tuple[tuple[str, int, float], ...]:
        """Each region with the place of its first country and that of its label, moved on where labels would touch."""
        found: list[tuple[str, int, float]] = []
        for entry in self.countries:
            if entry.first_of_region:
                after = found[-1][2] + LABEL_HEIGHT if found else 0.0
                found.append((entry.region, entry.place, round(max(entry.place, after), 1)))
        return tuple(found)


def list_countries(language: Language) -> tuple[Choice, ...]:
    """All countries by name."""
    return tuple(
        sorted(
            (Choice(code, language.country(code)) for code in load_codes(COUNTRIES)),
            key=lambda choice: (choice.name.casefold(), choice.code),
        )
    )


def split_findings(
    findings: Sequence[PairFinding],
) -> tuple[tuple[PairFinding, ...], tuple[PairFinding, ...]]:
    """Those that bind, and those that were looked at and do not."""
    return tuple(f for f in findings if f.binds), tuple(f for f in findings if not f.binds)


def build_map_view(survey: Survey, data: RecognitionData, language: Language, origin: str | None) -> MapView:
    """The map, and the table for one country of origin."""
    regions = load_codes(REGIONS)
    ordered = sorted(
        (Choice(code, language.country(code)) for code in survey.countries()),
        key=lambda choice: (regions.get(choice.code, "~"), choice.name.casefold()),
    )
    countries: list[MapCountry] = []
    for place, choice in enumerate(ordered):
        region = regions.get(choice.code, "")
        countries.append(MapCountry(choice, place, region, not countries or countries[-1].region != region))
    rows = tuple(
        MapRow(
            Choice(pair[1], language.country(pair[1])),
            tie,
            tuple(data.agreements[found].name for found in survey.agreements.get(pair, ())),
        )
        for pair, tie in survey.ties.items()
        if pair[0] == origin
    )
    order = list(Tie)
    return MapView(
        tuple(countries),
        {tie: _draw(survey, [choice.code for choice in ordered], tie) for tie in Tie},
        {tie: survey.count(tie) for tie in Tie},
        tuple(sorted(ordered, key=lambda choice: choice.name.casefold())),
        None if origin is None else Choice(origin, language.country(origin)),
        tuple(sorted(rows, key=lambda row: (order.index(row.tie), row.country.name.casefold()))),
        survey.release,
    )


def _draw(survey: Survey, codes: Sequence[str], tie: Tie) -> str:
    """One path for all pairs of a kind: neighbours in a row are one rectangle."""
    drawn: list[str] = []
    for y, origin in enumerate(codes):
        start: int | None = None
        for x in range(len(codes) + 1):
            inside = x < len(codes) and survey.ties.get((origin, codes[x])) is tie
            if inside and start is None:
                start = x
            elif not inside and start is not None:
                drawn.append(f"M{start} {y}h{x - start}v1h{start - x}z")
                start = None
    return "".join(drawn)
