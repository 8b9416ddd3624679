"""Changes of the registry by two people (SECURITY W-18), the key ceremony, the life of an enrolment (T-09, T-12)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from skillcred.encoding.multibase import encode_multibase
from skillcred.errors import (
    AuthorisationError,
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
    SkillcredError,
)
from skillcred.services.ceremony import fingerprint_of
from skillcred.services.governance_records import ProposalState
from skillcred.services.records import Actor
from skillcred.services.registry_log import find_faults
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import START, FixedClock, InMemoryStorage
from worlds.in_memory_keys import InMemoryKeyManager

DID = "did:web:ministry.example"
MULTIKEY = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def keys() -> InMemoryKeyManager:
    return InMemoryKeyManager()


@pytest.fixture
def registry(storage: InMemoryStorage, clock: FixedClock, keys: InMemoryKeyManager) -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(storage=storage, clock=clock, key_manager=keys))


@pytest.fixture
def strict(
    registry: DemoRegistry, storage: InMemoryStorage, clock: FixedClock, keys: InMemoryKeyManager
) -> DemoRegistry:
    """The same deployment where one person alone changes nothing."""
    application = open_in_memory_application(
        storage=storage, clock=clock, key_manager=keys, registry_four_eyes=True
    )
    return replace(registry, application=application)


def second(actor: Actor) -> Actor:
    """A colleague: another API key of the same organisation."""
    return replace(actor, api_key_id="colleague")


def code_of(error: type[SkillcredError], act: Callable[[], object]) -> str:
    with pytest.raises(error) as fault:
        act()
    return fault.value.code


def ceremony(**changes: Any) -> dict[str, Any]:
    key = {
        "verification_method": f"{DID}#key-1",
        "public_key_multibase": MULTIKEY,
        "activated_at": "2026-01-01T00:00:00Z",
        "fingerprint": fingerprint_of(MULTIKEY),
        "verified_by": "in_person",
        "verified_on": "2026-05-20",
    }
    return {
        "did": DID,
        "name": "Ministry of Skills",
        "country": "PH",
        "scopes": [{"action": "accredit", "profiles": ["training"], "countries": ["PH"]}],
        "keys": [key],
        "witnesses": [
            {"name": "Ana Cruz", "organisation": "Ministry of Skills"},
            {"name": "Juma Otieno", "organisation": "Registry Office"},
        ],
        "held_on": "2026-05-20",
        **changes,
    }


def event(did: str, **changes: Any) -> dict[str, Any]:
    return {
        "did": did,
        "kind": "suspended",
        "effective_at": "2026-06-02T00:00:00Z",
        "reason": "Inquiry.",
        **changes,
    }


class TestFourEyes:
    def test_W_18_one_person_alone_changes_nothing(self, strict: DemoRegistry) -> None:
        application, at = strict.application, START + timedelta(days=1)
        body = strict.body.organisation.did
        change = {"kind": "ended", "effective_at": at, "reason": "Closed."}
        request = application.get_accreditation(strict.accreditation.id).accreditation
        for act in (
            lambda: application.enrol_national_body(strict.operator, did=DID, name="Ministry", country="PH"),
            lambda: application.change_enrolment(strict.operator, body, **change),
            lambda: application.change_accreditation(strict.body, request.id, **change),
        ):
            assert code_of(AuthorisationError, act) == "four_eyes_required"

    def test_a_ceremony_enrols_with_scopes_keys_and_its_digest(
        self, strict: DemoRegistry, storage: InMemoryStorage
    ) -> None:
        application = strict.application
        proposal = application.propose_change(strict.operator, "enrol_body", ceremony())
        assert application.list_proposals(strict.operator) == [proposal]
        with storage(writes=False) as unit:
            assert unit.registry.find_body(DID) is None
        done = application.decide_proposal.approve(
            second(strict.operator), proposal.id, sha256=proposal.sha256
        )
        assert (done.state, done.outcome, done.decided_by) == (ProposalState.EXECUTED, DID, "colleague")
        with storage(writes=False) as unit:
            body = unit.registry.find_body(DID)
            (known,) = unit.registry.list_known_keys(DID)
            log = list(unit.registry_log.stream_entries())
        assert body is not None
        assert body.ceremony_sha256 == proposal.sha256
        assert [scope.countries for scope in body.scopes] == [("PH",)]
        assert known.key.public_key_multibase == MULTIKEY
        assert [entry.action for entry in log[-3:]] == ["body_enrolled", "key_recorded", "proposal_approved"]
        assert json.loads(log[-1].content)["proposed_by"] == strict.operator.api_key_id
        assert list(find_faults(log)) == []

    def test_W_18_who_proposed_does_not_approve(self, strict: DemoRegistry) -> None:
        """Also not in another session: it is the key that counts."""
        application = strict.application
        made, secret = application.create_api_key(
            strict.operator, strict.operator.organisation.id, "operator", "x"
        )
        first, again = application.authenticate(secret), application.authenticate(secret)
        proposal = application.propose_change(first, "enrol_body", ceremony())
        assert made.id == proposal.proposed_by
        approve = application.decide_proposal.approve
        assert code_of(AuthorisationError, lambda: approve(again, proposal.id, sha256=proposal.sha256)) == (
            "own_proposal"
        )
        assert application.list_proposals.get(first, proposal.id).state is ProposalState.PROPOSED

    def test_W_18_an_edit_is_another_proposal(self, strict: DemoRegistry, storage: InMemoryStorage) -> None:
        application, colleague = strict.application, second(strict.operator)
        seen = application.propose_change(strict.operator, "enrol_body", ceremony())
        edited = application.propose_change(strict.operator, "enrol_body", ceremony(country="KE"))
        assert edited.sha256 != seen.sha256
        approve = application.decide_proposal.approve
        assert code_of(ConflictError, lambda: approve(colleague, edited.id, sha256=seen.sha256)) == (
            "digest_differs"
        )
        altered = replace(seen, content=edited.content)
        storage.state.proposals[seen.id] = altered
        assert code_of(IntegrityError, lambda: approve(colleague, seen.id, sha256=seen.sha256)) == (
            "proposal_altered"
        )

    def test_W_18_approved_once(self, strict: DemoRegistry) -> None:
        application, body = strict.application, strict.body.organisation.did
        proposal = application.propose_change(strict.operator, "body_event", event(body))
        gate = threading.Barrier(4)

        def approve(number: int) -> str:
            gate.wait()
            actor = replace(strict.operator, api_key_id=f"colleague-{number}")
            try:
                return application.decide_proposal.approve(actor, proposal.id, sha256=proposal.sha256).state
            except ConflictError as error:
                return error.code

        with ThreadPoolExecutor(4) as pool:
            answers = sorted(pool.map(approve, range(4)))
        assert answers == ["already_decided"] * 3 + ["executed"]

    def test_W_18_nobody_elses_proposals(self, strict: DemoRegistry) -> None:
        application = strict.application
        proposal = application.propose_change(
            strict.body,
            "accreditation_event",
            {
                "accreditation_id": strict.accreditation.id,
                "kind": "ended",
                "effective_at": "2026-06-02T00:00:00Z",
                "reason": "Closed.",
            },
        )
        decide = application.decide_proposal
        for actor in (strict.operator, second(strict.operator)):
            for act in (
                lambda actor=actor: decide.approve(actor, proposal.id, sha256=proposal.sha256),
                lambda actor=actor: decide.reject(actor, proposal.id, reason="No."),
                lambda actor=actor: application.list_proposals.get(actor, proposal.id),
            ):
                assert code_of(NotFoundError, act) == "not_found"
            assert application.list_proposals(actor) == []
        assert code_of(AuthorisationError, lambda: application.list_proposals(strict.provider))
        done = application.decide_proposal.approve(second(strict.body), proposal.id, sha256=proposal.sha256)
        assert done.state is ProposalState.EXECUTED

    @pytest.mark.parametrize(
        ("who", "kind"),
        [
            ("body", "enrol_body"),
            ("body", "body_event"),
            ("operator", "accredit"),
            ("provider", "record_key"),
        ],
    )
    def test_T_09_each_proposes_what_is_his(self, strict: DemoRegistry, who: str, kind: str) -> None:
        propose = strict.application.propose_change
        assert code_of(AuthorisationError, lambda: propose(getattr(strict, who), kind, {})) == "not_permitted"

    def test_rejected_is_final_and_one_may_take_ones_own_back(self, strict: DemoRegistry) -> None:
        application, colleague = strict.application, second(strict.operator)
        proposal = application.propose_change(strict.operator, "enrol_body", ceremony())
        decide = application.decide_proposal
        rejected = decide.reject(strict.operator, proposal.id, reason="Wrong key.")
        assert (rejected.state, rejected.outcome) == (ProposalState.REJECTED, "Wrong key.")
        again = lambda: decide.approve(colleague, proposal.id, sha256=proposal.sha256)  # noqa: E731
        assert code_of(ConflictError, again) == "already_decided"

    def test_an_accreditation_is_signed_after_it_was_approved(self, strict: DemoRegistry) -> None:
        application, colleague = strict.application, second(strict.body)
        change = {
            "provider_did": strict.stranger.organisation.did,
            "provider_name": strict.stranger.organisation.name,
            "scope": {"profiles": ["training"], "isced_fields": ["0715"]},
            "valid_from": "2026-01-01T00:00:00+02:00",
        }
        proposal = application.propose_change(strict.body, "accredit", change)
        done = application.decide_proposal.approve(colleague, proposal.id, sha256=proposal.sha256)
        assert done.state is ProposalState.EXECUTED
        assert done.outcome is not None
        made = application.get_accreditation(done.outcome).accreditation
        assert made.provider_did == strict.stranger.organisation.did
        again = lambda: application.decide_proposal.approve(colleague, proposal.id, sha256=proposal.sha256)  # noqa: E731
        assert code_of(ConflictError, again) == "already_decided"

    def test_an_approved_accreditation_whose_signing_was_cut_off_is_signed_once(
        self, strict: DemoRegistry, storage: InMemoryStorage
    ) -> None:
        application, colleague = strict.application, second(strict.body)
        change = {
            "provider_did": strict.stranger.organisation.did,
            "provider_name": strict.stranger.organisation.name,
            "scope": {"profiles": ["training"]},
            "valid_from": "2026-01-01T00:00:00Z",
        }
        proposal = application.propose_change(strict.body, "accredit", change)
        approve = application.decide_proposal.approve
        first = approve(colleague, proposal.id, sha256=proposal.sha256)
        cut_off = replace(first, state=ProposalState.APPROVED, outcome=None)
        storage.state.proposals[proposal.id] = cut_off
        third = replace(strict.body, api_key_id="third")
        assert code_of(ConflictError, lambda: approve(third, proposal.id, sha256=proposal.sha256))
        assert approve(colleague, proposal.id, sha256=proposal.sha256).outcome == first.outcome
        given = application.list_accreditations(provider_did=strict.stranger.organisation.did)
        assert len(given) == 1

    def test_what_became_impossible_is_not_made(self, strict: DemoRegistry) -> None:
        application, colleague = strict.application, second(strict.operator)
        one = application.propose_change(strict.operator, "enrol_body", ceremony())
        other = application.propose_change(strict.operator, "enrol_body", ceremony(country="KE"))
        approve = application.decide_proposal.approve
        approve(colleague, one.id, sha256=one.sha256)
        assert (
            code_of(ConflictError, lambda: approve(colleague, other.id, sha256=other.sha256)) == "did_taken"
        )
        assert application.list_proposals.get(colleague, other.id).state is ProposalState.PROPOSED


class TestCeremony:
    @pytest.mark.parametrize(
        ("changes", "code", "pointer"),
        [
            pytest.param({"name": "Ministry of Hеalth"}, "name_mixed_scripts", "/name", id="P-12-script"),
            pytest.param({"country": "Philippines"}, "invalid_country", "/country", id="country"),
            pytest.param({"scopes": []}, "invalid_form", "/scopes", id="no-scope"),
            pytest.param(
                {"scopes": [{"action": "issue", "profiles": ["training"]}]},
                "invalid_form",
                "/scopes",
                id="issue",
            ),
            pytest.param(
                {"scopes": [{"action": "accredit", "profiles": ["training"], "limit": ["x"]}]},
                "invalid_form",
                "/scopes/0/limit",
                id="unknown-limit",
            ),
            pytest.param(
                {"scopes": [{"action": "accredit", "profiles": ["diploma"]}]},
                "unknown_profile",
                "/scopes/0/profiles/0",
                id="profile",
            ),
            pytest.param({"keys": []}, "invalid_form", "/keys", id="no-key"),
            pytest.param(
                {"witnesses": [{"name": "Ana", "organisation": "X"}]}, "invalid_form", "/witnesses", id="one"
            ),
            pytest.param({"held_on": "20 May"}, "invalid_form", "/held_on", id="date"),
            pytest.param({"surprise": "x"}, "invalid_form", "/surprise", id="unknown-member"),
        ],
    )
    def test_refused(self, registry: DemoRegistry, changes: dict[str, Any], code: str, pointer: str) -> None:
        with pytest.raises(InputError) as fault:
            registry.application.propose_change(registry.operator, "enrol_body", ceremony(**changes))
        assert (fault.value.code, fault.value.pointer) == (code, pointer)

    @pytest.mark.parametrize(
        ("member", "value", "code"),
        [
            ("fingerprint", "00" * 32, "invalid_form"),
            ("verified_by", "email", "invalid_form"),
            ("verification_method", "did:web:other.example#key-1", "invalid_key"),
            ("public_key_multibase", encode_multibase(b"\xed\x01short"), "invalid_key"),
        ],
    )
    def test_keys_that_were_not_verified(
        self, registry: DemoRegistry, member: str, value: str, code: str
    ) -> None:
        record = ceremony()
        record["keys"][0][member] = value
        propose = registry.application.propose_change
        assert code_of(InputError, lambda: propose(registry.operator, "enrol_body", record)) == code

    def test_P_12_a_name_that_looks_like_anothers(self, registry: DemoRegistry) -> None:
        record = ceremony(name="Demo Qua1ifications Authority")
        propose = registry.application.propose_change
        assert (
            code_of(ConflictError, lambda: propose(registry.operator, "enrol_body", record)) == "name_taken"
        )

    def test_another_digest_than_the_printed_one(self, registry: DemoRegistry) -> None:
        propose = registry.application.propose_change
        act = lambda: propose(registry.operator, "enrol_body", ceremony(), sha256="0" * 64)  # noqa: E731
        assert code_of(InputError, act) == "digest_differs"


class TestEnrolment:
    """What happens to a national body, and that it then accredits nobody (T-12: nothing is deleted)."""

    def change(self, registry: DemoRegistry, clock: FixedClock, kind: str, **changes: Any) -> Any:
        at = clock.advance(days=1)
        arguments = {"kind": kind, "effective_at": at, "reason": "Because.", **changes}
        return registry.application.change_enrolment(
            registry.operator, registry.body.organisation.did, **arguments
        )

    @pytest.mark.parametrize("kind", ["suspended", "ended", "withdrawn"])
    def test_a_body_that_is_over_accredits_nobody(
        self, registry: DemoRegistry, clock: FixedClock, storage: InMemoryStorage, kind: str
    ) -> None:
        credential = registry.issue().content
        assert registry.application.verify_document(credential).report.verdict == "valid"
        clock.advance(days=9)
        self.change(registry, clock, kind)
        report = registry.application.verify_document(credential).report
        assert report.reason == "issuer_authorised_then"
        change = {
            "provider_did": registry.stranger.organisation.did,
            "provider_name": registry.stranger.organisation.name,
            "scope": {"profiles": ["training"]},
            "valid_from": "2026-01-01T00:00:00Z",
        }
        propose = registry.application.propose_change
        assert code_of(AuthorisationError, lambda: propose(registry.body, "accredit", change)) == (
            "body_not_enrolled"
        )
        assert registry.application.get_national_body(registry.body.organisation.did).ended_at is None
        assert len(storage.state.bodies) == 1, "T-12: the entry stays"

    def test_reinstated_bodies_accredit_again_and_final_is_final(
        self, registry: DemoRegistry, clock: FixedClock
    ) -> None:
        self.change(registry, clock, "suspended")
        assert (
            code_of(ConflictError, lambda: self.change(registry, clock, "suspended")) == "accreditation_state"
        )
        self.change(registry, clock, "reinstated")
        from_before = START + timedelta(hours=1)
        late = lambda: self.change(registry, clock, "ended", effective_at=from_before)  # noqa: E731
        assert code_of(ConflictError, late) == "event_out_of_order"
        self.change(registry, clock, "ended")
        assert code_of(ConflictError, lambda: self.change(registry, clock, "reinstated")) == "enrolment_final"
        withdrawn = self.change(registry, clock, "withdrawn", effective_at=from_before)
        assert withdrawn.effective_at == from_before, "with effect for the past"
        assert code_of(ConflictError, lambda: self.change(registry, clock, "withdrawn")) == "enrolment_final"

    def test_before_enrolment_nothing_happened(self, registry: DemoRegistry, clock: FixedClock) -> None:
        early = START - timedelta(days=1)
        act = lambda: self.change(registry, clock, "withdrawn", effective_at=early)  # noqa: E731
        assert code_of(InputError, act) == "effective_before_enrolment"

    def test_only_the_operator_and_only_what_is_enrolled(self, registry: DemoRegistry) -> None:
        change = {"kind": "ended", "effective_at": START + timedelta(days=1), "reason": "Closed."}
        own = registry.body.organisation.did
        act = registry.application.change_enrolment
        assert code_of(AuthorisationError, lambda: act(registry.body, own, **change)) == "not_permitted"
        assert code_of(NotFoundError, lambda: act(registry.operator, DID, **change)) == "not_found"


class TestKnownKeys:
    KEY = {  # noqa: RUF012 - read only
        "entity_did": "did:web:school.example",
        "verification_method": "did:web:school.example#key-1",
        "public_key_multibase": MULTIKEY,
        "activated_at": "2026-01-01T00:00:00Z",
    }

    def record(self, registry: DemoRegistry, actor: Actor, **changes: Any) -> Any:
        application = registry.application
        proposal = application.propose_change(actor, "record_key", {**self.KEY, **changes})
        return application.decide_proposal.approve(second(actor), proposal.id, sha256=proposal.sha256)

    def test_recorded_and_a_compromise_stays(self, registry: DemoRegistry) -> None:
        assert self.record(registry, registry.operator).outcome == self.KEY["verification_method"]
        self.record(registry, registry.operator, compromised_at="2026-03-01T00:00:00Z")
        back = lambda: self.record(registry, registry.operator)  # noqa: E731
        assert code_of(ConflictError, back) == "key_compromised"

    def test_T_09_a_body_records_keys_of_its_own_branch_only(self, registry: DemoRegistry) -> None:
        act = lambda: self.record(registry, registry.body)  # noqa: E731
        assert code_of(NotFoundError, act) == "not_found"

    def test_keys_of_this_deployment_are_kept_here(self, registry: DemoRegistry) -> None:
        did = registry.provider.organisation.did
        changes = {"entity_did": did, "verification_method": f"{did}#key-9"}
        act = lambda: self.record(registry, registry.operator, **changes)  # noqa: E731
        assert code_of(ConflictError, act) == "keys_kept_here"
