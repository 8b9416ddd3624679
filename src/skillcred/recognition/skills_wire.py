"""Skills profiles as JSON, with a sentence beside each code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.recognition.classification import ATTRIBUTION, Concept, Release
from skillcred.recognition.skills import MatchKind, ShownSkill, SkillLine, SkillsProfile, SkillState
from skillcred.recognition.wording import get_sentence

FORMAT: Final = "skillcred-skills-profile-1"
NOTE: Final = (
    "Drawn from verified credentials only. It is no assessment: a skill that is missing here may be there without a "
    "credential that names it."
)
STATES: Final[Mapping[SkillState, str]] = MappingProxyType(
    {SkillState.HELD: "Held.", SkillState.PARTLY_HELD: "Partly held.", SkillState.MISSING: "Not shown."}
)
KINDS: Final[Mapping[MatchKind, str]] = MappingProxyType(
    {
        MatchKind.EXACT: "The credential names this very skill.",
        MatchKind.NARROWER: "The credential names a special case of it.",
        MatchKind.BROADER: "The credential names something more general.",
        MatchKind.TEXT: "Only the words are the same; the credential does not point into the classification.",
    }
)


def build_profile_json(profile: SkillsProfile, release: Release) -> JsonObject:
    """The profile as JSON; sentences are English and codes are stable."""
    return {
        "format": FORMAT,
        "note": NOTE,
        "attribution": ATTRIBUTION,
        "classification": {"name": "ESCO", "version": release.version},
        "occupation": build_occupation_json(profile.occupation),
        "counts": {
            state.value: {
                "essential": profile.count(state, essential=True),
                "optional": profile.count(state, essential=False),
            }
            for state in SkillState
        },
        "skills": [_line_json(line) for line in profile.lines],
        "beyond": [_shown_json(shown) for shown in profile.beyond],
        "unverified": [*profile.unverified],
    }


def build_occupation_json(concept: Concept) -> JsonObject:
    """An occupation of the classification."""
    return {"uri": concept.uri, "label": concept.label, "isco": concept.isco}


def _line_json(line: SkillLine) -> JsonObject:
    return {
        "uri": line.uri,
        "label": line.label,
        "essential": line.essential,
        "state": line.state.value,
        "sentence": STATES[line.state],
        "evidence": [
            _shown_json(match.shown) | {"match": match.kind.value, "sentence": KINDS[match.kind]}
            for match in line.matches
        ],
    }


def _shown_json(shown: ShownSkill) -> JsonObject:
    return {
        "credential": shown.credential,
        "uri": shown.uri,
        "text": shown.text,
        "grade": shown.grade.value,
        "grade_sentence": get_sentence(shown.grade.value),
    }
