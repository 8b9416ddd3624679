"""Types as IRIs, which is how DCQL asks for them (OID4VP 1.0 appendix B.1.1)."""

from __future__ import annotations

import pytest

from skillcred.linkeddata.context_table import V1, V2
from skillcred.linkeddata.errors import LinkedDataError
from skillcred.linkeddata.type_names import expand_types
from skillcred.profiles.table import PROFILES

CREDENTIAL = "https://www.w3.org/2018/credentials#VerifiableCredential"


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.id)
def test_types_of_profiles_are_iris(profile: object) -> None:
    document = {"@context": list(profile.contexts), "type": list(profile.types)}  # type: ignore[attr-defined]
    own = "https://skillcred.org/ns/skill#" + profile.credential_type  # type: ignore[attr-defined]
    assert {CREDENTIAL, own} <= expand_types(document)
    assert all(name.startswith("https://") for name in expand_types(document))


def test_a_type_that_no_context_defines_stays_as_it_is() -> None:
    document = {"@context": [V1], "type": ["VerifiableCredential", "IdentityCredential", 7]}
    assert expand_types(document) == {CREDENTIAL, "IdentityCredential"}  # type: ignore[arg-type]
    assert expand_types({"@context": [V2], "type": "VerifiableCredential"}) == {CREDENTIAL}
    assert expand_types({"@context": [V2]}) == frozenset()


def test_contexts_have_to_be_known() -> None:
    with pytest.raises(LinkedDataError):
        expand_types({"@context": ["https://evil.example"], "type": ["A"]})
