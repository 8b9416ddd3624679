"""Which agreements bind two countries on a day, and how far their conditions are met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from skillcred.recognition.case import Answer, Fact, Grade, Held, Kind, Question
from skillcred.recognition.records import Agreement, Applies, Party, PartyState, Purpose

_FORMAL: Final = frozenset({Kind.HIGHER, Kind.VOCATIONAL, Kind.SCHOOL, Kind.FORMAL})
_KINDS: Final = {
    "any": frozenset(Kind),
    "formal": _FORMAL,
    "higher": frozenset({Kind.HIGHER}),
    "school": frozenset({Kind.SCHOOL}),
    "academic": frozenset({Kind.HIGHER, Kind.SCHOOL}),
    "vocational": frozenset({Kind.VOCATIONAL}),
    "vocational_or_professional": frozenset({Kind.HIGHER, Kind.VOCATIONAL, Kind.FORMAL}),
    "experience": frozenset({Kind.EXPERIENCE}),
    "registration": frozenset({Kind.REGISTRATION}),
    "non_formal_or_experience": frozenset({Kind.NON_FORMAL, Kind.INFORMAL, Kind.EXPERIENCE}),
    "notice_of_partial_equivalence": frozenset[Kind](),
    "obtained_at_destination": frozenset[Kind](),
}


@dataclass(frozen=True, slots=True)
class PairFinding:
    """Whether an agreement binds two countries on a day: `reason` is `in_effect` or says why it does not."""

    agreement: Agreement
    origin: Party
    destination: Party
    reason: str
    date_seen: bool

    @property
    def binds(self) -> bool:
        """Whether it may be used at all."""
        return self.reason == "in_effect"


def find_between(agreement: Agreement, origin: str, destination: str, at: date) -> PairFinding | None:
    """What `agreement` is between two countries on the day `at`; `None` where it does not name both in these roles."""
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
    if reason == "in_effect" and any(at.isoformat() < _latest(text) for text in starts):
        reason = "not_yet_in_effect"
    return PairFinding(agreement, home, host, reason, seen)


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
    finding: PairFinding, held: Held, question: Question
) -> Iterator[tuple[str, Answer, str]]:
    """Each condition with its answer, and what it rests on. A self-declaration leaves it unknown."""
    conditions = list(finding.agreement.conditions)
    for party in (finding.origin, finding.destination):
        if party.condition is not None and party.condition not in conditions:
            conditions.append(party.condition)
        if party.region is not None:
            conditions.append("region_" + party.region.lower().replace("-", "_"))
    for code in conditions:
        known = _computed(code, finding, held, question)
        if known is not Answer.UNKNOWN:
            yield code, known, "credential"
        else:
            yield (code, *_stated(code, question.facts))


def _computed(code: str, finding: PairFinding, held: Held, question: Question) -> Answer:
    if code == "obtained_in_a_party":
        return Answer.MET
    if code == "registered_at_home" and held.kind is Kind.REGISTRATION:
        return Answer.MET if held.grade is Grade.AWARDED else Answer.UNKNOWN
    if code == "award_after_membership" and held.awarded is not None and finding.origin.since is not None:
        awarded, since = held.awarded.isoformat(), finding.origin.since
        if awarded >= _latest(since):
            return Answer.MET
        return Answer.NOT_MET if awarded < since else Answer.UNKNOWN
    if code == "national_of_a_party" and question.nationality is not None:
        bound = {p.country for p in finding.agreement.parties if p.state is PartyState.IN_EFFECT}
        return Answer.MET if question.nationality in bound else Answer.NOT_MET
    return Answer.UNKNOWN


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
