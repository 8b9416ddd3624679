"""Credentials of our profiles in the shape of VCDM 1.1 that wallets know as `jwt_vc_json`."""

from __future__ import annotations

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.model.conformance import BASE_CONTEXT_1, check_conformance
from skillcred.model.outcomes import Outcome
from skillcred.profiles import (
    PROFILES,
    Profile,
    build_credential,
    build_vcdm_1_1,
    check_profile,
    credential_facts,
    read_vcdm_1_1,
)
from worlds.pure_world import AWARDED, example_claims

each_profile = pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))


def credential(profile: Profile) -> JsonObject:
    return build_credential(
        profile.id,
        {**example_claims(profile.id), "validUntil": "2031-03-15T09:00:00Z"},
        credential_id="https://provider.example/credentials/1",
        issuer={"id": "did:web:provider.example", "type": ["Profile"], "name": "Provider"},
        at=AWARDED,
    )


@each_profile
def test_there_and_back(profile: Profile) -> None:
    newer = credential(profile)
    older = build_vcdm_1_1(newer)
    assert older["@context"] == [BASE_CONTEXT_1, *profile.contexts[1:]]
    assert older["issuanceDate"] == newer["validFrom"]
    assert older["expirationDate"] == "2031-03-15T09:00:00Z"
    assert not {"validFrom", "validUntil", "credentialSchema"} & older.keys()
    assert check_conformance(older) == ()
    assert (
        read_vcdm_1_1({**older, "status": {"status_list": {"idx": 1, "uri": "https://x.example/1"}}}) == newer
    )


@each_profile
def test_the_profile_and_the_facts_are_those_of_the_newer_shape(profile: Profile) -> None:
    newer = credential(profile)
    older = build_vcdm_1_1(newer)
    assert check_profile(older) == check_profile(newer)
    assert check_profile(older).code == "profile_conforms"
    assert credential_facts(older) == credential_facts(newer)
    broken = {name: value for name, value in older.items() if name != "credentialSubject"}
    assert check_profile(broken).outcome is Outcome.FAILED


@pytest.mark.parametrize("member", ["validFrom", "validUntil", "credentialSchema"])
def test_members_of_both_versions_stand_for_nothing(member: str) -> None:
    """They could say something else than what is checked, so the document is taken as it stands, and that breaks the
    profile."""
    newer = credential(PROFILES["training"])
    mixed = {**build_vcdm_1_1(newer), member: newer[member]}
    assert read_vcdm_1_1(mixed) is None
    assert check_profile(mixed).outcome is Outcome.FAILED


def test_documents_of_others_are_left_alone() -> None:
    newer = credential(PROFILES["training"])
    assert read_vcdm_1_1(newer) is None
    assert read_vcdm_1_1({**build_vcdm_1_1(newer), "@context": [BASE_CONTEXT_1]}) is None
    assert read_vcdm_1_1({**build_vcdm_1_1(newer), "type": ["VerifiableCredential"]}) is None
    assert read_vcdm_1_1({"@context": []}) is None
