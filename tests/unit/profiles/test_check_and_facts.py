"""The step `profile` and the facts of credentials, our own and those of others."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.outcomes import Outcome, Step
from skillcred.profiles import PROFILES, Level, build_credential, check_profile, credential_facts
from skillcred.profiles.codes import (
    CEFR,
    EQF,
    ESCO,
    ISCED_F,
    ISCO_08,
    CodeSystem,
    find_code_system,
    is_consistent,
)

OB = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]
BADGE: JsonObject = {
    "@context": list(OB),
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {
        "id": "did:web:school.example",
        "type": "Profile",
        "name": [{"@value": "School", "@language": "en"}],
        "address": {"type": "Address", "addressCountryCode": "NZ"},
    },
    "validFrom": "2024-05-06T00:00:00Z",
    "credentialSubject": {
        "id": "did:key:z6Mk",
        "type": "AchievementSubject",
        "achievement": {
            "id": "urn:uuid:2",
            "type": ["Achievement"],
            "name": "Soudure",
            "inLanguage": "fr",
            "description": "Souder",
            "criteria": {"narrative": "Un essai"},
            "alignment": [
                {
                    "type": ["Alignment"],
                    "targetName": "Metal",
                    "targetUrl": "http://data.europa.eu/snb/isced-f/0715",
                },
                {
                    "type": "Alignment",
                    "targetName": "Four",
                    "targetFramework": "European Qualifications Framework",
                    "targetCode": "4",
                    "targetUrl": "https://europass.example/4",
                },
                {
                    "type": "Alignment",
                    "targetName": "No such level",
                    "targetFramework": "EQF",
                    "targetCode": "9",
                    "targetUrl": "https://europass.example/9",
                },
            ],
        },
    },
}


@pytest.fixture(scope="module")
def qualification(project_dir: Path) -> JsonObject:
    claims = parse_json_object((project_dir / PROFILES["qualification"].example_path).read_bytes())
    return build_credential(
        "qualification",
        claims,
        credential_id="urn:uuid:3",
        issuer={"id": "did:web:issuer.example", "name": "Issuer"},
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def badge(*path: str | int, value: JsonValue) -> JsonObject:
    changed = copy.deepcopy(BADGE)
    node: JsonValue = changed
    for part in path[:-1]:
        node = node[part]  # type: ignore[index,call-overload]
    node[path[-1]] = value  # type: ignore[index,call-overload]
    return changed


def test_own_credential_with_proof_status_and_schema(qualification: JsonObject) -> None:
    status: JsonObject = {"type": "BitstringStatusListEntry", "id": "https://issuer.example/status/1#2"}
    document = {**qualification, "credentialStatus": status, "proof": {"type": "DataIntegrityProof"}}
    result = check_profile(document)
    assert (result.step, result.outcome, result.code) == (Step.PROFILE, Outcome.PASSED, "profile_conforms")


@pytest.mark.parametrize(
    ("name", "value", "pointer"),
    [
        ("@context", [*OB, "https://skillcred.org/ns/skill/v1", {"x": "https://x.example/"}], "/@context"),
        ("type", ["VerifiableCredential", "QualificationCredential"], "/type"),
        ("type", ["VerifiableCredential", "OpenBadgeCredential", "QualificationCredential", "X"], "/type"),
        ("issuer", "did:web:issuer.example", "/issuer"),
        ("issuer", {"id": "did:web:issuer.example", "type": ["Organisation"], "name": "I"}, "/issuer/type"),
        ("languageOfAward", "e", "/languageOfAward"),
        ("extra", 1, "/extra"),
    ],
)
def test_own_credential_that_violates_its_profile(
    name: str, value: JsonValue, pointer: str, qualification: JsonObject
) -> None:
    result = check_profile({**qualification, name: value})
    assert (result.outcome, result.code) == (Outcome.FAILED, "profile_violated")
    assert pointer in {problem.pointer for problem in result.problems}


def test_two_of_our_types_at_once_violate_the_profile(qualification: JsonObject) -> None:
    types = ["VerifiableCredential", "QualificationCredential", "TrainingCredential"]
    assert check_profile({**qualification, "type": list(types)}).code == "profile_violated"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (BADGE, "open_badge_conforms"),
        (badge("credentialSubject", "type", value="Person"), "open_badge_violated"),
        (badge("type", value=["VerifiableCredential"]), "open_badge_violated"),
        (badge("credentialSubject", "achievement", "alignment", value=[]), "open_badge_violated"),
        (badge("credentialSubject", "achievement", "achievementType", value="Wish"), "open_badge_violated"),
        (
            badge("credentialSubject", "achievement", "achievementType", value="ext:Wish"),
            "open_badge_conforms",
        ),
        (badge("awardedDate", value="2024-05-06"), "open_badge_violated"),
        (badge("@context", value=[OB[0]]), "no_known_profile"),
        ({**BADGE, "type": ["VerifiableCredential", "ClrCredential"]}, "no_known_profile"),
        (
            {"type": ["VerifiableCredential", "QualificationCredential"], "@context": [OB[0]]},
            "no_known_profile",
        ),
        ({}, "no_known_profile"),
    ],
)
def test_credentials_of_others(document: JsonObject, code: str) -> None:
    result = check_profile(document)
    assert result.code == code
    assert (result.outcome is Outcome.NOT_APPLICABLE) == (code == "no_known_profile")
    assert (result.outcome is Outcome.FAILED) == code.endswith("violated") == bool(result.problems)


def test_badge_without_achievement_gets_a_warning() -> None:
    result = check_profile(
        badge("credentialSubject", value={"id": "did:key:z6Mk", "type": "AchievementSubject"})
    )
    assert result.outcome is Outcome.PASSED
    assert [(warning.code, warning.pointer) for warning in result.warnings] == [
        ("achievement_missing", "/credentialSubject/achievement")
    ]


def test_endorsement() -> None:
    document: JsonObject = {
        **BADGE,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "credentialSubject": {
            "id": "did:web:a.example",
            "type": "EndorsementSubject",
            "endorsementComment": "ok",
        },
    }
    assert check_profile(document).code == "open_badge_conforms"
    document["credentialSubject"] = {"type": "EndorsementSubject"}
    assert [problem.pointer for problem in check_profile(document).problems] == ["/credentialSubject/id"]


def test_facts_of_a_qualification(qualification: JsonObject) -> None:
    facts = credential_facts(qualification)
    assert (facts.credential_id, facts.issuer_id, facts.issuer_name) == (
        "urn:uuid:3",
        "did:web:issuer.example",
        "Issuer",
    )
    assert (facts.profile_id, facts.country, facts.isced_fields) == ("qualification", "PH", ("0913",))
    assert facts.levels == (Level("PH-PQF", "6"),)
    assert facts.award_date == facts.valid_from == datetime(2024, 6, 13, 16, tzinfo=UTC)
    assert facts.valid_until is None
    assert facts.title["en"] == "Bachelor of Science in Nursing"
    assert facts.title["ar"] == "بكالوريوس العلوم في التمريض"
    assert facts.subject_id is not None
    assert facts.types[0] == "VerifiableCredential"


def test_facts_of_a_foreign_badge() -> None:
    facts = credential_facts(BADGE)
    assert dict(facts.title) == {"fr": "Soudure"}
    assert (facts.issuer_name, facts.country, facts.profile_id) == ("School", "NZ", None)
    assert facts.isced_fields == ("0715",)
    assert facts.levels == (Level("EQF", "4"),)
    assert facts.award_date == datetime(2024, 5, 6, tzinfo=UTC)


def test_facts_of_a_credential_of_version_1() -> None:
    facts = credential_facts(
        {
            "issuer": "did:web:a.example",
            "issuanceDate": "2020-01-01T00:00:00Z",
            "expirationDate": "2021-01-01T00:00:00Z",
            "credentialSubject": [{"name": "x"}, {"id": "did:example:b"}],
        }
    )
    assert facts.issuer_id == "did:web:a.example"
    assert facts.subject_id == "did:example:b"
    assert facts.valid_from == facts.award_date == datetime(2020, 1, 1, tzinfo=UTC)
    assert facts.valid_until == datetime(2021, 1, 1, tzinfo=UTC)


def test_facts_of_what_is_malformed_are_empty() -> None:
    facts = credential_facts(
        {"id": 1, "issuer": [], "type": 3, "name": 4, "validFrom": "x", "credentialSubject": "did:a:b"}
    )
    assert (facts.credential_id, facts.issuer_id, facts.types, facts.valid_from) == (None, None, (), None)
    assert dict(facts.title) == {}


@pytest.mark.parametrize(
    ("alignment", "system", "consistent"),
    [
        ({"targetFramework": "ISCED-F 2013", "targetCode": "0913"}, ISCED_F, True),
        ({"targetUrl": "https://data.europa.eu/snb/isced-f/091"}, ISCED_F, True),
        ({"targetCode": "0912", "targetUrl": "http://data.europa.eu/snb/isced-f/0913"}, ISCED_F, False),
        ({"targetUrl": "http://data.europa.eu/esco/isco/C2221", "targetCode": "2221"}, ISCO_08, True),
        ({"targetFramework": "esco", "targetUrl": "http://data.europa.eu/esco/skill/abc"}, ESCO, True),
        ({"targetFramework": "ESCO", "targetUrl": "http://evil.example/esco/skill/abc"}, ESCO, False),
        ({"targetFramework": " eqf "}, EQF, True),
        ({"targetFramework": "CEFR", "targetCode": "B1", "targetUrl": "https://www.coe.int/"}, CEFR, True),
    ],
)
def test_code_systems_are_told_apart(alignment: JsonObject, system: CodeSystem, consistent: bool) -> None:
    assert find_code_system(alignment) is system
    assert is_consistent(alignment, system) is consistent


@pytest.mark.parametrize(
    "alignment", [{}, {"targetFramework": 3}, {"targetUrl": "http://data.europa.eu/snb/qdr/1"}]
)
def test_other_frameworks_are_left_alone(alignment: JsonObject) -> None:
    assert find_code_system(alignment) is None
