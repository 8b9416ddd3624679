"""What credentials are worth in another country: verify them, then ask the pure engine. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.model.findings import items_of
from skillcred.model.outcomes import Verdict
from skillcred.profiles import Level
from skillcred.profiles.codes import COUNTRIES, ISCO_08, is_known_code, load_codes
from skillcred.recognition.agreements import PairFinding, find_between
from skillcred.recognition.case import Answer, Fact, Grade, Held, Kind, Question, RecognitionResult
from skillcred.recognition.engine import recognise
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.records import Procedure, Purpose, RecognitionData
from skillcred.services.ports import Clock
from skillcred.services.verify_document import Verification, VerifyDocument
from skillcred.trust.standing import Standing

MAX_CREDENTIALS: Final = 20
"""Most credentials that are looked at together."""
MAX_CONDITIONS: Final = 50
"""Most conditions that a holder may speak of."""
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


class RecognitionRequestError(InputError):
    """A question cannot be asked like this. Codes: `recognition_unknown_country`, `recognition_unknown_occupation`,
    `recognition_too_many_credentials`, `recognition_different_holders`, `recognition_presentation_instead`."""

    default_code = "recognition_unknown_country"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRequest:
    """What somebody asks. `said` are conditions that the holder says are met: they answer none of them, except that a
    refugee is taken at their word."""

    documents: Sequence[bytes]
    destination: str
    purpose: Purpose
    occupation: str | None = None
    at: date | None = None
    said: tuple[str, ...] = ()
    nationality: str | None = None
    level_sought: Level | None = None


@dataclass(frozen=True, slots=True)
class CountryPair:
    """What there is between two countries, in this direction, on a day."""

    origin: str
    destination: str
    at: date
    agreements: tuple[PairFinding, ...]
    procedures: tuple[Procedure, ...]
    data_release: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """The use cases of recognition. Thread-safe."""

    verify_document: VerifyDocument
    clock: Clock
    data: RecognitionData = field(default_factory=load_shipped_data)

    def __call__(self, request: RecognitionRequest) -> RecognitionResult:
        """What may be expected. Raises `RecognitionRequestError`."""
        require_country(request.destination)
        if request.occupation is not None and not is_known_code(request.occupation, ISCO_08):
            raise RecognitionRequestError(
                "This is no code of ISCO-08.", code="recognition_unknown_occupation", pointer="/occupation"
            )
        if len(request.documents) > MAX_CREDENTIALS or len(request.said) > MAX_CONDITIONS:
            raise RecognitionRequestError(
                "This is more than is looked at together.", code="recognition_too_many_credentials"
            )
        verifications = [self._verify(content, n) for n, content in enumerate(request.documents)]
        _require_one_holder(verifications)
        question = Question(
            held=tuple(_held(found, f"credential-{n + 1}") for n, found in enumerate(verifications)),
            destination=request.destination,
            purpose=request.purpose,
            occupation=request.occupation,
            at=request.at or self.clock.now().date(),
            facts=tuple(Fact(code, Answer.MET, Grade.SELF_DECLARED) for code in request.said),
            nationality=request.nationality,
            level_sought=request.level_sought,
        )
        return recognise(question, self.data)

    def between(self, origin: str, destination: str, at: date | None = None) -> CountryPair:
        """What exists for people who go from `origin` to `destination`. Raises `RecognitionRequestError`."""
        require_country(origin)
        require_country(destination)
        day = at or self.clock.now().date()
        found = [find_between(a, origin, destination, day) for a in self.data.agreements.values()]
        procedures = [
            p for p in self.data.procedures.values() if p.country == destination and not p.agreement_only
        ]
        return CountryPair(
            origin,
            destination,
            day,
            tuple(finding for finding in found if finding is not None),
            tuple(procedures),
            self.data.release,
        )

    def _verify(self, content: bytes, place: int) -> Verification:
        found = self.verify_document.upload(content)
        if not isinstance(found, Verification):
            raise RecognitionRequestError(
                "Send the credentials themselves, not a presentation.",
                code="recognition_presentation_instead",
                pointer=f"/credentials/{place}",
            )
        return found


def require_country(code: str) -> None:
    """Raises `RecognitionRequestError` for what is no country code. Kosovo has the user-assigned XK."""
    if code != "XK" and code not in load_codes(COUNTRIES):
        raise RecognitionRequestError("This is no country code of ISO 3166-1 alpha-2.")


def _held(found: Verification, name: str) -> Held:
    report = found.report
    facts = report.facts
    valid = report.verdict is Verdict.VALID
    if facts is None or not valid:
        return Held(name, False, Kind.INFORMAL, None, None)
    kind = _kind(facts.profile_id, report.claims or {})
    now = any(voucher.now.standing is Standing.IN_FORCE for voucher in report.vouchers)
    return Held(
        id=name,
        verified=True,
        kind=kind,
        country=facts.country,
        awarded=None if facts.award_date is None else facts.award_date.date(),
        issuer_then=Answer.MET if report.vouchers else Answer.UNKNOWN,
        issuer_now=Answer.MET if now else Answer.UNKNOWN,
        levels=facts.levels,
        isco=facts.occupations,
        grade=Grade.ATTESTED if kind is Kind.EXPERIENCE else Grade.AWARDED,
    )


def _kind(profile_id: str | None, claims: JsonObject) -> Kind:
    for subject, _ in items_of(claims.get("credentialSubject"), ""):
        if isinstance(subject, dict):
            for achievement, _ in items_of(subject.get("achievement"), ""):
                if isinstance(achievement, dict):
                    kind = _ACHIEVEMENTS.get(str(achievement.get("achievementType")))
                    if kind is not None:
                        return kind
    return _PROFILES.get(profile_id or "", Kind.NON_FORMAL)


def _require_one_holder(verifications: Sequence[Verification]) -> None:
    facts = [v.report.facts for v in verifications if v.report.verdict is Verdict.VALID]
    holders = {None if fact is None else fact.subject_id for fact in facts}
    if len(facts) > 1 and (len(holders) > 1 or None in holders):
        raise RecognitionRequestError(
            "The credentials do not name one and the same holder.", code="recognition_different_holders"
        )
