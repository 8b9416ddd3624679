"""What a process that verifies is told and says, and what it keeps."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.adapters.metrics import ROADS
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Verdict
from skillcred.services.report_bytes import encode_report
from skillcred.services.snapshot_ports import OwnEvidence
from skillcred.services.verify_document import PreparedVerification, verify_prepared
from skillcred.web.verifying import processes, worker
from skillcred.web.verifying.frames import (
    HEAD,
    LENGTH,
    MAX_REPORT_BYTES,
    Answer,
    FrameError,
    Kind,
    Order,
    decode_answer,
    decode_order,
    encode_answer,
    encode_order,
)
from worlds.application import fill_demo_registry, open_in_memory_application

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
JSON = "application/json"


def own(name: str, size: int = 3) -> OwnEvidence:
    reference = EvidenceReference(EvidenceKind.DID_DOCUMENT, f"did:example:{name}")
    return OwnEvidence(reference, "here", b"x" * size)


def prepared(*held: OwnEvidence) -> PreparedVerification:
    return PreparedVerification(b"{}", JSON, AT, held)


ANSWERS = st.builds(
    Answer, st.sampled_from(Kind), st.sampled_from(Verdict), st.sampled_from(ROADS), st.binary(max_size=300)
)


@given(st.lists(ANSWERS, max_size=4), st.integers(1, 50))
def test_answers_come_out_whole_however_they_arrive(answers: list[Answer], piece: int) -> None:
    sent = b"".join(map(encode_answer, answers))
    received, found = bytearray(), []
    for start in range(0, len(sent), piece):
        received += sent[start : start + piece]
        while (answer := decode_answer(received)) is not None:
            found.append(answer)
    assert (found, received) == (answers, b"")


@pytest.mark.parametrize(
    "head",
    [
        pytest.param((len(Kind), 0, 0, 0), id="kind"),
        pytest.param((1, len(Verdict), 0, 0), id="verdict"),
        pytest.param((1, 0, len(ROADS), 0), id="road"),
        pytest.param((1, 0, 0, MAX_REPORT_BYTES + 1), id="length"),
    ],
)
def test_what_is_no_answer_is_refused(head: tuple[int, int, int, int]) -> None:
    with pytest.raises(FrameError) as error:
        decode_answer(bytearray(HEAD.pack(*head)))
    assert error.value.code == "broken_frame"


def test_an_order_arrives_as_it_was_given() -> None:
    order = Order(b"\x00{", JSON, AT, ((0, own("a")),), (0, 7), (3,))
    sent = encode_order(order)
    assert LENGTH.unpack_from(sent)[0] == len(sent) - LENGTH.size
    assert decode_order(sent[LENGTH.size :]) == order


def test_evidence_goes_over_once_and_again_when_it_was_made_anew() -> None:
    evidence = processes._Evidence()
    first, second = own("a"), own("b")
    assert evidence.build_order(prepared(first, second)).new == ((0, first), (1, second))
    again = evidence.build_order(prepared(second, first))
    assert (again.new, again.used, again.gone) == ((), (1, 0), ())
    anew = own("a")
    assert anew == first
    assert evidence.build_order(prepared(anew, second)).new == ((2, anew),)


@pytest.mark.parametrize("limit", ["MAX_HELD", "MAX_HELD_BYTES"])
def test_what_was_used_longest_ago_is_taken_back(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, limit, {"MAX_HELD": 3, "MAX_HELD_BYTES": 30}[limit])
    evidence = processes._Evidence()
    a, b, c, d, e = (own(name, 10) for name in "abcde")
    for each in (a, b, c, a):
        assert evidence.build_order(prepared(each)).gone == ()
    assert evidence.build_order(prepared(d)).gone == (1,)
    together = evidence.build_order(prepared(b, c, d, e))
    assert together.used == (4, 2, 3, 5), "what is used now stays, even above the limit"
    assert together.gone == (0,)


def test_the_process_keeps_what_it_was_given_until_it_is_taken_back() -> None:
    application = open_in_memory_application()
    registry = fill_demo_registry(application)
    credential = registry.issue().content
    for _ in range(2):
        application.verify_document.upload(credential)
    ready = application.verify_document.prepare(credential)
    assert ready is not None
    report = verify_prepared(ready)
    assert report is not None
    expected = Answer(Kind.REPORT, Verdict.VALID, "fast", encode_report(report))
    new = tuple(enumerate(ready.held))
    used = tuple(range(len(ready.held)))
    beside = worker.Worker()
    assert beside.answer(Order(credential, JSON, ready.at, new, used, ())) == expected
    assert beside.answer(Order(credential, JSON, ready.at, (), used, ())) == expected
    assert beside.answer(Order(credential, JSON, ready.at, (), (), used)) == Answer(Kind.NOT_AT_ONCE)
    with pytest.raises(KeyError):
        beside.answer(Order(credential, JSON, ready.at, (), used, ()))


def test_a_fault_is_told_and_not_carried_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: PreparedVerification) -> None:
        raise RuntimeError("something of the document")

    monkeypatch.setattr(worker, "verify_prepared", fail)
    assert worker.Worker().answer(Order(b"{}", JSON, AT, (), (), ())) == Answer(Kind.FAULT)
