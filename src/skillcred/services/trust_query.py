"""Questions that others ask the registry by the ToIP Trust Registry Query Protocol 2.0, and the answers.

What the members mean here is written in docs/registry.md: the authority is an enrolled body, or one that it accredited
to accredit, or for recognition the operator of this registry; the resource is a kind of credential.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.profiles import PROFILES, CredentialFacts, Level
from skillcred.trust import Action

AUTHORIZATION_ACTIONS: Final[Mapping[str, Action]] = {action.value: action for action in Action}
RECOGNITION_ACTIONS: Final = frozenset(
    {"recognise-qualifications", "recognize-qualifications", Action.ACCREDIT.value}
)
CONTEXT_LISTS: Final = (
    ("isced_field", "isced_fields"),
    ("occupation", "occupations"),
    ("language", "languages"),
    ("campus", "campuses"),
    ("programme", "programmes"),
)
"""Members of `context` that ask for less than a whole kind of credential, and the facts that they stand for. `country`
and `level` (framework:level) are the others."""


@dataclass(frozen=True, slots=True)
class TrustQuery:
    """A query. `at` is the instant that it asks about, `None` for the present; `context` all texts of its context."""

    entity_id: str
    authority_id: str
    action: str
    resource: str
    at: datetime | None
    context: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class TrustAnswer:
    """Yes, or not confirmed; when that was worked out; why, for people; and the statements that a yes rests on."""

    confirmed: bool
    evaluated_at: datetime
    message: str
    statements: tuple[str, ...] = ()


def find_profile_id(resource: str, base_url: str) -> str | None:
    """The profile that `resource` stands for: its id, its credential type, the address of its schema (that of the
    `$id`, or where this deployment serves it), or its `vct`; `None` for anything else."""
    for profile in PROFILES.values():
        if resource in {
            profile.id,
            profile.credential_type,
            profile.schema_id,
            base_url + profile.schema_url_path,
            profile.vct,
        }:
            return profile.id
    return None


def build_facts(query: TrustQuery, profile_id: str) -> CredentialFacts:
    """The credential that the query is about, as far as it says. What it leaves open is unknown to a scope that limits
    it, so the answer then is not yes."""
    context = query.context
    lists = {fact: (context[member],) for member, fact in CONTEXT_LISTS if context.get(member)}
    framework, _, level = context.get("level", "").rpartition(":")
    return CredentialFacts(
        credential_id=None,
        issuer_id=query.entity_id,
        issuer_name=None,
        types=(),
        profile_id=profile_id,
        subject_id=None,
        title={},
        award_date=None,
        valid_from=None,
        valid_until=None,
        isced_fields=lists.pop("isced_fields", ()),
        levels=(Level(framework, level),) if framework and level else (),
        country=context.get("country") or None,
        **lists,
    )
