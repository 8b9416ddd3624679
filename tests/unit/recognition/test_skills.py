"""Skills profiles: how evidence and an occupation meet, and that each match says how."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from skillcred.recognition.case import Grade
from skillcred.recognition.classification import ESCO_PREFIX, Concept, ConceptKind, fold
from skillcred.recognition.skills import (
    MatchKind,
    ShownSkill,
    SkillsProfile,
    SkillState,
    ancestors,
    build_skills_profile,
)


def skill(name: str, *broader: str, kind: ConceptKind = ConceptKind.SKILL) -> Concept:
    return Concept(ESCO_PREFIX + name, kind, name, broader=tuple(ESCO_PREFIX + each for each in broader))


CONCEPTS = {
    concept.uri: concept
    for concept in (
        skill("tig", "arc"),
        skill("arc", "welding"),
        skill("welding", "metal", kind=ConceptKind.GROUP),
        skill("metal", "making", kind=ConceptKind.GROUP),
        skill("making", kind=ConceptKind.GROUP),
        skill("safety"),
        skill("loop", "loop"),
    )
}
WELDER = Concept(
    ESCO_PREFIX + "welder", ConceptKind.OCCUPATION, "welder", (), "7212",
    tuple(ESCO_PREFIX + name for name in ("arc", "safety")), (ESCO_PREFIX + "tig",),
)  # fmt: skip
LABELS = {fold(str(concept.label)): frozenset({uri}) for uri, concept in CONCEPTS.items()}


def profile(*shown: ShownSkill) -> SkillsProfile:
    return build_skills_profile(WELDER, shown, CONCEPTS, LABELS)


def shown(name: str | None, text: str | None = None, grade: Grade = Grade.AWARDED) -> ShownSkill:
    return ShownSkill("credential-1", None if name is None else ESCO_PREFIX + name, text, grade)


def states(made: SkillsProfile) -> dict[str, tuple[str, list[str]]]:
    return {
        str(line.label): (line.state.value, [match.kind.value for match in line.matches])
        for line in made.lines
    }


def test_by_address_then_by_what_is_broader_then_by_words() -> None:
    made = states(profile(shown("arc"), shown(None, "Safety ")))
    assert made == {
        "arc": ("held", ["exact"]),
        "safety": ("partly_held", ["text"]),
        "tig": ("partly_held", ["broader"]),
    }
    assert states(profile(shown("tig")))["arc"] == ("partly_held", ["narrower"])


def test_far_above_says_nothing() -> None:
    assert states(profile(shown("welding")))["arc"] == ("partly_held", ["broader"])
    assert states(profile(shown("metal")))["arc"] == ("partly_held", ["broader"])
    far = profile(shown("making"))
    assert {state for state, _ in states(far).values()} == {"missing"}
    assert [item.uri for item in far.beyond] == [ESCO_PREFIX + "making"]
    assert ancestors(ESCO_PREFIX + "loop", CONCEPTS) == frozenset()


def test_what_only_the_holder_says_is_not_held() -> None:
    assert states(profile(shown("arc", grade=Grade.SELF_DECLARED)))["arc"] == ("partly_held", ["exact"])
    both = profile(shown("arc", grade=Grade.SELF_DECLARED), shown("arc", grade=Grade.ATTESTED))
    assert states(both)["arc"] == ("held", ["exact", "exact"])


def test_words_beside_a_known_address_are_not_matched_again() -> None:
    """The address is what was signed as the skill; its words could say something else."""
    made = profile(shown("making", "safety"))
    assert states(made)["safety"] == ("missing", [])
    assert states(profile(shown("unknown", "safety")))["safety"] == ("partly_held", ["text"])


SHOWN = st.builds(
    ShownSkill,
    st.sampled_from(["credential-1", "credential-2"]),
    st.none() | st.sampled_from([*CONCEPTS, ESCO_PREFIX + "unknown"]),
    st.none() | st.sampled_from(["arc", "Safety", "nothing"]),
    st.sampled_from(list(Grade)),
)
RANK = {SkillState.MISSING: 0, SkillState.PARTLY_HELD: 1, SkillState.HELD: 2}


@given(st.lists(SHOWN, max_size=6), SHOWN)
def test_more_evidence_never_takes_a_skill_away(some: list[ShownSkill], one: ShownSkill) -> None:
    less, more = profile(*some), profile(*some, one)
    for before, after in zip(less.lines, more.lines, strict=True):
        assert RANK[after.state] >= RANK[before.state]


@given(st.lists(SHOWN, max_size=6))
def test_every_statement_has_its_evidence(some: list[ShownSkill]) -> None:
    made = profile(*some)
    used = [match.shown for line in made.lines for match in line.matches]
    assert set(used) | set(made.beyond) == set(some)
    for line in made.lines:
        assert bool(line.matches) is (line.state is not SkillState.MISSING)
        if line.state is SkillState.HELD:
            assert line.matches[0].kind is MatchKind.EXACT
