"""Compare what verified credentials show with what an occupation asks for. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skillcred.errors import InputError, NotFoundError
from skillcred.recognition.classification import Concept, ConceptKind, Release, fold
from skillcred.recognition.skills import MAX_STEPS, ShownSkill, SkillsProfile, build_skills_profile
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.recognition_evidence import (
    build_evidence,
    list_named_skills,
    verify_evidence,
)
from skillcred.services.verify_document import VerifyDocument

MAX_OCCUPATIONS: Final = 50
"""Most occupations in an answer to a search."""
MAX_WORDS: Final = 80
"""Longest words to search for, in characters."""


class UnknownOccupationError(InputError):
    """The classification has no such occupation."""

    default_code = "unknown_occupation"


class NoClassificationError(NotFoundError):
    """This deployment has not taken over a classification of skills."""

    default_code = "no_classification"


@dataclass(frozen=True, slots=True)
class ProfiledSkills:
    """A profile and the release that it was made with."""

    profile: SkillsProfile
    release: Release


@dataclass(frozen=True, slots=True)
class ProfileSkills:
    """The use case."""

    verify_document: VerifyDocument
    units: UnitOfWorkFactory

    def __call__(self, documents: Sequence[bytes], occupation: str) -> ProfiledSkills:
        """The profile of one person against an occupation, named by its ESCO address.

        Raises `UnknownOccupationError`, `NoClassificationError`, `RecognitionRequestError` where the credentials are
        too many or of different people.
        """
        found = verify_evidence(self.verify_document, documents)
        held = build_evidence(found)
        with self.units(writes=False) as unit:
            release = _release(unit)
            concept = unit.classification.find_concepts([occupation]).get(occupation)
            if concept is None or concept.kind is not ConceptKind.OCCUPATION:
                raise UnknownOccupationError("ESCO has no such occupation.", pointer="/occupation")
            shown = [
                ShownSkill(item.id, uri, text, item.grade)
                for item, presented in zip(held, found, strict=True)
                if item.verified
                for uri, text in dict.fromkeys(list_named_skills(presented.report))
            ]
            uris = {*concept.essential, *concept.optional, *(s.uri for s in shown if s.uri is not None)}
            concepts = _with_broader(unit, uris)
            labels = unit.classification.find_by_labels({fold(s.text) for s in shown if s.text is not None})
        unverified = tuple(item.id for item in held if not item.verified)
        return ProfiledSkills(build_skills_profile(concept, shown, concepts, labels, unverified), release)

    def find_occupations(self, *, isco: str | None = None, words: str | None = None) -> list[Concept]:
        """Occupations by their ISCO-08 code, or the beginning of one, and words in a label, at most
        `MAX_OCCUPATIONS`. Raises `NoClassificationError`."""
        with self.units(writes=False) as unit:
            _release(unit)
            return unit.classification.search_occupations(
                isco=isco, words=None if words is None else fold(words[:MAX_WORDS]), limit=MAX_OCCUPATIONS
            )


def _release(unit: UnitOfWork) -> Release:
    release = unit.classification.find_release()
    if release is None:
        raise NoClassificationError("This deployment has no classification of skills.")
    return release


def _with_broader(unit: UnitOfWork, uris: set[str]) -> dict[str, Concept]:
    """The concepts and what is broader, as far as it is looked at."""
    found: dict[str, Concept] = {}
    layer = uris
    for _ in range(MAX_STEPS + 1):
        new = unit.classification.find_concepts(layer - found.keys())
        found |= new
        layer = {above for concept in new.values() for above in concept.broader}
    return found
