"""Credentials of our profiles as claims of SD-JWT VCs, and the metadata of their types."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.model.conformance_sd_jwt_vc import check_sd_jwt_vc
from skillcred.model.outcomes import Outcome
from skillcred.profiles import (
    PROFILES,
    Profile,
    ProfileError,
    build_credential,
    build_sd_jwt_claims,
    check_profile,
    read_sd_jwt_claims,
)
from skillcred.profiles.facts import sd_jwt_vc_facts
from skillcred.securing import default_disclosable_pointers
from skillcred.shipped import shipped_path
from worlds.pure_world import AWARDED, example_claims

INTEGRITY = {
    "qualification-v1": "sha256-OKkHW+pmHQ9hTl1uMSRi6khb52moS6S3iX7HqmHrs6k=",
    "training-v1": "sha256-9ND55w/O69HIGPQkjrp9I517sxJ+tktykCF3mE3tD6c=",
    "proficiency-v1": "sha256-pRQQkvltdUmAiKxBfhw0wFjBAFK8pJuU0duKqTX5uNM=",
    "work-experience-v1": "sha256-8s6TKBbHA6XQ5dGrzxxxwZUhV10OHEphH9/gjfyrT8w=",
    "apprenticeship-v1": "sha256-4MuYg/nqwyoXiZjNrPR2WvhZXRd/IX6otb7ffqbyCU0=",
}
"""What was published under a name stays: credentials carry these digests."""

each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))


def credential(profile: Profile, **members: Any) -> JsonObject:
    return build_credential(
        profile.id,
        {**example_claims(profile.id), **members},
        credential_id="https://provider.example/credentials/1",
        issuer={"id": "did:web:provider.example", "type": ["Profile"], "name": "Provider"},
        at=AWARDED,
    )


@each_profile
def test_there_and_back(profile: Profile) -> None:
    unsigned = credential(profile, validUntil="2031-03-15T09:00:00Z")
    claims = build_sd_jwt_claims(profile, unsigned)
    assert check_sd_jwt_vc({**claims, "iat": 1}) == ()
    assert read_sd_jwt_claims({**claims, "iat": 1, "cnf": {}, "status": {}}) == unsigned


@each_profile
def test_nothing_is_said_twice(profile: Profile) -> None:
    claims = build_sd_jwt_claims(profile, credential(profile))
    assert "id" not in claims["credentialSubject"]  # type: ignore[operator]
    assert not claims.keys() & {"@context", "id", "type", "issuer", "validFrom", "credentialSchema"}


@pytest.mark.parametrize(
    "members",
    [
        {"@context": ["https://www.w3.org/ns/credentials/v2"]},
        {"id": "https://other.example/1"},
        {"type": ["VerifiableCredential"]},
        {"issuer": "did:web:other.example"},
        {"validFrom": "2020-01-01T00:00:00Z"},
        {"validUntil": "2099-01-01T00:00:00Z"},
        {"credentialSchema": []},
        {"credentialStatus": []},
        {"proof": {}},
        {"vct": "https://skillcred.org/types/qualification-v2"},
        {"vct": 1},
        {"credentialSubject": {"id": "did:example:another"}},
    ],
    ids=lambda members: next(iter(members)),
)
def test_claims_that_could_say_two_things_are_of_no_profile(members: JsonObject) -> None:
    claims = {
        **build_sd_jwt_claims(PROFILES["qualification"], credential(PROFILES["qualification"])),
        **members,
    }
    assert read_sd_jwt_claims(claims) is None
    facts = sd_jwt_vc_facts(claims)
    assert facts.profile_id is None
    assert facts.levels == ()


@pytest.mark.parametrize("name", ["nbf", "issuing_authority", "credentialSubject", "name"])
@pytest.mark.parametrize("value", [None, "", -1, [], {}])
def test_what_is_missing_or_malformed_violates_the_profile(name: str, value: Any) -> None:
    claims = build_sd_jwt_claims(PROFILES["qualification"], credential(PROFILES["qualification"]))
    changed = {**claims, name: value}
    if value is None:
        del changed[name]
    read = read_sd_jwt_claims(changed)
    assert read is not None
    assert check_profile(read).outcome is Outcome.FAILED


def test_an_issuer_with_more_than_a_name_has_no_claims() -> None:
    unsigned = credential(PROFILES["training"])
    unsigned["issuer"] = {
        "id": "did:web:a.example",
        "type": ["Profile"],
        "name": "A",
        "url": "https://a.example/",
    }
    with pytest.raises(ProfileError):
        build_sd_jwt_claims(PROFILES["training"], unsigned)


@each_profile
def test_the_metadata_is_what_its_digest_says_and_does_not_change(profile: Profile) -> None:
    content = shipped_path(profile.type_path).read_bytes()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    assert profile.type_integrity == f"sha256-{digest}" == INTEGRITY[profile.type_name]
    metadata = json.loads(content)
    assert metadata["vct"] == profile.vct
    assert metadata["name"] == profile.title


@each_profile
def test_the_metadata_tells_what_may_be_withheld(profile: Profile) -> None:
    metadata = json.loads(shipped_path(profile.type_path).read_bytes())
    unsigned = credential(profile)
    concealed = {tuple(pointer[1:].split("/")) for pointer in default_disclosable_pointers(unsigned)}
    claims = build_sd_jwt_claims(profile, unsigned)
    told = {tuple(claim["path"]): claim for claim in metadata["claims"]}
    for path, claim in told.items():
        assert claim["sd"] in {"always", "never", "allowed"}
        assert {text["locale"] for text in claim["display"]} == {"en", "ar"}
        if path in concealed:
            assert claim["sd"] != "never", path
        elif claim["sd"] == "always":
            assert not found(claims, path), path
        if claim.get("mandatory"):
            assert found(claims, path), path
    always = {path for path, claim in told.items() if claim["sd"] == "always"}
    assert ("credentialSubject", "name") in always


def found(value: Any, path: tuple[str, ...]) -> bool:
    for name in path:
        if not isinstance(value, dict) or name not in value:
            return False
        value = value[name]
    return True
