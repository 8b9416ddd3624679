"""Does a credential keep to the profile it claims, or, if it is somebody else's badge, to Open Badges 3.0?"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import FrozenJson, JsonObject
from skillcred.model.findings import items_of, types_of
from skillcred.model.outcomes import Outcome, Problem, Step, StepResult
from skillcred.profiles.profile import Profile
from skillcred.profiles.rules import check_rules
from skillcred.profiles.schemas import SchemaChecks
from skillcred.profiles.statement import describe, find_statement_schema
from skillcred.profiles.table import find_profile
from skillcred.profiles.vcdm_1_1 import read_vcdm_1_1

OPEN_BADGE_SCHEMA: Final = "open-badges/achievement-credential-v1.json"
ENDORSEMENT_SCHEMA: Final = "open-badges/endorsement-credential-v1.json"

_OPEN_BADGES_CONTEXTS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context"
"""Begin of the URLs of all versions of the Open Badges 3.0 context."""


def check_profile(document: JsonObject, checks: SchemaChecks | None = None) -> StepResult:
    """The step `profile` of a verification. Never raises, whatever JSON object it is given. `checks` are those of this
    very document, where its schemas are looked at elsewhere, too. A credential of a profile of ours in VCDM 1.1 is
    checked as the one of VCDM 2.0 that it stands for.

    `statement_conforms`, `statement_violated` for statements on recognition;
    `profile_conforms`, `profile_violated` for our own profiles; `open_badge_conforms`, `open_badge_violated`
    for other Open Badges; `no_known_profile` (not applicable) for everything else.
    """
    if not isinstance(document, dict):
        return StepResult(Step.PROFILE, Outcome.NOT_APPLICABLE, "no_known_profile")
    newer = read_vcdm_1_1(document)
    if newer is not None:
        document, checks = newer, None
    checks = checks or SchemaChecks(document)
    statement = find_statement_schema(document)
    if statement is not None:
        problems = (*checks.problems(statement), *check_rules(document))
        return _result(
            "statement", problems, details={"profile": "recognition-statement", **describe(document)}
        )
    profile = find_profile(document)
    if profile is not None:
        problems = find_profile_problems(document, profile, checks)
        return _result("profile", problems, details={"profile": profile.id})
    if not _is_open_badge(document):
        return StepResult(Step.PROFILE, Outcome.NOT_APPLICABLE, "no_known_profile")
    if "EndorsementCredential" in types_of(document):
        return _result("open_badge", checks.problems(ENDORSEMENT_SCHEMA), details={"profile": "endorsement"})
    return _result(
        "open_badge",
        checks.problems(OPEN_BADGE_SCHEMA),
        warnings=_find_missing_achievements(document),
        details={"profile": "open-badge"},
    )


def find_profile_problems(
    document: JsonObject, profile: Profile, checks: SchemaChecks | None = None
) -> tuple[Problem, ...]:
    """The problems of `document` under the schema of `profile` and the rules beyond it."""
    by_schema = (checks or SchemaChecks(document)).problems(profile.name)
    problems = {(p.code, p.pointer): p for p in (*by_schema, *check_rules(document))}
    return tuple(problems.values())


def _is_open_badge(document: JsonObject) -> bool:
    """Under an Open Badges context, and not a learner record, which only holds badges."""
    contexts = [item for item, _ in items_of(document.get("@context"), "")]
    under_context = any(isinstance(item, str) and item.startswith(_OPEN_BADGES_CONTEXTS) for item in contexts)
    return under_context and "ClrCredential" not in types_of(document)


def _find_missing_achievements(document: JsonObject) -> tuple[Problem, ...]:
    """Open Badges 3.0 wants an achievement; badges without one are about, so this is a warning."""
    return tuple(
        Problem("achievement_missing", "The badge does not say what was achieved.", f"{pointer}/achievement")
        for subject, pointer in items_of(document.get("credentialSubject"), "/credentialSubject")
        if isinstance(subject, dict) and "achievement" not in subject
    )


def _result(
    kind: str,
    problems: tuple[Problem, ...],
    *,
    warnings: tuple[Problem, ...] = (),
    details: dict[str, FrozenJson],
) -> StepResult:
    return StepResult(
        Step.PROFILE,
        Outcome.FAILED if problems else Outcome.PASSED,
        f"{kind}_violated" if problems else f"{kind}_conforms",
        problems=problems,
        warnings=warnings,
        details=MappingProxyType(details),
    )
