"""Bodies of requests about recognition that several routes share."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field

from skillcred.profiles import Level
from skillcred.recognition.questions import read_day
from skillcred.recognition.records import Purpose
from skillcred.services.recognition import MAX_CONDITIONS, MAX_HOURS, RecognitionRequest
from skillcred.services.recognition_evidence import MAX_CREDENTIALS, RecognitionRequestError
from skillcred.web.bodies import RequestModel

COUNTRY: Final = r"^[A-Z]{2}$"
DAY: Final = r"^\d{4}-\d{2}-\d{2}$"
Documents = Annotated[
    list[dict[str, Any] | Annotated[str, Field(max_length=200_000)]], Field(max_length=MAX_CREDENTIALS)
]
"""Credentials or presentations: JSON objects, or texts of those that are no JSON."""


class LevelRequest(RequestModel):
    """A level of a framework."""

    framework: str = Field(min_length=1, max_length=40)
    code: str = Field(min_length=1, max_length=20)


class CreateRecognitionRequest(RequestModel):
    """Credentials of one holder, and where they are to be of use. `said` are conditions that the holder says are met;
    they prove nothing. `nationality` is read only where the text of an agreement asks for it. `level_sought`,
    `hours_sought` and `field_sought` are what is asked for there."""

    credentials: Documents
    destination: str = Field(pattern=COUNTRY)
    purpose: str = Field(max_length=40, description=", ".join(Purpose))
    occupation: str | None = Field(default=None, pattern=r"^[0-9]{1,4}$", description="ISCO-08")
    at: str | None = Field(default=None, pattern=DAY, description="Today unless given")
    said: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=MAX_CONDITIONS)
    nationality: str | None = Field(default=None, pattern=COUNTRY)
    level_sought: LevelRequest | None = None
    hours_sought: int | None = Field(default=None, ge=1, le=MAX_HOURS)
    field_sought: str | None = Field(default=None, pattern=r"^[0-9]{2,4}$", description="ISCED-F 2013")

    def build(self) -> RecognitionRequest:
        """As the services take it. Raises `RecognitionRequestError`, `QuestionError`."""
        if self.purpose not in frozenset(Purpose):
            raise RecognitionRequestError(
                "There is no such purpose.", code="recognition_unknown_purpose", pointer="/purpose"
            )
        level = self.level_sought
        return RecognitionRequest(
            documents=build_documents(self.credentials),
            destination=self.destination,
            purpose=Purpose(self.purpose),
            occupation=self.occupation,
            at=parse_day(self.at),
            said=tuple(self.said),
            nationality=self.nationality,
            level_sought=None if level is None else Level(level.framework, level.code),
            hours_sought=self.hours_sought,
            field_sought=self.field_sought,
        )


def build_documents(items: list[dict[str, Any] | str]) -> list[bytes]:
    """The bytes of what was handed in."""
    return [
        (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)).encode("utf-8")
        for item in items
    ]


def parse_day(text: str | None, pointer: str = "/at") -> date | None:
    """A day, or none. Raises `QuestionError`."""
    return None if text is None else read_day(text, pointer)
