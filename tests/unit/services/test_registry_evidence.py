"""What this deployment knows itself, handed to the verifier as evidence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from skillcred.errors import UnavailableError
from skillcred.identifiers import parse_controlled_identifier_document
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Verdict
from skillcred.services.registry_evidence import LocalDidDocumentSource, LocalRegistrySource
from skillcred.trust import parse_registry_extract
from skillcred.verification import EvidenceItem
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import START, InMemoryStorage, InMemoryUnitOfWork


class BreakableStorage(InMemoryStorage):
    broken = False

    @contextmanager
    def __call__(self, *, writes: bool) -> Iterator[InMemoryUnitOfWork]:
        if self.broken:
            raise UnavailableError("Gone.", code="database_unavailable")
        with super().__call__(writes=writes) as unit:
            yield unit


class OtherSource:
    def fetch_evidence(self, reference: EvidenceReference, *, at: datetime) -> EvidenceItem:
        return EvidenceItem(reference, at, "other", b"{}")


@pytest.fixture
def storage() -> BreakableStorage:
    return BreakableStorage()


@pytest.fixture
def registry(storage: BreakableStorage) -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(storage=storage))


def extract_of(did: str) -> EvidenceReference:
    return EvidenceReference(EvidenceKind.REGISTRY_EXTRACT, did)


def document_of(did: str) -> EvidenceReference:
    return EvidenceReference(EvidenceKind.DID_DOCUMENT, did)


def test_extract_holds_keys_accreditations_events_and_their_bodies(
    registry: DemoRegistry, storage: BreakableStorage
) -> None:
    application, provider = registry.application, registry.provider.organisation
    application.enrol_national_body(
        registry.operator, did="did:web:board.example", name="Board of Skills", country="PH"
    )
    application.change_accreditation(
        registry.body, registry.accreditation.id, kind="suspended", effective_at=START, reason="audit"
    )
    item = LocalRegistrySource(storage).fetch_evidence(extract_of(provider.did), at=START)
    assert item.content is not None
    extract = parse_registry_extract(item.content, issuer_did=provider.did)
    assert (extract.issuer_name, extract.as_of) == (provider.name, START)
    assert [key.verification_method for history in extract.keys_of(provider.did) for key in history.keys] == [
        f"{provider.did}#key-1"
    ]
    assert [body.did for body in extract.bodies] == [registry.body.organisation.did], "only those that signed"
    (accreditation,) = extract.accreditations
    assert accreditation.content == registry.accreditation.content
    assert [(event.kind, event.reason) for event in accreditation.events] == [("suspended", "audit")]


def test_unknown_issuer_gives_an_empty_extract(registry: DemoRegistry, storage: BreakableStorage) -> None:
    did = "did:web:nobody.example"
    item = LocalRegistrySource(storage).fetch_evidence(extract_of(did), at=START)
    assert item.content is not None
    extract = parse_registry_extract(item.content, issuer_did=did)
    assert (extract.keys, extract.bodies, extract.accreditations) == ((), (), ())


def test_own_documents_are_not_fetched(registry: DemoRegistry, storage: BreakableStorage) -> None:
    did = registry.provider.organisation.did
    item = LocalDidDocumentSource(storage, OtherSource()).fetch_evidence(document_of(did), at=START)
    assert item.content is not None
    assert item.source == "own did document"
    document = parse_controlled_identifier_document(item.content, expected_id=did)
    assert set(document.verification_methods) == {f"{did}#key-1"}


def test_others_are_asked_for_theirs(registry: DemoRegistry, storage: BreakableStorage) -> None:
    reference = document_of("did:web:nobody.example")
    assert (
        LocalDidDocumentSource(storage, OtherSource()).fetch_evidence(reference, at=START).source == "other"
    )
    offline = LocalDidDocumentSource(storage, None).fetch_evidence(reference, at=START)
    assert (offline.content, offline.unavailable) == (None, "not_fetched_offline")


def test_T11_storage_that_does_not_answer_is_never_trusted(
    registry: DemoRegistry, storage: BreakableStorage
) -> None:
    stored = registry.issue()
    storage.broken = True
    report = registry.application.verify_document(stored.content).report
    assert report.verdict is Verdict.INDETERMINATE
    assert {item.unavailable for item in report.evidence_used} == {"database_unavailable"}
