"""A request for a presentation as the page shows it: the code, the state, and what was presented.

The result is read from what was stored: the claims that were asked for, and codes whose sentences are looked up here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, cast

from markupsafe import Markup

from skillcred.exchange.oid4vp.presented import ALWAYS_KEPT
from skillcred.exchange.oid4vp.purposes import PURPOSES, Purpose
from skillcred.model.datetimes import parse_instant
from skillcred.model.outcomes import Verdict
from skillcred.services.get_presentation_request import PresentationView
from skillcred.services.presentation_records import PresentationState
from skillcred.verification.messages import MESSAGES
from skillcred.web.pages.claims_view import ClaimsView, Leaf, build_claims_view, show_text
from skillcred.web.pages.labels import PROFILES, STANDINGS
from skillcred.web.pages.languages import Language, Translation
from skillcred.web.pages.presentation_view import VERDICT_NAMES
from skillcred.web.pages.qr import build_qr
from skillcred.web.pages.verdict_view import choose_title

STATE_TEXTS: Final[Mapping[PresentationState, tuple[str, str]]] = MappingProxyType(
    {
        PresentationState.CREATED: ("Waiting for a wallet", "Nobody has opened the request yet."),
        PresentationState.FETCHED: (
            "A wallet has opened the request",
            "The person now sees what you ask for, and decides.",
        ),
        PresentationState.ANSWERED: ("The answer is being checked", "This takes a few seconds."),
        PresentationState.VERIFIED: (
            "The credential was shown and checked",
            "Below is what was found, and what you asked for.",
        ),
        PresentationState.REFUSED: (
            "What was shown is not accepted",
            "Do not rely on it. You can ask again.",
        ),
        PresentationState.DECLINED: (
            "Nothing was shown",
            "The person declined, or the wallet has nothing that fits. You cannot tell which, and need not.",
        ),
        PresentationState.EXPIRED: ("The time is over", "Nobody answered in time. You can ask again."),
    }
)
"""Headline and sentence for each state."""
RESULT_HEADLINES: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        Verdict.VALID: "The credential is valid, and it was shown by its holder",
        Verdict.INVALID: "What was shown is not accepted",
        Verdict.INDETERMINATE: "The credential could not be fully checked",
    }
)
"""The one line that everybody reads."""
REFUSALS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "query_not_met": "What was shown is not what you asked for.",
        "response_not_as_asked": "What was shown is not what you asked for.",
        "not_verified_in_time": "The answer could not be checked in time, and was forgotten.",
    }
)
"""Reasons that only requests have; the others are those of every report."""
PURPOSE_TEXTS: Final = tuple(
    text for purpose in PURPOSES.values() for text in (purpose.title, purpose.reason, purpose.shows)
)


@dataclass(frozen=True, slots=True)
class Voucher:
    """A national body that vouches for the issuer."""

    name: str
    country: str
    standing: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class ShownCredential:
    """One credential of the answer, with what was asked for."""

    verdict_name: str
    outcome: str
    sentence: Translation
    next_step: Translation | None
    kind: str | None
    title: Leaf | None
    issuer_id: str | None
    issuer_name: str | None
    vouchers: tuple[Voucher, ...]
    claims: ClaimsView | None


@dataclass(frozen=True, slots=True)
class AskView:
    """Everything that the page about one request shows. `code` is the picture of the link, where there is one."""

    id: str
    state: PresentationState
    headline: str
    sentence: str
    purpose: Purpose | None
    link: str | None
    code: Markup | None
    awaits_return: bool
    verdict: Verdict | None
    reason: Translation | None
    next_step: Translation | None
    evaluated_at: datetime | None
    credentials: tuple[ShownCredential, ...]

    @property
    def is_live(self) -> bool:
        """Whether the page has to look again."""
        return not self.state.is_end


def build_ask_view(view: PresentationView, language: Language) -> AskView:
    """The view of a request in `language`."""
    request, result = view.request, view.result
    headline, sentence = STATE_TEXTS[view.state]
    verdict = None if result is None else Verdict(str(result["verdict"]))
    if verdict is not None and view.state is PresentationState.VERIFIED:
        headline = RESULT_HEADLINES[verdict]
    same_device = request.redirect_uri is not None
    code = None if view.link is None or same_device else build_qr(view.link)
    evaluated = None if result is None else parse_instant(str(result["evaluated_at"]))
    refused = view.state is PresentationState.REFUSED
    return AskView(
        id=request.id,
        state=view.state,
        headline=headline,
        sentence=sentence,
        purpose=PURPOSES.get(request.purpose or ""),
        link=view.link,
        code=code,
        awaits_return=view.awaits_return,
        verdict=verdict,
        reason=_reason(request.reason, language) if refused else None,
        next_step=_next_step(request.reason, language) if refused else None,
        evaluated_at=evaluated,
        credentials=() if result is None or refused else _credentials(result, language),
    )


def _reason(code: str | None, language: Language) -> Translation | None:
    refusal = REFUSALS.get(code or "")
    if refusal is not None:
        return language.sentence(refusal)
    message = MESSAGES.get(code or "")
    return None if message is None else language.sentence(message.sentence)


def _next_step(code: str | None, language: Language) -> Translation | None:
    message = MESSAGES.get(code or "")
    return None if message is None or message.next_step is None else language.sentence(message.next_step)


def _credentials(result: Mapping[str, Any], language: Language) -> tuple[ShownCredential, ...]:
    return tuple(
        _credential(cast("dict[str, Any]", held["report"]), language)
        for presentation in result["presentations"]
        for held in presentation["report"]["credentials"]
    )


def _credential(report: dict[str, Any], language: Language) -> ShownCredential:
    name, outcome = VERDICT_NAMES[Verdict(report["verdict"])]
    summary: dict[str, Any] = report["summary"] or {}
    issuer_id = summary.get("issuer_id")
    sentence = _reason(report["reason"], language)
    return ShownCredential(
        verdict_name=name,
        outcome=outcome.value,
        sentence=sentence or language.sentence(MESSAGES["not_reached"].sentence),
        next_step=_next_step(report["reason"], language),
        kind=PROFILES.get(summary.get("profile") or ""),
        title=choose_title(summary.get("title") or {}, language, report["claims"] or {}),
        issuer_id=None if issuer_id is None else show_text(issuer_id),
        issuer_name=summary.get("issuer_registered_name"),
        vouchers=tuple(
            Voucher(
                each["body_name"],
                each["country"],
                STANDINGS[each["status_now"]],
                each["status_now"] == "in_force",
            )
            for each in report["vouched_by"]
        ),
        claims=_claims(report["claims"]),
    )


def _claims(claims: dict[str, Any] | None) -> ClaimsView | None:
    """What was asked for; what is kept beside it is told by the rest of the page."""
    if claims is None:
        return None
    return build_claims_view({name: value for name, value in claims.items() if name not in ALWAYS_KEPT})
