"""The decision procedure, as a pure function: what is to be expected in another country, by which rule and source.

It predicts and explains. Unknown never becomes a refusal: it becomes a list of what to bring.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.recognition.agreements import PairFinding, check_conditions, find_between, fits
from skillcred.recognition.case import (
    ELEMENTS,
    OFFSET_BY_EXPERIENCE,
    Answer,
    Grade,
    Held,
    Kind,
    LevelFinding,
    Line,
    Question,
    RecognitionResult,
)
from skillcred.recognition.levels import compare_with_country, judge_level
from skillcred.recognition.records import (
    Agreement,
    Nature,
    Outcome,
    PartyState,
    Procedure,
    Purpose,
    RecognitionData,
)

RANK: Final = {
    outcome: rank
    for rank, outcome in enumerate(
        (
            Outcome.NOT_VERIFIED,
            Outcome.EXCLUDED,
            Outcome.REFER,
            Outcome.INSUFFICIENT_EVIDENCE,
            Outcome.BACKGROUND,
            Outcome.COMPARABILITY,
            Outcome.ALTERNATIVE,
            Outcome.PARTIAL,
            Outcome.CONDITIONAL,
            Outcome.LEVEL,
            Outcome.FULL_EXPECTED,
            Outcome.NO_RECOGNITION_NEEDED,
            Outcome.AUTOMATIC,
        )
    )
}
"""Outcomes from the least to the most for the holder; the best that holds is told first."""
_PRIOR: Final = frozenset({Kind.NON_FORMAL, Kind.INFORMAL, Kind.EXPERIENCE})


@dataclass(frozen=True, slots=True)
class _Candidate:
    outcome: Outcome
    nature: Nature
    basis: str | None
    bring: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


def recognise(question: Question, data: RecognitionData) -> RecognitionResult:
    """What `question` may expect by `data`. Equal inputs give equal results; nothing is fetched or stored."""
    run = _Run(question, data)
    run.evaluate()
    return run.conclude()


class _Run:
    """One evaluation: collects candidates, lines and procedures."""

    def __init__(self, question: Question, data: RecognitionData) -> None:
        self._question, self._data = question, data
        self._lines: list[Line] = []
        self._candidates: list[_Candidate] = []
        self._procedures: dict[str, Procedure] = {}
        self._excluded: set[str] = set()
        self._uncertain: dict[str, None] = {}
        self._would_change: dict[str, None] = {}
        self._held = tuple(
            held for held in question.held if held.verified and held.issuer_then is not Answer.NOT_MET
        )
        levels = [level for held in self._held for level in held.levels]
        self._levels: tuple[LevelFinding, ...] = compare_with_country(data, levels, question.destination)

    def evaluate(self) -> None:
        question = self._question
        for held in self._held:
            if held.country is None:
                self._uncertain["country_of_award"] = None
                continue
            for agreement in self._data.agreements.values():
                self._agreement(agreement, held, held.country)
        if not any(p.country == question.destination for p in self._data.procedures.values()):
            self._uncertain["no_national_procedure_in_the_data"] = None
        for procedure in self._data.procedures.values():
            if procedure.country == question.destination and not procedure.agreement_only:
                self._procedure(procedure)
        if self._met("refugee_or_displaced", self_declared=True):
            self._without_papers()
        self._uncertain["whether_the_profession_is_regulated"] = None
        if question.purpose is Purpose.NON_REGULATED_WORK and self._held:
            self._candidates.append(_Candidate(Outcome.NO_RECOGNITION_NEEDED, Nature.INFORMATION, None))

    def conclude(self) -> RecognitionResult:
        question = self._question
        if question.held and not self._held:
            best = _Candidate(Outcome.NOT_VERIFIED, Nature.INFORMATION, None, ("credential_that_verifies",))
        else:
            excluded = bool(self._held) and all(held.id in self._excluded for held in self._held)
            fallback = _Candidate(
                Outcome.EXCLUDED if excluded else Outcome.REFER,
                Nature.INFORMATION,
                None,
                ("validation_of_prior_learning",)
                if excluded
                else (() if self._held else ("any_evidence_of_learning",)),
            )
            best = max((fallback, *self._candidates), key=lambda candidate: RANK[candidate.outcome])
        return RecognitionResult(
            outcome=best.outcome,
            nature=best.nature,
            basis=best.basis,
            destination=question.destination,
            purpose=question.purpose,
            at=question.at,
            lines=tuple(self._lines),
            levels=self._levels,
            bring=best.bring,
            differences=best.differences,
            would_change=tuple(self._would_change),
            procedures=tuple(self._procedures.values()),
            uncertain=tuple(self._uncertain),
            data_release=self._data.release,
        )

    def _agreement(self, agreement: Agreement, held: Held, origin: str) -> None:
        question = self._question
        finding = find_between(agreement, origin, question.destination, question.at)
        if finding is None:
            return
        if not finding.binds:
            self._tell(agreement, "agreement", finding.reason, held)
            return
        if agreement.kind == "assessment_instrument":
            return
        scope = fits(agreement.applies, held, question.purpose, question.occupation)
        if not scope:
            if scope is None:
                self._would_change["occupation_told"] = None
            self._tell(agreement, "agreement", "out_of_scope" if scope is False else "scope_unknown", held)
            return
        answers = list(check_conditions(finding, held, question))
        refused = [code for code, answer, _ in answers if answer is Answer.NOT_MET]
        missing = [code for code, answer, _ in answers if answer is Answer.UNKNOWN]
        for code, answer, basis in answers:
            self._tell(agreement, "condition", answer.value, held, condition=code, rests_on=basis)
        if agreement.procedure_id is not None:
            procedure = self._data.procedures[agreement.procedure_id]
            if question.occupation is None or not question.occupation.startswith(
                procedure.applies.isco_excluded or ("-",)
            ):
                self._procedures[procedure.id] = procedure
        if refused:
            self._tell(agreement, "agreement", "condition_not_met", held)
            self._would_change.update(dict.fromkeys(refused))
            return
        self._applies(agreement, finding, held, missing)

    def _applies(self, agreement: Agreement, finding: PairFinding, held: Held, missing: list[str]) -> None:
        if not finding.date_seen:
            self._uncertain["entry_into_force_not_seen"] = None
        if agreement.kind in ("skills_partnership", "quality_assurance"):
            self._tell(agreement, "agreement", "eases_and_grants_nothing", held)
            return
        if agreement.automatic or agreement.kind == "convention_duty":
            if held.issuer_then is Answer.UNKNOWN:
                missing = [*missing, "issuer_standing_at_award"]
            if agreement.automatic and (
                not finding.date_seen or agreement.status not in ("in_force", "superseded_in_part")
            ):
                missing = [*missing, "confirmation_that_it_is_in_force"]
        self._would_change.update(dict.fromkeys(missing))
        if missing:
            self._tell(agreement, "agreement", "applies_evidence_missing", held)
            self._candidates.append(
                _Candidate(Outcome.INSUFFICIENT_EVIDENCE, agreement.nature, agreement.id, tuple(missing))
            )
            return
        self._tell(agreement, "agreement", "applies", held)
        if agreement.kind == "convention_duty":
            self._candidates.append(self._duty(agreement))
        else:
            self._candidates.append(_Candidate(agreement.outcome, agreement.nature, agreement.id))

    def _duty(self, agreement: Agreement) -> _Candidate:
        """Recognition is due unless the authority shows a substantial difference: unknown is no difference."""
        different = self._differences(agreement)
        outcome = agreement.outcome
        if different:
            outcome = Outcome.ALTERNATIVE if "level" in different else Outcome.PARTIAL
        return _Candidate(outcome, agreement.nature, agreement.id, (), different)

    def _procedure(self, procedure: Procedure) -> None:
        question = self._question
        outside = [held for held in self._held if held.kind.value in procedure.excludes]
        if question.purpose in procedure.applies.purposes:
            for held in outside:
                self._excluded.add(held.id)
                self._tell(procedure, "route", "excluded_from_scheme", held)
        inside = [
            held
            for held in self._held
            if held not in outside
            and held.country != question.destination
            and fits(procedure.applies, held, question.purpose, question.occupation)
        ]
        if not inside:
            return
        self._procedures[procedure.id] = procedure
        self._tell(procedure, "route", "open", inside[0])
        if procedure.nature is Nature.ADVISORY:
            self._candidates.append(_Candidate(Outcome.COMPARABILITY, Nature.ADVISORY, procedure.id))
        elif procedure.nature is Nature.AUTHORITY_DECISION:
            self._candidates.append(self._compared(procedure, inside))

    def _compared(self, procedure: Procedure, inside: list[Held]) -> _Candidate:
        different = self._differences(procedure)
        unknown = tuple(
            f"evidence_of_{element}" for element in ELEMENTS if self._element(element) is Answer.UNKNOWN
        )
        if all(held.issuer_then is Answer.UNKNOWN for held in inside):
            unknown = (*unknown, "issuer_standing_at_award")
        self._would_change.update(dict.fromkeys(unknown))
        if unknown:
            outcome, bring = Outcome.INSUFFICIENT_EVIDENCE, unknown
        elif not different:
            outcome, bring = Outcome.FULL_EXPECTED, ()
        elif "level" in different:
            outcome, bring = Outcome.ALTERNATIVE, ()
        elif self._question.purpose is Purpose.REGULATED_PROFESSION:
            outcome, bring = Outcome.CONDITIONAL, ("compensation_measure",)
        else:
            outcome, bring = Outcome.PARTIAL, ()
        return _Candidate(outcome, procedure.nature, procedure.id, bring, different)

    def _element(self, element: str) -> Answer:
        question = self._question
        if element == "level" and question.level_sought is not None:
            levels = [level for held in self._held for level in held.levels]
            found = judge_level(self._data, levels, question.level_sought)
            unlevelled = any(not held.levels and held.kind not in _PRIOR for held in self._held)
            if found is Answer.MET or (found is Answer.NOT_MET and not unlevelled):
                return found
        return question.elements.get(element, Answer.UNKNOWN)

    def _differences(self, rule: Agreement | Procedure) -> tuple[str, ...]:
        """Substantial differences that remain. Attested experience offsets profile and outcomes, never level."""
        experience = any(
            held.kind is Kind.EXPERIENCE and held.grade is not Grade.SELF_DECLARED for held in self._held
        )
        remaining = []
        for element in ELEMENTS:
            answer = self._element(element)
            offset = answer is Answer.NOT_MET and experience and element in OFFSET_BY_EXPERIENCE
            result = "offset_by_experience" if offset else answer.value
            self._tell(rule, "element", result, None, element=element)
            if answer is Answer.NOT_MET and not offset:
                remaining.append(element)
        return tuple(remaining)

    def _without_papers(self) -> None:
        """A refugee is assessed even without documents (Lisbon Convention, Article VII; Global Convention)."""
        question = self._question
        for agreement in self._data.agreements.values():
            passport = agreement.id == "COE-EQPR"
            if not passport and agreement.id not in ("LRC", "UNESCO-GLOBAL"):
                continue
            hosts = [party for party in agreement.parties if party.country == question.destination]
            if not hosts or hosts[0].state is not PartyState.IN_EFFECT:
                continue
            starts = hosts[0].since or agreement.in_force
            if starts is not None and question.at.isoformat() < starts:
                continue
            self._tell(agreement, "refugee", "assessed_without_documents", None)
            if question.purpose not in (Purpose.STUDY, Purpose.NON_REGULATED_WORK):
                continue
            missing = () if self._met("structured_interview") else ("structured_interview",)
            self._would_change.update(dict.fromkeys(missing))
            outcome = Outcome.BACKGROUND if passport else Outcome.INSUFFICIENT_EVIDENCE
            self._candidates.append(_Candidate(outcome, Nature.ADVISORY, agreement.id, missing))

    def _met(self, code: str, *, self_declared: bool = False) -> bool:
        return any(
            fact.code == code
            and fact.answer is Answer.MET
            and (self_declared or fact.grade is not Grade.SELF_DECLARED)
            for fact in self._question.facts
        )

    def _tell(
        self, rule: Agreement | Procedure, step: str, result: str, held: Held | None, **inputs: str
    ) -> None:
        question = self._question
        given = {
            "destination": question.destination,
            "purpose": question.purpose.value,
            "at": question.at.isoformat(),
            **inputs,
        }
        if held is not None:
            given["credential"] = held.id
            given["origin"] = held.country or ""
        self._lines.append(
            Line(rule.id, rule.version, step, result, MappingProxyType(given), rule.sources, rule.as_of)
        )
