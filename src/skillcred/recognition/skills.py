"""A skills profile: what verified credentials show, against what an occupation asks for.

Skills are compared by their address, then by what is broader or narrower in the classification, then by their words,
and each match says which it was. Only the same address counts as held. A profile is information and no assessment:
what is missing here may be there without a credential that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from skillcred.recognition.case import Grade
from skillcred.recognition.classification import Concept, fold

MAX_STEPS: Final = 2
"""How many steps up still say something of a skill. Higher groups hold hundreds of skills."""


class MatchKind(StrEnum):
    """How what is shown and what is asked for belong together, the closest first."""

    EXACT = "exact"
    NARROWER = "narrower"
    BROADER = "broader"
    TEXT = "text"


class SkillState(StrEnum):
    """What the credentials show of a skill."""

    HELD = "held"
    PARTLY_HELD = "partly_held"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ShownSkill:
    """A skill that a verified credential names: by an address of the classification, in words, or both."""

    credential: str
    uri: str | None
    text: str | None
    grade: Grade


@dataclass(frozen=True, slots=True)
class SkillMatch:
    """A piece of evidence for a skill. `NARROWER`: what is shown is a special case of what is asked for; `BROADER`:
    it is more general; `TEXT`: only the words are the same as a label of it."""

    shown: ShownSkill
    kind: MatchKind


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A skill that the occupation asks for, what is shown of it, and the evidence."""

    uri: str
    label: str | None
    essential: bool
    state: SkillState
    matches: tuple[SkillMatch, ...]


@dataclass(frozen=True, slots=True)
class SkillsProfile:
    """`lines` in the order of the occupation, essential ones first. `beyond` is what the credentials show and the
    occupation does not ask for; `unverified` names credentials that counted for nothing."""

    occupation: Concept
    lines: tuple[SkillLine, ...]
    beyond: tuple[ShownSkill, ...]
    unverified: tuple[str, ...]

    def count(self, state: SkillState, *, essential: bool) -> int:
        """How many lines are of that kind."""
        return sum(1 for line in self.lines if line.state is state and line.essential is essential)


def build_skills_profile(
    occupation: Concept,
    shown: Sequence[ShownSkill],
    concepts: Mapping[str, Concept],
    by_label: Mapping[str, Collection[str]],
    unverified: Sequence[str] = (),
) -> SkillsProfile:
    """The profile. `concepts` has what the occupation asks for, what is shown, and what is broader than either;
    `by_label` leads from folded labels to addresses."""
    evidence = [_Evidence(item, concepts, by_label) for item in shown]
    used: set[int] = set()
    lines: list[SkillLine] = []
    for uris, essential in ((occupation.essential, True), (occupation.optional, False)):
        for uri in uris:
            matches: list[SkillMatch] = []
            above = ancestors(uri, concepts)
            for place, each in enumerate(evidence):
                match = each.match(uri, above)
                if match is not None:
                    used.add(place)
                    matches.append(match)
            matches.sort(key=lambda match: _ORDER[match.kind])
            concept = concepts.get(uri)
            lines.append(
                SkillLine(
                    uri,
                    None if concept is None else concept.label,
                    essential,
                    _state(matches),
                    tuple(matches),
                )
            )
    beyond = tuple(item for place, item in enumerate(shown) if place not in used)
    return SkillsProfile(occupation, tuple(lines), beyond, tuple(unverified))


def ancestors(uri: str, concepts: Mapping[str, Concept]) -> frozenset[str]:
    """What is broader than `uri`, up to `MAX_STEPS` steps."""
    found: set[str] = set()
    layer = {uri}
    for _ in range(MAX_STEPS):
        layer = {above for each in layer if each in concepts for above in concepts[each].broader} - found
        found |= layer
    return frozenset(found - {uri})


_ORDER: Final = {kind: place for place, kind in enumerate(MatchKind)}


def _state(matches: Sequence[SkillMatch]) -> SkillState:
    """What only the holder says is shown, and holds nothing by itself."""
    if any(m.kind is MatchKind.EXACT and m.shown.grade is not Grade.SELF_DECLARED for m in matches):
        return SkillState.HELD
    return SkillState.PARTLY_HELD if matches else SkillState.MISSING


class _Evidence:
    """A shown skill with what can be looked up of it once."""

    def __init__(
        self, shown: ShownSkill, concepts: Mapping[str, Concept], by_label: Mapping[str, Collection[str]]
    ) -> None:
        self._shown = shown
        self._above = frozenset[str]() if shown.uri is None else ancestors(shown.uri, concepts)
        text = None if shown.text is None or shown.uri in concepts else fold(shown.text)
        self._named = frozenset(by_label.get(text, ())) if text is not None else frozenset[str]()

    def match(self, wanted: str, above_wanted: Collection[str]) -> SkillMatch | None:
        """How this belongs to `wanted`, the closest way; `None` where it does not."""
        uri = self._shown.uri
        if uri is not None and uri == wanted:
            return SkillMatch(self._shown, MatchKind.EXACT)
        if wanted in self._above:
            return SkillMatch(self._shown, MatchKind.NARROWER)
        if uri in above_wanted:
            return SkillMatch(self._shown, MatchKind.BROADER)
        return SkillMatch(self._shown, MatchKind.TEXT) if wanted in self._named else None
