"""The loop around the pure function: fetch what is lacking, within bounds, and never more (SECURITY I9, K-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from skillcred.identifiers import build_did_document
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Verdict
from skillcred.services.verify_document import MAX_FETCH_TIME, VerifyDocument
from skillcred.trust import encode_registry_extract
from skillcred.verification import EvidenceItem, build_report_json, replay_bundle
from worlds.in_memory import FixedClock
from worlds.pure_world import NOW, PureWorld, SoftSigner, document_item, sign

DID_WEB = "did:web:provider.example"


class WebSigner(SoftSigner):
    """A provider whose identity document has to be fetched."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.did = DID_WEB

    @property
    def verification_method(self) -> str:
        return f"{DID_WEB}#key-1"


class Source:
    """Answers from a function and notes what it was asked for."""

    def __init__(self, answer: Callable[[EvidenceReference, datetime], EvidenceItem]) -> None:
        self.answer = answer
        self.asked: list[EvidenceReference] = []

    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        self.asked.append(reference)
        return self.answer(reference, at)


def unavailable(reference: EvidenceReference, at: datetime) -> EvidenceItem:
    return EvidenceItem(reference, at, "test", unavailable="timeout")


WORLD = PureWorld(provider=WebSigner(5))
CREDENTIAL = WORLD.credential()
DOCUMENT = build_did_document(
    DID_WEB, [(WORLD.provider.verification_method, WORLD.provider.public_key.to_multikey())]
)
EXTRACT = encode_registry_extract(WORLD.extract())


def documents() -> Source:
    return Source(lambda reference, at: document_item(reference.id, DOCUMENT))


def registry() -> Source:
    return Source(lambda reference, at: EvidenceItem(reference, at, "test", content=EXTRACT))


def service(
    did_documents: Source, extracts: Source, clock: FixedClock | None = None, *, offline: bool = False
) -> VerifyDocument:
    sources = {EvidenceKind.DID_DOCUMENT: did_documents, EvidenceKind.REGISTRY_EXTRACT: extracts}
    return VerifyDocument(clock or FixedClock(NOW), sources, {} if offline else sources)


def test_everything_that_is_needed_is_fetched_once() -> None:
    did_documents, extracts = documents(), registry()
    verification = service(did_documents, extracts)(CREDENTIAL)
    assert verification.report.verdict is Verdict.VALID, build_report_json(verification.report)
    assert [need.id for need in did_documents.asked] == [DID_WEB]
    assert [need.id for need in extracts.asked] == [DID_WEB]
    assert replay_bundle(verification.bundle()) == verification.report


@pytest.mark.parametrize("broken", ["documents", "registry"])
def test_K12_a_host_that_is_down_is_never_valid(broken: str) -> None:
    did_documents = Source(unavailable) if broken == "documents" else documents()
    extracts = Source(unavailable) if broken == "registry" else registry()
    verification = service(did_documents, extracts)(CREDENTIAL)
    assert verification.report.verdict is Verdict.INDETERMINATE
    assert len(did_documents.asked) <= 1, "what could not be had is not asked for again"
    assert len(extracts.asked) <= 1
    assert replay_bundle(verification.bundle()) == verification.report


def test_offline_asks_nobody_outside() -> None:
    did_documents, extracts = documents(), registry()
    report = service(did_documents, extracts, offline=True)(CREDENTIAL, offline=True).report
    assert report.verdict is Verdict.INDETERMINATE
    assert did_documents.asked == extracts.asked == []
    assert [item.unavailable for item in report.evidence_used] == ["not_fetched_offline"] * 2


def test_time_for_fetching_is_bounded() -> None:
    clock = FixedClock(NOW)

    def slow(reference: EvidenceReference, at: datetime) -> EvidenceItem:
        clock.advance(seconds=MAX_FETCH_TIME.total_seconds() + 1)
        return document_item(reference.id, DOCUMENT)

    extracts = registry()
    report = service(Source(slow), extracts, clock)(CREDENTIAL).report
    assert report.verdict is Verdict.INDETERMINATE
    assert extracts.asked == []
    assert [item.unavailable for item in report.evidence_used if item.unavailable] == ["fetch_limit"]


def test_a_source_that_answers_about_something_else_does_not_loop() -> None:
    other = EvidenceReference(EvidenceKind.DID_DOCUMENT, "did:web:other.example")
    lost = Source(lambda reference, at: EvidenceItem(other, at, "test", content=b"{}"))
    report = service(lost, registry())(CREDENTIAL).report
    assert report.verdict is Verdict.INDETERMINATE
    assert len(lost.asked) <= 4


def test_nothing_is_asked_for_about_a_forgery() -> None:
    """A document that is not what was signed must not send us to addresses of its choice for trust."""
    world = PureWorld()
    did_documents, extracts = documents(), registry()
    forged = world.credential().replace(b"Maria", b"Marie")
    report = service(did_documents, extracts)(forged).report
    assert report.verdict is Verdict.INVALID
    assert did_documents.asked == extracts.asked == []


def test_the_instant_of_evaluation_is_the_callers_or_now() -> None:
    run = service(documents(), registry())
    assert run(CREDENTIAL).report.evaluated_at == NOW
    assert run(CREDENTIAL, at=NOW - timedelta(days=1)).report.evaluated_at == NOW - timedelta(days=1)


def test_D02_D17_presentations_are_not_passed_off_as_checked() -> None:
    """A presentation with a genuine credential in it, whatever its own proof says, is not a valid credential."""
    inner = CREDENTIAL.decode()
    for proof in ("", ', "proof": {}', ', "proof": {"type": "DataIntegrityProof", "proofValue": "z1"}'):
        presentation = (
            '{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"], '
            f'"verifiableCredential": [{inner}]{proof}}}'
        )
        report = service(documents(), registry())(presentation.encode()).report
        assert report.verdict is Verdict.INDETERMINATE
        assert report.reason == "presentation_instead"
        assert report.claims is None


def test_a_credential_that_is_also_a_presentation_is_not_valid() -> None:
    unsigned = PureWorld().unsigned()
    unsigned["type"].append("VerifiablePresentation")
    report = service(documents(), registry())(sign(unsigned, SoftSigner(2), "eddsa-jcs-2022")).report
    assert report.verdict is not Verdict.VALID
