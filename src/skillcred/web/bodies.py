"""How request bodies are read. Every JSON body goes through the one strict parser, then through a closed model;
FastAPI's own body parsing is never used (SECURITY M17, P-01 to P-11, W-15, W-21)."""

# Annotations are evaluated here (no `from __future__`): FastAPI reads those of callable instances at run time.

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict
from pydantic import ValidationError as PydanticValidationError

from skillcred.encoding.strict_json import MAX_BYTES, parse_json_object
from skillcred.model.datetimes import parse_instant
from skillcred.web.faults import BodyTooLargeError, ValidationError
from skillcred.web.media_types import (
    CREDENTIAL,
    ENVELOPES,
    IMAGES,
    JSON,
    JSON_LD,
    MULTIPART_FORM,
    PRESENTATION,
    content_type_of,
)
from skillcred.web.multipart import parse_form
from skillcred.web.problems import build_validation_problems

SUBMITTED: Final = (JSON, CREDENTIAL, PRESENTATION, JSON_LD, *ENVELOPES, *IMAGES, MULTIPART_FORM)
"""Media types under which a document can be handed in for verification."""

FILE_PART: Final = "file"
"""Name of the part of an upload that holds the credential."""


class RequestModel(BaseModel):
    """Base of all request bodies: closed, nothing converted, immutable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _instant(value: object) -> object:
    return parse_instant(value) if isinstance(value, str) else value


Instant = Annotated[
    datetime.datetime,
    BeforeValidator(_instant, json_schema_input_type=str),
]
"""An XSD dateTimeStamp as a member of a body."""

_Body = TypeVar("_Body", bound=RequestModel)


async def read_body(request: Request) -> bytes:
    """The whole body; the middleware bounds its size and the time it may take."""
    return await request.body()


async def read_json_body(request: Request) -> bytes:
    """The body of a request that must be JSON. The media type is looked at before anything is read."""
    content_type_of(request, (JSON,))
    return await read_body(request)


class JsonBody(Generic[_Body]):
    """A FastAPI dependency: the JSON body as `model`. Raises `ValidationError` or a strict JSON error."""

    def __init__(self, model: type[_Body]) -> None:
        self.model = model

    def __call__(self, content: Annotated[bytes, Depends(read_json_body)]) -> _Body:
        return parse_request(self.model, content)


def parse_request(model: type[_Body], content: bytes) -> _Body:
    """The request that `content` holds. Raises `ValidationError` or a strict JSON error."""
    document: dict[str, Any] = parse_json_object(content)
    try:
        return model.model_validate(document)
    except PydanticValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        located = [{**item, "loc": locate(item["loc"], item["type"], document)} for item in found]
        problems = build_validation_problems(located)
        raise ValidationError(tuple(dict.fromkeys(problems))) from None


def locate(location: Sequence[str | int], kind: str, document: Any) -> tuple[str | int, ...]:
    """Where in `document` pydantic found something, without the names of alternatives that it puts between: they are no
    place in what was sent. A `missing` member is not there, and is named all the same."""
    found: list[str | int] = []
    value = document
    for place, part in enumerate(location):
        there = (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        )
        if there:
            value = value[part]
        elif kind != "missing" or place != len(location) - 1:
            continue
        found.append(part)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class SubmittedDocument:
    """What was handed in for verification, and the media type it came under; for a form, one that leaves the form
    of the document to its bytes."""

    content: bytes
    media_type: str


async def read_submitted_document(request: Request) -> SubmittedDocument:
    """The document handed in for verification: the body itself, or the part `file` of a form.

    Raises `UnsupportedMediaTypeError`, `BodyTooLargeError`, `RequestError`, `ValidationError`.
    """
    media_type, header = content_type_of(request, SUBMITTED)
    body = await read_body(request)
    if media_type == MULTIPART_FORM:
        parts = parse_form(body, header, fields={FILE_PART})
        if FILE_PART not in parts:
            raise ValidationError(build_validation_problems([{"type": "missing", "loc": (FILE_PART,)}]))
        body, media_type = parts[FILE_PART], JSON
    return SubmittedDocument(require_document_size(body), media_type)


def require_document_size(document: bytes) -> bytes:
    """`document` if it is not too large to be looked at. Raises `BodyTooLargeError`."""
    if len(document) > MAX_BYTES:
        raise BodyTooLargeError(f"The document is larger than {MAX_BYTES} bytes.")
    return document
