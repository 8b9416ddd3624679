"""What every storage promises about batches of status changes, run over the fake, SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from skillcred.errors import ConflictError, NotFoundError
from skillcred.services.batch_records import BatchItem, BatchSelection, BatchState, ItemOutcome, StatusBatch
from skillcred.services.ports import Hold, UnitOfWorkFactory
from skillcred.services.records import (
    Issuance,
    IssuancePurpose,
    IssuanceState,
    KeyState,
    Organisation,
    OrganisationKind,
    SigningKey,
    StatusEventKind,
)

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
SCHOOL = Organisation("id-school", OrganisationKind.PROVIDER, "school", "did:web:a", "School", "PH", T0)
OTHER = Organisation("id-other", OrganisationKind.PROVIDER, "other", "did:web:b", "Other", "KE", T0)
BATCH = StatusBatch(
    id="batch-1",
    organisation_id=SCHOOL.id,
    idempotency_key="k",
    request_sha256="0" * 64,
    kind=StatusEventKind.REVOKED,
    reason="a typo: ß",
    effective_at=None,
    selection='{"listed": 2}',
    state=BatchState.RUNNING,
    total=0,
    started_at=T0,
    started_by="key-1",
)


@pytest.fixture(autouse=True)
def organisations(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        for organisation in (SCHOOL, OTHER):
            unit.organisations.add(organisation)
            unit.signing_keys.add(
                SigningKey(f"{organisation.did}#1", organisation.id, "Ed25519", "z6Mk", KeyState.ACTIVE, T0)
            )
        unit.batches.add(BATCH)
        unit.commit()


def issuance(number: int, **changes: object) -> Issuance:
    made = Issuance(
        id=f"issuance-{number}",
        organisation_id=SCHOOL.id,
        purpose=IssuancePurpose.CREDENTIAL,
        idempotency_key=f"intake_1/{number}",
        request_sha256="0" * 64,
        credential_id=f"urn:{number}",
        profile="training",
        profile_sha256="0" * 64,
        mechanism="eddsa-jcs-2022",
        key_id=f"{SCHOOL.did}#1",
        prepared=b"{}",
        to_be_signed_sha256="0" * 64,
        state=IssuanceState.RELEASED,
        reserved_at=T0 + timedelta(hours=number),
        lease_until=T0,
        actor="key-1",
    )
    return replace(made, **changes)


def test_a_batch_comes_back(units: UnitOfWorkFactory) -> None:
    with units(writes=False) as unit:
        assert unit.batches.find(BATCH.id) == unit.batches.find_by_key(SCHOOL.id, "k") == BATCH
        assert unit.batches.find("nothing") is unit.batches.find_by_key(OTHER.id, "k") is None
    for taken in (replace(BATCH, id="batch-2"), replace(BATCH, idempotency_key="other")):
        with units(writes=True) as unit, pytest.raises(ConflictError) as fault:
            unit.batches.add(taken)
        assert fault.value.code == "batch_taken"


def test_progress(units: UnitOfWorkFactory) -> None:
    changed = replace(
        BATCH,
        total=7,
        next_number=4,
        done=1,
        already=1,
        failed=1,
        lease_until=T0 + timedelta(seconds=30),
    )
    with units(writes=True) as unit:
        assert unit.batches.find(BATCH.id, hold=Hold.EXCLUSIVE) == BATCH
        unit.batches.update(changed)
        unit.batches.add(replace(BATCH, id="batch-2", idempotency_key="other", effective_at=T0))
        unit.commit()
    with units(writes=False) as unit:
        assert unit.batches.find(BATCH.id) == changed
        waiting = unit.batches.list_running(lease_before=T0)
        assert [batch.id for batch in waiting] == ["batch-2"]
        assert waiting[0].effective_at == T0
        later = unit.batches.list_running(lease_before=T0 + timedelta(seconds=30))
        assert [batch.id for batch in later] == ["batch-1", "batch-2"]
    ended = replace(changed, state=BatchState.FINISHED, lease_until=None, finished_at=T0)
    with units(writes=True) as unit:
        unit.batches.update(ended)
        with pytest.raises(NotFoundError):
            unit.batches.update(replace(ended, id="nothing"))
        unit.commit()
    with units(writes=False) as unit:
        assert unit.batches.find(BATCH.id) == ended
        assert [batch.id for batch in unit.batches.list_running(lease_before=T0)] == ["batch-2"]


def test_items(units: UnitOfWorkFactory) -> None:
    names = [f"urn:{number}" for number in range(1, 6)]
    with units(writes=True) as unit:
        assert unit.batches.add_items(BATCH.id, names) == 5
        unit.commit()
    with units(writes=True) as unit:
        assert unit.batches.list_items(BATCH.id, first=2, count=2) == [
            BatchItem(2, "urn:2"),
            BatchItem(3, "urn:3"),
        ]
        unit.batches.record_outcomes(
            BATCH.id,
            {
                ItemOutcome.DONE: [1, 3],
                ItemOutcome.ALREADY: [2],
                ItemOutcome.NO_STATUS: [4],
                ItemOutcome.STATUS_FINAL: [5],
            },
        )
        unit.commit()
    with units(writes=False) as unit:
        assert [item.outcome for item in unit.batches.list_items(BATCH.id, first=1, count=9)] == [
            "done", "already", "done", "no_status", "status_final",
        ]  # fmt: skip
        failed = unit.batches.list_failed(BATCH.id, count=9)
        assert [item.number for item in failed] == [4, 5]
        assert unit.batches.list_failed(BATCH.id, count=1) == failed[:1]
        assert unit.batches.list_items("nothing", first=1, count=9) == []
    with units(writes=True) as unit, pytest.raises(ConflictError):
        unit.batches.add_items(BATCH.id, ["urn:x", "urn:x"])


def test_selection(units: UnitOfWorkFactory) -> None:
    made = (
        issuance(1),
        issuance(2, profile="apprenticeship", state=IssuanceState.VOID),
        issuance(3, idempotency_key="INTAKE_1/3"),
        issuance(4, idempotency_key="intake-1/4"),
        issuance(5, purpose=IssuancePurpose.ACCREDITATION),
        issuance(6, organisation_id=OTHER.id, key_id=f"{OTHER.did}#1"),
    )
    with units(writes=True) as unit:
        for item in made:
            unit.issuances.reserve(item)
        unit.commit()
    hours = [T0 + timedelta(hours=number) for number in range(5)]
    for number, (selection, expected) in enumerate(
        (
            (BatchSelection(issued_under="intake_1/"), [1, 2]),
            (BatchSelection(profile="training"), [1, 3, 4]),
            (BatchSelection(issued_from=hours[2]), [2, 3, 4]),
            (BatchSelection(issued_until=hours[2]), [1]),
            (BatchSelection(issued_from=hours[2], issued_until=hours[4]), [2, 3]),
            (BatchSelection(verification_method=f"{SCHOOL.did}#1"), [1, 2, 3, 4]),
            (BatchSelection(verification_method=f"{OTHER.did}#1"), []),
            (BatchSelection(profile="training", issued_from=hours[3]), [3, 4]),
        )
    ):
        batch = replace(BATCH, id=f"selected-{number}", idempotency_key=f"k-{number}")
        with units(writes=True) as unit:
            unit.batches.add(batch)
            assert unit.batches.select_items(batch.id, SCHOOL.id, selection) == len(expected)
            unit.commit()
        with units(writes=False) as unit:
            assert unit.batches.list_items(batch.id, first=1, count=99) == [
                BatchItem(place, f"urn:{which}") for place, which in enumerate(expected, 1)
            ]


def test_renewals(units: UnitOfWorkFactory) -> None:
    with units(writes=True) as unit:
        unit.issuances.reserve(issuance(1))
        unit.issuances.reserve(issuance(2, renews="urn:1"))
        unit.issuances.reserve(issuance(3, renews="urn:2"))
        unit.issuances.reserve(issuance(4, organisation_id=OTHER.id, key_id=f"{OTHER.did}#1", renews="urn:1"))
        unit.commit()
    with units(writes=False) as unit:
        assert unit.issuances.list_renewals(SCHOOL.id, ["urn:1"]) == ["urn:2"]
        assert sorted(unit.issuances.list_renewals(SCHOOL.id, ["urn:1", "urn:2"])) == ["urn:2", "urn:3"]
        assert unit.issuances.list_renewals(SCHOOL.id, ["urn:3"]) == []
        found = unit.issuances.find(SCHOOL.id, "intake_1/2")
        assert found is not None
        assert found.renews == "urn:1"
