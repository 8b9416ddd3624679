"""Accreditations as credentials, in the shape of W3C Recognized Entities 1.0 (First Public Working Draft of
2026-05-12), with a scope of our own terms (`schemas/contexts/trust-v1.jsonld`, docs/divergences.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import InputError
from skillcred.linkeddata import OWN_CONTEXT_TRUST, V2
from skillcred.model.datetimes import format_instant, parse_instant

CREDENTIAL_TYPE: Final = "RecognizedEntityCredential"
ISSUE_ACTION: Final = "issue"


class AccreditationError(InputError):
    """The document is not an accreditation as we read it. Code `invalid_accreditation`."""

    default_code = "invalid_accreditation"


@dataclass(frozen=True, slots=True)
class ScopeLevel:
    """The highest level that may be awarded: framework code (`EQF`, `PH-PQF`) and level in that framework."""

    framework: str
    level: str


@dataclass(frozen=True, slots=True)
class AccreditationScope:
    """What a provider may issue. `profiles` is never empty. `isced_fields` are ISCED-F 2013 codes and cover
    the codes they begin; empty means all fields. `countries` are ISO 3166-1 alpha-2 codes where awards may
    be made; empty means everywhere. No `max_level` means any level."""

    profiles: tuple[str, ...]
    isced_fields: tuple[str, ...] = ()
    max_level: ScopeLevel | None = None
    countries: tuple[str, ...] = ()


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
    scope: AccreditationScope,
    valid_from: datetime,
    valid_until: datetime | None,
) -> JsonObject:
    """The unsigned accreditation. Raises `AccreditationError` for an empty or contradictory one."""
    if not scope.profiles:
        raise AccreditationError("An accreditation names at least one profile.", pointer="/scope/profiles")
    if valid_until is not None and valid_until <= valid_from:
        raise AccreditationError("An accreditation ends after it begins.", pointer="/valid_until")
    if body_did == provider_did:
        raise AccreditationError("A body cannot accredit itself.", code="self_accreditation")
    action: JsonObject = {
        "type": "RecognizedAction",
        "action": ISSUE_ACTION,
        "credentialProfile": list(scope.profiles),
    }
    if scope.isced_fields:
        action["fieldOfStudy"] = list(scope.isced_fields)
    if scope.max_level is not None:
        action["maximumLevel"] = {
            "type": "FrameworkLevel",
            "framework": scope.max_level.framework,
            "level": scope.max_level.level,
        }
    if scope.countries:
        action["jurisdiction"] = list(scope.countries)
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
            "recognizedTo": action,
        },
    }
    if valid_until is not None:
        credential["validUntil"] = format_instant(valid_until)
    return credential


def parse_accreditation(document: JsonObject) -> AccreditationStatement:
    """What a *verified and conforming* accreditation says.

    Every limit that is there must be understood: a member of the wrong form raises `AccreditationError`,
    so that a scope is never read wider than it was written.
    """
    if CREDENTIAL_TYPE not in as_list(document.get("type")):
        raise AccreditationError("The credential is not an accreditation.", pointer="/type")
    subject = _object(document.get("credentialSubject"), "/credentialSubject")
    issuer = document.get("issuer")
    actions = [
        _object(action, "/credentialSubject/recognizedTo") for action in as_list(subject.get("recognizedTo"))
    ]
    until = document.get("validUntil")
    return AccreditationStatement(
        credential_id=_text(document.get("id"), "/id"),
        body_did=_text(issuer.get("id") if isinstance(issuer, dict) else issuer, "/issuer"),
        provider_did=_text(subject.get("id"), "/credentialSubject/id"),
        scopes=tuple(_scope(action) for action in actions if action.get("action") == ISSUE_ACTION),
        valid_from=parse_instant(_text(document.get("validFrom"), "/validFrom")),
        valid_until=None if until is None else parse_instant(_text(until, "/validUntil")),
    )


_SCOPE_MEMBERS: Final = frozenset(
    (
        "id",
        "type",
        "action",
        "recognizedBy",
        "credentialProfile",
        "fieldOfStudy",
        "maximumLevel",
        "jurisdiction",
    )
)


def _scope(action: JsonObject) -> AccreditationScope:
    pointer = "/credentialSubject/recognizedTo"
    unknown = action.keys() - _SCOPE_MEMBERS
    if unknown:
        raise AccreditationError("The accreditation has a limit that is not understood.", pointer=pointer)
    level = action.get("maximumLevel")
    return AccreditationScope(
        profiles=_texts(action.get("credentialProfile"), f"{pointer}/credentialProfile"),
        isced_fields=_optional_texts(action, "fieldOfStudy"),
        max_level=None if level is None else _level(_object(level, f"{pointer}/maximumLevel")),
        countries=_optional_texts(action, "jurisdiction"),
    )


def _level(value: JsonObject) -> ScopeLevel:
    pointer = "/credentialSubject/recognizedTo/maximumLevel"
    return ScopeLevel(_text(value.get("framework"), pointer), _text(value.get("level"), pointer))


def _optional_texts(action: JsonObject, name: str) -> tuple[str, ...]:
    if name not in action:
        return ()
    return _texts(action[name], f"/credentialSubject/recognizedTo/{name}")


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
