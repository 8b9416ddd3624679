"""Both ways with an implementation that nobody here wrote (openvc-core, a development dependency)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from openvc.errors import OpenvcError
from openvc.keys import Ed25519SigningKey
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_jcs import EddsaJcsProofSuite

from skillcred.identifiers import build_did_key
from skillcred.keys.public_key import PublicKey
from skillcred.linkeddata import BUNDLED_CONTEXTS
from skillcred.model.outcomes import Outcome, Step, Verdict
from skillcred.trust import AccreditationScope
from skillcred.verification import verify
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner, example_claims

SUITES: list[Any] = [
    pytest.param("eddsa-rdfc-2022", DataIntegrityProofSuite(), id="eddsa-rdfc-2022"),
    pytest.param("eddsa-jcs-2022", EddsaJcsProofSuite(), id="eddsa-jcs-2022"),
]
PROFILES = ("qualification", "training", "proficiency", "work-experience", "apprenticeship")
CONTEXTS = {url: json.loads(BUNDLED_CONTEXTS.content(url)) for url in BUNDLED_CONTEXTS.urls()}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("name", "suite"), SUITES)
def test_theirs_verifies_ours(name: str, suite: Any, profile: str) -> None:
    world = PureWorld(profile=profile, claims=example_claims(profile))
    signed = json.loads(world.credential(name))
    extra = {} if name.endswith("jcs-2022") else {"extra_contexts": CONTEXTS}
    assert suite.verify(copy.deepcopy(signed), now=NOW, **extra).issuer == world.provider.did
    signed["name"] = "Another title"
    with pytest.raises(OpenvcError):
        suite.verify(signed, now=NOW, **extra)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("name", "suite"), SUITES)
def test_ours_verifies_theirs(name: str, suite: Any, profile: str) -> None:
    signer = Ed25519SigningKey.generate("key")
    public = PublicKey.from_jwk(signer.public_jwk())
    did = build_did_key(public)
    world = PureWorld(profile=profile, claims=example_claims(profile), scope=AccreditationScope((profile,)))
    unsigned = world.unsigned()
    unsigned["issuer"]["id"] = did
    extra = {} if name.endswith("jcs-2022") else {"extra_contexts": CONTEXTS}
    signed = suite.add_proof(
        unsigned,
        signing_key=signer,
        verification_method=f"{did}#{public.to_multikey()}",
        created=AWARDED,
        **extra,
    )
    if name.endswith("jcs-2022"):
        # EdDSA Cryptosuites 1.0 section 3.3.1 step 2 puts the contexts into the proof; they sign them and leave
        # them out. With the member in its place their signature holds.
        signed["proof"]["@context"] = signed["@context"]
    report = verify(json.dumps(signed).encode(), evidence=world.evidence(), at=NOW)
    outcomes = {step.step: step.outcome for step in report.steps}
    assert outcomes[Step.PROOF] is Outcome.PASSED
    assert outcomes[Step.ISSUER_BINDING] is Outcome.PASSED
    assert outcomes[Step.CONFORMANCE] is Outcome.PASSED
    assert report.verdict is Verdict.INDETERMINATE  # the evidence is about another issuer
    signed["name"] = "Another title"
    assert verify(json.dumps(signed).encode(), at=NOW).reason == "signature_wrong"


def test_the_signer_of_this_world_is_the_one_they_resolve() -> None:
    """Both sides derive the same did:key from the same key."""
    signer = SoftSigner(2)
    assert PublicKey.from_jwk(signer.public_key.to_jwk()) == signer.public_key
