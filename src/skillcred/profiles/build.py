"""From claims to a complete unsigned credential of a profile. Pure: instant and ids come from outside."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, pointer_token
from skillcred.errors import InputError
from skillcred.model.conformance import check_conformance
from skillcred.model.datetimes import format_instant
from skillcred.model.findings import walk
from skillcred.model.outcomes import MALFORMED_VALUE_ERROR, Problem
from skillcred.profiles.check import find_profile_problems
from skillcred.profiles.schemas import MAX_VALIDATED_DEPTH
from skillcred.profiles.table import PROFILES

SERVICE_MEMBERS: Final = (
    "@context",
    "id",
    "type",
    "issuer",
    "proof",
    "credentialSchema",
    "credentialStatus",
)
"""Members that the service sets; claims must not hold them."""

_NOTHING: Final[frozenset[str]] = frozenset()

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
"""Control characters and the separators that act like them, but not tab and line ends (SECURITY P-09)."""


class ProfileError(InputError):
    """The claims cannot become a credential of the profile.

    Codes: `unknown_profile`, `member_not_allowed`, `claims_invalid`. `problems` lists everything that is
    wrong, with pointers into the claims; `pointer` is that of the first.
    """

    default_code = "claims_invalid"

    def __init__(self, message: str, *, code: str | None = None, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message, code=code, pointer=problems[0].pointer if problems else None)
        self.problems = problems


def build_credential(
    profile_id: str, claims: JsonObject, *, credential_id: str, issuer: JsonObject, at: datetime
) -> JsonObject:
    """The complete unsigned credential of profile `profile_id` with `claims`, issued by `issuer` at `at`.

    `claims` is a credential in the standard's own member names without what the service sets. `validFrom` is
    `at` unless given, `awardedDate` is `validFrom` unless given. Texts stay exactly as they are.
    Raises `ProfileError`.
    """
    profile = PROFILES.get(profile_id)
    if profile is None:
        raise ProfileError("There is no such profile.", code="unknown_profile")
    _refuse_service_members(claims)
    _refuse_depth(claims)
    given = copy.deepcopy(claims)
    valid_from = given.pop("validFrom", format_instant(at))
    awarded = given.pop("awardedDate", valid_from)
    credential: JsonObject = {
        "@context": list(profile.contexts),
        "id": credential_id,
        "type": list(profile.types),
        "issuer": {"type": ["Profile"], **copy.deepcopy(issuer)},
        "validFrom": valid_from,
        "awardedDate": awarded,
        **given,
        "credentialSchema": {"id": profile.schema_id, "type": "JsonSchema"},
    }
    problems = (
        *check_conformance(credential),
        *find_profile_problems(credential, profile),
        *_find_controls(credential),
    )
    if problems:
        first_at_place = {(problem.pointer, problem.code): problem for problem in problems}
        raise ProfileError("The claims do not keep to the profile.", problems=tuple(first_at_place.values()))
    return credential


def _refuse_service_members(claims: JsonObject) -> None:
    problems = tuple(
        Problem(
            "member_not_allowed",
            "This member is set by the service.",
            f"/{pointer_token(name)}",
            MALFORMED_VALUE_ERROR,
        )
        for name in SERVICE_MEMBERS
        if name in claims
    )
    if problems:
        raise ProfileError(
            "Some members are set by the service.", code="member_not_allowed", problems=problems
        )


def _refuse_depth(claims: JsonObject) -> None:
    if any(pointer.count("/") > MAX_VALIDATED_DEPTH for _, pointer in walk(claims, _NOTHING)):
        raise ProfileError("The claims are nested too deep.")


def _find_controls(credential: JsonObject) -> Iterator[Problem]:
    """Texts and names with control characters, also in the members that no schema of ours looks into."""
    for value, pointer in walk(credential, _NOTHING):
        texts = (value,) if isinstance(value, str) else value if isinstance(value, dict) else ()
        if any(_CONTROLS.search(text) for text in texts):
            yield Problem(
                "control_character", "A text holds a control character.", pointer, MALFORMED_VALUE_ERROR
            )
