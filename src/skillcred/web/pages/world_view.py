"""The bodies of the world by country: those that are enrolled, and, never confused, those only listed by sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from skillcred.services.listed_records import ListedBody
from skillcred.services.records import NationalBody
from skillcred.web.pages.languages import Language


@dataclass(frozen=True, slots=True)
class CountryEntry:
    """A country and its bodies."""

    code: str
    name: str
    enrolled: tuple[NationalBody, ...]
    listed: tuple[ListedBody, ...]


@dataclass(frozen=True, slots=True)
class WorldView:
    """`countries` are those shown, `choices` all of which something is known, by their names in the language of the
    page. The counts are of the whole registry."""

    countries: tuple[CountryEntry, ...]
    choices: tuple[CountryEntry, ...]
    chosen: str | None
    enrolled: int
    listed: int


def build_world_view(
    enrolled: Sequence[NationalBody], listed: Sequence[ListedBody], language: Language, chosen: str | None
) -> WorldView:
    """The view; `chosen` is the one country to show, or `None` for all."""
    bodies: dict[str, list[NationalBody]] = defaultdict(list)
    entries: dict[str, list[ListedBody]] = defaultdict(list)
    for body in enrolled:
        bodies[body.country].append(body)
    for entry in listed:
        entries[entry.country].append(entry)
    choices = sorted(
        (
            CountryEntry(
                code, language.country(code), tuple(bodies.get(code, ())), tuple(entries.get(code, ()))
            )
            for code in bodies.keys() | entries.keys()
        ),
        key=lambda country: (country.name.casefold(), country.code),
    )
    shown = tuple(country for country in choices if chosen in (None, country.code))
    return WorldView(shown, tuple(choices), chosen, len(enrolled), len(listed))
