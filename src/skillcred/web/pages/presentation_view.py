"""A report on a presentation as the page shows it: the presentation, who presents it, and each credential."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.verification import (
    HolderState,
    PresentationReport,
    PresentedCredential,
    build_presentation_report_json,
)
from skillcred.verification.messages import get_message
from skillcred.web.pages.claims_view import show_text
from skillcred.web.pages.labels import STEPS
from skillcred.web.pages.languages import Language, Translation
from skillcred.web.pages.verdict_view import (
    CAUTIONS,
    NOT_REACHED,
    Check,
    VerdictView,
    build_check,
    build_next_step,
    build_verdict_view,
)

PRESENTATION_HEADLINES: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        Verdict.VALID: "This presentation is valid",
        Verdict.INVALID: "This presentation is not valid",
        Verdict.INDETERMINATE: "This presentation could not be fully checked",
    }
)
"""The one line that everybody reads."""

HOLDERS: Final[Mapping[HolderState, tuple[str, Outcome, str]]] = MappingProxyType(
    {
        HolderState.PROVEN: (
            "Holder proved",
            Outcome.PASSED,
            "The presenter has proved the key of the one whom this credential is about.",
        ),
        HolderState.NOT_PROVEN: (
            "Holder not proved",
            Outcome.INDETERMINATE,
            "Whether the presenter is the one whom this credential is about is not proved.",
        ),
        HolderState.MISMATCH: (
            "Not the holder",
            Outcome.FAILED,
            "This credential is about somebody other than the presenter.",
        ),
    }
)
"""Label, colour and sentence for the finding about the holder."""

VERDICT_NAMES: Final[Mapping[Verdict, tuple[str, Outcome]]] = MappingProxyType(
    {
        Verdict.VALID: ("Valid", Outcome.PASSED),
        Verdict.INVALID: ("Not valid", Outcome.FAILED),
        Verdict.INDETERMINATE: ("Could not be fully checked", Outcome.INDETERMINATE),
    }
)
"""Label and colour of the verdict on one credential."""


@dataclass(frozen=True, slots=True)
class HeldView:
    """One credential of the presentation."""

    view: VerdictView
    verdict_name: str
    outcome: str
    holder_sentence: str


@dataclass(frozen=True, slots=True)
class PresentationView:
    """Everything that the page about a presentation shows."""

    verdict: Verdict
    headline: str
    caution: str | None
    sentence: Translation
    next_step: Translation | None
    evaluated_at: datetime
    warnings: tuple[Translation, ...]
    holder_name: str
    holder_outcome: str
    holder_sentence: Translation
    presenter_id: str | None
    credentials: tuple[HeldView, ...]
    count: int
    checks: tuple[Check, ...]
    unreached: tuple[str, ...]
    report: PresentationReport
    report_text: str


def build_presentation_view(report: PresentationReport, language: Language) -> PresentationView:
    """The view of `report` in `language`."""
    name, outcome, _ = HOLDERS[report.holder_state]
    holder = next(step for step in report.steps if step.step is Step.HOLDER_BINDING)
    return PresentationView(
        verdict=report.verdict,
        headline=PRESENTATION_HEADLINES[report.verdict],
        caution=CAUTIONS.get(report.verdict) if report.verdict is Verdict.INDETERMINATE else None,
        sentence=language.sentence(get_message(report.reason).sentence),
        next_step=build_next_step(language, report.reason),
        evaluated_at=report.evaluated_at,
        warnings=tuple(language.sentence(warning.message) for warning in report.warnings),
        holder_name=name,
        holder_outcome=outcome.value,
        holder_sentence=language.sentence(get_message(holder.code).sentence),
        presenter_id=None if report.presenter_id is None else show_text(report.presenter_id),
        credentials=tuple(_held(credential, language) for credential in report.credentials),
        count=len(report.credentials),
        checks=tuple(build_check(step, language) for step in report.steps if step.code != NOT_REACHED),
        unreached=tuple(STEPS[step.step.value] for step in report.steps if step.code == NOT_REACHED),
        report=report,
        report_text=show_text(json.dumps(_without_claims(report), indent=2, ensure_ascii=False)),
    )


def _held(credential: PresentedCredential, language: Language) -> HeldView:
    name, outcome = VERDICT_NAMES[credential.report.verdict]
    return HeldView(
        view=build_verdict_view(credential.report, language),
        verdict_name=name,
        outcome=outcome.value,
        holder_sentence=HOLDERS[credential.holder][2],
    )


def _without_claims(report: PresentationReport) -> dict[str, Any]:
    """The report as JSON less the claims, which stand on the page already."""
    document: dict[str, Any] = dict(build_presentation_report_json(report))
    for credential in document["credentials"]:
        credential["report"].pop("claims", None)
    return document
