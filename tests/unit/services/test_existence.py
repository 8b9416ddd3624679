"""Proof from our own records that a document is older than a theft (SECURITY K-13, T-03)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from skillcred.errors import InputError
from skillcred.model.outcomes import EvidenceKind, Step, Verdict
from skillcred.services.issue_credential import IssuanceRequest
from worlds.application import example_claims, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.in_memory_keys import InMemoryKeyManager


def test_K13_a_theft_from_before_the_issuing_leaves_nothing_to_believe() -> None:
    clock = FixedClock()
    registry = fill_demo_registry(open_in_memory_application(clock=clock))
    before = clock.now()
    clock.advance(minutes=5)
    stored = registry.issue()
    application, provider = registry.application, registry.provider
    (key,) = application.list_keys(provider)
    with pytest.raises(InputError) as caught:
        application.retire_key(provider, key.id, compromised=True, since=clock.now() + timedelta(minutes=1))
    assert caught.value.code == "invalid_key_times"
    application.retire_key(provider, key.id, compromised=True, since=before)
    report = application.verify_document(stored.content).report
    assert (report.verdict, report.reason) == (Verdict.INVALID, "key_compromised")
    (record,) = [
        item for item in report.evidence_used if item.reference.kind is EvidenceKind.EXISTENCE_RECORD
    ]
    assert record.content is not None, "it was asked for, and was too late"


def test_K13_what_was_issued_elsewhere_is_known_from_when_it_was_first_verified_here() -> None:
    """The same document, once verified here before the theft and once never seen; not issued by this deployment."""
    clock = FixedClock()
    storage = InMemoryStorage()
    keys = InMemoryKeyManager()
    registry = fill_demo_registry(
        open_in_memory_application(clock=clock, storage=storage, key_manager=keys, remember_verified=True)
    )
    application, provider = registry.application, registry.provider
    request = IssuanceRequest("training", example_claims(), revocable=False)
    seen, unseen = (application.issue_credential(provider, request, key) for key in ("seen", "unseen"))
    for stored in (seen, unseen):
        del storage.state.credentials[stored.credential_id]
    clock.advance(minutes=5)
    assert application.verify_document.at_once(seen.content) is None, "it writes, so others would wait"
    assert application.verify_document(seen.content).report.verdict is Verdict.VALID
    clock.advance(minutes=5)
    assert application.verify_document(seen.content).report.verdict is Verdict.VALID
    (key,) = application.list_keys(provider)
    application.rotate_key(provider)
    application.retire_key(provider, key.id, compromised=True)
    clock.advance(minutes=5)
    report = application.verify_document(seen.content).report
    assert report.verdict is Verdict.VALID
    (trust,) = [step for step in report.steps if step.step is Step.TRUST]
    assert trust.details["award_date"]["existed"]["source"] == "first_seen"  # type: ignore[call-overload,index]
    assert application.verify_document(unseen.content).report.reason == "key_compromised"
