"""Does a credential keep to the profile it claims, or, if it is somebody else's badge, to Open Badges 3.0?"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from skillcred.encoding.json_types import FrozenJson, JsonObject
from skillcred.model.findings import items_of, types_of
from skillcred.model.outcomes import NO_DETAILS, Outcome, Problem, Step, StepResult
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
_NO_KNOWN_PROFILE: Final = StepResult(Step.PROFILE, Outcome.NOT_APPLICABLE, "no_known_profile")


def check_profile(document: JsonObject, checks: SchemaChecks | None = None) -> StepResult:
    """The step `profile` of a verification. Never raises, whatever JSON object it is given. `checks` are those of this
    very document, where its schemas are looked at elsewhere, too. A credential of a profile of ours in VCDM 1.1 is
    checked as the one of VCDM 2.0 that it stands for.

    `statement_conforms`, `statement_violated` for statements on recognition;
    `profile_conforms`, `profile_violated` for our own profiles; `open_badge_conforms`, `open_badge_violated`
    for other Open Badges; `no_known_profile` (not applicable) for everything else.
    """
    if not isinstance(document, dict):
        return _NO_KNOWN_PROFILE
    newer = read_vcdm_1_1(document)
    if newer is not None:
        document, checks = newer, None
    checks = checks or SchemaChecks(document)
    statement = find_statement_schema(document)
    if statement is not None:
        problems = (*checks.problems(statement), *check_rules(document, checks.objects))
        return _result("statement", "recognition-statement", problems, details=describe(document))
    profile = find_profile(document)
    if profile is not None:
        problems = find_profile_problems(document, profile, checks)
        return _result("profile", profile.id, problems)
    types = types_of(document)
    if not _is_open_badge(document, types):
        return _NO_KNOWN_PROFILE
    if "EndorsementCredential" in types:
        return _result("open_badge", "endorsement", checks.problems(ENDORSEMENT_SCHEMA))
    problems = checks.problems(OPEN_BADGE_SCHEMA)
    return _result("open_badge", "open-badge", problems, warnings=_find_missing_achievements(document))


def find_profile_problems(
    document: JsonObject, profile: Profile, checks: SchemaChecks | None = None
) -> tuple[Problem, ...]:
    """The problems of `document` under the schema of `profile` and the rules beyond it."""
    checks = checks or SchemaChecks(document)
    problems = (*checks.problems(profile.name), *check_rules(document, checks.objects))
    return tuple({(p.code, p.pointer): p for p in problems}.values()) if problems else ()


def _is_open_badge(document: JsonObject, types: tuple[str, ...]) -> bool:
    """Under an Open Badges context, and not a learner record, which only holds badges."""
    contexts = document.get("@context")
    for item in contexts if isinstance(contexts, list) else (contexts,):
        if isinstance(item, str) and item.startswith(_OPEN_BADGES_CONTEXTS):
            return "ClrCredential" not in types
    return False


def _find_missing_achievements(document: JsonObject) -> tuple[Problem, ...]:
    """Open Badges 3.0 wants an achievement; badges without one are about, so this is a warning."""
    subjects = document.get("credentialSubject")
    if isinstance(subjects, dict) and "achievement" in subjects:
        return ()
    return tuple(
        Problem("achievement_missing", "The badge does not say what was achieved.", f"{pointer}/achievement")
        for subject, pointer in items_of(subjects, "/credentialSubject")
        if isinstance(subject, dict) and "achievement" not in subject
    )


def _result(
    kind: str,
    profile: str,
    problems: tuple[Problem, ...],
    *,
    warnings: tuple[Problem, ...] = (),
    details: Mapping[str, FrozenJson] = NO_DETAILS,
) -> StepResult:
    if not problems and not warnings and not details:
        return _conforms(kind, profile)
    return StepResult(
        Step.PROFILE,
        Outcome.FAILED if problems else Outcome.PASSED,
        f"{kind}_violated" if problems else f"{kind}_conforms",
        problems=problems,
        warnings=warnings,
        details={"profile": profile, **details},
    )


@cache
def _conforms(kind: str, profile: str) -> StepResult:
    """What is said of every credential of a profile that has no faults."""
    return StepResult(Step.PROFILE, Outcome.PASSED, f"{kind}_conforms", details={"profile": profile})
