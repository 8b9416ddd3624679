"""Refugees and people whose papers are lost: assessed even so (Lisbon Convention, Article VII; Global Convention)."""

from __future__ import annotations

from typing import Final

from skillcred.recognition.case import Question
from skillcred.recognition.records import Agreement, Nature, Outcome, PartyState, Purpose
from skillcred.recognition.trace import Candidate, Trace

REFUGEE: Final = "refugee_or_displaced"
"""People are taken at their word: saying so only opens the door."""
PAPERS_MISSING: Final = "papers_missing_without_fault"
INTERVIEWED: Final = "structured_interview"
_DUTY: Final = "refugees_without_documents"
_INSTRUMENT: Final = "assessment_instrument"


def judge_without_papers(trace: Trace) -> None:
    """The ways that are open to somebody without documents."""
    refugee = trace.said(REFUGEE, self_declared=True)
    if refugee:
        for agreement in trace.data.agreements.values():
            if _DUTY in agreement.effects or agreement.kind == _INSTRUMENT:
                _assess(trace, agreement)
    if refugee or trace.said(PAPERS_MISSING, self_declared=True):
        _other_means(trace)


def _assess(trace: Trace, agreement: Agreement) -> None:
    question = trace.question
    if not _binds_host(agreement, question):
        return
    trace.tell(agreement, "refugee", "assessed_without_documents", None)
    if question.purpose not in (Purpose.STUDY, Purpose.NON_REGULATED_WORK):
        return
    missing: tuple[str, ...] = () if trace.said(INTERVIEWED) else (INTERVIEWED,)
    trace.would_change.update(dict.fromkeys(missing))
    if agreement.kind == _INSTRUMENT:
        trace.offer(Candidate(Outcome.BACKGROUND, Nature.ADVISORY, agreement.id, missing))
        return
    # who was interviewed is still to be assessed: with whatever shows what was learned
    bring = missing or ("any_evidence_of_learning",)
    trace.offer(Candidate(Outcome.INSUFFICIENT_EVIDENCE, Nature.ADVISORY, agreement.id, bring))


def _binds_host(agreement: Agreement, question: Question) -> bool:
    hosts = [party for party in agreement.parties if party.country == question.destination]
    if not hosts or hosts[0].state is not PartyState.IN_EFFECT:
        return False
    starts = hosts[0].since or agreement.in_force
    return starts is None or question.at.isoformat() >= starts


def _other_means(trace: Trace) -> None:
    """Procedures of the destination that establish skills by other means."""
    question = trace.question
    for procedure in trace.data.procedures.values():
        if (
            procedure.country == question.destination
            and procedure.alternatives
            and not procedure.agreement_only
            and question.purpose in procedure.applies.purposes
        ):
            trace.procedures[procedure.id] = procedure
            trace.tell(procedure, "refugee", "other_means_without_documents", None)
            if not question.held:
                trace.offer(
                    Candidate(
                        Outcome.INSUFFICIENT_EVIDENCE, procedure.nature, procedure.id, procedure.alternatives
                    )
                )
