"""What is remembered between verifications never shows: cold or warm, in any order, the same report byte for byte."""

from __future__ import annotations

import functools
import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.identifiers import documents
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.status import MIN_ENTRIES
from skillcred.status import bitstring_status_list as bitstring
from skillcred.trust import EnrolledBody, ExtractedEvent, extract
from skillcred.verification import Evidence, EvidenceItem, build_report_json, statements, verify
from skillcred.verification.statements import forget_statements
from worlds.pure_world import (
    AWARDED,
    NOW,
    PureWorld,
    SoftSigner,
    did_document,
    document_item,
    extract_item,
    sign,
)

BODY_DID = "did:web:body.example"
KEY_ENDS = AWARDED + timedelta(days=30)
INSTANTS = (
    AWARDED - timedelta(days=800),
    AWARDED,
    KEY_ENDS - timedelta(microseconds=1),
    KEY_ENDS,
    NOW,
    NOW + timedelta(days=4000),
)


class WebBody:
    """The signer of a body, under a did:web whose document is evidence."""

    def __init__(self, signer: Any) -> None:
        self._signer = signer
        self.did = BODY_DID
        self.verification_method = f"{BODY_DID}#key"
        self.public_key = signer.public_key
        self.sign = signer.sign

    def document(self, **method: str) -> dict[str, Any]:
        """The body's DID document."""
        key = {
            "id": self.verification_method,
            "type": "Multikey",
            "controller": BODY_DID,
            "publicKeyMultibase": self.public_key.to_multikey(),
            **method,
        }
        return {"id": BODY_DID, "verificationMethod": [key], "assertionMethod": [key["id"]]}


@functools.cache
def material() -> tuple[tuple[bytes, ...], tuple[Evidence, ...]]:
    """Documents and evidence: bodies by did:key and did:web, keys that end, statements that were changed."""
    plain, web = PureWorld(), PureWorld()
    body = WebBody(web.body)
    web.body = body  # type: ignore[assignment]
    good, foreign = plain.credential(), sign(plain.unsigned(), plain.body)
    broken = good.replace(b"Provider", b"Prowider", 1)
    suspended = replace(
        plain.extract(),
        accreditations=tuple(
            replace(item, events=(ExtractedEvent("suspended", AWARDED, AWARDED, "test"),))
            for item in plain.extract().accreditations
        ),
    )
    forged = replace(
        plain.extract(),
        accreditations=tuple(
            replace(item, content=item.content.replace(b"qualification", b"training", 1))
            for item in plain.extract().accreditations
        ),
    )
    nobody = replace(plain.extract(), bodies=())
    did, item = plain.provider.did, web.evidence()
    enrolled = EnrolledBody(BODY_DID, "National Body", "PH", web.enrolled_at)
    assert web.extract().bodies[0].did == enrolled.did
    return (good, plain.credential("eddsa-jcs-2022"), foreign, broken, b"{}"), (
        Evidence(),
        plain.evidence(),
        *(plain.evidence(found) for found in (suspended, forged, nobody)),
        item,
        item.with_items([document_item(BODY_DID, body.document())]),
        item.with_items([document_item(BODY_DID, body.document(expires=format_instant(KEY_ENDS)))]),
        item.with_items([document_item(BODY_DID, body.document(revoked=format_instant(AWARDED)))]),
        Evidence([extract_item(did, b"{}")]),
    )


def shown(document: int, evidence: int, at: datetime) -> bytes:
    documents_, evidences = material()
    report = verify(documents_[document], evidence=evidences[evidence], at=at)
    return json.dumps(build_report_json(report)).encode()


def forget() -> None:
    """As in a new process."""
    forget_statements()
    extract._parse_extract.cache_clear()
    documents.parse_controlled_identifier_document.cache_clear()


@functools.cache
def cold(document: int, evidence: int, at: datetime) -> bytes:
    """The report that a new process gives."""
    forget()
    return shown(document, evidence, at)


calls = st.tuples(st.integers(0, 4), st.integers(0, 9), st.sampled_from(INSTANTS))


@settings(deadline=None, max_examples=40)
@given(st.lists(calls, min_size=2, max_size=8))
def test_what_is_remembered_never_shows(sequence: list[tuple[int, int, datetime]]) -> None:
    expected = [cold(*call) for call in sequence]
    forget()
    assert [shown(*call) for call in sequence] == expected


def test_every_pair_of_evidence_and_instant() -> None:
    """All of it once, in two orders, so that nothing rests on what Hypothesis happens to choose."""
    every = [(0, evidence, at) for evidence in range(10) for at in INSTANTS]
    expected = {call: cold(*call) for call in every}
    assert len(set(expected.values())) > 20, "the cases must differ"
    forget()
    for call in (*every, *reversed(every)):
        assert shown(*call) == expected[call]


def test_a_sound_statement_is_verified_once_and_a_credential_always(monkeypatch: pytest.MonkeyPatch) -> None:
    forget()
    checked: list[bytes] = []
    whole = statements.check_integrity

    def counted(secured: Any, *rest: Any, **more: Any) -> Any:
        checked.append(secured.content)
        return whole(secured, *rest, **more)

    monkeypatch.setattr(statements, "check_integrity", counted)
    monkeypatch.setattr("skillcred.verification.pipeline.check_integrity", counted)
    for _ in range(3):
        shown(0, 1, NOW)
    good = material()[0][0]
    assert checked.count(good) == 3
    assert len(checked) == 4


def test_what_only_another_instant_needs_is_not_named() -> None:
    """A list by somebody else: before its proof was made his identity document is not looked at, remembered or not."""
    world, other, made = PureWorld(), SoftSigner(9, did="did:web:lists.example"), NOW - timedelta(days=1)
    uri = "https://lists.example/1"
    unsigned = bitstring.build_list_credential(
        uri=uri,
        issuer=other.did,
        purpose="revocation",
        encoded_list=bitstring.encode_list(MIN_ENTRIES, 1, {}),
        valid_from=made,
        valid_until=NOW + timedelta(days=1),
        ttl=timedelta(minutes=5),
    )
    content, reference = sign(unsigned, other, created=made), EvidenceReference(EvidenceKind.STATUS_LIST, uri)
    status = bitstring.build_entry(list_uri=uri, index=3, purpose="revocation")
    document = sign({**world.unsigned(), "credentialStatus": status}, world.provider)

    def named(at: datetime) -> set[str]:
        items = (
            document_item(other.did, did_document(other)),
            EvidenceItem(reference, at, "test", content=content),
        )
        report = verify(document, evidence=world.evidence().with_items(items), at=at)
        return {item.reference.id for item in report.evidence_used}

    forget()
    cold = named(made - timedelta(days=9))
    assert other.did not in cold
    assert other.did in named(NOW)
    assert named(made - timedelta(days=9)) == cold


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "MAX_REMEMBERED", 2)
    forget()
    for days in range(4):
        world = PureWorld(accredited_from=AWARDED - timedelta(days=100 + days))
        world.verify()
    assert len(statements._MEMORY._entries) == 2
    assert statements._MEMORY._bytes == sum(item.size for item in statements._MEMORY._entries.values())
    forget()
