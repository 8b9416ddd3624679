"""SECURITY D-20: an exception anywhere inside never ends in a verdict that is valid."""

from __future__ import annotations

import pytest

from skillcred.model.outcomes import Verdict
from skillcred.verification import verify
from skillcred.verification.statements import forget_statements
from worlds.pure_world import NOW, PureWorld

INSIDE = [
    "skillcred.verification.parsing.parse_secured_document",
    "skillcred.verification.pipeline.check_integrity",
    "skillcred.verification.pipeline.credential_facts",
    "skillcred.verification.pipeline.check_profile",
    "skillcred.verification.pipeline.evaluate_trust",
    "skillcred.verification.pipeline.parse_registry_extract",
    "skillcred.verification.pipeline.conclude",
    "skillcred.verification.integrity.verify_secured_document",
    "skillcred.verification.integrity.peek_controllers",
    "skillcred.verification.integrity.derive_document",
    "skillcred.verification.integrity.check_conformance",
    "skillcred.verification.pipeline.check_credential_schema",
    "skillcred.verification.integrity.find_objects",
    "skillcred.profiles.schemas.find_schema_problems",
    "skillcred.securing.data_integrity.whole_document.decode_proof_value",
    "skillcred.securing.data_integrity.proof.decode_multibase",
    "skillcred.securing.data_integrity.mechanism.parse_proof",
    "skillcred.securing.data_integrity.mechanism.covered_document",
    "skillcred.securing.data_integrity.mechanism.check_times",
    "skillcred.securing.data_integrity.mechanism.check_expectations",
    "skillcred.securing.data_integrity.mechanism.find_method",
    "skillcred.securing.data_integrity.canonical_forms.canonicalise",
    "skillcred.verification.statements.parse_secured_document",
    "skillcred.verification.statements.check_integrity",
    "skillcred.verification.statements.parse_accreditation",
    "skillcred.trust.chains.scope_coverage",
    "skillcred.trust.chains.standing_at",
]
WORLD = PureWorld()
CREDENTIAL = WORLD.credential()
EVIDENCE = WORLD.evidence()


def test_the_ground_is_valid() -> None:
    assert verify(CREDENTIAL, evidence=EVIDENCE, at=NOW).verdict is Verdict.VALID


@pytest.mark.parametrize("kind", [RuntimeError, ValueError, KeyError, MemoryError])
@pytest.mark.parametrize("place", INSIDE)
def test_D20_a_fault_is_never_valid(
    monkeypatch: pytest.MonkeyPatch, place: str, kind: type[Exception]
) -> None:
    forget_statements()
    reached = []

    def fail(*args: object, **kwargs: object) -> object:
        reached.append(place)
        raise kind("injected")

    monkeypatch.setattr(place, fail)
    try:
        verdict = verify(CREDENTIAL, evidence=EVIDENCE, at=NOW).verdict
    except kind:
        verdict = None
    assert reached, "the fault was never met"
    assert verdict is not Verdict.VALID
