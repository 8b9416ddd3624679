"""A verification report as the page shows it. All wording here is fixed; text of the credential only appears in
`claims` (SECURITY W-04)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from skillcred.encoding.json_types import JsonObject
from skillcred.model.language import UNDETERMINED
from skillcred.model.outcomes import Outcome, Problem, Step, StepResult, Verdict
from skillcred.profiles.statement import VOUCHING_SCHEMA, find_statement_schema
from skillcred.trust import Voucher
from skillcred.verification import VerificationReport, build_report_json
from skillcred.verification.messages import get_message
from skillcred.web.pages.claims_view import ClaimsView, Leaf, build_claims_view, build_text, show_text
from skillcred.web.pages.labels import OUTCOMES, PROFILES, STANDINGS, STEPS
from skillcred.web.pages.languages import Language, Translation
from skillcred.web.pages.trust_view import CopyAge, TrustDate, build_copy_age, build_trust_dates

HEADLINES: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        Verdict.VALID: "This credential is valid",
        Verdict.INVALID: "This credential is not valid",
        Verdict.INDETERMINATE: "This credential could not be fully checked",
    }
)
"""The one line that everybody reads."""
STATEMENT_HEADLINES: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        Verdict.VALID: "This decision on recognition is genuine",
        Verdict.INVALID: "This statement is not valid",
        Verdict.INDETERMINATE: "This statement could not be fully checked",
    }
)
"""The same of statements on recognition, which are no qualifications: none of them may read as one."""
RULES_HEADLINE: Final = "These rules of recognition are vouched for"
ADVICE_HEADLINE: Final = "This is advice, not a decision"
_ADVICE_REASON: Final = "statement_advisory"
_NOT_ANY_MORE: Final = "authority_enrolled_then"
_OF_AUTHORITIES: Final = frozenset({"authority_enrolled", "vouched_by_enrolled_body", _NOT_ANY_MORE})
"""Reasons that the trust step gives where an enrolled body signed a statement itself."""

LINKABLE: Final = (
    "Different people to whom parts of this credential are shown can tell that it is the same one."
)
"""For credentials by `LINKABLE_MECHANISMS` (SECURITY X-08; RFC 9901 section 10.1; ECDSA Cryptosuites 1.0, section
"Unlinkability")."""
LINKABLE_MECHANISMS: Final = frozenset({"ecdsa-sd-2023", "vc+sd-jwt", "dc+sd-jwt"})
"""Of whose credentials the holder shows parts that all carry the same key or signature; those of `bbs-2023` do not."""

CAUTIONS: Final[Mapping[Verdict, str]] = MappingProxyType(
    {
        Verdict.VALID: "Check also that the person in front of you is the holder it names.",
        Verdict.INDETERMINATE: "This does not mean that it is false. It must not be treated as valid either.",
    }
)
"""What to keep in mind; an invalid credential says it by its next step."""
NOT_REACHED: Final = "not_reached"
MAX_PROBLEMS: Final = 20
"""Most findings of one step that the page lists; the JSON report has all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a check found, with its sentence in the language of the page where there is a translation."""

    sentence: Translation
    pointer: str | None
    code: str


@dataclass(frozen=True, slots=True)
class Check:
    """One step as a line of the list."""

    name: str
    outcome: Outcome
    outcome_name: str
    code: str
    sentence: Translation
    next_step: Translation | None
    problems: tuple[Finding, ...]
    more_problems: int


@dataclass(frozen=True, slots=True)
class VouchedBy:
    """A national body that vouches for the issuer."""

    name: str
    did: str
    country: str
    accreditation_id: str
    since: datetime
    until: datetime | None
    standing: str
    in_force: bool
    standing_since: datetime | None


@dataclass(frozen=True, slots=True)
class EnrolledAuthority:
    """The enrolled body that signed a statement by its own right, and whether it still is one `now`."""

    name: str
    country: str
    now: bool


@dataclass(frozen=True, slots=True)
class VerdictView:
    """Everything that the verdict page shows."""

    verdict: Verdict
    headline: str
    caution: str | None
    sentence: Translation
    next_step: Translation | None
    evaluated_at: datetime
    issuer_id: str | None
    issuer_registered_name: str | None
    signature_verified: bool
    vouchers: tuple[VouchedBy, ...]
    authority: EnrolledAuthority | None
    trust_dates: tuple[TrustDate, ...]
    copy_age: CopyAge | None
    warnings: tuple[Translation, ...]
    checks: tuple[Check, ...]
    unreached: tuple[str, ...]
    kind: str | None
    title: Leaf | None
    claims: ClaimsView | None
    report: VerificationReport
    report_text: str


def build_verdict_view(report: VerificationReport, language: Language) -> VerdictView:
    """The view of `report` in `language`."""
    facts = report.facts
    issuer_id = None if facts is None else facts.issuer_id
    return VerdictView(
        verdict=report.verdict,
        headline=_headline(report),
        caution=None if _is_of_rules(report) else CAUTIONS.get(report.verdict),
        sentence=language.sentence(get_message(report.reason).sentence),
        next_step=build_next_step(language, report.reason),
        evaluated_at=report.evaluated_at,
        issuer_id=None if issuer_id is None else show_text(issuer_id),
        issuer_registered_name=report.issuer_registered_name,
        signature_verified=report.claims is not None,
        vouchers=tuple(_voucher(voucher) for voucher in report.vouchers),
        authority=_find_authority(report),
        trust_dates=build_trust_dates(report, language),
        copy_age=build_copy_age(report),
        warnings=tuple(language.sentence(text) for text in _warnings(report)),
        checks=tuple(build_check(step, language) for step in report.steps if step.code != NOT_REACHED),
        unreached=tuple(STEPS[step.step.value] for step in report.steps if step.code == NOT_REACHED),
        kind=None if facts is None else PROFILES.get(facts.profile_id or ""),
        title=None if facts is None else choose_title(facts.title, language, report.claims or {}),
        claims=None if report.claims is None else build_claims_view(report.claims),
        report=report,
        report_text=show_text(json.dumps(_without_claims(report), indent=2, ensure_ascii=False)),
    )


def _headline(report: VerificationReport) -> str:
    """What is said of statements rests on the verified document alone."""
    if report.claims is None or find_statement_schema(report.claims) is None:
        return HEADLINES[report.verdict]
    if report.reason == _ADVICE_REASON:
        return ADVICE_HEADLINE
    return RULES_HEADLINE if _is_of_rules(report) else STATEMENT_HEADLINES[report.verdict]


def _find_authority(report: VerificationReport) -> EnrolledAuthority | None:
    """From the details of the trust step, where that found the signer enrolled."""
    trust = next((step for step in report.steps if step.step is Step.TRUST), None)
    if trust is None or trust.code not in _OF_AUTHORITIES:
        return None
    name, country = trust.details.get("authority"), trust.details.get("authority_country")
    if not isinstance(name, str) or not isinstance(country, str):
        return None
    return EnrolledAuthority(name, country, trust.code != _NOT_ANY_MORE)


def _is_of_rules(report: VerificationReport) -> bool:
    """Whether it is a valid statement about rules, which says nothing about a person."""
    return (
        report.verdict is Verdict.VALID
        and report.claims is not None
        and find_statement_schema(report.claims) == VOUCHING_SCHEMA
    )


def _warnings(report: VerificationReport) -> list[str]:
    texts = [warning.message for warning in report.warnings]
    proofs = report.diagnostics.get("proofs", ())
    named = {
        proof.get("mechanism")
        for proof in (proofs if isinstance(proofs, tuple) else ())
        if isinstance(proof, Mapping)
    }
    return [*texts, LINKABLE] if named & LINKABLE_MECHANISMS else texts


def _without_claims(report: VerificationReport) -> dict[str, Any]:
    document = dict(build_report_json(report))
    document.pop("claims", None)
    return document


def build_next_step(language: Language, code: str) -> Translation | None:
    """What to do about a reason, where there is something."""
    english = get_message(code).next_step
    return None if english is None else language.sentence(english)


def build_check(step: StepResult, language: Language) -> Check:
    """One step as a line of the list."""
    return Check(
        name=STEPS[step.step.value],
        outcome=step.outcome,
        outcome_name=OUTCOMES[step.outcome.value],
        code=step.code,
        sentence=language.sentence(get_message(step.code).sentence),
        next_step=build_next_step(language, step.code),
        problems=tuple(_finding(problem, language) for problem in step.problems[:MAX_PROBLEMS]),
        more_problems=max(0, len(step.problems) - MAX_PROBLEMS),
    )


def _finding(problem: Problem, language: Language) -> Finding:
    return Finding(language.sentence(problem.message), problem.pointer, problem.code)


def choose_title(titles: Mapping[str, str], language: Language, claims: JsonObject) -> Leaf | None:
    """The name of the credential in the language of the page, else in that of the award, else in any."""
    preferred = (language.code, claims.get("languageOfAward"), UNDETERMINED, "en")
    for wanted in preferred:
        for tag, title in titles.items():
            if wanted in (tag, tag.partition("-")[0]):
                return build_text(title, "" if tag == UNDETERMINED else tag)
    return next((build_text(title, tag) for tag, title in titles.items()), None)


def _voucher(voucher: Voucher) -> VouchedBy:
    return VouchedBy(
        name=voucher.body.name,
        did=voucher.body.did,
        country=voucher.body.country,
        accreditation_id=show_text(voucher.accreditation_id),
        since=voucher.since,
        until=voucher.until,
        standing=STANDINGS[voucher.now.standing.value],
        in_force=voucher.now.standing.value == "in_force",
        standing_since=voucher.now.since,
    )
