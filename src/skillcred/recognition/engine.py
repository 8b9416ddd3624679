"""The decision procedure, as a pure function: what is to be expected in another country, by which rule and source.

It predicts and explains. Unknown never becomes a refusal: it becomes a list of what to bring. What is verified comes
first, then the standing of the issuer, what the credential shows, which schemes are open, agreements, levels, the
five elements, and last the best that holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from skillcred.recognition.case import (
    Answer,
    Branch,
    EvidenceFinding,
    Held,
    Kind,
    Question,
    RecognitionResult,
)
from skillcred.recognition.evidence import PRIOR_LEARNING, Body, form_bodies
from skillcred.recognition.levels import compare_with_country
from skillcred.recognition.records import Nature, Outcome, Purpose, RecognitionData
from skillcred.recognition.routes import judge_agreement, judge_procedure, open_following
from skillcred.recognition.trace import Candidate, Trace
from skillcred.recognition.whom_to_ask import find_contacts
from skillcred.recognition.without_papers import judge_without_papers

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
_WORK: Final = {
    Purpose.REGULATED_PROFESSION: Purpose.NON_REGULATED_WORK,
    Purpose.NON_REGULATED_WORK: Purpose.REGULATED_PROFESSION,
}


def recognise(question: Question, data: RecognitionData) -> RecognitionResult:
    """What `question` may expect by `data`. Equal inputs give equal results; nothing is fetched or stored."""
    trace = Trace(question, data)
    bodies = _evaluate(trace)
    best = _best(trace, bodies)
    other = _WORK.get(question.purpose)
    branches = [] if other is None else [_branch(question.purpose, best), _assume(question, data, other)]
    branches.sort(key=lambda branch: branch.assumed is not Purpose.REGULATED_PROFESSION)
    return _conclude(trace, bodies, best, tuple(branches))


def _evaluate(trace: Trace) -> tuple[Body, ...]:
    question = trace.question
    bodies = form_bodies(_verify(trace), question.occupation, question.at)
    if len(bodies) > 1:
        trace.tell_principle("STEP-HOLDER", "holder", "same_holder_not_established")
        trace.uncertain["same_holder_not_established"] = None
    elif bodies and len(bodies[0].held) > 1:
        trace.tell_principle("STEP-HOLDER", "holder", "same_holder")
    for body in bodies:
        _judge_body(trace, body)
    _judge_destination(trace, bodies)
    return bodies


def _assume(question: Question, data: RecognitionData, purpose: Purpose) -> Branch:
    """What would be told for the other purpose."""
    trace = Trace(replace(question, purpose=purpose), data, silent=True)
    return _branch(purpose, _best(trace, _evaluate(trace)))


def _branch(purpose: Purpose, best: Candidate) -> Branch:
    return Branch(purpose, best.outcome, best.nature, best.basis, best.bring)


def _conclude(
    trace: Trace, bodies: tuple[Body, ...], best: Candidate, branches: tuple[Branch, ...]
) -> RecognitionResult:
    question, data = trace.question, trace.data
    held = tuple(item for body in bodies for item in body.held)
    levels = dict.fromkeys(level for item in held for level in item.levels)
    compared = any(line.step == "element" and line.rule_id == best.basis for line in trace.lines)
    used = {line.rule_id for line in trace.lines} | set(trace.procedures)
    agreement = data.agreements.get(best.basis or "")
    procedure = data.procedures.get(best.basis or "")
    caveats = agreement.caveats if agreement else procedure.remarks if procedure else ()
    return RecognitionResult(
        outcome=best.outcome,
        nature=best.nature,
        basis=best.basis,
        destination=question.destination,
        purpose=question.purpose,
        at=question.at,
        lines=tuple(trace.lines),
        levels=compare_with_country(data, levels, question.destination, question.level_sought),
        bring=best.bring,
        differences=best.differences,
        would_change=tuple(trace.would_change),
        procedures=tuple(trace.procedures.values()),
        uncertain=tuple(trace.uncertain),
        data_release=data.release,
        elements=trace.elements(best.body, offsets_level=False) if compared and best.body is not None else (),
        evidence=tuple(_describe(item, bodies, question) for item in question.held),
        titles=tuple(dict.fromkeys(trace.titles)),
        contacts=find_contacts(
            data, question, {item.country for item in held if item.kind in PRIOR_LEARNING}
        ),
        branches=branches,
        caveats=tuple(dict.fromkeys(caveats)),
        vouchings=tuple(v for name in sorted(used) for v in data.vouchings.get(name, ())),
    )


def _verify(trace: Trace) -> list[Held]:
    """Only what verified takes part, and nothing whose issuer was not authorised for it. Unknown goes on."""
    taken = []
    for item in trace.question.held:
        if not item.verified:
            trace.tell_principle("STEP-VERIFY", "verify", "credential_not_verified", item)
            continue
        trace.tell_principle("STEP-VERIFY", "verify", "credential_verified", item)
        if item.kind in _NO_LEARNING:
            trace.tell_principle("STEP-NORMALISE", "normalise", _NO_LEARNING[item.kind], item)
            continue
        trace.tell_principle("STEP-STANDING", "standing", _STANDING[item.issuer_then], item, when="at_award")
        trace.tell_principle("STEP-STANDING", "standing", _STANDING_NOW[item.issuer_now], item, when="now")
        if item.issuer_then is Answer.NOT_MET:
            continue
        shown = {
            "kind": item.kind.value,
            "grade": item.grade.value,
            "levels": " ".join(f"{level.framework}:{level.code}" for level in item.levels),
            "occupations": " ".join(item.isco),
            "fields": " ".join(item.fields),
            "hours": "" if item.hours is None else str(item.hours),
        }
        given = {name: value for name, value in shown.items() if value}
        trace.tell_principle("STEP-NORMALISE", "normalise", "read_from_credential", item, **given)
        _tell_field(trace, item)
        taken.append(item)
    return taken


def _tell_field(trace: Trace, item: Held) -> None:
    """How the fields of a credential lie to the one that is asked about: both digits of a broad field, three of a
    narrow and four of a detailed one (ISCED-F 2013). That a profile is the same or another does not follow from it."""
    sought = trace.question.field_sought
    if sought is None:
        return
    if not item.fields:
        result = "field_not_shown"
    elif any(code.startswith(sought) for code in item.fields):
        result = "same_field"
    elif any(code[:2] == sought[:2] for code in item.fields):
        result = "same_broad_field"
    else:
        result = "another_field"
    fields = {"fields": " ".join(item.fields)} if item.fields else {}
    trace.tell_principle("STEP-NORMALISE", "field", result, item, field_sought=sought, **fields)


_NO_LEARNING: Final = {
    Kind.STATEMENT: "statement_is_no_qualification",
    Kind.UNKNOWN: "kind_of_learning_not_known",
}
_STANDING_NOW: Final = {
    Answer.MET: "issuer_authorised_now",
    Answer.NOT_MET: "issuer_not_authorised_any_more",
    Answer.UNKNOWN: "issuer_standing_now_unknown",
}
_STANDING: Final = {
    Answer.MET: "issuer_authorised",
    Answer.NOT_MET: "issuer_not_authorised",
    Answer.UNKNOWN: "issuer_standing_unknown",
}


def _judge_body(trace: Trace, body: Body) -> None:
    for item in body.held:
        if item.country is None:
            trace.uncertain["country_of_award"] = None
            continue
        for finding in trace.between(item.country):
            judge_agreement(trace, finding, item, body)
        _find_titles(trace, item, item.country, body)
    if all(item.kind in PRIOR_LEARNING for item in body.held):
        trace.would_change["validation_of_prior_learning"] = None
    for procedure in trace.data.procedures.values():
        judge_procedure(trace, procedure, body)


def _judge_destination(trace: Trace, bodies: tuple[Body, ...]) -> None:
    question = trace.question
    if not any(p.country == question.destination for p in trace.data.procedures.values()):
        trace.uncertain["no_national_procedure_in_the_data"] = None
    judge_without_papers(trace)
    if question.purpose in _WORK:
        trace.uncertain["whether_the_profession_is_regulated"] = None
    if question.purpose is Purpose.NON_REGULATED_WORK and bodies:
        trace.tell_principle("EMPLOYER-DECIDES", "route", "employer_decides")
        trace.offer(Candidate(Outcome.NO_RECOGNITION_NEEDED, Nature.INFORMATION, "EMPLOYER-DECIDES"))
    open_following(trace)


def _find_titles(trace: Trace, item: Held, country: str, body: Body) -> None:
    """Named qualifications that a table of this deployment compares; the whole title must be the same."""
    names = {" ".join(text.casefold().split()) for text in item.title.values()}
    for row in trace.data.titles.get((country, trace.question.destination), ()):
        if " ".join(row.title.casefold().split()) in names:
            trace.titles.append(row)
            trace.tell_title(row, item)
            trace.offer(Candidate(Outcome.COMPARABILITY, Nature.INFORMATION, row.id, body=body))


def _best(trace: Trace, bodies: tuple[Body, ...]) -> Candidate:
    held = [item for body in bodies for item in body.held]
    if trace.question.held and not any(item.verified for item in trace.question.held):
        return Candidate(
            Outcome.NOT_VERIFIED, Nature.INFORMATION, "STEP-VERIFY", ("credential_that_verifies",)
        )
    excluded = bool(held) and all(item.id in trace.excluded for item in held)
    if excluded:
        trace.tell_principle("STEP-ROUTE", "route", "another_door")
        fallback = Candidate(
            Outcome.EXCLUDED, Nature.INFORMATION, "STEP-ROUTE", ("validation_of_prior_learning",)
        )
    else:
        bring = () if held else ("any_evidence_of_learning",)
        fallback = Candidate(Outcome.REFER, Nature.INFORMATION, None, bring)
    best = max((fallback, *trace.candidates), key=lambda candidate: RANK[candidate.outcome])
    if best.outcome is Outcome.REFER and best.basis is None:
        trace.tell_principle("STEP-ROUTE", "route", "refer_to_authority")
    return best


def _describe(item: Held, bodies: tuple[Body, ...], question: Question) -> EvidenceFinding:
    body = next((body for body in bodies if item in body.held), None)
    if not item.verified:
        reason = "credential_not_verified"
    elif item.kind in _NO_LEARNING:
        reason = _NO_LEARNING[item.kind]
    elif body is None:
        reason = "issuer_not_authorised"
    elif item.kind is Kind.EXPERIENCE and item not in body.experience():
        reason = "experience_in_another_occupation"
    else:
        reason = "counts"
    years = None
    if item.kind is Kind.EXPERIENCE and body is not None:
        years = round(Body((item,), None, question.at).all_years(), 2)
    return EvidenceFinding(
        credential=item.id,
        kind=item.kind,
        grade=item.grade,
        counts=body is not None,
        reason=reason,
        issuer_then=item.issuer_then,
        issuer_now=item.issuer_now,
        years=years,
        country=item.country,
        sha256=item.sha256,
    )
