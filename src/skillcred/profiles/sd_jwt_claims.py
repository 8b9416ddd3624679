"""A credential of a profile as the claims of an SD-JWT VC, and back.

SD-JWT VC has claims of its own for who, when and what kind (`iss`, `nbf`, `exp`, `vct`, …); everything else keeps the
name and shape that it has in the credential. So one profile, one set of rules and one reading of the facts serve
both, and nothing is said twice in a credential that is shown in parts.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.conformance_sd_jwt_vc import is_numeric_date
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.profiles.build import ProfileError
from skillcred.profiles.profile import Profile
from skillcred.profiles.table import PROFILES

_REPLACED: Final = frozenset(
    {
        "@context",
        "id",
        "type",
        "issuer",
        "issuanceDate",
        "validFrom",
        "expirationDate",
        "validUntil",
        "credentialSchema",
        "credentialStatus",
        "proof",
    }
)
"""Members of a credential for which there is a claim, or which the type implies. No claims set has both."""
_CLAIMS: Final = frozenset(
    {"vct", "vct#integrity", "aka_vcts", "iss", "iat", "nbf", "exp", "jti", "sub", "cnf", "status", "aud"}
    | {"issuing_authority"}
)
_ISSUER: Final = frozenset({"id", "type", "name"})
_PROFILES: Final[Mapping[str, Profile]] = MappingProxyType(
    {profile.vct: profile for profile in PROFILES.values()}
)


def build_sd_jwt_claims(profile: Profile, credential: JsonObject) -> JsonObject:
    """The claims of `credential`, an unsigned credential of `profile` as `build_credential` gives it.

    The issuer's name becomes `issuing_authority`, as in other people's types. `iat` and `cnf` are added when it is
    secured, `status` by whoever keeps the list. Times are whole seconds. Raises `ProfileError` for an issuer with
    members for which there is no claim.
    """
    kept = {name: value for name, value in credential.items() if name not in _REPLACED}
    issuer, subject = credential.get("issuer"), kept.get("credentialSubject")
    if not isinstance(issuer, dict) or not issuer.keys() <= _ISSUER:
        raise ProfileError("An SD-JWT VC tells of its issuer the identifier and the name only.")
    claims: JsonObject = {
        "vct": profile.vct,
        "vct#integrity": profile.type_integrity,
        "iss": issuer.get("id"),
        "issuing_authority": issuer.get("name"),
        "jti": credential.get("id"),
        "nbf": _seconds(credential.get("validFrom")),
        "exp": _seconds(credential.get("validUntil")),
    }
    if isinstance(subject, dict) and "id" in subject:
        claims["sub"] = subject["id"]
        kept["credentialSubject"] = {name: value for name, value in subject.items() if name != "id"}
    claims = {name: value for name, value in claims.items() if value is not None}
    return {**claims, **copy.deepcopy(kept)}


def read_sd_jwt_claims(claims: JsonObject) -> JsonObject | None:
    """The credential that `claims` of one of our types stand for, or `None` for any other type.

    `None` also where members of a credential are there that the type implies: they could say something else. Raises
    nothing; what is missing or malformed is missing in the credential, for the check of the profile to find.
    """
    kind = claims.get("vct")
    profile = _PROFILES.get(kind) if isinstance(kind, str) else None
    if profile is None or not _REPLACED.isdisjoint(claims):
        return None
    issuer: JsonObject = {"id": claims.get("iss"), "type": ["Profile"]}
    if "issuing_authority" in claims:
        issuer["name"] = claims["issuing_authority"]
    credential: JsonObject = {
        "@context": list(profile.contexts),
        "id": claims.get("jti"),
        "type": list(profile.types),
        "issuer": issuer,
        "validFrom": _instant(claims.get("nbf")),
        "validUntil": _instant(claims.get("exp")),
    }
    credential = {name: value for name, value in credential.items() if value is not None}
    credential |= {name: value for name, value in claims.items() if name not in _CLAIMS}
    subject = credential.get("credentialSubject")
    if isinstance(subject, dict) and "sub" in claims:
        if "id" in subject:
            return None
        credential["credentialSubject"] = {"id": claims["sub"], **subject}
    return {**credential, "credentialSchema": {"id": profile.schema_id, "type": "JsonSchema"}}


def _seconds(value: JsonValue) -> int | None:
    """A date and time that the model has accepted, in whole seconds since 1970. Negative ones are no NumericDate."""
    return int(parse_instant(value).timestamp()) if isinstance(value, str) else None


def _instant(value: JsonValue) -> str | None:
    if isinstance(value, int) and is_numeric_date(value):
        return format_instant(datetime.fromtimestamp(value, UTC))
    return None
