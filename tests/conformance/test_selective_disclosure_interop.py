"""`ecdsa-sd-2023` with an implementation that nobody here wrote (openvc-core): it issues and verifies, we do all three.

Its way of deriving fails for these credentials, its own among them; that of Digital Bazaar does not
(`tests/e2e/test_independent_verifier.py`).
"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from openvc.errors import OpenvcError
from openvc.keys import P256SigningKey
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite

from skillcred.identifiers import build_did_key
from skillcred.keys.public_key import PublicKey
from skillcred.linkeddata import BUNDLED_CONTEXTS
from skillcred.model.outcomes import Outcome
from skillcred.securing import derive_credential
from worlds.disclosure_world import ISSUER, check, issue
from worlds.pure_world import AWARDED, NOW, PureWorld, example_claims

PROFILES = ("qualification", "training", "proficiency", "work-experience", "apprenticeship")
WITH_LIST = ("proficiency",)
"""Profiles whose example holds an ordered list: their way of naming nodes breaks it, as that of the specification does
(section 3.4.7 gives an `@id` to a list object)."""
CONTEXTS = {url: json.loads(BUNDLED_CONTEXTS.content(url)) for url in BUNDLED_CONTEXTS.urls()}
MANDATORY = ["/issuer", "/validFrom"]
CHOSEN = ["/credentialSubject/name", "/credentialSubject/achievement/criteria"]
SUITE = EcdsaSdProofSuite()


class TheirIssuer:
    """A key of theirs under the did:key that both sides derive from it."""

    def __init__(self) -> None:
        self.key = P256SigningKey.generate("key")
        public = PublicKey.from_jwk(self.key.public_jwk())
        self.did = build_did_key(public)
        self.verification_method = f"{self.did}#{public.to_multikey()}"


THEIR_ISSUER = TheirIssuer()


def issued_by_us(profile: str) -> tuple[dict[str, Any], Any]:
    unsigned = PureWorld(profile, example_claims(profile), provider=ISSUER).unsigned()
    return json.loads(issue(unsigned, MANDATORY)), ISSUER


def issued_by_them(profile: str) -> tuple[dict[str, Any], Any]:
    unsigned = PureWorld(profile, example_claims(profile)).unsigned()
    unsigned["issuer"]["id"] = THEIR_ISSUER.did
    signed: dict[str, Any] = SUITE.add_base_proof(
        unsigned,
        signing_key=THEIR_ISSUER.key,
        verification_method=THEIR_ISSUER.verification_method,
        mandatory_pointers=MANDATORY,
        created=AWARDED,
        extra_contexts=CONTEXTS,
    )
    return signed, THEIR_ISSUER


def derived_by_us(base: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(derive_credential(json.dumps(base).encode(), CHOSEN))
    return shown


def verified_by_us(shown: dict[str, Any], issuer: Any) -> bool:
    return check(shown, issuer.did).result.outcome is Outcome.PASSED


def verified_by_them(shown: dict[str, Any], issuer: Any) -> bool:
    del issuer  # a did:key says its key itself
    try:
        SUITE.verify(copy.deepcopy(shown), now=NOW, extra_contexts=CONTEXTS)
    except OpenvcError:
        return False
    return True


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("issues", [issued_by_us, issued_by_them])
def test_both_verify_what_we_derive(issues: Any, profile: str) -> None:
    if profile in WITH_LIST and issues is issued_by_them:
        pytest.skip("their naming of nodes does not take ordered lists")
    base, issuer = issues(profile)
    shown = derived_by_us(base)
    assert set(shown) == {"@context", "id", "type", "issuer", "validFrom", "credentialSubject", "proof"}
    changed = copy.deepcopy(shown)
    changed["credentialSubject"]["name"] = "Somebody Else"
    for verifies in (verified_by_us, verified_by_them):
        assert verifies(shown, issuer)
        assert not verifies(changed, issuer)
        assert not verifies(base, issuer)
