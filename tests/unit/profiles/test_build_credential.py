"""From claims to credentials, and what claims are refused for."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.conformance import check_conformance
from skillcred.model.outcomes import Outcome, Step
from skillcred.profiles import PROFILES, ProfileError, build_credential, check_profile

AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
ISSUER: JsonObject = {"id": "did:web:issuer.example", "name": "Issuer"}
ID = "https://issuer.example/v1/credentials/1"


@pytest.fixture(scope="module")
def examples(project_dir: Path) -> dict[str, JsonObject]:
    return {p.id: parse_json_object((project_dir / p.example_path).read_bytes()) for p in PROFILES.values()}


def build(profile_id: str, claims: JsonObject) -> JsonObject:
    return build_credential(profile_id, claims, credential_id=ID, issuer=ISSUER, at=AT)


def change(claims: JsonObject, pointer: str, value: JsonValue) -> JsonObject:
    """A copy of `claims` with `value` at `pointer`; `...` takes the member away."""
    changed = copy.deepcopy(claims)
    node: JsonValue = changed
    *parents, last = pointer.split("/")[1:]
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node[part]  # type: ignore[index,call-overload]
    if value is ...:
        del node[last]  # type: ignore[union-attr,arg-type]
    else:
        node[int(last) if isinstance(node, list) else last] = value  # type: ignore[index,call-overload]
    return changed


@pytest.mark.parametrize("profile_id", PROFILES)
def test_example_becomes_a_conforming_credential(profile_id: str, examples: dict[str, JsonObject]) -> None:
    credential = build(profile_id, examples[profile_id])
    profile = PROFILES[profile_id]
    assert check_conformance(credential) == ()
    result = check_profile(credential)
    assert (result.step, result.outcome, result.code) == (Step.PROFILE, Outcome.PASSED, "profile_conforms")
    assert result.details["profile"] == profile_id
    assert credential["@context"] == list(profile.contexts)
    assert credential["type"] == list(profile.types)
    assert profile.types[1] in ("AchievementCredential", "OpenBadgeCredential")  # two names of one type
    assert credential["issuer"] == {"type": ["Profile"], **ISSUER}
    assert credential["credentialSchema"] == {"id": profile.schema_id, "type": "JsonSchema"}


@pytest.mark.parametrize("profile_id", PROFILES)
def test_claims_stay_as_they_were(profile_id: str, examples: dict[str, JsonObject]) -> None:
    before = encode_jcs(examples[profile_id])
    credential = build(profile_id, examples[profile_id])
    assert encode_jcs(examples[profile_id]) == before
    assert encode_jcs({name: credential[name] for name in examples[profile_id]}) == before
    credential["credentialSubject"] = {}
    assert encode_jcs(examples[profile_id]) == before


def test_dates_default_to_the_instant_of_issue(examples: dict[str, JsonObject]) -> None:
    claims = change(change(examples["training"], "/validFrom", ...), "/awardedDate", ...)
    credential = build("training", claims)
    assert credential["validFrom"] == credential["awardedDate"] == "2026-02-03T04:05:06Z"
    dated = build("training", {**claims, "validFrom": "2025-01-01T00:00:00+03:00"})
    assert dated["awardedDate"] == "2025-01-01T00:00:00+03:00"


def test_unknown_profile() -> None:
    with pytest.raises(ProfileError) as raised:
        build("driving-licence", {})
    assert raised.value.code == "unknown_profile"


def test_members_of_the_service_are_refused(examples: dict[str, JsonObject]) -> None:
    claims = {**examples["training"], "issuer": "did:web:evil.example", "proof": {}, "@context": []}
    with pytest.raises(ProfileError) as raised:
        build("training", claims)
    assert (raised.value.code, raised.value.pointer) == ("member_not_allowed", "/@context")
    assert {problem.pointer for problem in raised.value.problems} == {"/@context", "/issuer", "/proof"}


# In the table @ stands for the achievement; a fault names the pointer where it shows, if that is another.
FAULTS: list[tuple[str, str, Any, str]] = [
    ("training", "/name", ..., "member_missing"),
    ("training", "/name", "", "empty_value"),
    ("training", "/name", "   ", "malformed_value"),
    ("training", "/name", {"@value": "x"}, "wrong_type"),
    ("training", "/languageOfAward", "EN", "malformed_value"),
    ("training", "/countryOfAward", "KEN", "malformed_value"),
    ("training", "/countryOfAward", "ZZ", "unknown_code"),
    ("training", "/unexpected", "x", "member_not_allowed"),
    ("training", "/endorsement", [{}], "member_not_allowed"),
    ("training", "/validFrom", "2025-01-01", "datetime_malformed"),
    ("training", "/validUntil", "2001-01-01T00:00:00Z", "period_inverted"),
    ("training", "/credentialSubject/unexpected", "x", "member_not_allowed"),
    ("training", "/credentialSubject/employment", {"type": ["Employment"]}, "member_not_allowed"),
    ("training", "/credentialSubject/activityEndDate", "2024-01-01T00:00:00Z", "period_inverted"),
    ("training", "/credentialSubject/activityEndDate", "31.12.2024", "malformed_value"),
    ("training", "@/id", ..., "member_missing"),
    ("training", "@/workload", ..., "member_missing"),
    ("training", "@/workload/workloadHours", "12,5", "malformed_value"),
    ("training", "@/workload/creditPoints", "3", "member_missing @/workload/creditSystem"),
    ("training", "@/learningSetting", "formal", "value_not_allowed"),
    ("training", "@/achievementType", "BachelorDegree", "value_not_allowed"),
    ("training", "@/alignment", [], "empty_value"),
    ("training", "@/alignment/0/targetCode", "1234", "unknown_code"),
    ("training", "@/alignment/0/targetCode", "0716", "code_url_mismatch @/alignment/0/targetUrl"),
    ("training", "@/alignment/1/targetCode", "0000", "unknown_code"),
    ("training", "@/alignment/0/targetFramework", "Other", "required_value_missing @/alignment"),
    ("training", "@/alignment/0/type", "Thing", "value_not_allowed"),
    ("training", "@/alignment/0/targetType", "Thing", "value_not_allowed"),
    ("training", "@/alignment/2/targetUrl", "https://esco.example/", "code_url_mismatch"),
    ("training", "@/nameTranslations/en", "Other", "translation_contradicts"),
    ("training", "@/nameTranslations/zh-Hant", "焊接", "member_not_allowed"),
    ("training", "@/nameTranslations/sw", None, "null_value"),
    ("training", "@/criteria", {}, "empty_value"),
    ("training", "@/criteria/narrative", ..., "translation_without_text @/criteria/narrativeTranslations"),
    ("training", "@/tag", ["a", "a"], "entry_repeated"),
    ("training", "@/creditsAvailable", 1.5, "number_not_exact"),
    ("training", "@/creditsAvailable", -1, "out_of_range"),
    ("training", "@/awardingBody/address/addressCountryCode", "XX", "unknown_code"),
    ("training", "/evidence/0/type", ["Other"], "required_value_missing"),
    ("qualification", "@/awardingBody", ..., "member_missing"),
    ("qualification", "@/programme", ..., "member_missing"),
    ("qualification", "@/alignment/1/type", ["Alignment"], "required_value_missing @/alignment"),
    ("qualification", "@/alignment/1/frameworkId", ..., "member_missing"),
    ("qualification", "@/alignment/1/frameworkId", "EQF", "framework_mismatch"),
    ("qualification", "/credentialSubject/result/0/resultDescription", "urn:uuid:0", "result_not_described"),
    ("qualification", "@/resultDescription/0/id", ["urn:uuid:0"], "wrong_type"),
    ("proficiency", "/credentialSubject/assessment", ..., "member_missing"),
    ("proficiency", "/credentialSubject/assessment/assessmentOutcome", "passed", "value_not_allowed"),
    (
        "proficiency",
        "/credentialSubject/assessment/assessmentMethod",
        ["guess"],
        "value_not_allowed /credentialSubject/assessment/assessmentMethod/0",
    ),
    ("proficiency", "/credentialSubject/assessment/priorLearning", "yes", "wrong_type"),
    ("proficiency", "/credentialSubject/assessment/units/0/unitOutcome", "partial", "value_not_allowed"),
    ("work-experience", "/credentialSubject/employment/attestedBy/jobTitle", ..., "member_missing"),
    ("work-experience", "/credentialSubject/employment/periodEnd", "2022-01-01T00:00:00Z", "period_inverted"),
    ("work-experience", "/credentialSubject/employment/tasks", [], "empty_value"),
    ("work-experience", "/credentialSubject/employment/workloadHours", 6480, "wrong_type"),
    ("apprenticeship", "/credentialSubject/placement/hostOrganisation", ..., "member_missing"),
    ("apprenticeship", "/credentialSubject/placement/placementKind", "holiday", "value_not_allowed"),
]


@pytest.mark.parametrize(("profile_id", "pointer", "value", "fault"), FAULTS)
def test_claims_refused(
    profile_id: str, pointer: str, value: JsonValue, fault: str, examples: dict[str, JsonObject]
) -> None:
    pointer, fault = (text.replace("@", "/credentialSubject/achievement") for text in (pointer, fault))
    with pytest.raises(ProfileError) as raised:
        build(profile_id, change(examples[profile_id], pointer, value))
    assert raised.value.code == "claims_invalid"
    code, _, elsewhere = fault.partition(" ")
    found = {(problem.code, problem.pointer) for problem in raised.value.problems}
    assert (code, elsewhere or pointer) in found


def test_assessment_in_part_needs_its_units(examples: dict[str, JsonObject]) -> None:
    partial = change(examples["proficiency"], "/credentialSubject/assessment/assessmentOutcome", "partial")
    partial = change(partial, "/credentialSubject/assessment/units/0/unitOutcome", "partial")
    assert build("proficiency", partial)
    with pytest.raises(ProfileError):
        build("proficiency", change(partial, "/credentialSubject/assessment/units", ...))


def test_subject_needs_an_id_or_an_identifier(examples: dict[str, JsonObject]) -> None:
    assert build("qualification", change(examples["qualification"], "/credentialSubject/id", ...))
    with pytest.raises(ProfileError) as raised:
        build("training", change(examples["training"], "/credentialSubject/id", ...))
    assert ("member_missing", "/credentialSubject/identifier") in {
        (problem.code, problem.pointer) for problem in raised.value.problems
    }


@pytest.mark.parametrize("character", ["\0", "\b", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("pointer", ["/name", "/credentialSubject/name", "/termsOfUse"])
def test_p_09_controls_are_refused_at_issuance(
    character: str, pointer: str, examples: dict[str, JsonObject]
) -> None:
    text = f"before{character}after"
    value: JsonValue = [{"type": "Policy", "name": text}] if pointer == "/termsOfUse" else text
    with pytest.raises(ProfileError) as raised:
        build("training", change(examples["training"], pointer, value))
    assert "control_character" in {problem.code for problem in raised.value.problems}


@pytest.mark.parametrize(
    "name",
    [
        "O", "Ng", "O'Brien", "Jean-Luc d’Arc", "Nguyễn Thị Minh Khai", "محمد ١٢٣ 45", "ትዕግሥት ዓለሙ", "ကိုမင်းသူ",
        "ᠮᠣᠩᠭᠣᠯ", "李小龍", "किशोर कुमार", "ګل بشره", "می‌خواهم", "Sri\u200d", "ꦗꦮ", "𞤀𞤣𞤤𞤢𞤥", "Ж" * 300, "Æ͑̓", "山田 太郎",
        "עברית", "ქართული", "Հայերեն", "ภาษาไทย", "தமிழ்", "ਪੰਜਾਬੀ", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "ᏣᎳᎩ", "ߒߞߏ", "සිංහල", "བོད་སྐད",
    ],
)  # fmt: skip
def test_p_14_names_in_any_script_pass_unchanged(name: str, examples: dict[str, JsonObject]) -> None:
    credential = build("training", change(examples["training"], "/credentialSubject/name", name))
    sent = parse_json_object(json.dumps(credential).encode())
    assert sent["credentialSubject"]["name"] == name  # type: ignore[index,call-overload]


def test_p_13_twins_in_unicode_stay_different(examples: dict[str, JsonObject]) -> None:
    composed = build(
        "training", {**examples["training"], "name": "Caf\u00e9", "nameTranslations": {"fr": "x"}}
    )
    decomposed = build(
        "training", {**examples["training"], "name": "Cafe\u0301", "nameTranslations": {"fr": "x"}}
    )
    assert (composed["name"], decomposed["name"]) == ("Caf\u00e9", "Cafe\u0301")
    assert encode_jcs(composed) != encode_jcs(decomposed)


def test_every_fault_is_reported_at_once_without_values(examples: dict[str, JsonObject]) -> None:
    claims = change(examples["training"], "/countryOfAward", "secret-4711")
    claims = change(claims, "/credentialSubject/achievement/workload/workloadHours", "secret-4711")
    claims = change(claims, "/evidence/0/id", "secret-4711")
    with pytest.raises(ProfileError) as raised:
        build("training", claims)
    assert {problem.pointer for problem in raised.value.problems} >= {
        "/countryOfAward",
        "/credentialSubject/achievement/workload/workloadHours",
        "/evidence/0/id",
    }
    assert not any("secret" in problem.message for problem in raised.value.problems)


def test_claims_nested_too_deep_are_refused(examples: dict[str, JsonObject]) -> None:
    deep: JsonValue = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ProfileError):
        build("training", {**examples["training"], "description": deep})
