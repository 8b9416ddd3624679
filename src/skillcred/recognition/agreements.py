"""Which agreements bind two countries on a day, and how far their conditions are met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from skillcred.recognition.case import Answer, Fact, Grade, Held, Kind, Question
from skillcred.recognition.evidence import FORMAL, PRIOR_LEARNING, Body
from skillcred.recognition.records import Agreement, Applies, Condition, Party, PartyState, Purpose

_KINDS: Final = {
    "any": frozenset(Kind),
    "formal": FORMAL,
    "higher": frozenset({Kind.HIGHER}),
    "school": frozenset({Kind.SCHOOL}),
    "academic": frozenset({Kind.HIGHER, Kind.SCHOOL}),
    "vocational": frozenset({Kind.VOCATIONAL}),
    "vocational_or_professional": frozenset({Kind.HIGHER, Kind.VOCATIONAL, Kind.FORMAL}),
    "experience": frozenset({Kind.EXPERIENCE}),
    "registration": frozenset({Kind.REGISTRATION}),
    "non_formal_or_experience": PRIOR_LEARNING,
    "notice_of_partial_equivalence": frozenset[Kind](),
    "obtained_at_destination": FORMAL,
}


@dataclass(frozen=True, slots=True)
class PairFinding:
    """Whether an agreement binds two countries on a day: `reason` is `in_effect` or says why it does not.
    `start_seen`: a source gives the day from which it is in effect; `date_seen`: or at least that on which it was
    signed."""

    agreement: Agreement
    origin: Party
    destination: Party
    reason: str
    date_seen: bool
    start_seen: bool

    @property
    def binds(self) -> bool:
        """Whether it may be used at all."""
        return self.reason == "in_effect"


@dataclass(frozen=True, slots=True)
class ConditionFinding:
    """Whether a condition is met, and what that rests on."""

    code: str
    answer: Answer
    rests_on: str
    evidence: tuple[str, ...]


def find_between(agreement: Agreement, origin: str, destination: str, at: date) -> PairFinding | None:
    """What `agreement` is between two countries on the day `at`; `None` where it does not name both in these
    roles."""
    home = _party(agreement, origin, "origin")
    host = _party(agreement, destination, "destination")
    if home is None or host is None or origin == destination:
        return None
    since = [party.since or agreement.in_force or agreement.signed for party in (home, host)]
    seen = all(since)
    reason = "in_effect"
    for party in (home, host):
        if party.state is not PartyState.IN_EFFECT:
            reason = party.state.value
    if agreement.until is not None and at.isoformat() > _latest(agreement.until):
        reason = "ended"
    starts = [text for text in (*since, agreement.in_force) if text]
    started = agreement.in_force is not None or (home.since is not None and host.since is not None)
    if reason == "in_effect" and any(at.isoformat() < _latest(text) for text in starts):
        reason = "not_yet_in_effect"
    return PairFinding(agreement, home, host, reason, seen, started)


def fits(applies: Applies, held: Held, purpose: Purpose, occupation: str | None) -> bool | None:
    """Whether a record is made for this; `None` where it depends on an occupation that is not told."""
    if purpose not in applies.purposes or held.kind not in _KINDS[applies.evidence]:
        return False
    if applies.isco is None and not applies.isco_excluded:
        return True
    codes = (occupation,) if occupation is not None else held.isco
    if not codes:
        return None
    inside = applies.isco is None or any(code.startswith(applies.isco) for code in codes)
    return inside and not any(code.startswith(applies.isco_excluded) for code in codes)


def check_conditions(
    finding: PairFinding, held: Held, body: Body, question: Question
) -> Iterator[ConditionFinding]:
    """Each condition with its answer, what it rests on and the credentials that show it. What nobody but the holder
    says leaves it unknown. Evidence of the whole body is looked at, so that a licence in one credential answers for
    the degree in another."""
    codes = set()
    for condition in finding.agreement.conditions:
        codes.add(condition.code)
        answer, evidence = _computed(condition, finding, held, body, question)
        if answer is Answer.UNKNOWN:
            yield ConditionFinding(condition.code, *_stated(condition.code, question.facts), ())
        else:
            yield ConditionFinding(condition.code, answer, "credential", evidence)
    for party in (finding.origin, finding.destination):
        for code in list_party_conditions(party):
            if code not in codes:
                codes.add(code)
                yield ConditionFinding(code, *_stated(code, question.facts), ())


def list_party_conditions(party: Party) -> list[str]:
    """The codes of what an agreement asks for of one party only."""
    found = [] if party.condition is None else [party.condition]
    if party.region is not None:
        found.append("region_" + party.region.lower().replace("-", "_"))
    return found


def _computed(
    condition: Condition, finding: PairFinding, held: Held, body: Body, question: Question
) -> tuple[Answer, tuple[str, ...]]:
    match condition.criterion:
        case "origin":
            return Answer.MET, (held.id,)
        case "award_date":
            return _awarded_in_time(finding, held), (held.id,)
        case "nationality" if question.nationality is not None:
            bound = {p.country for p in finding.agreement.parties if p.state is PartyState.IN_EFFECT}
            return (Answer.MET if question.nationality in bound else Answer.NOT_MET), ()
        case "registration":
            return _shown(body.registrations(finding.origin.country))
        case "continuous_years" if body.continuous_years() >= (condition.value or 0):
            return _shown(body.experience())
        case "years_in_last_ten" if body.full_time_years(10) >= (condition.value or 0):
            return _shown(body.experience())
    return Answer.UNKNOWN, ()


def _shown(held: Sequence[Held]) -> tuple[Answer, tuple[str, ...]]:
    return (Answer.MET if held else Answer.UNKNOWN), tuple(item.id for item in held)


def _awarded_in_time(finding: PairFinding, held: Held) -> Answer:
    """By the day from which the country of the award is a member; its home decides, the host must be one now."""
    since = finding.origin.since
    if held.awarded is None or since is None:
        return Answer.UNKNOWN
    awarded = held.awarded.isoformat()
    if awarded >= _latest(since):
        return Answer.MET
    return Answer.NOT_MET if awarded < since else Answer.UNKNOWN


def _stated(code: str, facts: tuple[Fact, ...]) -> tuple[Answer, str]:
    found = [fact for fact in facts if fact.code == code]
    strong = [fact for fact in found if fact.grade is not Grade.SELF_DECLARED]
    for fact in strong:
        if fact.answer is Answer.MET:
            return Answer.MET, fact.grade.value
    for fact in strong:
        if fact.answer is Answer.NOT_MET:
            return Answer.NOT_MET, fact.grade.value
    return Answer.UNKNOWN, Grade.SELF_DECLARED.value if found else "nothing"


def _party(agreement: Agreement, country: str, side: str) -> Party | None:
    found = [p for p in agreement.parties if p.country == country and p.side in (side, "both")]
    return found[0] if found else None


def _latest(text: str) -> str:
    """The last day that a date of a year, a month or a day can mean, for comparing as text."""
    return {4: f"{text}-12-31", 7: f"{text}-31"}.get(len(text), text)
