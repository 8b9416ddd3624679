"""The issuing machine over fakes: idempotency, leases, crashes, commits that fail, signers that lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from skillcred.errors import (
    AuthorisationError,
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
    SkillcredError,
    UnavailableError,
)
from skillcred.model.outcomes import Verdict
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.ports import CommitUnknownError, TransactionConflictError
from skillcred.services.records import Issuance, IssuanceState, KeyState
from skillcred.services.transactions import MAX_ATTEMPTS
from worlds.application import DemoRegistry, example_claims, fill_demo_registry, open_in_memory_application
from worlds.faults import Crash, FaultyKeyManager, FaultyStorage
from worlds.in_memory import FixedClock
from worlds.in_memory_keys import InMemoryKeyManager

LEASE = timedelta(seconds=30)
POINTS = ("after-reserve-commit", "before-sign", "after-sign-before-store", "after-store-commit")


@dataclass
class World:
    registry: DemoRegistry
    storage: FaultyStorage
    keys: FaultyKeyManager
    clock: FixedClock
    crash_at: list[str]

    def issuances(self) -> list[Issuance]:
        """Those for credentials, not the accreditation of the demo registry."""
        return [item for item in self.storage.state.issuances.values() if item.purpose == "credential"]

    def credentials(self) -> list[str]:
        return [cid for cid in self.storage.state.credentials if "/v1/credentials/" in cid]


@pytest.fixture
def world() -> World:
    storage, keys, clock = FaultyStorage(), FaultyKeyManager(InMemoryKeyManager()), FixedClock()
    crash_at: list[str] = []

    def crash_point(point: str) -> None:
        if point in crash_at:
            crash_at.remove(point)
            raise Crash(point)

    application = open_in_memory_application(
        clock=clock, storage=storage, key_manager=keys, crash_point=crash_point
    )
    registry = fill_demo_registry(application)
    storage.restart_count()
    keys.signatures = 0
    return World(registry, storage, keys, clock, crash_at)


def code_of(error: type[SkillcredError], act: Callable[[], object]) -> str:
    with pytest.raises(error) as fault:
        act()
    return fault.value.code


class TestIssuing:
    @pytest.mark.parametrize("mechanism", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
    @pytest.mark.parametrize(
        "profile", ["qualification", "training", "proficiency", "work-experience", "apprenticeship"]
    )
    def test_what_is_issued_verifies(self, world: World, profile: str, mechanism: str) -> None:
        stored = world.registry.issue(profile=profile, mechanism=mechanism)
        report = world.registry.application.verify_document(stored.content).report
        assert report.verdict is Verdict.VALID
        assert [voucher.body.did for voucher in report.vouchers] == [world.registry.body.organisation.did]

    def test_record_says_what_was_signed(self, world: World) -> None:
        """I1, I2: the reservation names key, profile digest and the digest of the bytes signed."""
        stored = world.registry.issue()
        (issuance,) = world.issuances()
        assert issuance.state is IssuanceState.RELEASED
        assert issuance.credential_id == stored.credential_id == json.loads(stored.content)["id"]
        assert json.loads(stored.content)["proof"]["verificationMethod"] == issuance.key_id
        assert len(issuance.to_be_signed_sha256) == len(issuance.profile_sha256) == 64

    def test_ids_have_160_random_bits(self, world: World) -> None:
        ids = {world.registry.issue(f"k{n}").credential_id for n in range(20)}
        assert len(ids) == 20
        assert all(len(item.rpartition("/")[2]) == 27 for item in ids)

    def test_I6_each_action_has_its_audit_record(self, world: World) -> None:
        stored = world.registry.issue()
        with world.storage(writes=False) as unit:
            entries = unit.audit.list_for(world.registry.provider.organisation.id)
        ours = [entry.action for entry in entries if entry.subject == stored.credential_id]
        assert ours == ["reserve_credential", "store_credential"]

    @pytest.mark.parametrize("actor", ["operator", "body"])
    def test_only_issuers_issue(self, world: World, actor: str) -> None:
        someone = getattr(world.registry, actor)
        assert code_of(AuthorisationError, lambda: world.registry.issue(actor=someone)) == "not_permitted"

    def test_role_without_the_kind_is_not_enough(self, world: World) -> None:
        fake = replace(world.registry.body, role=world.registry.provider.role)
        assert code_of(AuthorisationError, lambda: world.registry.issue(actor=fake)) == "not_permitted"

    def test_no_active_key(self, world: World) -> None:
        application, provider = world.registry.application, world.registry.provider
        application.retire_key(provider, application.list_keys(provider)[0].id)
        assert code_of(AuthorisationError, world.registry.issue) == "no_active_key"

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"profile": "diploma"}, "unknown_profile"),
            ({"mechanism": "rot13-2026"}, "unsupported_mechanism"),
            ({"idempotency_key": ""}, "invalid_idempotency_key"),
            ({"idempotency_key": "a b"}, "invalid_idempotency_key"),
            ({"idempotency_key": "clé"}, "invalid_idempotency_key"),
            ({"idempotency_key": "x" * 1_000_000}, "invalid_idempotency_key"),
            ({"claims": {"issuer": "did:web:evil.example"}}, "member_not_allowed"),
            ({"claims": {"name": "only a name"}}, "claims_invalid"),
            ({"claims": {"name": 2**60}}, "number_out_of_range"),
        ],
        ids=[
            "profile",
            "mechanism",
            "empty-key",
            "space",
            "not-ascii",
            "F-16-1MB-key",
            "W-21",
            "claims",
            "P-03",
        ],
    )
    def test_what_cannot_be_issued_leaves_no_trace(
        self, world: World, change: dict[str, Any], code: str
    ) -> None:
        arguments = {"idempotency_key": "k", **change}
        if "profile" in change:
            arguments["claims"] = example_claims()
        assert code_of(InputError, lambda: world.registry.issue(**arguments)) == code
        assert world.issuances() == []

    def test_other_organisations_get_not_found(self, world: World) -> None:
        """W-25: another's credential and an unknown one are answered alike."""
        stored = world.registry.issue()
        get = world.registry.application.get_credential
        assert get(world.registry.provider, stored.credential_id) == stored
        answers = []
        for actor, credential_id in (
            (world.registry.stranger, stored.credential_id),
            (world.registry.operator, stored.credential_id),
            (world.registry.stranger, stored.credential_id + "x"),
        ):
            with pytest.raises(NotFoundError) as fault:
                get(actor, credential_id)
            answers.append((fault.value.code, fault.value.message))
        assert len(set(answers)) == 1

    def test_altered_storage_is_noticed(self, world: World) -> None:
        stored = world.registry.issue()
        altered = replace(stored, content=stored.content.replace(b"Otieno", b"Otiena"))
        world.storage.state.credentials[stored.credential_id] = altered
        get = world.registry.application.get_credential
        act = lambda: get(world.registry.provider, stored.credential_id)  # noqa: E731
        assert code_of(IntegrityError, act) == "credential_altered"
        assert code_of(IntegrityError, world.registry.issue) == "credential_altered"


class TestIdempotency:
    def test_I4_same_request_same_bytes(self, world: World) -> None:
        first = world.registry.issue()
        world.clock.advance(days=400)
        assert world.registry.issue() == first
        reordered = dict(reversed(list(example_claims().items())))
        assert world.registry.issue(claims=reordered) == first, "the order of members does not count"
        assert world.keys.signatures == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"profile": "qualification"},
            {"mechanism": "eddsa-jcs-2022"},
            {"claims": example_claims() | {"name": "B"}},
        ],
        ids=["profile", "mechanism", "claims"],
    )
    def test_I4_other_request_is_refused(self, world: World, change: dict[str, Any]) -> None:
        world.registry.issue()
        assert code_of(ConflictError, lambda: world.registry.issue(**change)) == "idempotency_key_reused"
        assert len(world.issuances()) == 1

    def test_F16_keys_of_organisations_are_apart(self, world: World) -> None:
        one = world.registry.issue()
        other = world.registry.issue(actor=world.registry.stranger)
        assert one.credential_id != other.credential_id

    def test_repeat_is_answered_after_rotation_and_retirement(self, world: World) -> None:
        first = world.registry.issue()
        world.clock.advance(seconds=1)
        key = world.registry.application.rotate_key(world.registry.provider)
        world.registry.application.retire_key(world.registry.provider, key.id)
        assert world.registry.issue() == first


class TestCrashes:
    @pytest.mark.parametrize("point", POINTS)
    def test_F01_retry_gives_one_credential_with_the_reserved_id(self, world: World, point: str) -> None:
        world.crash_at.append(point)
        with pytest.raises(Crash):
            world.registry.issue()
        (reserved,) = world.issuances()
        if point != "after-store-commit":
            assert code_of(ConflictError, world.registry.issue) == "issuance_in_progress"
            world.clock.instant += LEASE
        world.clock.instant += timedelta(hours=3)
        stored = world.registry.issue()
        assert stored.credential_id == reserved.credential_id
        assert world.credentials() == [reserved.credential_id]
        assert world.registry.application.verify_document(stored.content).report.verdict is Verdict.VALID

    @pytest.mark.parametrize("point", POINTS)
    def test_reconciliation_finishes(self, world: World, point: str) -> None:
        world.crash_at.append(point)
        with pytest.raises(Crash):
            world.registry.issue()
        reconcile = world.registry.application.reconcile_issuances
        assert reconcile() == 0, "somebody may still be working on it"
        world.clock.instant += LEASE
        assert reconcile() == (0 if point == "after-store-commit" else 1)
        assert reconcile() == 0
        (issuance,) = world.issuances()
        assert world.credentials() == [issuance.credential_id]
        assert world.registry.issue().credential_id == issuance.credential_id

    @pytest.mark.parametrize("compromised", [False, True], ids=["retired", "compromised"])
    def test_K18_nothing_is_signed_after_the_cut_off(self, world: World, compromised: bool) -> None:
        world.crash_at.append("after-reserve-commit")
        with pytest.raises(Crash):
            world.registry.issue()
        (first,) = world.issuances()
        world.clock.advance(minutes=5)
        application, provider = world.registry.application, world.registry.provider
        new = application.rotate_key(provider)
        if compromised:
            application.retire_key(provider, first.key_id, compromised=True)
        stored = world.registry.issue()
        assert stored.credential_id != first.credential_id
        assert json.loads(stored.content)["proof"]["verificationMethod"] == new.id
        assert {item.id: item.state for item in world.issuances()}[first.id] is IssuanceState.VOID
        assert world.keys.signatures == 1

    def test_reconciliation_voids_what_has_no_active_key(self, world: World) -> None:
        world.crash_at.append("before-sign")
        with pytest.raises(Crash):
            world.registry.issue()
        world.clock.advance(minutes=5)
        world.registry.application.rotate_key(world.registry.provider)
        assert world.registry.application.reconcile_issuances() == 1
        assert [item.state for item in world.issuances()] == [IssuanceState.VOID]
        assert world.keys.signatures == 0

    def test_slow_process_cannot_store_what_another_has_voided(self, world: World) -> None:
        """The first process signs, is overtaken before it stores, and comes back."""
        application, provider = world.registry.application, world.registry.provider

        def overtake(signature: bytes) -> bytes:
            world.keys.spoil = lambda value: value
            world.clock.advance(minutes=5)
            application.rotate_key(provider)
            world.registry.issue()
            return signature

        world.keys.spoil = overtake
        stored = world.registry.issue()
        assert world.credentials() == [stored.credential_id]
        assert sorted(item.state for item in world.issuances()) == [
            IssuanceState.RELEASED,
            IssuanceState.VOID,
        ]


class TestFaults:
    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda signature: bytes(64), id="F-14-zeros"),
            pytest.param(lambda signature: signature[:-1] + bytes([signature[-1] ^ 1]), id="F-14-one-bit"),
            pytest.param(lambda signature: signature[:63], id="F-14-short"),
        ],
    )
    def test_F14_bad_signature_is_never_stored(self, world: World, spoil: Callable[[bytes], bytes]) -> None:
        world.keys.spoil = spoil
        assert code_of(IntegrityError, world.registry.issue) == "signature_broken"
        assert world.credentials() == []
        (reserved,) = world.issuances()
        world.keys.spoil = lambda signature: signature
        assert world.registry.issue().credential_id == reserved.credential_id, "same reservation, at once"

    def test_F14_signer_that_is_not_there_now(self, world: World) -> None:
        def unavailable(signature: bytes) -> bytes:
            raise UnavailableError("The signer does not answer.", code="signer_unavailable")

        world.keys.spoil = unavailable
        assert code_of(UnavailableError, world.registry.issue) == "signer_unavailable"
        world.keys.spoil = lambda signature: signature
        world.registry.issue()
        assert len(world.issuances()) == len(world.credentials()) == 1

    def test_altered_reservation_is_not_signed(self, world: World) -> None:
        world.crash_at.append("after-reserve-commit")
        with pytest.raises(Crash):
            world.registry.issue()
        (issuance,) = world.issuances()
        altered = issuance.prepared.replace(b"Otieno Wanjala", b"Somebody Other")
        world.storage.state.issuances[issuance.id] = replace(
            issuance, prepared=altered, to_be_signed_sha256="00" * 32
        )
        world.clock.advance(minutes=5)
        assert code_of(IntegrityError, world.registry.issue) == "reservation_altered"
        assert world.keys.signatures == 0

    def test_altered_document_fails_our_own_check_and_is_void(self, world: World) -> None:
        """The document was changed and the bytes to be signed were not: signed, checked, never stored."""
        world.crash_at.append("after-reserve-commit")
        with pytest.raises(Crash):
            world.registry.issue()
        (issuance,) = world.issuances()
        altered = issuance.prepared.replace(b"Otieno Wanjala", b"Somebody Other")
        assert altered != issuance.prepared
        world.storage.state.issuances[issuance.id] = replace(issuance, prepared=altered)
        world.clock.advance(minutes=5)
        assert code_of(IntegrityError, world.registry.issue) == "self_check_failed"
        assert world.credentials() == []
        assert [item.state for item in world.issuances()] == [IssuanceState.VOID]

    @pytest.mark.parametrize("number", [1, 2, 3], ids=["reserve", "store", "release"])
    def test_F07_conflicts_are_retried_as_a_whole_and_nothing_is_signed_twice(
        self, world: World, number: int
    ) -> None:
        tries = iter(range(MAX_ATTEMPTS - 1))

        def conflict(commit: int) -> None:
            if commit >= number and next(tries, None) is not None:
                raise TransactionConflictError("Serialization failure.")

        world.storage.before_commit = conflict
        stored = world.registry.issue()
        assert world.credentials() == [stored.credential_id]
        assert world.keys.signatures == 1

    def test_F07_conflicts_without_end_are_unavailable(self, world: World) -> None:
        def conflict(commit: int) -> None:
            raise TransactionConflictError("Serialization failure.")

        world.storage.before_commit = conflict
        assert code_of(UnavailableError, world.registry.issue) == "transaction_conflict"
        assert world.storage.commits == MAX_ATTEMPTS
        assert world.issuances() == []

    @pytest.mark.parametrize("recorded", [True, False], ids=["F-04-it-was", "F-04-it-was-not"])
    @pytest.mark.parametrize("number", [1, 2], ids=["reserve", "store"])
    def test_F04_unknown_commit(self, world: World, number: int, recorded: bool) -> None:
        def unknown(commit: int) -> None:
            if commit == number:
                raise CommitUnknownError("The connection was cut.")

        if recorded:
            world.storage.after_commit = unknown
        else:
            world.storage.before_commit = unknown
        stored = world.registry.issue()
        assert world.credentials() == [stored.credential_id]
        assert len(world.issuances()) == 1
        assert world.keys.signatures == 1

    @pytest.mark.parametrize("number", [1, 2, 3, 4], ids=["allocate", "reserve", "store", "release"])
    def test_F05_database_that_refuses(self, world: World, number: int) -> None:
        def refuse(commit: int) -> None:
            if commit == number:
                raise UnavailableError("Refused.", code="database_unavailable")

        world.storage.before_commit = refuse
        assert code_of(UnavailableError, world.registry.issue) == "database_unavailable"
        stored = world.registry.issue()
        assert world.credentials() == [stored.credential_id]
        assert len(world.issuances()) == 1

    def test_database_that_is_gone_leaves_the_lease_to_run_out(self, world: World) -> None:
        def refuse(commit: int) -> None:
            if commit >= 3:  # the entry of the status list and the reservation are recorded
                raise UnavailableError("Refused.", code="database_unavailable")

        world.storage.before_commit = refuse
        assert code_of(UnavailableError, world.registry.issue) == "database_unavailable"
        world.storage.before_commit = lambda number: None
        assert code_of(ConflictError, world.registry.issue) == "issuance_in_progress"
        world.clock.instant += LEASE
        world.registry.issue()
        assert len(world.issuances()) == len(world.credentials()) == 1

    def test_reconciliation_goes_on_after_one_that_fails(self, world: World) -> None:
        for name in ("a", "b"):
            world.crash_at.append("after-reserve-commit")
            with pytest.raises(Crash):
                world.registry.issue(name)
        first, _ = world.issuances()
        world.storage.state.issuances[first.id] = replace(first, to_be_signed_sha256="00" * 32)
        world.clock.advance(minutes=5)
        assert world.registry.application.reconcile_issuances() == 1
        assert len(world.credentials()) == 1


def test_retired_key_goes_on_verifying(world: World) -> None:
    stored = world.registry.issue()
    world.clock.advance(minutes=5)
    application, provider = world.registry.application, world.registry.provider
    application.rotate_key(provider)
    assert application.verify_document(stored.content).report.verdict is Verdict.VALID
    old = application.list_keys(provider)[0]
    assert old.state is KeyState.RETIRED
    application.retire_key(provider, old.id, compromised=True)
    report = application.verify_document(stored.content).report
    assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised"), (
        "issued here before the theft"
    )
    assert "key_compromised_later" in [w.code for step in report.steps for w in step.warnings]


def test_credentials_of_an_unaccredited_provider_are_genuine_and_not_recognised(world: World) -> None:
    stored = world.registry.issue(actor=world.registry.stranger)
    report = world.registry.application.verify_document(stored.content).report
    assert (report.verdict, report.reason) == (Verdict.INDETERMINATE, "issuer_not_recognised")


def test_request_defaults_to_rdfc(world: World) -> None:
    stored = world.registry.application.issue_credential(
        world.registry.provider, IssuanceRequest("training", example_claims()), "k"
    )
    assert json.loads(stored.content)["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
