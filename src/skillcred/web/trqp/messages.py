"""Requests and responses of TRQP 2.0, by its JSON Schemas (trqp-authorization-request and the three others).

Members that the protocol does not name are ignored; those that it names must be as it says, or the request is
malformed: 400, the one status that the protocol has for that.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, Field

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.datetimes import DateTimeError, parse_instant
from skillcred.services.trust_query import TrustAnswer, TrustQuery
from skillcred.web.faults import RequestError

MAX_TEXT_CHARACTERS: Final = 2000
MAX_CONTEXT_MEMBERS: Final = 50
"""Longest text of a query, and most members of its context."""
_IDENTIFIER: Final = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+", re.ASCII)
"""Characters of a URI reference (RFC 3986, appendix A); the protocol wants identifiers to be no more."""
_RFC3339_Z: Final = re.compile(r"\d{4}-\d{2}-\d{2}T(?!24)\d{2}:\d{2}:\d{2}(\.\d{1,20})?Z", re.ASCII)

REQUEST_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["entity_id", "authority_id", "action", "resource"],
    "properties": {
        "entity_id": {"type": "string", "minLength": 1, "description": "DID of whom is asked about"},
        "authority_id": {"type": "string", "minLength": 1, "description": "DID of the authority"},
        "action": {"type": "string", "minLength": 1, "description": "issue, accredit; for recognition "
                   "recognise-qualifications"},
        "resource": {"type": "string", "minLength": 1, "description": "Profile, credential type, schema or vct"},
        "context": {
            "type": "object",
            "properties": {
                "time": {"type": "string", "description": "The instant asked about: RFC 3339 with Z"},
                "locator": {"type": "string"},
            },
            "additionalProperties": {"type": "string"},
        },
    },
}  # fmt: skip


class TrustResponse(BaseModel):
    """What both responses have."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    time_requested: str | None = Field(default=None, description="As it was sent")
    time_evaluated: str = Field(description="When this server worked the answer out")
    message: str
    context: dict[str, str] | None = Field(default=None, description="As it was sent")


class AuthorizationResponse(TrustResponse):
    """trqp-authorization-response."""

    authorized: bool


class RecognitionResponse(TrustResponse):
    """trqp-recognition-response."""

    recognized: bool


def parse_query(content: bytes) -> TrustQuery:
    """The query in a body. Raises a strict JSON error or `RequestError`."""
    document = parse_json_object(content)
    context = document.get("context", {})
    if not isinstance(context, dict):
        raise _fault("The context is an object.", "/context")
    if len(context) > MAX_CONTEXT_MEMBERS:
        raise _fault("The context has too many members.", "/context")
    texts: dict[str, str] = {}
    for name, value in context.items():
        if not isinstance(value, str) or len(value) > MAX_TEXT_CHARACTERS:
            raise _fault("The members of the context are texts.", "/context")
        texts[name] = value
    return TrustQuery(
        entity_id=_identifier(document, "entity_id"),
        authority_id=_identifier(document, "authority_id"),
        action=_text(document, "action"),
        resource=_text(document, "resource"),
        at=_time(texts.get("time")),
        context=texts,
    )


def response_members(
    content: bytes, query: TrustQuery, answer: TrustAnswer, evaluated: str
) -> dict[str, Any]:
    """What both responses say, without the answer. `content` is the request: what it did not send is not sent back."""
    members: dict[str, Any] = {
        "entity_id": query.entity_id,
        "authority_id": query.authority_id,
        "action": query.action,
        "resource": query.resource,
        "time_evaluated": evaluated,
        "message": answer.message,
    }
    if "context" in parse_json_object(content):
        members["context"] = dict(query.context)
    if query.at is not None:
        members["time_requested"] = query.context["time"]
    return members


def _identifier(document: JsonObject, name: str) -> str:
    text = _text(document, name)
    if not _IDENTIFIER.fullmatch(text):
        raise _fault("An identifier is a URI or a part of one (RFC 3986).", f"/{name}")
    return text


def _text(document: JsonObject, name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value or len(value) > MAX_TEXT_CHARACTERS:
        raise _fault("This member is required, and a text that is not empty.", f"/{name}")
    return value


def _time(text: str | None) -> datetime | None:
    """The instant asked about; a blank one is the present, as the schema says."""
    if not text:
        return None
    fault = _fault("The time is written by RFC 3339 with Z.", "/context/time")
    if not _RFC3339_Z.fullmatch(text):
        raise fault
    try:
        return parse_instant(text)
    except DateTimeError as error:
        raise fault from error


def _fault(message: str, pointer: str) -> RequestError:
    return RequestError(message, code="invalid_trust_query", pointer=pointer)
