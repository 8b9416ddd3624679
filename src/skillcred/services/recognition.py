"""What credentials are worth in another country: verify them, then ask the pure engine. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final

from skillcred.profiles import Level
from skillcred.profiles.codes import COUNTRIES, ISCED_F, ISCO_08, is_known_code, load_codes
from skillcred.recognition.agreements import PairFinding, find_between
from skillcred.recognition.case import Answer, Fact, Grade, Question, RecognitionResult
from skillcred.recognition.engine import recognise
from skillcred.recognition.known_codes import require_conditions, require_level
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.records import Contact, Procedure, Purpose, RecognitionData
from skillcred.recognition.whom_to_ask import list_contacts
from skillcred.services.ports import Clock
from skillcred.services.recognition_evidence import (
    RecognitionRequestError,
    build_evidence,
    verify_evidence,
)
from skillcred.services.verify_document import VerifyDocument

MAX_CONDITIONS: Final = 50
"""Most conditions that a holder may speak of."""
MAX_HOURS: Final = 100_000
"""Largest workload that can be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRequest:
    """What somebody asks. `said` are conditions that the holder says are met: they answer none of them, except that a
    refugee, and whoever lost papers, is taken at their word. `level_sought`, `hours_sought` and `field_sought`
    (ISCED-F) are what the destination asks for, where that is known. `elements` are findings of an assessor; only an
    authority gives them."""

    documents: Sequence[bytes]
    destination: str
    purpose: Purpose
    occupation: str | None = None
    at: date | None = None
    said: tuple[str, ...] = ()
    nationality: str | None = None
    level_sought: Level | None = None
    hours_sought: int | None = None
    field_sought: str | None = None
    elements: Mapping[str, Answer] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class CountryPair:
    """What there is between two countries, in this direction, on a day."""

    origin: str
    destination: str
    at: date
    agreements: tuple[PairFinding, ...]
    procedures: tuple[Procedure, ...]
    contacts: tuple[Contact, ...]
    data: RecognitionData


@dataclass(frozen=True, slots=True)
class Recognition:
    """The use cases of recognition. `load` gives the data as this deployment has them. Thread-safe."""

    verify_document: VerifyDocument
    clock: Clock
    load: Callable[[], RecognitionData] = load_shipped_data

    def __call__(self, request: RecognitionRequest) -> RecognitionResult:
        """What may be expected. Raises `RecognitionRequestError`."""
        return recognise(self.build_question(request), self.load())

    def build_question(self, request: RecognitionRequest) -> Question:
        """The question, with each credential verified. Raises `RecognitionRequestError`, and `UnknownCodeError` for
        conditions and levels that no rule speaks of."""
        check_request(request)
        if request.said or request.level_sought is not None:
            data = self.load()
            require_conditions(((f"/said/{place}", code) for place, code in enumerate(request.said)), data)
            if request.level_sought is not None:
                require_level(request.level_sought, data, "/level_sought")
        return Question(
            held=build_evidence(verify_evidence(self.verify_document, request.documents)),
            destination=request.destination,
            purpose=request.purpose,
            occupation=request.occupation,
            at=request.at or self.clock.now().date(),
            facts=tuple(Fact(code, Answer.MET, Grade.SELF_DECLARED) for code in request.said),
            nationality=request.nationality,
            elements=request.elements,
            level_sought=request.level_sought,
            hours_sought=request.hours_sought,
            field_sought=request.field_sought,
        )

    def between(self, origin: str, destination: str, at: date | None = None) -> CountryPair:
        """What exists for people who go from `origin` to `destination`. Raises `RecognitionRequestError`."""
        require_country(origin)
        require_country(destination)
        data = self.load()
        day = at or self.clock.now().date()
        found = [find_between(a, origin, destination, day) for a in data.agreements.values()]
        bound = {f.agreement.procedure_id for f in found if f is not None and f.binds}
        return CountryPair(
            origin,
            destination,
            day,
            tuple(finding for finding in found if finding is not None),
            tuple(p for p in data.procedures.values() if _is_open(p, origin, destination) or p.id in bound),
            list_contacts(data, destination),
            data,
        )


def check_request(request: RecognitionRequest) -> None:
    """What can be told of a request without looking at its credentials. Raises `RecognitionRequestError`."""
    require_country(request.destination)
    if request.nationality is not None:
        require_country(request.nationality, "/nationality")
    if request.occupation is not None and not is_known_code(request.occupation, ISCO_08):
        raise RecognitionRequestError(
            "This is no code of ISCO-08.", code="recognition_unknown_occupation", pointer="/occupation"
        )
    if request.field_sought is not None and not is_known_code(request.field_sought, ISCED_F):
        raise RecognitionRequestError(
            "This is no code of ISCED-F.", code="recognition_unknown_field", pointer="/field_sought"
        )
    if len(request.said) > MAX_CONDITIONS:
        raise RecognitionRequestError(
            "These are more conditions than are looked at.", code="recognition_too_many_conditions"
        )


def require_country(code: str, pointer: str = "/destination") -> None:
    """Raises `RecognitionRequestError` for what is no country code. Kosovo has the user-assigned XK."""
    if code != "XK" and code not in load_codes(COUNTRIES):
        raise RecognitionRequestError("This is no country code of ISO 3166-1 alpha-2.", pointer=pointer)


def _is_open(procedure: Procedure, origin: str, destination: str) -> bool:
    """Whether a procedure of the destination is there for people who come from `origin`."""
    if procedure.country != destination or procedure.agreement_only:
        return False
    return procedure.origins is None or origin in procedure.origins
