"""What was presented, judged against what was asked (OID4VP 1.0 section 8.6; SECURITY R-07, R-08).

The proofs were verified before, by the function that verifies everything. Here it is decided whether a presentation
answers its query, and all that the query did not ask for is dropped, before anything is stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.oid4vp.claims_path import keep_claims
from skillcred.exchange.oid4vp.dcql import CredentialQuery, PresentationFormat
from skillcred.exchange.oid4vp.errors import AuthorizationResponseError
from skillcred.exchange.oid4vp.matching import Candidate, CredentialMatch, match_credential
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore, LinkedDataError
from skillcred.linkeddata.type_names import expand_types
from skillcred.model.findings import types_of
from skillcred.model.outcomes import Outcome, Step, StepResult, Verdict
from skillcred.profiles import credential_facts, read_vcdm_1_1
from skillcred.profiles.facts import sd_jwt_vc_facts
from skillcred.securing import MECHANISM_NAMES
from skillcred.securing.data_integrity.proof import OLDER_TYPES
from skillcred.verification import PresentationReport, VerificationReport

_MEDIA_TYPES: Final[Mapping[PresentationFormat, str]] = MappingProxyType(
    {
        PresentationFormat.SD_JWT_VC: "application/dc+sd-jwt",
        PresentationFormat.VC_SD_JWT: "application/vc+sd-jwt",
        PresentationFormat.JWT_VC_JSON: "application/jwt",
        PresentationFormat.LDP_VC: "application/vp",
    }
)
"""What a presentation is read as: a presentation in another form is a malformed one."""
_SD_JWT_CLAIMS: Final = frozenset({"vct", "iss", "issuing_authority", "iat", "nbf", "exp"})
_VCDM_MEMBERS: Final = frozenset(
    {"@context", "type", "issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate"}
)
"""What tells the kind of credential, who issued it and for how long; without it no report can be read."""
ALWAYS_KEPT: Final = _SD_JWT_CLAIMS | _VCDM_MEMBERS
"""What stands in a result without being asked for."""
_ENVELOPES: Final = frozenset({"vc+jwt", "jwt_vc"})
_EMBEDDED: Final = frozenset(MECHANISM_NAMES) | OLDER_TYPES
_NOT_BOUND: Final = frozenset({"proof_missing", "presentation_not_signed"})
"""Findings that leave a verdict open elsewhere: here a proof by the holder was asked for."""


@dataclass(frozen=True, slots=True)
class JudgedPresentation:
    """A presentation for one query. `reason` says, as a stable code, why it is not accepted; `None` if it is, also
    where a verdict is open. In `report` nothing is left that was not asked for."""

    query_id: str
    report: PresentationReport
    reason: str | None


def encode_presentation(query: CredentialQuery, presentation: str | JsonObject) -> tuple[bytes, str]:
    """The bytes to verify, and as what. Raises `AuthorizationResponseError` (`response_malformed`)."""
    wanted = PresentationFormat(query.format)
    if isinstance(presentation, dict) != (wanted is PresentationFormat.LDP_VC):
        raise AuthorizationResponseError(
            "A presentation is not in the form of its format.", reason="response_malformed"
        )
    if isinstance(presentation, dict):
        return json.dumps(presentation, ensure_ascii=False).encode("utf-8"), _MEDIA_TYPES[wanted]
    return presentation.encode("utf-8"), _MEDIA_TYPES[wanted]


def judge_presentation(
    query: CredentialQuery, report: PresentationReport, *, contexts: ContextStore = BUNDLED_CONTEXTS
) -> JudgedPresentation:
    """Whether the presentation that `report` is about answers `query`."""
    reason = _find_fault(report)
    match: CredentialMatch | None = None
    read = _step(report, Step.CONFORMANCE).outcome is Outcome.PASSED
    if reason is None and (read or report.credentials) and len(report.credentials) != 1:
        reason = "response_not_as_asked"
    presented = report.credentials[0].report if report.credentials else None
    if reason is None and presented is not None and presented.claims is not None:
        candidate = build_candidate(presented, contexts)
        match = None if candidate is None else match_credential(query, candidate)
        reason = "query_not_met" if match is None else None
    return JudgedPresentation(query.id, _drop(report, match), reason)


def build_candidate(
    report: VerificationReport, contexts: ContextStore = BUNDLED_CONTEXTS
) -> Candidate | None:
    """The verified credential of a report as a query sees it; `None` for one in a format that nobody asks for."""
    claims = report.claims
    found = _format_of(report)
    if claims is None or found is None:
        return None
    if found is PresentationFormat.SD_JWT_VC:
        kind = claims.get("vct")
        return Candidate(found.value, claims, vct=kind if isinstance(kind, str) else None)
    try:
        types = expand_types(read_vcdm_1_1(claims) or claims, contexts=contexts)
    except LinkedDataError:
        types = frozenset()
    if found is not PresentationFormat.LDP_VC:
        types |= frozenset(types_of(claims))
    return Candidate(found.value, claims, types=types)


def _format_of(report: VerificationReport) -> PresentationFormat | None:
    """By the mechanism of the proof that was verified, not by what anything says of itself."""
    proofs = report.diagnostics.get("proofs")
    first = proofs[0] if isinstance(proofs, list | tuple) and proofs else None
    mechanism = first.get("mechanism") if isinstance(first, Mapping) else None
    if not isinstance(mechanism, str):
        return None
    if mechanism in _ENVELOPES:
        return PresentationFormat.JWT_VC_JSON
    if mechanism in tuple(PresentationFormat):
        return PresentationFormat(mechanism)
    if mechanism.endswith("+cose") or mechanism not in _EMBEDDED:
        return None
    return PresentationFormat.LDP_VC


def _find_fault(report: PresentationReport) -> str | None:
    """Why a presentation is discarded: something is wrong with it, or with its credential. What could not be told is no
    fault; then the verdict is open, and whoever asked sees it."""
    for step in report.steps:
        failed = step.outcome is Outcome.FAILED and step.step is not Step.CREDENTIALS
        if failed or step.code in _NOT_BOUND:
            return step.code
    for each in report.credentials:
        if each.report.verdict is Verdict.INVALID:
            return each.report.reason
    holder = _step(report, Step.HOLDER_BINDING)
    verified = any(each.report.claims is not None for each in report.credentials)
    return holder.code if verified and holder.outcome is not Outcome.PASSED else None


def _step(report: PresentationReport, step: Step) -> StepResult:
    return next(result for result in report.steps if result.step is step)


def without_claims(report: PresentationReport) -> PresentationReport:
    """The report without anything that was presented: of an answer that is refused nothing is kept but why."""
    return _drop(report, None)


def _drop(report: PresentationReport, match: CredentialMatch | None) -> PresentationReport:
    """Without names for the holder, and of each credential only what was asked for."""
    credentials = tuple(replace(each, report=_drop_claims(each.report, match)) for each in report.credentials)
    return replace(report, holder_id=None, presenter_id=None, credentials=credentials)


def _drop_claims(report: VerificationReport, match: CredentialMatch | None) -> VerificationReport:
    claims = report.claims
    if claims is None or match is None:
        return report._replace(claims=None, facts=None)
    is_sd_jwt_vc = "vct" in claims and "@context" not in claims
    always = _SD_JWT_CLAIMS if is_sd_jwt_vc else _VCDM_MEMBERS
    kept = keep_claims(
        claims, [*((name,) for name in always if name in claims), *(claim.place for claim in match.claims)]
    )
    if not is_sd_jwt_vc:
        return report._replace(claims=kept, facts=credential_facts(kept))
    issuer = None if report.facts is None else report.facts.issuer_id
    return report._replace(claims=kept, facts=sd_jwt_vc_facts(kept, named_issuer=issuer))
