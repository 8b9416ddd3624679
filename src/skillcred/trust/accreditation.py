"""Accreditations as credentials, in the shape of W3C Recognized Entities 1.0 (First Public Working Draft of
2026-05-12), with a scope of our own terms (`schemas/contexts/trust-v2.jsonld`, docs/divergences.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import InputError
from skillcred.linkeddata import OWN_CONTEXT_TRUST, V2
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.trust.scope import AccreditationScope, Action, SchemaPin, ScopeLevel

CREDENTIAL_TYPE: Final = "RecognizedEntityCredential"
MAX_SCOPES: Final = 20
"""Most actions of one accreditation that are read."""


class AccreditationError(InputError):
    """The document is not an accreditation as we read it. Code `invalid_accreditation`."""

    default_code = "invalid_accreditation"


@dataclass(frozen=True, slots=True)
class AccreditationStatement:
    """What a verified accreditation says. Valid from `valid_from` up to and including `valid_until`."""

    credential_id: str
    body_did: str
    provider_did: str
    scopes: tuple[AccreditationScope, ...]
    valid_from: datetime
    valid_until: datetime | None


def build_accreditation(
    *,
    credential_id: str,
    body_did: str,
    body_name: str,
    provider_did: str,
    provider_name: str,
    scopes: Sequence[AccreditationScope],
    valid_from: datetime,
    valid_until: datetime | None,
) -> JsonObject:
    """The unsigned accreditation. Raises `AccreditationError` for an empty or contradictory one."""
    if not scopes or not all(scope.profiles for scope in scopes):
        raise AccreditationError("An accreditation names at least one profile.", pointer="/scope/profiles")
    if valid_until is not None and valid_until <= valid_from:
        raise AccreditationError("An accreditation ends after it begins.", pointer="/valid_until")
    if body_did == provider_did:
        raise AccreditationError("A body cannot accredit itself.", code="self_accreditation")
    actions: list[JsonValue] = [write_scope(scope) for scope in scopes]
    credential: JsonObject = {
        "@context": [V2, OWN_CONTEXT_TRUST],
        "id": credential_id,
        "type": ["VerifiableCredential", CREDENTIAL_TYPE],
        "issuer": {"id": body_did, "type": "RecognizedIssuer", "name": body_name},
        "validFrom": format_instant(valid_from),
        "credentialSubject": {
            "id": provider_did,
            "type": "RecognizedEntity",
            "name": provider_name,
            "recognizedTo": actions[0] if len(actions) == 1 else actions,
        },
    }
    if valid_until is not None:
        credential["validUntil"] = format_instant(valid_until)
    return credential


def parse_recognized_entity(document: JsonObject) -> AccreditationStatement:
    """What a *verified and conforming* accreditation says, under our first context or the present one.

    Every limit that is there must be understood: a member of the wrong form raises `AccreditationError`,
    so that a scope is never read wider than it was written. Actions that we do not know allow nothing here.
    """
    if CREDENTIAL_TYPE not in as_list(document.get("type")):
        raise AccreditationError("The credential is not an accreditation.", pointer="/type")
    subject = _object(document.get("credentialSubject"), "/credentialSubject")
    issuer = document.get("issuer")
    actions = [_object(action, _ACTIONS) for action in as_list(subject.get("recognizedTo"))]
    if len(actions) > MAX_SCOPES:
        raise AccreditationError("The accreditation has too many actions.", pointer=_ACTIONS)
    until = document.get("validUntil")
    return AccreditationStatement(
        credential_id=_text(document.get("id"), "/id"),
        body_did=_text(issuer.get("id") if isinstance(issuer, dict) else issuer, "/issuer"),
        provider_did=_text(subject.get("id"), "/credentialSubject/id"),
        scopes=tuple(read_scope(action, _ACTIONS) for action in actions if _is_known(action)),
        valid_from=parse_instant(_text(document.get("validFrom"), "/validFrom")),
        valid_until=None if until is None else parse_instant(_text(until, "/validUntil")),
    )


_KNOWN_ACTIONS: Final = frozenset(action.value for action in Action)
_ACTIONS: Final = "/credentialSubject/recognizedTo"
_LISTS: Final = (
    ("fieldOfStudy", "isced_fields"),
    ("occupation", "occupations"),
    ("jurisdiction", "countries"),
    ("languageOfAward", "languages"),
    ("campus", "campuses"),
    ("programme", "programmes"),
)
"""Members of a `RecognizedAction` that are lists of texts, and where they go."""
_SCOPE_MEMBERS: Final = frozenset(
    ("id", "type", "action", "recognizedBy", "credentialProfile", "maximumLevel", "outputValidation")
) | {member for member, _ in _LISTS}


def write_scope(scope: AccreditationScope) -> JsonObject:
    """The scope as a `RecognizedAction`."""
    action: JsonObject = {
        "type": "RecognizedAction",
        "action": scope.action.value,
        "credentialProfile": list(scope.profiles),
    }
    for member, name in _LISTS:
        values: tuple[str, ...] = getattr(scope, name)
        if values:
            action[member] = list(values)
    if scope.max_level is not None:
        action["maximumLevel"] = {
            "type": "FrameworkLevel",
            "framework": scope.max_level.framework,
            "level": scope.max_level.level,
        }
    if scope.schemas:
        action["outputValidation"] = [
            {"id": pin.id, "type": "JsonSchema", "digestMultibase": pin.digest_multibase}
            for pin in scope.schemas
        ]
    return action


def read_scope(action: JsonObject, pointer: str) -> AccreditationScope:
    """The scope that a `RecognizedAction` states. Raises `AccreditationError` for a limit that is not understood."""
    unknown = action.keys() - _SCOPE_MEMBERS
    if unknown:
        raise AccreditationError("The accreditation has a limit that is not understood.", pointer=pointer)
    try:
        kind = Action(_text(action.get("action"), f"{pointer}/action"))
    except ValueError as error:
        raise AccreditationError("There is no such action.", pointer=f"{pointer}/action") from error
    level = action.get("maximumLevel")
    pins = as_list(action["outputValidation"]) if "outputValidation" in action else []
    lists = {
        name: _texts(action[member], f"{pointer}/{member}") for member, name in _LISTS if member in action
    }
    return AccreditationScope(
        profiles=_texts(action.get("credentialProfile"), f"{pointer}/credentialProfile"),
        max_level=None if level is None else _level(_object(level, f"{pointer}/maximumLevel"), pointer),
        schemas=tuple(_pin(pin, f"{pointer}/outputValidation") for pin in pins),
        action=kind,
        **lists,
    )


def _is_known(action: JsonObject) -> bool:
    name = action.get("action")
    return isinstance(name, str) and name in _KNOWN_ACTIONS


def _level(value: JsonObject, pointer: str) -> ScopeLevel:
    return ScopeLevel(
        _text(value.get("framework"), f"{pointer}/maximumLevel"),
        _text(value.get("level"), f"{pointer}/maximumLevel"),
    )


def _pin(value: JsonValue, pointer: str) -> SchemaPin:
    pin = _object(value, pointer)
    if pin.get("type") != "JsonSchema":
        raise AccreditationError("Only JSON Schemas are understood here.", pointer=pointer)
    return SchemaPin(_text(pin.get("id"), pointer), _text(pin.get("digestMultibase"), pointer))


def _texts(value: JsonValue, pointer: str) -> tuple[str, ...]:
    texts = tuple(_text(item, pointer) for item in as_list(value))
    if not texts:
        raise AccreditationError("The list must not be empty.", pointer=pointer)
    return texts


def _text(value: JsonValue, pointer: str) -> str:
    if not isinstance(value, str) or not value:
        raise AccreditationError("A text is expected.", pointer=pointer)
    return value


def _object(value: JsonValue, pointer: str) -> JsonObject:
    if not isinstance(value, dict):
        raise AccreditationError("An object is expected.", pointer=pointer)
    return value
