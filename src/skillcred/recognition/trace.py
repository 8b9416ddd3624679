"""What one evaluation collects on its way: lines of the explanation, candidates, procedures, what is uncertain."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from skillcred.recognition.agreements import PairFinding, find_between
from skillcred.recognition.case import Answer, ElementFinding, Grade, Held, Line, Question
from skillcred.recognition.elements import find_elements
from skillcred.recognition.evidence import Body
from skillcred.recognition.records import (
    Agreement,
    Nature,
    Outcome,
    Principle,
    Procedure,
    RecognitionData,
    TitleComparison,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An outcome that one rule gives. The best of all is told; none takes away another."""

    outcome: Outcome
    nature: Nature
    basis: str | None
    bring: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()
    body: Body | None = None


class Trace:
    """One evaluation in the making. Sets that are told in order are dictionaries without values."""

    def __init__(self, question: Question, data: RecognitionData, *, silent: bool = False) -> None:
        """`silent`: without lines, where only the outcome is wanted."""
        self.question, self.data = question, data
        self._silent = silent
        self._given = {
            "destination": question.destination,
            "purpose": question.purpose.value,
            "at": question.at.isoformat(),
        }
        self.lines: list[Line] = []
        self.candidates: list[Candidate] = []
        self.procedures: dict[str, Procedure] = {}
        self.excluded: set[str] = set()
        self.uncertain: dict[str, None] = {}
        self.would_change: dict[str, None] = {}
        self.titles: list[TitleComparison] = []
        self._between: dict[str, tuple[PairFinding, ...]] = {}
        self._elements: dict[tuple[int, bool], tuple[ElementFinding, ...]] = {}

    def between(self, origin: str) -> tuple[PairFinding, ...]:
        """What the agreements that name both countries are to each other on the day; looked up once per origin."""
        if origin not in self._between:
            question = self.question
            found = (
                find_between(agreement, origin, question.destination, question.at)
                for agreement in self.data.agreements.values()
            )
            self._between[origin] = tuple(finding for finding in found if finding is not None)
        return self._between[origin]

    def elements(self, body: Body, *, offsets_level: bool) -> tuple[ElementFinding, ...]:
        """The findings on the five elements for `body`; made once."""
        key = (id(body), offsets_level)
        if key not in self._elements:
            self._elements[key] = find_elements(self.data, self.question, body, offsets_level=offsets_level)
        return self._elements[key]

    def offer(self, candidate: Candidate) -> None:
        """Add a candidate."""
        self.candidates.append(candidate)

    def said(self, code: str, *, self_declared: bool = False) -> bool:
        """Whether a fact is told as met; by the holder alone only where that is enough."""
        return any(
            fact.code == code
            and fact.answer is Answer.MET
            and (self_declared or fact.grade is not Grade.SELF_DECLARED)
            for fact in self.question.facts
        )

    def tell(
        self,
        rule: Agreement | Procedure | Principle,
        step: str,
        result: str,
        held: Held | None,
        **inputs: str,
    ) -> None:
        """Add a line of the explanation."""
        if self._silent:
            return
        given = {**self._given, **inputs}
        if held is not None:
            given["credential"] = held.id
            given["origin"] = held.country or ""
        self.lines.append(
            Line(rule.id, rule.version, step, result, MappingProxyType(given), rule.sources, rule.as_of)
        )

    def tell_principle(
        self, name: str, step: str, result: str, held: Held | None = None, **inputs: str
    ) -> None:
        """Add a line that a rule of the procedure itself gives."""
        self.tell(self.data.principles[name], step, result, held, **inputs)

    def tell_element(self, rule: Agreement | Procedure, found: ElementFinding) -> None:
        """Add a line on one of the five elements, as `rule` applies it."""
        if self._silent:
            return
        inputs = {"element": found.element, "weight": found.weight, "rests_on": found.rests_on}
        if found.evidence:
            inputs["evidence"] = " ".join(found.evidence)
        if found.chained:
            inputs["chained"] = "EQF"
        self.tell(rule, "element", found.result, None, **inputs)

    def tell_title(self, row: TitleComparison, held: Held) -> None:
        """Add a line on a named qualification that an imported table compares."""
        if self._silent:
            return
        inputs = {"credential": held.id, "origin": row.origin, "title": row.title, "statement": row.statement}
        given = {**self._given, **inputs}
        self.lines.append(
            Line(row.id, 1, "title", row.hedge, MappingProxyType(given), row.sources, row.as_of)
        )
