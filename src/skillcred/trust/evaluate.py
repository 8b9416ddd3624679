"""Was this issuer authorised by a recognised national body for this credential, then and now?

The rule is SECURITY T-01 to T-04, T-11, T-13 and K-11: a statement counts only if its own proof holds, its
signer is enrolled, and its scope covers the credential. What cannot be told is indeterminate, never trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from skillcred.errors import SkillcredError
from skillcred.model.outcomes import (
    EvidenceReference,
    Outcome,
    Problem,
    Step,
    StepResult,
)
from skillcred.profiles import CredentialFacts
from skillcred.securing import CLOCK_SKEW_SECONDS, VerifiedProof
from skillcred.trust.accreditation import AccreditationStatement
from skillcred.trust.extract import EnrolledBody, ExtractedAccreditation, RegisteredKey, RegistryExtract
from skillcred.trust.standing import Coverage, Standing, StandingSince, scope_coverage, standing_at


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """What checking one registry statement gave: what it says if it is sound, or why it does not count."""

    statement: AccreditationStatement | None
    code: str
    needs: tuple[EvidenceReference, ...] = ()


CheckStatement = Callable[[ExtractedAccreditation], StatementCheck]
"""Reads a registry statement and checks its proof, issuer binding and conformance, one level down. Raises
`SkillcredError` for one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """A national body that authorised the issuer for this credential at the award date."""

    body: EnrolledBody
    accreditation_id: str
    since: datetime
    until: datetime | None
    now: StandingSince


@dataclass(frozen=True, slots=True)
class TrustFindings:
    """The result for `Step.TRUST`, and who vouches."""

    result: StepResult
    vouchers: tuple[Voucher, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    """One accreditation that verifies, seen at the award date and now."""

    body: EnrolledBody
    statement: AccreditationStatement
    then: StandingSince
    now: StandingSince
    coverage: Coverage
    limits: tuple[str, ...]


def evaluate_trust(
    facts: CredentialFacts,
    proofs: Sequence[VerifiedProof],
    extract: RegistryExtract,
    check_statement: CheckStatement,
    *,
    at: datetime,
) -> TrustFindings:
    """Judge the issuer of a verified credential. `proofs` are those that the issuer's own keys made."""
    key_fault = _key_fault(proofs, extract.issuer_keys)
    if key_fault is not None:
        return TrustFindings(key_fault)
    award_date = facts.award_date
    if award_date is None:
        return TrustFindings(_result(Outcome.INDETERMINATE, "award_date_missing"))
    judged, unchecked, needs = _judge_all(facts, extract, check_statement, award_date, at)
    authorising = [
        item
        for item in judged
        if item.then.standing is Standing.IN_FORCE and item.coverage is Coverage.COVERED
    ]
    if authorising:
        return _authorised(authorising, proofs)
    if unchecked:
        return TrustFindings(_result(Outcome.INDETERMINATE, "accreditation_not_checked", unchecked, needs))
    if not judged:
        return TrustFindings(_result(Outcome.INDETERMINATE, "issuer_not_recognised"))
    problems = tuple(problem for item in judged for problem in _reasons(item))
    in_force = [item for item in judged if item.then.standing is Standing.IN_FORCE]
    if any(item.coverage is Coverage.UNKNOWN for item in in_force):
        return TrustFindings(_result(Outcome.INDETERMINATE, "scope_not_determinable", problems))
    return TrustFindings(_result(Outcome.FAILED, "issuer_not_authorised", problems))


def _judge_all(
    facts: CredentialFacts,
    extract: RegistryExtract,
    check_statement: CheckStatement,
    award_date: datetime,
    at: datetime,
) -> tuple[list[_Judged], tuple[Problem, ...], tuple[EvidenceReference, ...]]:
    """All accreditations that count, what could not be checked, and what it would need."""
    judged: list[_Judged] = []
    problems: list[Problem] = []
    needs: list[EvidenceReference] = []
    bodies = {body.did: body for body in extract.bodies}
    for item in extract.accreditations:
        try:
            check = check_statement(item)
        except SkillcredError as error:
            problems.append(Problem(error.code, "An accreditation of the issuer cannot be read."))
            continue
        statement = check.statement
        if statement is None:
            problems.append(Problem(check.code, "An accreditation of the issuer could not be checked."))
            needs.extend(check.needs)
            continue
        body = bodies.get(statement.body_did)
        if body is None or statement.provider_did != facts.issuer_id or not _vouches(body, award_date, at):
            continue  # signed by somebody nobody enrolled, or about somebody else: no statement at all
        judged.append(_judge(facts, item, statement, body, award_date, at))
    return judged, tuple(problems), tuple(dict.fromkeys(needs))


def _vouches(body: EnrolledBody, award_date: datetime, at: datetime) -> bool:
    """Enrolled by now, and not ended before the award. Enrolment is when we came to know the body; the body's
    own authority is older, so an award before enrolment is judged by the body's statement."""
    return body.enrolled_at <= at and (body.ended_at is None or award_date < body.ended_at)


def _judge(
    facts: CredentialFacts,
    item: ExtractedAccreditation,
    statement: AccreditationStatement,
    body: EnrolledBody,
    award_date: datetime,
    at: datetime,
) -> _Judged:
    coverage = scope_coverage(statement.scopes, facts)
    return _Judged(
        body=body,
        statement=statement,
        then=standing_at(statement, item.events, award_date),
        now=standing_at(statement, item.events, at),
        coverage=coverage.coverage,
        limits=coverage.limits,
    )


def _authorised(authorising: list[_Judged], proofs: Sequence[VerifiedProof]) -> TrustFindings:
    vouchers = tuple(
        Voucher(
            item.body,
            item.statement.credential_id,
            item.statement.valid_from,
            item.statement.valid_until,
            item.now,
        )
        for item in authorising
    )
    if any(item.now.standing is Standing.IN_FORCE for item in authorising):
        return TrustFindings(_result(Outcome.PASSED, "issuer_authorised"), vouchers)
    latest = authorising[0].now
    warning = Problem(
        f"accreditation_{latest.standing.value}",
        "The issuer was authorised on the award date and is not any more.",
    )
    late = _signed_late(authorising, proofs)
    return TrustFindings(
        _result(Outcome.PASSED, "issuer_authorised_then", warnings=(warning, *late)), vouchers
    )


def _signed_late(authorising: list[_Judged], proofs: Sequence[VerifiedProof]) -> tuple[Problem, ...]:
    """Signed after every authorisation had stopped, for an award before: true or backdated, who knows."""
    signed = [proof.created for proof in proofs if proof.created is not None]
    stopped = [item.now.since for item in authorising if item.now.since is not None]
    if not stopped or not signed or max(signed) <= max(stopped):
        return ()
    return (
        Problem(
            "signed_after_authorisation",
            "The credential was signed after the authorisation had stopped, for an award dated earlier.",
        ),
    )


_REASONS = {
    Standing.NOT_YET: ("accredited_later", "The issuer was accredited only after the award date."),
    Standing.EXPIRED: ("accreditation_expired", "The accreditation had run out on the award date."),
    Standing.SUSPENDED: ("accreditation_suspended", "The accreditation was suspended on the award date."),
    Standing.ENDED: ("accreditation_ended", "The accreditation had ended before the award date."),
    Standing.WITHDRAWN: (
        "accreditation_withdrawn",
        "The accreditation was withdrawn with effect for the award date.",
    ),
}
_LIMITS = {
    "profile_out_of_scope": "The accreditation does not cover this kind of credential.",
    "field_out_of_scope": "The accreditation does not cover this field of study.",
    "level_out_of_scope": "The accreditation does not cover this level.",
    "country_out_of_scope": "The accreditation does not cover awards in this country.",
    "profile_not_determinable": "The credential is of a kind that this service cannot tell.",
    "field_not_determinable": "The credential does not state its field closely enough.",
    "level_not_determinable": "The credential does not state its level in the accreditation's framework.",
    "country_not_determinable": "The credential does not state the country of the award.",
    "nothing_may_be_issued": "The accreditation does not allow the issuer to issue anything.",
}


def _reasons(item: _Judged) -> list[Problem]:
    reasons = [Problem(code, _LIMITS[code]) for code in item.limits]
    if item.then.standing in _REASONS:
        reasons.append(Problem(*_REASONS[item.then.standing]))
    return reasons


def _key_fault(proofs: Sequence[VerifiedProof], keys: Sequence[RegisteredKey]) -> StepResult | None:
    """Where the registry knows the issuer's keys, the signing key must be one of them, in its time.

    Rotation is not revocation: a retired key still verifies what it signed before. The time of a signature is
    only claimed, so a compromised key is not believed at all as long as there is no proof of time (K-13).
    """
    if not keys:
        return None
    known = {key.verification_method: key for key in keys}
    for proof in proofs:
        key = known.get(proof.verification_method)
        if key is None or key.public_key_multibase != proof.public_key_multibase:
            return _result(Outcome.FAILED, "key_conflict")
        if key.compromised_at is not None:
            return _result(Outcome.FAILED, "key_compromised")
        if key.retired_at is not None and (proof.created is None or proof.created >= key.retired_at):
            return _result(Outcome.FAILED, "key_retired")
        earliest = key.activated_at - timedelta(seconds=CLOCK_SKEW_SECONDS)
        if proof.created is not None and proof.created < earliest:
            return _result(Outcome.FAILED, "key_not_yet_active")
    return None


def _result(
    outcome: Outcome,
    code: str,
    problems: tuple[Problem, ...] = (),
    needs: tuple[EvidenceReference, ...] = (),
    *,
    warnings: tuple[Problem, ...] = (),
) -> StepResult:
    return StepResult(Step.TRUST, outcome, code, problems, needs, warnings, MappingProxyType({}))
