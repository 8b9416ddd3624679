"""Which agreements and procedures are open for a body of evidence, and what each of them gives.

A rule never takes the candidate of another away, so that one more credential or condition that is met can only add.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.recognition.agreements import PairFinding, check_conditions, fits
from skillcred.recognition.case import Answer, Held, Question
from skillcred.recognition.elements import differences_of, unknown_of
from skillcred.recognition.evidence import Body
from skillcred.recognition.records import Agreement, Nature, Outcome, Procedure, Purpose
from skillcred.recognition.trace import Candidate, Trace

_GRANTS_NOTHING: Final = ("skills_partnership", "quality_assurance")


@dataclass(frozen=True, slots=True)
class _Applied:
    """An agreement that binds and is made for this, with the conditions that nobody answered."""

    agreement: Agreement
    finding: PairFinding
    held: Held
    body: Body
    missing: tuple[str, ...]


def judge_agreement(trace: Trace, finding: PairFinding, held: Held, body: Body) -> None:
    """Look at one agreement for one credential: does it bind, is it made for this, are its conditions met?"""
    question, agreement = trace.question, finding.agreement
    if not finding.binds:
        trace.tell(agreement, "agreement", finding.reason, held)
        return
    if agreement.kind == "assessment_instrument":
        return
    scope = fits(agreement.applies, held, question.purpose, question.occupation)
    if not scope:
        if scope is None:
            trace.would_change["occupation_told"] = None
        trace.tell(agreement, "agreement", "out_of_scope" if scope is False else "scope_unknown", held)
        return
    answers = list(check_conditions(finding, held, body, question))
    for found in answers:
        more = {"evidence": " ".join(found.evidence)} if found.evidence else {}
        inputs = {"condition": found.code, "rests_on": found.rests_on, **more}
        trace.tell(agreement, "condition", found.answer.value, held, **inputs)
    if agreement.procedure_id is not None:
        _open(trace, trace.data.procedures[agreement.procedure_id])
    refused = [found.code for found in answers if found.answer is Answer.NOT_MET]
    if refused:
        trace.tell(agreement, "agreement", "condition_not_met", held)
        trace.would_change.update(dict.fromkeys(refused))
        return
    missing = tuple(found.code for found in answers if found.answer is Answer.UNKNOWN)
    _apply(trace, _Applied(agreement, finding, held, body, missing))


def judge_procedure(trace: Trace, procedure: Procedure, body: Body) -> None:
    """Look at one national procedure of the destination for one body of evidence."""
    question = trace.question
    if procedure.country != question.destination or procedure.agreement_only or procedure.follows is not None:
        return
    outside = [item for item in body.held if item.kind.value in procedure.excludes]
    if question.purpose in procedure.applies.purposes:
        for item in outside:
            trace.excluded.add(item.id)
            trace.tell(procedure, "route", "excluded_from_scheme", item)
    inside = [item for item in body.held if item not in outside and _is_for(procedure, item, question)]
    if not inside:
        return
    bring: tuple[str, ...] = ()
    if procedure.nationalities is not None:
        if question.nationality is None:
            bring = ("nationality_of_a_country_of_the_scheme",)
        elif question.nationality not in procedure.nationalities:
            trace.tell(procedure, "route", "not_for_this_nationality", inside[0])
            return
    trace.procedures[procedure.id] = procedure
    trace.tell(procedure, "route", "open", inside[0])
    if bring:
        trace.would_change.update(dict.fromkeys(bring))
        trace.offer(
            Candidate(Outcome.INSUFFICIENT_EVIDENCE, procedure.nature, procedure.id, bring, body=body)
        )
    elif procedure.nature is Nature.ADVISORY:
        trace.offer(Candidate(Outcome.COMPARABILITY, Nature.ADVISORY, procedure.id, body=body))
    elif procedure.nature is Nature.AUTHORITY_DECISION:
        trace.offer(_compare(trace, procedure, inside, body))


def open_following(trace: Trace) -> None:
    """Procedures that a notice of another one opens, once such a notice is to be expected."""
    partly = {c.basis for c in trace.candidates if c.outcome in (Outcome.CONDITIONAL, Outcome.PARTIAL)}
    for procedure in trace.data.procedures.values():
        if procedure.follows in partly and procedure.follows in trace.procedures:
            trace.procedures[procedure.id] = procedure
            trace.tell(procedure, "route", "opens_after_a_notice", None)


def _open(trace: Trace, procedure: Procedure) -> None:
    occupation = trace.question.occupation
    if occupation is None or not occupation.startswith(procedure.applies.isco_excluded or ("-",)):
        trace.procedures[procedure.id] = procedure


def _is_for(procedure: Procedure, item: Held, question: Question) -> bool:
    from_there = item.country == question.destination
    if procedure.origin == "abroad" and from_there:
        return False
    if procedure.origin == "destination" and not from_there:
        return False
    if procedure.origins is not None and item.country not in procedure.origins:
        return False
    return bool(fits(procedure.applies, item, question.purpose, question.occupation))


def _apply(trace: Trace, applied: _Applied) -> None:
    agreement, held, missing = applied.agreement, applied.held, applied.missing
    if agreement.kind in _GRANTS_NOTHING:
        trace.tell(agreement, "agreement", "eases_and_grants_nothing", held)
        return
    if not applied.finding.start_seen:
        trace.uncertain["entry_into_force_not_seen"] = None
    for party in (applied.finding.origin, applied.finding.destination):
        trace.uncertain.update(dict.fromkeys(party.caveats))
    if agreement.automatic or agreement.burden_of_proof == "authority":
        if held.issuer_then is Answer.UNKNOWN:
            missing = (*missing, "issuer_standing_at_award")
        if agreement.automatic and (
            not applied.finding.date_seen or agreement.status not in ("in_force", "superseded_in_part")
        ):
            missing = (*missing, "confirmation_that_it_is_in_force")
    trace.would_change.update(dict.fromkeys(missing))
    if missing:
        trace.tell(agreement, "agreement", "applies_evidence_missing", held)
        trace.offer(
            Candidate(
                Outcome.INSUFFICIENT_EVIDENCE, agreement.nature, agreement.id, missing, body=applied.body
            )
        )
        return
    trace.tell(agreement, "agreement", "applies", held)
    if agreement.burden_of_proof == "authority":
        trace.offer(_duty(trace, agreement, applied.body))
    else:
        trace.offer(Candidate(agreement.outcome, agreement.nature, agreement.id, body=applied.body))


def _duty(trace: Trace, agreement: Agreement, body: Body) -> Candidate:
    """Recognition is due unless the authority shows a substantial difference: unknown is no difference."""
    found = trace.elements(body, offsets_level=agreement.offsets_level)
    for element in found:
        trace.tell_element(agreement, element)
    different = differences_of(found)
    helpful = tuple(f"evidence_of_{name}" for name in unknown_of(found))
    trace.would_change.update(dict.fromkeys(helpful))
    bring: tuple[str, ...] = ()
    if trace.question.purpose is Purpose.REGULATED_PROFESSION:
        # a host may ask for compensation until nothing that decides differs or is unknown
        full = not different and not helpful
        outcome = Outcome.FULL_EXPECTED if full else Outcome.CONDITIONAL
        bring = ("compensation_measure",) if different else helpful
    elif different:
        outcome = Outcome.ALTERNATIVE if "level" in different else Outcome.PARTIAL
    else:
        outcome = Outcome.FULL_EXPECTED
    return Candidate(outcome, agreement.nature, agreement.id, bring, different, body)


def _compare(trace: Trace, procedure: Procedure, inside: list[Held], body: Body) -> Candidate:
    found = trace.elements(body, offsets_level=False)
    for element in found:
        trace.tell_element(procedure, element)
    different = differences_of(found)
    unknown = tuple(f"evidence_of_{name}" for name in unknown_of(found))
    if all(item.issuer_then is Answer.UNKNOWN for item in inside):
        unknown = (*unknown, "issuer_standing_at_award")
    trace.would_change.update(dict.fromkeys(unknown))
    bring: tuple[str, ...] = ()
    if unknown:
        outcome, bring = Outcome.INSUFFICIENT_EVIDENCE, unknown
    elif not different:
        outcome = Outcome.FULL_EXPECTED
    elif "level" in different:
        outcome = Outcome.ALTERNATIVE
    elif trace.question.purpose is Purpose.REGULATED_PROFESSION:
        outcome, bring = Outcome.CONDITIONAL, ("compensation_measure",)
    else:
        outcome = Outcome.PARTIAL
    return Candidate(outcome, procedure.nature, procedure.id, bring, different, body)
