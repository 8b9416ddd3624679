"""The one table of profiles. A new profile is a declaration, a schema, an example, and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.profiles.apprenticeship import APPRENTICESHIP
from skillcred.profiles.proficiency import PROFICIENCY
from skillcred.profiles.profile import SKILL_CONTEXT, Profile
from skillcred.profiles.qualification import QUALIFICATION
from skillcred.profiles.training import TRAINING
from skillcred.profiles.work_experience import WORK_EXPERIENCE

_ALL: Final = (QUALIFICATION, TRAINING, PROFICIENCY, WORK_EXPERIENCE, APPRENTICESHIP)

PROFILES: Final[Mapping[str, Profile]] = MappingProxyType({profile.id: profile for profile in _ALL})
"""Profiles by id."""


def find_profile(document: JsonObject) -> Profile | None:
    """The profile a credential claims by its type under our context; `None` for credentials of others."""
    contexts = document.get("@context")
    if not isinstance(contexts, list) or SKILL_CONTEXT not in contexts:
        return None
    types = as_list(document.get("type"))
    for profile in _ALL:
        if profile.credential_type in types:
            return profile
    return None
