"""SD-JWT VCs both ways with openvc-core, which nobody here wrote (a development dependency)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from openvc.errors import OpenvcError
from openvc.keys import Ed25519SigningKey, P256SigningKey
from openvc.proof.sd_jwt import SdJwtVcProofSuite

from skillcred.identifiers import build_did_key
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import PublicKey
from skillcred.securing import attach_proof, prepare_proof
from skillcred.securing.sd_jwt.presenting import present
from worlds.pure_world import AWARDED, NOW, SoftSigner
from worlds.sd_jwts import AUDIENCE, HOLDER, NONCE, asked, check

SUITE = SdJwtVcProofSuite()
ALGORITHMS = (Algorithm.P256, Algorithm.ED25519, Algorithm.P384)
DOCUMENT: dict[str, Any] = {
    "vct": "urn:example:welder",
    "name": "Añb",
    "address": {"street": "Main St", "city": "Manila"},
    "skills": ["welding", "brazing"],
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("chosen", [[], ["/name"], ["/address/street"], ["/skills/1", "/name"]])
def test_theirs_verifies_ours(algorithm: Algorithm, chosen: list[str]) -> None:
    issuer = SoftSigner(41, algorithm)
    prepared = prepare_proof(
        "dc+sd-jwt",
        DOCUMENT,
        verification_method=issuer.verification_method,
        algorithm=algorithm,
        created=AWARDED,
        options={
            "disclosablePointers": ["/name", "/address", "/address/street", "/skills/1"],
            "decoys": 1,
            "holderKey": HOLDER.public_key.to_jwk(),
        },
    )
    token = attach_proof(prepared, issuer.sign(prepared.to_be_signed))
    presented = present(token, chosen, holder=HOLDER, audience=AUDIENCE, nonce=NONCE, issued_at=NOW)
    ours = asked(presented)
    assert ours.verified is not None
    options: dict[str, Any] = {
        "public_key_jwk": issuer.public_key.to_jwk(),
        "audience": AUDIENCE,
        "nonce": NONCE,
        "require_key_binding": True,
        "now": NOW,
    }
    theirs = SUITE.verify(presented.decode(), **options)
    assert theirs.key_bound
    assert theirs.claims == ours.verified.document
    for change in ({"nonce": "other"}, {"audience": "other"}, {"public_key_jwk": HOLDER.public_key.to_jwk()}):
        with pytest.raises(OpenvcError):
            SUITE.verify(presented.decode(), **options | change)


@pytest.mark.parametrize("kind", [P256SigningKey, Ed25519SigningKey])
def test_ours_verifies_theirs(kind: Any) -> None:
    """They read the clock themselves."""
    now = datetime.now(UTC)
    issuer, holder = kind.generate("key"), kind.generate("holder")
    public = PublicKey.from_jwk(issuer.public_jwk())
    did = build_did_key(public)
    named = kind(issuer._sk, f"{did}#{public.to_multikey()}")
    token = SUITE.issue(
        DOCUMENT | {"iss": did},
        signing_key=named,
        disclosable=["name"],
        holder_jwk=holder.public_jwk(),
        decoys=2,
    )
    presented = SUITE.create_presentation(token, holder_key=holder, audience=AUDIENCE, nonce=NONCE)
    findings = asked(presented, at=now)
    assert findings.verified is not None, findings.result
    assert findings.verified.holder_bound
    assert findings.verified.document["name"] == "Añb"
    assert asked(presented, at=now, challenge="other").verified is None
    withheld = check(token.split("~")[0] + "~", at=now)
    assert withheld.verified is not None
    assert "name" not in withheld.verified.document
    assert check(token.replace("~", "~WyJhIiwiYiIsMV0~", 1), at=now).verified is None
