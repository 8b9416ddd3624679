"""Proof from our own records that a document is older than a theft (SECURITY K-13, T-03)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta

import pytest

from skillcred.errors import InputError
from skillcred.model.outcomes import EvidenceKind, Step, Verdict
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.verification import VerificationReport
from skillcred.verification.existence_digests import existence_digests
from worlds.application import DemoRegistry, example_claims, fill_demo_registry, open_in_memory_application
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
    records = {
        item.reference.id: item
        for item in report.evidence_used
        if item.reference.kind is EvidenceKind.EXISTENCE_RECORD
    }
    exact, signed = existence_digests(stored.content)
    assert records[exact].content is not None, "it was asked for, and was too late"
    assert records[signed].unavailable == "not_found", "what was issued is recorded by its exact bytes"


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
    assert application.verify_document.prepare(seen.content) is None, "it writes, so others would wait"
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


@dataclass
class Shown:
    """A credential that was issued elsewhere, as far as this deployment knows, and a holder who shows it."""

    clock: FixedClock
    registry: DemoRegistry
    storage: InMemoryStorage
    content: bytes

    def steal(self) -> None:
        application, provider = self.registry.application, self.registry.provider
        (key,) = application.list_keys(provider)
        self.clock.advance(minutes=5)
        application.rotate_key(provider)
        application.retire_key(provider, key.id, compromised=True)
        self.clock.advance(minutes=5)

    def existed(self, report: VerificationReport) -> str | None:
        (trust,) = [step for step in report.steps if step.step is Step.TRUST]
        existed = trust.details["award_date"].get("existed")  # type: ignore[union-attr,call-overload]
        return None if existed is None else existed["source"]  # type: ignore[no-any-return]


def shown(mechanism: str) -> Shown:
    clock, storage = FixedClock(), InMemoryStorage()
    keys = InMemoryKeyManager()
    registry = fill_demo_registry(
        open_in_memory_application(clock=clock, storage=storage, key_manager=keys, remember_verified=True)
    )
    request = IssuanceRequest("training", example_claims(), mechanism, revocable=False)
    stored = registry.application.issue_credential(registry.provider, request, "shown")
    del storage.state.credentials[stored.credential_id]
    clock.advance(minutes=5)
    return Shown(clock, registry, storage, stored.content)


def presentation_of(credential: object) -> bytes:
    """Written anew by a wallet: another order of members, other white space. Nobody signed it."""
    return json.dumps(
        {
            "verifiableCredential": [credential],
            "type": ["VerifiablePresentation"],
            "@context": ["https://www.w3.org/ns/credentials/v2"],
        },
        indent=1,
    ).encode()


def test_K13_a_credential_is_known_from_when_it_was_first_shown_in_a_presentation() -> None:
    """Whether it comes back in a presentation or by itself. Only digests are kept, of credentials and of nothing
    else (SECURITY PR-07)."""
    case = shown("eddsa-rdfc-2022")
    document = json.loads(case.content)
    presented = presentation_of(dict(reversed(document.items())))
    verify = case.registry.application.verify_document
    first = verify.presentation(presented)
    assert first.report.credentials[0].report.verdict is Verdict.VALID
    kept = set(case.storage.state.seen_documents)
    assert kept == set(existence_digests(first.report.credentials[0].document))
    assert hashlib.sha256(presented).hexdigest() not in kept
    case.steal()
    again = verify.presentation(presentation_of(document)).report.credentials[0].report
    assert (again.verdict, case.existed(again)) == (Verdict.VALID, "first_seen")
    alone = verify(case.content).report
    assert (alone.verdict, case.existed(alone)) == (Verdict.VALID, "first_seen")


def test_K13_an_sd_jwt_is_known_whatever_is_disclosed_of_it() -> None:
    case = shown("dc+sd-jwt")
    verify = case.registry.application.verify_document
    kind = "application/dc+sd-jwt"
    token, *disclosures, _ = case.content.split(b"~")
    assert verify(case.content, media_type=kind).report.verdict is Verdict.VALID
    case.steal()
    fewer = b"~".join([token, *disclosures[1:], b""])
    report = verify(fewer, media_type=kind).report
    assert case.existed(report) == "first_seen", report.reason


def test_a_credential_that_was_not_valid_and_a_report_of_the_past_are_not_remembered() -> None:
    case = shown("eddsa-rdfc-2022")
    document = json.loads(case.content)
    verify = case.registry.application.verify_document
    verify.presentation(presentation_of(document), at=case.clock.now())
    verify.presentation(presentation_of(document | {"name": "Another"}))
    assert not case.storage.state.seen_documents
    case.steal()
    report = verify.presentation(presentation_of(document)).report.credentials[0].report
    assert report.reason == "key_compromised"
    assert not case.storage.state.seen_documents


def test_what_the_issuer_signed_has_one_digest_however_it_is_written() -> None:
    first, *rest = (
        existence_digests(text)[-1]
        for text in (
            b'{"a":1,"proof":{"b":2}}',
            b' {"proof": {"b": 2}, "a": 1.0}\n',
            b'{"a":1,\n"proof":{"b":2}}',
        )
    )
    assert set(rest) == {first}
    assert existence_digests(b'{"a":2,"proof":{"b":2}}')[-1] != first
    token = hashlib.sha256(b"a.b.c").hexdigest()
    envelope = b'{"id":"data:application/vc+sd-jwt,a.b.c~d~","type":"EnvelopedVerifiableCredential"}'
    assert {existence_digests(text)[-1] for text in (b"a.b.c~", b"a.b.c~d~e.f.g", envelope)} == {token}
    assert existence_digests(b"a.b.c") == (token,)
    assert existence_digests(b"{broken") == (hashlib.sha256(b"{broken").hexdigest(),)
