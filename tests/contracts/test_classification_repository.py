"""What every storage promises about a classification, run over the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from skillcred.recognition.classification import ESCO_PREFIX, Concept, ConceptKind, Release
from skillcred.services.ports import UnitOfWorkFactory

RELEASE = Release("1.2.0", "ab" * 32, datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC), 2, 2, 1)
WELDER = Concept(
    ESCO_PREFIX + "occupation/1", ConceptKind.OCCUPATION, "welder", ("Weld Worker", "50%_off"), "7212",
    (ESCO_PREFIX + "skill/a",), (ESCO_PREFIX + "skill/b",),
)  # fmt: skip
NURSE = Concept(ESCO_PREFIX + "occupation/2", ConceptKind.OCCUPATION, "nurse", (), "2221")
ARC = Concept(ESCO_PREFIX + "skill/a", ConceptKind.SKILL, "arc welding", broader=(ESCO_PREFIX + "skill/g",))
BARE = Concept(ESCO_PREFIX + "skill/b", ConceptKind.SKILL, None, ("soudage à l\u2019arc", "ARC  welding"))
GROUP = Concept(ESCO_PREFIX + "skill/g", ConceptKind.GROUP, "welding")
ALL = (WELDER, NURSE, ARC, BARE, GROUP)


def put(units: UnitOfWorkFactory, release: Release = RELEASE, concepts: tuple[Concept, ...] = ALL) -> None:
    with units(writes=True) as unit:
        unit.classification.replace(release, concepts)
        unit.commit()


def test_all_members_come_back(units: UnitOfWorkFactory) -> None:
    with units(writes=False) as unit:
        assert unit.classification.find_release() is None
    put(units)
    with units(writes=False) as unit:
        assert unit.classification.find_release() == RELEASE
        uris = [concept.uri for concept in ALL]
        assert unit.classification.find_concepts([*uris, "x"]) == {concept.uri: concept for concept in ALL}
        assert unit.classification.find_concepts([]) == {}


def test_labels_lead_to_skills_alone(units: UnitOfWorkFactory) -> None:
    put(units)
    with units(writes=False) as unit:
        found = unit.classification.find_by_labels(
            {"arc welding", "soudage à l\u2019arc", "welding", "welder"}
        )
        assert found == {"arc welding": {ARC.uri, BARE.uri}, "soudage à l\u2019arc": {BARE.uri}}


def test_occupations_are_found_by_code_and_words(units: UnitOfWorkFactory) -> None:
    put(units)
    with units(writes=False) as unit:
        search = unit.classification.search_occupations
        assert search(isco=None, words=None, limit=9) == [WELDER, NURSE]
        assert search(isco="72", words=None, limit=9) == [WELDER]
        assert search(isco=None, words="weld work", limit=9) == [WELDER]
        assert search(isco="2221", words="weld", limit=9) == []
        assert search(isco=None, words="0%_o", limit=9) == [WELDER]
        assert search(isco=None, words="0_", limit=9) == [], "a placeholder of the database is a sign here"
        assert search(isco=None, words=None, limit=1) == [WELDER]


def test_a_release_takes_the_place_of_the_one_before(units: UnitOfWorkFactory) -> None:
    put(units)
    put(units, replace(RELEASE, version="1.3.0"), (NURSE,))
    with units(writes=False) as unit:
        found = unit.classification.find_release()
        assert found is not None
        assert found.version == "1.3.0"
        assert unit.classification.find_concepts([WELDER.uri, NURSE.uri]) == {NURSE.uri: NURSE}
        assert unit.classification.find_by_labels({"arc welding"}) == {}


def test_what_is_not_committed_is_not_there(units: UnitOfWorkFactory) -> None:
    put(units)
    with units(writes=True) as unit:
        unit.classification.replace(RELEASE, ())
    with units(writes=False) as unit:
        assert len(unit.classification.find_concepts([concept.uri for concept in ALL])) == len(ALL)
