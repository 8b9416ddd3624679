"""Evidence for recognition from what was verified: reports in, credentials as the engine takes them out."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, SkillcredError
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.model.findings import items_of
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.profiles import CredentialFacts, read_sd_jwt_claims
from skillcred.profiles.codes import ESCO, find_code_system
from skillcred.profiles.statement import SCHEMAS
from skillcred.recognition.case import Answer, Grade, Held, Kind, Period
from skillcred.services.verify_document import Verification, VerifyDocument
from skillcred.trust.standing import Standing
from skillcred.verification import HolderState, VerificationReport
from skillcred.verification.verdicts import VERDICTS

MAX_CREDENTIALS: Final = 20
"""Most credentials that are looked at together."""
_PROFILES: Final = {
    "qualification": Kind.FORMAL,
    "apprenticeship": Kind.VOCATIONAL,
    "training": Kind.NON_FORMAL,
    "proficiency": Kind.NON_FORMAL,
    "work-experience": Kind.EXPERIENCE,
}
_ACHIEVEMENTS: Final = {
    "AssociateDegree": Kind.HIGHER,
    "BachelorDegree": Kind.HIGHER,
    "Degree": Kind.HIGHER,
    "DoctoralDegree": Kind.HIGHER,
    "MasterDegree": Kind.HIGHER,
    "ProfessionalDoctorate": Kind.HIGHER,
    "ResearchDoctorate": Kind.HIGHER,
    "SecondarySchoolDiploma": Kind.SCHOOL,
    "GeneralEducationDevelopment": Kind.SCHOOL,
    "ApprenticeshipCertificate": Kind.VOCATIONAL,
    "JourneymanCertificate": Kind.VOCATIONAL,
    "MasterCertificate": Kind.VOCATIONAL,
    "License": Kind.REGISTRATION,
    "ext:WorkExperience": Kind.EXPERIENCE,
}
_SETTINGS: Final = {"formal": Kind.FORMAL, "non-formal": Kind.NON_FORMAL, "informal": Kind.INFORMAL}
_NOT_AUTHORISED: Final = "issuer_not_authorised"


class RecognitionRequestError(InputError):
    """A question cannot be asked like this. Codes: `recognition_unknown_country`, `recognition_unknown_occupation`,
    `recognition_unknown_field`, `recognition_unknown_purpose`, `recognition_too_many_credentials`,
    `recognition_different_holders`."""

    default_code = "recognition_unknown_country"


@dataclass(frozen=True, slots=True)
class Presented:
    """A credential with its report. `presenter` is whoever proved to be its holder by presenting it; `sha256` as
    `build_digest` gives it, for a credential that was handed in by itself."""

    report: VerificationReport
    presenter: str | None = None
    sha256: str | None = None


def verify_evidence(verify: VerifyDocument, documents: Sequence[bytes]) -> tuple[Presented, ...]:
    """Verify what was handed in; of a presentation, each credential in it. Raises `RecognitionRequestError`
    (`recognition_too_many_credentials`)."""
    found: list[Presented] = []
    _require_few(len(documents))
    for content in documents:
        verified = verify.upload(content)
        if isinstance(verified, Verification):
            found.append(Presented(verified.report, sha256=build_digest(content)))
            continue
        presenter = verified.report.presenter_id
        for item in verified.report.credentials:
            proven = item.holder is HolderState.PROVEN and verified.report.verdict is not Verdict.INVALID
            found.append(Presented(item.report, presenter if proven else None))
        _require_few(len(found))
    return tuple(found)


def build_evidence(found: Sequence[Presented]) -> tuple[Held, ...]:
    """The credentials as the engine takes them, named in order. Raises `RecognitionRequestError`
    (`recognition_different_holders`) where they name different people."""
    held = tuple(_held(item, f"credential-{n + 1}") for n, item in enumerate(found))
    if len({item.holder for item in held if item.verified and item.holder is not None}) > 1:
        raise RecognitionRequestError(
            "The credentials are of different people.", code="recognition_different_holders"
        )
    return held


def build_digest(content: bytes) -> str:
    """SHA-256 of a document, hex: of its canonical form (RFC 8785) where it is JSON, so that anybody who has it can
    tell that it is the same, however it is spaced; else of its bytes."""
    try:
        canonical = encode_jcs(parse_json_object(content))
    except SkillcredError:
        canonical = content
    return hashlib.sha256(canonical).hexdigest()


def _require_few(count: int) -> None:
    if count > MAX_CREDENTIALS:
        raise RecognitionRequestError(
            "These are more credentials than are looked at together.", code="recognition_too_many_credentials"
        )


def _held(presented: Presented, name: str) -> Held:
    report = presented.report
    facts = report.facts
    if facts is None or not _holds(report):
        digest = presented.sha256 or report.document_sha256
        return Held(name, False, Kind.UNKNOWN, None, None, sha256=digest)
    claims = report.claims or {}
    document = read_sd_jwt_claims(claims) or claims
    kind = _kind(facts, document)
    issued_to_self = facts.subject_id is not None and facts.subject_id == facts.issuer_id
    awarded = None if facts.award_date is None else facts.award_date.date()
    return Held(
        id=name,
        verified=True,
        kind=kind,
        country=facts.country,
        awarded=awarded,
        issuer_then=_standing_then(report),
        issuer_now=_standing_now(report),
        levels=facts.levels,
        isco=facts.occupations,
        grade=_grade(kind, issued_to_self=issued_to_self),
        holder=facts.subject_id or presented.presenter,
        title=facts.title,
        fields=facts.isced_fields,
        hours=_hours(document),
        periods=tuple(_periods(document)) if kind is Kind.EXPERIENCE else (),
        skills=tuple(dict.fromkeys(uri for uri, _ in _skills(document) if uri is not None)),
        sha256=presented.sha256 or report.document_sha256,
    )


def _holds(report: VerificationReport) -> bool:
    """Whether everything holds but, perhaps, what is known of the issuer's standing."""
    for result in report.steps:
        if result.step is Step.TRUST:
            if result.outcome is Outcome.FAILED and result.code != _NOT_AUTHORISED:
                return False
        elif VERDICTS[result.step][result.outcome] is not Verdict.VALID:
            return False
    return len(report.steps) == len(VERDICTS)


def _standing_then(report: VerificationReport) -> Answer:
    if report.vouchers:
        return Answer.MET
    trust = next(result for result in report.steps if result.step is Step.TRUST)
    return Answer.NOT_MET if trust.code == _NOT_AUTHORISED else Answer.UNKNOWN


def _standing_now(report: VerificationReport) -> Answer:
    if any(voucher.now.standing is Standing.IN_FORCE for voucher in report.vouchers):
        return Answer.MET
    return Answer.NOT_MET if report.vouchers else Answer.UNKNOWN


def _grade(kind: Kind, *, issued_to_self: bool) -> Grade:
    if issued_to_self:
        return Grade.SELF_DECLARED
    return Grade.ATTESTED if kind is Kind.EXPERIENCE else Grade.AWARDED


def _kind(facts: CredentialFacts, document: JsonObject) -> Kind:
    if not SCHEMAS.keys().isdisjoint(facts.types):
        return Kind.STATEMENT
    achievements = list(_achievements(document))
    for achievement in achievements:
        kind = _ACHIEVEMENTS.get(str(achievement.get("achievementType")))
        if kind is not None:
            return kind
    if facts.profile_id in _PROFILES:
        return _PROFILES[facts.profile_id]
    for achievement in achievements:
        kind = _SETTINGS.get(str(achievement.get("learningSetting")))
        if kind is not None:
            return kind
    return Kind.NON_FORMAL if achievements else Kind.UNKNOWN


def _subjects(document: JsonObject) -> Iterator[JsonObject]:
    yield from _objects(document.get("credentialSubject"))


def _achievements(document: JsonObject) -> Iterator[JsonObject]:
    for subject in _subjects(document):
        yield from _objects(subject.get("achievement"))


def _objects(value: JsonValue) -> Iterator[JsonObject]:
    for item, _ in items_of(value, ""):
        if isinstance(item, dict):
            yield item


def _hours(document: JsonObject) -> int | None:
    for achievement in _achievements(document):
        for workload in _objects(achievement.get("workload")):
            number = _number(workload.get("workloadHours"))
            if number is not None:
                return int(number)
    return None


def _periods(document: JsonObject) -> Iterator[Period]:
    for subject in _subjects(document):
        for employment in _objects(subject.get("employment")):
            start = _day(employment.get("periodStart"))
            if start is not None:
                yield Period(
                    start,
                    _day(employment.get("periodEnd")),
                    _number(employment.get("hoursPerWeek")),
                    _day(employment.get("attestedOn")),
                )


def list_named_skills(report: VerificationReport) -> Iterator[tuple[str | None, str | None]]:
    """The skills that a credential names: an address of ESCO, words, or both. Alignments with other code systems are
    no skills."""
    claims = report.claims or {}
    yield from _skills(read_sd_jwt_claims(claims) or claims)


def _skills(document: JsonObject) -> Iterator[tuple[str | None, str | None]]:
    places = [achievement.get("alignment") for achievement in _achievements(document)]
    for subject in _subjects(document):
        places.extend(employment.get("skillsShown") for employment in _objects(subject.get("employment")))
    for place in places:
        for alignment in _objects(place):
            url, name = alignment.get("targetUrl"), alignment.get("targetName")
            system = find_code_system(alignment)
            if system is None or system is ESCO:
                uri = url if system is ESCO and isinstance(url, str) else None
                text = name if isinstance(name, str) else None
                if uri is not None or text is not None:
                    yield uri, text


def _day(value: JsonValue) -> date | None:
    try:
        return parse_instant(value).date() if isinstance(value, str) else None
    except DateTimeError:
        return None


def _number(value: JsonValue) -> float | None:
    """A decimal written as text, as the profiles write it."""
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and 0 <= number < 1e6 else None
