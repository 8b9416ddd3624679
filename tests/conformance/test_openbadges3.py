"""1EdTech's test credentials for Open Badges 3.0: good ones are accepted, bad ones refused for their fault.

Faults of proof, time and status belong to other steps of a verification. They are named here one by one; the
model accepts them, and the test fails if that changes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.conformance import check_conformance
from skillcred.model.outcomes import Outcome
from skillcred.profiles import check_profile, credential_facts

MODEL_FAULTS: Final = {
    "simple-err-context.json": ("context_base_missing", "/@context/0"),
    "simple-err-credential-subject-achievement-result-description-type.json": (
        "value_not_allowed",
        "/credentialSubject/achievement/resultDescription/2/type",
    ),
    "simple-err-credential-subject-identifier-type.json": (
        "value_not_allowed",
        "/credentialSubject/identifier/0/type",
    ),
    "simple-err-credential-subject-profile-type.json": (
        "value_not_allowed",
        "/credentialSubject/source/type",
    ),
    "simple-err-credential-subject-result-type.json": (
        "required_value_missing",
        "/credentialSubject/result/1/type",
    ),
    "simple-err-credential-subject-type.json": ("required_value_missing", "/credentialSubject/type"),
    "simple-err-evidence-type.json": ("value_not_allowed", "/evidence/1/type"),
    "simple-err-issuer-otheridentifier-type.json": ("value_not_allowed", "/issuer/otherIdentifier/1/type"),
    "simple-err-issuer-parentorg-type.json": ("required_value_missing", "/issuer/parentOrg/type"),
    "simple-err-issuer-type.json": ("required_value_missing", "/issuer/type"),
    "simple-err-issuer.json": ("issuer_missing", "/issuer"),
    "simple-err-type.json": ("required_value_missing", "/type"),
}

FAULTS_OF_OTHER_STEPS: Final = {
    "endorsement-err-schema-status-refresh.json": "status: schema, status and refresh are at dead addresses",
    "simple-err-expired.json": "validity: validUntil has passed",
    "simple-err-issued.json": "validity: validFrom has not come",
    "simple-err-proof-method.json": "proof: the key is not that of the signature",
    "simple-err-proof-method-no-scheme.json": "proof: the verification method is not a URL",
    "simple-err-proof-method-unknown-did-method.json": "proof: the DID method is unknown",
    "simple-err-proof-method-unknown-scheme.json": "proof: the verification method has an unknown scheme",
    "simple-err-proof-value.json": "proof: the signature does not hold",
}

WITHOUT_ACHIEVEMENT: Final = {"simple-noproof.json"}
"""Open Badges 3.0 wants an achievement. 1EdTech's example without proof lacks it: a warning, no more."""


@pytest.fixture(scope="module")
def badges_dir(shared_dir: Path) -> Path:
    return shared_dir / "vectors" / "openbadges-3" / "ob30"


def read(file: Path) -> JsonObject:
    return parse_json_object(file.read_bytes())


def problems_of(document: JsonObject) -> set[tuple[str, str | None]]:
    problems = (*check_conformance(document), *check_profile(document).problems)
    return {(problem.code, problem.pointer) for problem in problems}


def test_good_badges_are_accepted(badges_dir: Path) -> None:
    good = [
        file
        for pattern in (
            "simple*.json",
            "complete*.json",
            "endorsement-valid.json",
            "*revoked*.json",
            "sd/*.json",
        )
        for file in badges_dir.glob(pattern)
        if "-err-" not in file.name
    ]
    assert len(good) >= 13
    for file in good:
        document = read(file)
        result = check_profile(document)
        assert problems_of(document) == set(), file.name
        assert (result.outcome, result.code) == (Outcome.PASSED, "open_badge_conforms"), file.name
        assert bool(result.warnings) == (file.name in WITHOUT_ACHIEVEMENT), file.name


@pytest.mark.parametrize(("name", "fault"), MODEL_FAULTS.items())
def test_bad_badges_are_refused_for_their_fault_alone(
    badges_dir: Path, name: str, fault: tuple[str, str]
) -> None:
    others = problems_of(read(badges_dir / name)) - {fault}
    assert fault in problems_of(read(badges_dir / name))
    # a missing issuer is seen by the data model and by the schema
    assert others <= {("member_missing", "/issuer")}


@pytest.mark.parametrize("name", FAULTS_OF_OTHER_STEPS)
def test_faults_of_other_steps_are_not_ours(badges_dir: Path, name: str) -> None:
    assert problems_of(read(badges_dir / name)) == set()


def test_every_bad_badge_is_named(badges_dir: Path) -> None:
    assert {file.name for file in badges_dir.glob("*-err-*.json")} == {*MODEL_FAULTS, *FAULTS_OF_OTHER_STEPS}


def test_learner_records_are_not_badges(badges_dir: Path) -> None:
    for file in (badges_dir.parent / "clr20").glob("*.json"):
        assert check_profile(read(file)).code == "no_known_profile", file.name


def test_facts_of_foreign_badges(badges_dir: Path) -> None:
    facts = credential_facts(read(badges_dir / "complete.json"))
    assert facts.title == {"und": "1EdTech University Degree for Example Student"}
    assert (facts.issuer_name, facts.country, facts.profile_id) == ("1EdTech University", "US", None)
    old = credential_facts(read(badges_dir / "simple_v1.json"))
    assert old.valid_from is not None
    assert old.award_date == old.valid_from
    for file in badges_dir.rglob("*.json"):
        credential_facts(read(file))
