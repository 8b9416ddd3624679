"""The five elements: what is known of level, workload, quality, profile and learning outcomes, and how much it
counts.

A difference that experience or validated training makes up for is no difference any more; the level is never made up
for, unless the rule that is applied says so itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from skillcred.recognition.case import (
    ELEMENTS,
    OFFSET_BY_EXPERIENCE,
    Answer,
    ElementFinding,
    Grade,
    Question,
)
from skillcred.recognition.evidence import FORMAL, PRIOR_LEARNING, Body
from skillcred.recognition.levels import compare_with_country, judge_level
from skillcred.recognition.records import Principle, RecognitionData, Source

DIFFERENT: Final = "different"
DECIDING: Final = "deciding"
RESULTS: Final = {Answer.MET: "met", Answer.NOT_MET: DIFFERENT, Answer.UNKNOWN: "unknown"}


def find_elements(
    data: RecognitionData, question: Question, body: Body, *, offsets_level: bool
) -> tuple[ElementFinding, ...]:
    """The finding on each element for one body of evidence. Findings that somebody made (`question.elements`) come
    before what follows from the credentials."""
    rule = data.principles["FIVE-ELEMENTS"]
    offset = data.principles["EXPERIENCE-OFFSETS"]
    weights = rule.weights[question.purpose]
    may_be_offset = OFFSET_BY_EXPERIENCE | ({"level"} if offsets_level else set())
    found = []
    for element in ELEMENTS:
        finding = _find(data, question, body, element, weights[element], rule)
        if finding.result == DIFFERENT and element in may_be_offset:
            finding = _make_up_for(finding, body, offset)
        found.append(finding)
    return tuple(found)


def differences_of(found: Sequence[ElementFinding]) -> tuple[str, ...]:
    """The elements that differ and that nothing makes up for."""
    return tuple(finding.element for finding in found if finding.result == DIFFERENT)


def unknown_of(found: Sequence[ElementFinding], *, deciding: bool = True) -> tuple[str, ...]:
    """The elements about which nothing is known: those that decide, or all."""
    return tuple(
        finding.element
        for finding in found
        if finding.result == "unknown" and (not deciding or finding.weight == DECIDING)
    )


def _find(
    data: RecognitionData, question: Question, body: Body, element: str, weight: str, rule: Principle
) -> ElementFinding:
    def tell(answer: Answer, rests_on: str, evidence: tuple[str, ...] = (), **more: object) -> ElementFinding:
        sources = more.get("sources") or rule.sources
        return ElementFinding(
            element=element,
            result=RESULTS[answer],
            weight=weight,
            rests_on=rests_on,
            evidence=evidence,
            chained=more.get("chained") is True,
            sources=sources if isinstance(sources, tuple) else rule.sources,
            as_of=rule.as_of,
        )

    if element == "level" and question.level_sought is not None:
        answer, chained, sources = _judge_level(data, question, body)
        if answer is not Answer.UNKNOWN:
            ids = tuple(item.id for item in body.held if item.levels)
            return tell(answer, "comparison_of_levels", ids, chained=chained, sources=sources)
    if element == "workload" and question.hours_sought is not None:
        stated = [item for item in body.held if item.hours is not None and item.kind in FORMAL]
        if stated:
            enough = max(item.hours or 0 for item in stated) >= question.hours_sought
            answer = Answer.MET if enough else Answer.NOT_MET
            return tell(answer, "workload_stated", tuple(item.id for item in stated))
    said = question.elements.get(element, Answer.UNKNOWN)
    if said is not Answer.UNKNOWN:
        return tell(said, "finding_of_an_assessor")
    if element == "quality":
        sound = [
            item
            for item in body.held
            if item.kind in FORMAL and item.grade is Grade.AWARDED and item.issuer_then is Answer.MET
        ]
        if sound:
            return tell(Answer.MET, "issuer_authorised_at_award", tuple(item.id for item in sound))
    return tell(Answer.UNKNOWN, "nothing")


def _judge_level(
    data: RecognitionData, question: Question, body: Body
) -> tuple[Answer, bool, tuple[Source, ...]]:
    """Not met only where every qualification states a level: one that is silent may be high enough."""
    sought = question.level_sought
    levels = [level for item in body.held for level in item.levels]
    if sought is None or not levels:
        return Answer.UNKNOWN, False, ()
    answer, chained = judge_level(data, levels, sought)
    silent = any(not item.levels and item.kind not in PRIOR_LEARNING for item in body.held)
    if answer is Answer.NOT_MET and silent:
        answer = Answer.UNKNOWN
    findings = compare_with_country(data, levels, question.destination, sought)
    framework = data.frameworks.get(sought.framework)
    sources = tuple(dict.fromkeys(source for found in findings for source in found.sources))
    return answer, chained, sources or (framework.sources if framework else ())


def _make_up_for(finding: ElementFinding, body: Body, rule: Principle) -> ElementFinding:
    experience, trainings = body.experience(), body.trainings()
    if experience and body.years() > 0:
        result, evidence = "offset_by_experience", experience
    elif trainings:
        result, evidence = "offset_by_training", trainings
    else:
        return finding
    return ElementFinding(
        element=finding.element,
        result=result,
        weight=finding.weight,
        rests_on=finding.rests_on,
        evidence=tuple(item.id for item in evidence),
        chained=finding.chained,
        sources=rule.sources,
        as_of=rule.as_of,
    )
