"""Which pairs of countries have what between them: the strongest kind of tie of each pair, on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import permutations
from types import MappingProxyType
from typing import Final

from skillcred.recognition.agreements import find_between
from skillcred.recognition.records import Agreement, RecognitionData, Standing


class Tie(StrEnum):
    """What there is between two countries, the strongest first. It may be for one profession only, and says nothing
    about one person."""

    AUTOMATIC = "automatic"
    CONVENTION = "convention"
    MANAGED = "managed"
    OTHER = "other"
    COMPARED = "compared"
    NAMED = "named"


_STRENGTH: Final = {tie: place for place, tie in enumerate(Tie)}
_KINDS: Final = {"convention_duty": Tie.CONVENTION, "managed": Tie.MANAGED}


@dataclass(frozen=True, slots=True)
class Survey:
    """`ties` by origin and destination; a pair that is not there has nothing in the data. `agreements` are the ids
    behind a tie, in the order of the data."""

    at: date
    ties: Mapping[tuple[str, str], Tie]
    agreements: Mapping[tuple[str, str], tuple[str, ...]]
    release: str

    def countries(self) -> tuple[str, ...]:
        """Every country that has a tie, in the order of codes."""
        return tuple(sorted({code for pair in self.ties for code in pair}))

    def count(self, tie: Tie) -> int:
        """How many pairs have this as their strongest."""
        return sum(1 for found in self.ties.values() if found is tie)


def survey_pairs(data: RecognitionData, at: date) -> Survey:
    """Look at every ordered pair that an agreement names or a comparison of levels joins. An agreement that names both
    and binds them not is `NAMED`."""
    ties: dict[tuple[str, str], Tie] = {}
    behind: dict[tuple[str, str], list[str]] = {}
    for agreement in data.agreements.values():
        for pair in permutations(dict.fromkeys(party.country for party in agreement.parties), 2):
            found = find_between(agreement, *pair, at)
            if found is not None:
                _add(ties, pair, _tie_of(agreement) if found.binds else Tie.NAMED)
                behind.setdefault(pair, []).append(agreement.id)
    for pair in _compared_countries(data):
        _add(ties, pair, Tie.COMPARED)
    return Survey(
        at,
        MappingProxyType(ties),
        MappingProxyType({pair: tuple(ids) for pair, ids in behind.items()}),
        data.release,
    )


def _tie_of(agreement: Agreement) -> Tie:
    return Tie.AUTOMATIC if agreement.automatic else _KINDS.get(agreement.kind, Tie.OTHER)


def _add(ties: dict[tuple[str, str], Tie], pair: tuple[str, str], tie: Tie) -> None:
    held = ties.get(pair)
    if held is None or _STRENGTH[tie] < _STRENGTH[held]:
        ties[pair] = tie


def _compared_countries(data: RecognitionData) -> set[tuple[str, str]]:
    """Pairs whose frameworks a source compares with each other; what it took by way of a third one is left out."""
    found = set()
    for comparison in data.comparisons:
        home = data.frameworks.get(comparison.from_framework)
        host = data.frameworks.get(comparison.to_framework)
        if (
            comparison.standing is Standing.AGREED
            and home is not None
            and host is not None
            and home.country is not None
            and host.country is not None
            and home.country != host.country
        ):
            found |= {(home.country, host.country), (host.country, home.country)}
    return found
