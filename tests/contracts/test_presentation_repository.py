"""What every storage promises about requests for presentations, run over the fake, SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skillcred.errors import ConflictError
from skillcred.exchange.oid4vp.requests import ResponseMode
from skillcred.services.ports import Hold, UnitOfWorkFactory
from skillcred.services.presentation_records import (
    OPEN_STATES,
    PresentationRequest,
    PresentationState,
    RequestMethod,
)
from skillcred.services.records import Organisation, OrganisationKind
from skillcred.services.transactions import in_transaction

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
EMPLOYER = Organisation(
    "id-employer", OrganisationKind.VERIFIER, "employer", "did:web:e", "Employer", "PH", T0
)
REQUEST = PresentationRequest(
    id="request-1",
    handle="handle-1",
    nonce="nonce",
    oauth_state="state",
    client_id="x509_hash:abc",
    response_mode=ResponseMode.DIRECT_POST_JWT,
    request_method=RequestMethod.POST,
    query='{"credentials":[]}',
    purpose="qualification",
    state=PresentationState.CREATED,
    created_at=T0,
    expires_at=T0 + timedelta(minutes=2),
    organisation_id=EMPLOYER.id,
    redirect_uri="https://employer.example/back",
    encryption_key=b"sealed\0key",
)


@pytest.fixture(autouse=True)
def recorded(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        unit.organisations.add(EMPLOYER)
        unit.presentations.add(REQUEST)
        unit.commit()


def add(units: UnitOfWorkFactory, number: int, **changes: Any) -> PresentationRequest:
    made = replace(REQUEST, id=f"request-{number}", handle=f"handle-{number}", **changes)
    with units(writes=True) as unit:
        unit.presentations.add(made)
        unit.commit()
    return made


def find(units: UnitOfWorkFactory, request_id: str = REQUEST.id) -> PresentationRequest | None:
    with units(writes=False) as unit:
        return unit.presentations.find(request_id)


def test_a_request_comes_back(units: UnitOfWorkFactory) -> None:
    page = add(units, 2, organisation_id=None, session_sha256="0" * 64, purpose=None, redirect_uri=None)
    with units(writes=False) as unit:
        assert unit.presentations.find(REQUEST.id) == unit.presentations.find_by_handle("handle-1") == REQUEST
        assert unit.presentations.find(page.id) == page
        assert unit.presentations.find("handle-1") is unit.presentations.find_by_handle("request-1") is None


def test_ids_and_handles_are_taken_once(units: UnitOfWorkFactory) -> None:
    for taken in (replace(REQUEST, handle="other"), replace(REQUEST, id="other")):
        with units(writes=True) as unit, pytest.raises(ConflictError) as caught:
            unit.presentations.add(taken)
        assert caught.value.code == "presentation_request_taken"


def test_what_may_change_is_written_and_nothing_else(units: UnitOfWorkFactory) -> None:
    answered = replace(
        REQUEST,
        state=PresentationState.ANSWERED,
        expires_at=T0 + timedelta(minutes=5),
        encryption_key=None,
        fetched_at=T0,
        answered_at=T0,
        lease_until=T0 + timedelta(seconds=30),
        presentation=b"sealed",
        response_code_sha256="1" * 64,
        confirmed_at=T0,
        result=b"{}",
        reason="revoked",
    )
    with units(writes=True) as unit:
        assert unit.presentations.find(REQUEST.id, hold=Hold.EXCLUSIVE) == REQUEST
        assert unit.presentations.replace(replace(answered, nonce="other"), expected=OPEN_STATES)
        unit.commit()
    assert find(units) == answered


def test_a_state_that_is_not_expected_is_left_alone(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        changed = replace(REQUEST, state=PresentationState.VERIFIED)
        assert not unit.presentations.replace(changed, expected=[PresentationState.ANSWERED])
        assert not unit.presentations.replace(replace(changed, id="other"), expected=OPEN_STATES)
        unit.commit()
    assert find(units) == REQUEST


def test_of_several_at_once_one_is_first(units: UnitOfWorkFactory) -> None:
    """SECURITY R-01: a request is answered once, however many answers come at the same moment."""
    answered = replace(REQUEST, state=PresentationState.ANSWERED, answered_at=T0)
    outcomes: list[bool] = []
    start = threading.Barrier(8)

    def answer() -> None:
        start.wait()
        outcomes.append(
            in_transaction(units, lambda unit: unit.presentations.replace(answered, expected=OPEN_STATES))
        )

    threads = [threading.Thread(target=answer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False] * 7 + [True]


def test_a_request_is_deleted_with_its_result(units: UnitOfWorkFactory) -> None:
    add(units, 2)
    with units(writes=True) as unit:
        assert unit.presentations.remove(REQUEST.id)
        assert not unit.presentations.remove(REQUEST.id)
        unit.commit()
    assert find(units) is None
    assert find(units, "request-2") is not None


def test_open_requests_are_counted_by_whose_they_are(units: UnitOfWorkFactory) -> None:
    add(units, 2, state=PresentationState.FETCHED)
    add(units, 3, state=PresentationState.DECLINED)
    add(units, 4, organisation_id=None)
    with units(writes=False) as unit:
        assert unit.presentations.count_open(EMPLOYER.id, at=T0) == 2
        assert unit.presentations.count_open(None, at=T0) == 1
        assert unit.presentations.count_open(EMPLOYER.id, at=REQUEST.expires_at) == 0


def test_answers_that_nobody_works_on_are_listed(units: UnitOfWorkFactory) -> None:
    add(units, 2, state=PresentationState.ANSWERED, lease_until=T0)
    add(units, 3, state=PresentationState.ANSWERED, lease_until=T0 + timedelta(seconds=1))
    add(units, 4, state=PresentationState.ANSWERED)
    with units(writes=False) as unit:
        listed = unit.presentations.list_unfinished(lease_before=T0, count=10)
        assert [each.id for each in listed] == ["request-2", "request-4"]
        assert len(unit.presentations.list_unfinished(lease_before=T0, count=1)) == 1


def test_what_is_over_ends_and_what_was_presented_is_forgotten(units: UnitOfWorkFactory) -> None:
    """SECURITY PR-07, R-15."""
    later = T0 + timedelta(minutes=20)
    add(units, 2, state=PresentationState.VERIFIED, answered_at=T0, presentation=b"x", result=b"{}")
    add(units, 3, state=PresentationState.ANSWERED, answered_at=later, presentation=b"x")
    add(units, 4, expires_at=later)
    add(units, 5, organisation_id=None, result=b"{}")
    add(units, 6, state=PresentationState.ANSWERED, answered_at=T0, presentation=b"x")
    with units(writes=True) as unit:
        assert unit.presentations.expire(at=REQUEST.expires_at) == 2
        assert unit.presentations.expire(at=REQUEST.expires_at) == 0
        assert unit.presentations.forget_presentations(answered_before=later) == 2
        assert unit.presentations.forget_presentations(answered_before=later) == 0
        assert unit.presentations.remove_unowned(created_before=T0) == 0
        assert unit.presentations.remove_unowned(created_before=later) == 1
        unit.commit()
    expired, verified, fresh = (find(units, f"request-{number}") for number in (1, 2, 3))
    assert expired == replace(REQUEST, state=PresentationState.EXPIRED, encryption_key=None)
    assert verified is not None
    assert (verified.presentation, verified.encryption_key, verified.result) == (None, None, b"{}")
    assert fresh is not None
    assert fresh.presentation == b"x"
    assert find(units, "request-4") is not None
    left = find(units, "request-6")
    assert left is not None
    assert (left.state, left.reason, left.presentation) == (
        PresentationState.REFUSED,
        "not_verified_in_time",
        None,
    )
    assert find(units, "request-5") is None
