"""What a body that keeps its keys elsewhere may hand in, and what it is asked to sign (SECURITY T-05, T-09, W-18)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tuf.api.metadata import Metadata, Snapshot, Targets

from skillcred.adapters.registry.branch_signing import BodyHolder
from skillcred.adapters.registry.branches import sign_branch
from skillcred.adapters.registry.signers import RegistrySigner
from skillcred.errors import SkillcredError
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.branch_packages import encode_package, parse_package
from skillcred.services.branch_ports import BranchFiles
from skillcred.services.governance_records import ProposalState
from skillcred.trust import AccreditationScope, Action, RegisteredKey
from skillcred.trust.published import parse_branch
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import START, FixedClock, InMemoryStorage
from worlds.in_memory_keys import InMemoryKeyManager
from worlds.outside_body import DID, NAME, OutsideBody, enrol_outside_body
from worlds.pure_world import SoftSigner, sign

SCHOOL, COLLEGE = "did:web:school.example", "did:web:college.example"
ISSUE = AccreditationScope(("training",), countries=("PH",))
STATUS = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "1",
    "statusListCredential": "https://ministry.example/status/1",
}
BEFORE = START - timedelta(days=30)


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def registry(storage: InMemoryStorage, clock: FixedClock) -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(storage=storage, clock=clock))


@pytest.fixture
def body(registry: DemoRegistry) -> OutsideBody:
    return enrol_outside_body(registry, BEFORE)


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(SkillcredError) as fault:
        act()
    return fault.value.code


class TestOrganisation:
    def test_no_key_of_it_is_ever_made_here(self, registry: DemoRegistry, body: OutsideBody) -> None:
        application, organisation = registry.application, body.ana.organisation
        assert (organisation.did, organisation.keys_elsewhere) == (DID, True)
        assert application.list_keys(body.ana) == []
        request = AccreditationRequest(SCHOOL, "School", ISSUE, START)
        for act in (
            lambda: application.create_key(body.ana),
            lambda: application.rotate_key(body.ana),
            lambda: application.accredit_provider(body.ana, request, "once"),
        ):
            assert code_of(act) == "keys_kept_elsewhere"
        assert code_of(lambda: application.publish_did_document("ministry")) == "not_found"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"kind": "provider"}, "keys_needed_here"),
            ({"kind": "verifier"}, "keys_needed_here"),
            ({"did": "did:web:127.0.0.1%3A8000:issuers:x"}, "did_of_this_deployment"),
            ({"did": "did:web:ministry.example#key-1"}, "invalid_did"),
            ({"did": "did:example:123"}, "unsupported_did_method"),
            ({"did": "did:web:localhost"}, "invalid_did"),
            ({"did": DID}, "did_taken"),
            ({"name": "Ministry of Ski11s"}, "name_taken"),
        ],
    )
    def test_refused(
        self, registry: DemoRegistry, body: OutsideBody, changes: dict[str, Any], code: str
    ) -> None:
        wanted = {
            "kind": "national_body",
            "slug": "agency",
            "name": "Agency",
            "country": "PH",
            "did": "did:web:agency.example",
            "actor": registry.operator,
            **changes,
        }
        assert code_of(lambda: registry.application.create_organisation(**wanted)) == code


class TestAccreditation:
    def test_recorded_byte_for_byte_by_two_people(
        self, registry: DemoRegistry, body: OutsideBody, storage: InMemoryStorage
    ) -> None:
        unsigned = body.accreditation(SCHOOL, START)
        proposal = body.hand_in(unsigned, START)
        approve = registry.application.decide_proposal.approve
        assert code_of(lambda: approve(body.ana, proposal.id, sha256=proposal.sha256)) == "own_proposal"
        done = body.approve(proposal)
        assert (done.state, done.outcome) == (ProposalState.EXECUTED, unsigned["id"])
        kept = registry.application.get_accreditation(unsigned["id"]).accreditation
        assert kept.content == sign(unsigned, body.signer, created=START)
        with storage(writes=False) as unit:
            actions = [entry.action for entry in unit.registry_log.stream_entries()]
        assert actions[-2:] == ["accreditation_given", "proposal_approved"]
        assert registry.application.verify_registry_log().faults == ()
        assert registry.application.compare_registry_tables().faults == ()
        assert code_of(lambda: body.hand_in(unsigned, START)) == "accreditation_taken"

    def test_alone_only_where_one_may(
        self, registry: DemoRegistry, body: OutsideBody, storage: InMemoryStorage, clock: FixedClock
    ) -> None:
        credential = sign(body.accreditation(SCHOOL, START), body.signer, created=START).decode()
        strict = open_in_memory_application(storage=storage, clock=clock, registry_four_eyes=True)
        assert code_of(lambda: strict.hand_in_accreditation(body.ana, credential)) == "four_eyes_required"
        assert registry.application.hand_in_accreditation(body.ana, credential).provider_did == SCHOOL

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"body_did": "did:web:other.example"}, "foreign_statement"),
            ({"scopes": (replace(ISSUE, countries=("KE",)),)}, "scope_too_wide"),
            ({"scopes": (ISSUE, replace(ISSUE, profiles=("qualification",)))}, "scope_too_wide"),
            ({"scopes": (replace(ISSUE, isced_fields=("x",)),)}, "invalid_scope"),
            ({"provider_did": "did:example:1"}, "unsupported_did_method"),
            ({"provider_name": "Demo We1ding School"}, "name_taken"),
            ({"credential_id": "urn:x:" + "y" * 2000}, "invalid_accreditation"),
            (
                {"more": {"credentialStatus": STATUS}},
                "accreditation_has_status",
            ),
            ({"subject": {"name": None}}, "name_missing"),
            ({"action": "bless"}, "invalid_accreditation"),
            ({"more": {"type": ["VerifiableCredential"]}}, "invalid_accreditation"),
        ],
    )
    def test_refused(self, body: OutsideBody, changes: dict[str, Any], code: str) -> None:
        members, subject = changes.pop("more", {}), changes.pop("subject", {})
        action = changes.pop("action", None)
        unsigned = {**body.accreditation(changes.pop("provider_did", SCHOOL), START, **changes), **members}
        about = {**unsigned["credentialSubject"], **subject}
        unsigned["credentialSubject"] = {name: value for name, value in about.items() if value is not None}
        if action is not None:
            unsigned["credentialSubject"]["recognizedTo"]["action"] = action
        assert code_of(lambda: body.hand_in(unsigned, START)) == code

    def test_by_no_active_key_of_the_body(self, registry: DemoRegistry, body: OutsideBody) -> None:
        unsigned = body.accreditation(SCHOOL, START)
        stranger, namesake = SoftSigner(9, did="did:web:other.example"), SoftSigner(9, did=DID)
        assert code_of(lambda: body.hand_in(unsigned, START, stranger)) == "key_not_available"
        assert code_of(lambda: body.hand_in(unsigned, START, namesake)) == "key_not_in_document"
        multikey = body.signer.public_key.to_multikey()
        retired = RegisteredKey(body.signer.verification_method, multikey, BEFORE, START - timedelta(days=1))
        registry.application.record_known_key(registry.operator, DID, retired)
        backdated = START - timedelta(days=2)
        assert code_of(lambda: body.hand_in(unsigned, backdated)) == "key_not_in_document", (
            "a replaced key signs nothing new, whatever day it writes"
        )

    def test_changed_after_signing(self, body: OutsideBody) -> None:
        credential = sign(body.accreditation(SCHOOL, START), body.signer, created=START)
        for altered, code in (
            (credential.replace(b"did:web:school", b"did:web:scholl"), "signature_wrong"),
            (b"eyJhbGciOiJFZERTQSJ9.e30.AA", "ambiguous_claims"),
            (b"eyJhbGciOiJFZERTQSJ9.e30.AA~", "accreditation_form"),
            (b"{", "json_syntax"),
        ):
            change = {"credential": altered.decode()}
            propose = body.application.propose_change
            assert code_of(lambda p=propose, c=change: p(body.ana, "hand_in_accreditation", c)) == code
        assert (
            code_of(lambda: body.application.hand_in_accreditation(body.ana, "x" * 70_000))
            == "accreditation_too_large"
        )

    def test_T04_nobody_stands_above_himself(self, registry: DemoRegistry, body: OutsideBody) -> None:
        """A body below it accredits it back."""
        below = SoftSigner(5, did="did:web:agency.example")
        scope = replace(ISSUE, action=Action.ACCREDIT)
        body.accredit(below.did, START, scopes=(scope,), provider_name="Agency")
        organisation = registry.application.create_organisation(
            kind="national_body",
            slug="a",
            name="Agency",
            country="PH",
            did=below.did,
            actor=registry.operator,
        )
        key = RegisteredKey(below.verification_method, below.public_key.to_multikey(), BEFORE)
        registry.application.record_known_key(body.ana, below.did, key)
        agency = replace(body.ana, organisation=organisation)
        unsigned = body.accreditation(DID, START, body_did=below.did, scopes=(scope,), provider_name=NAME)
        credential = sign(unsigned, below, created=START).decode()
        hand_in = registry.application.hand_in_accreditation
        assert code_of(lambda: hand_in(agency, credential)) == "accreditation_loop"
        unsigned = body.accreditation(SCHOOL, START, body_did=below.did)
        taken = hand_in(agency, sign(unsigned, below, created=START).decode())
        assert taken.body_did == below.did
        prepared = body.prepare()
        assert prepared.statements == 2, "what is below the body is in its branch"
        assert body.sign_branch(prepared, START)

    def test_whose_keys_are_here_signs_here(self, registry: DemoRegistry, body: OutsideBody) -> None:
        credential = sign(body.accreditation(SCHOOL, START), body.signer, created=START).decode()
        hand_in = registry.application.hand_in_accreditation
        assert code_of(lambda: hand_in(registry.body, credential)) == "keys_kept_here"
        assert code_of(lambda: hand_in(registry.provider, credential)) == "not_permitted"

    def test_the_body_signs_on_its_own_machine(self, body: OutsideBody) -> None:
        holder = BodyHolder(body.keys)
        order = {
            "body_name": NAME,
            "verification_method": body.signer.verification_method,
            "multikey": body.signer.public_key.to_multikey(),
            "at": START,
        }
        request = AccreditationRequest(SCHOOL, "School", ISSUE, START)
        credential = holder.sign_accreditation(request, **order).decode()
        assert body.application.hand_in_accreditation(body.ana, credential).provider_did == SCHOOL
        unknown = {**order, "verification_method": f"{DID}#key-7"}
        assert code_of(lambda: holder.sign_accreditation(request, **unknown)) == "no_branch_key"
        wide = replace(request, scope=replace(ISSUE, countries=("Kenya",)))
        assert code_of(lambda: holder.sign_accreditation(wide, **order)) == "invalid_country"


def changed(signed: bytes, change: Callable[[Any], None], signer: SoftSigner | None) -> bytes:
    """Metadata with something changed, and signed again."""
    metadata = Metadata[Targets].from_bytes(signed)
    change(metadata.signed)
    if signer is not None:
        metadata.sign(RegistrySigner(signer))
    return metadata.to_bytes()


class TestBranch:
    def test_handed_in_by_two_people(
        self, registry: DemoRegistry, body: OutsideBody, storage: InMemoryStorage
    ) -> None:
        body.accredit(SCHOOL, START)
        prepared = body.prepare()
        assert (prepared.header.version, prepared.statements) == (1, 1)
        assert registry.application.prepare_branch(registry.operator, DID).package == prepared.package
        signed = body.sign_branch(prepared, START)
        proposal = body.propose_branch(signed)
        approve = registry.application.decide_proposal.approve
        assert code_of(lambda: approve(body.ana, proposal.id, sha256=proposal.sha256)) == "own_proposal"
        assert body.approve(proposal).outcome == "version 1"
        with storage(writes=False) as unit:
            kept = unit.branches.find_latest(DID)
            log = list(unit.registry_log.stream_entries())
        assert kept is not None
        assert (kept.signed, kept.recorded_by, kept.signed_with) == (
            signed,
            "juma",
            body.signer.verification_method,
        )
        assert [entry.action for entry in log[-2:]] == ["branch_handed_in", "proposal_approved"]
        assert registry.application.compare_registry_tables().faults == ()
        body.signed = signed
        assert body.prepare().header.version == 2

    def test_for_the_body_and_the_operator_only(self, registry: DemoRegistry, body: OutsideBody) -> None:
        prepare, inside = registry.application.prepare_branch, registry.body.organisation.did
        assert code_of(lambda: prepare(registry.body, DID)) == "not_found"
        assert code_of(lambda: prepare(registry.provider, DID)) == "not_permitted"
        assert code_of(lambda: prepare(registry.operator, SCHOOL)) == "not_found"
        assert code_of(lambda: prepare(registry.body, inside)) == "keys_kept_here"
        signed = body.sign_branch(body.prepare(), START)
        hand_in = registry.application.hand_in_branch
        assert code_of(lambda: hand_in(registry.body, DID, signed)) == "not_found"
        assert code_of(lambda: hand_in(body.ana, inside, signed)) == "not_found"
        assert code_of(lambda: hand_in(registry.operator, DID, signed)) == "not_permitted"
        assert code_of(lambda: hand_in(registry.body, inside, signed)) == "keys_kept_here"

    def test_refused(
        self, registry: DemoRegistry, body: OutsideBody, storage: InMemoryStorage, clock: FixedClock
    ) -> None:
        body.accredit(SCHOOL, START)
        first = body.hand_in_branch(START)
        prepared = body.prepare()
        signed = body.sign_branch(prepared, START)
        metadata = parse_package(prepared.package).metadata
        thief = SoftSigner(66, did=DID)

        def resigned(change: Callable[[Any], None]) -> bytes:
            return changed(signed, change, body.signer)

        def add_target(targets: Targets) -> None:
            targets.targets["bodies.json"] = next(iter(targets.targets.values()))

        def add_custom(targets: Targets) -> None:
            next(iter(targets.targets.values())).unrecognized_fields["custom"] = {"x": 1}

        two = Metadata[Targets].from_bytes(signed)
        two.sign(RegistrySigner(thief), append=True)
        snapshot = Metadata(Snapshot(version=2, expires=START + timedelta(days=9)))
        snapshot.sign(RegistrySigner(body.signer))
        beside = json.dumps({**json.loads(signed), "beside": 1}).encode()
        twice = signed.replace(b'"signatures"', b'"signed": {}, "signatures"', 1)
        for content, code in (
            (first, "branch_rolled_back"),
            (resigned(lambda targets: setattr(targets, "version", 1)), "branch_rolled_back"),
            (resigned(lambda targets: setattr(targets, "version", 3)), "branch_version"),
            (resigned(lambda targets: setattr(targets, "version", 2**63 - 1)), "branch_version"),
            (resigned(lambda targets: setattr(targets, "expires", START)), "branch_expired"),
            (
                resigned(lambda targets: setattr(targets, "expires", START + timedelta(days=92))),
                "branch_lifetime",
            ),
            (metadata, "branch_not_signed"),
            (sign_branch(metadata, thief), "branch_not_signed"),
            (two.to_bytes(), "branch_not_signed"),
            (signed.replace(b'"version": 2', b'"version":  2'), None),
            (resigned(lambda targets: setattr(targets, "spec_version", "1.0.99")), None),
            (resigned(lambda targets: setattr(targets, "spec_version", "2.0.0")), "invalid_branch"),
            (resigned(add_target), "branch_outdated"),
            (resigned(add_custom), "branch_outdated"),
            (resigned(lambda targets: targets.unrecognized_fields.update({"x": 1})), "branch_outdated"),
            (snapshot.to_bytes(), "invalid_branch"),
            (beside, "invalid_branch"),
            (twice, "duplicate_member"),
            (b"{}", "invalid_branch"),
            (b" " * 20_000, "invalid_branch"),
        ):
            if code is None:  # other bytes that say the same: kept as they are
                with storage(writes=False) as unit:
                    kept = registry.application.hand_in_branch.check(unit, body.ana, DID, content)
                assert kept.signed == content
            else:
                assert code_of(lambda c=content: body.application.hand_in_branch(body.ana, DID, c)) == code
        proposal = body.propose_branch(signed)
        body.accredit(COLLEGE, START)
        assert code_of(lambda: body.approve(proposal)) == "branch_outdated", "by now there is more to say"
        retired = RegisteredKey(
            body.signer.verification_method, body.signer.public_key.to_multikey(), BEFORE, clock.now()
        )
        registry.application.record_known_key(registry.operator, DID, retired)
        assert code_of(lambda: body.propose_branch(signed)) == "branch_not_signed"

    def test_alone_only_where_one_may(
        self, body: OutsideBody, storage: InMemoryStorage, clock: FixedClock
    ) -> None:
        signed = body.sign_branch(body.prepare(), START)
        strict = open_in_memory_application(storage=storage, clock=clock, registry_four_eyes=True)
        assert code_of(lambda: strict.hand_in_branch(body.ana, DID, signed)) == "four_eyes_required"
        assert body.application.hand_in_branch(body.ana, DID, signed).version == 1


class TestSigning:
    """On the body's own machine nothing of what comes in is believed."""

    def test_another_than_was_agreed_on(self, body: OutsideBody) -> None:
        body.accredit(SCHOOL, START)
        prepared = body.prepare()
        for changes, code in (
            ({"body_did": SCHOOL}, "foreign_branch"),
            ({"sha256": "0" * 64}, "branch_changed"),
            ({"at": START + timedelta(days=91)}, "branch_expired"),
            ({"at": START - timedelta(days=2)}, "branch_lifetime"),
        ):
            assert code_of(lambda c=changes: body.sign_branch(prepared, **{"at": START, **c})) == code
        body.keys = InMemoryKeyManager()
        assert code_of(lambda: body.sign_branch(prepared, START)) == "no_branch_key"

    def test_T05_versions_follow_one_another(self, body: OutsideBody) -> None:
        body.accredit(SCHOOL, START)
        first = body.hand_in_branch(START)
        prepared = body.prepare()
        assert code_of(lambda: body.sign_branch(prepared, START, before=None)) == "branch_version"
        second = body.sign_branch(prepared, START)
        assert code_of(lambda: body.sign_branch(prepared, START, before=second)) == "branch_version"
        foreign = first.replace(b"body-", b"bode-")
        assert code_of(lambda: body.sign_branch(prepared, START, before=foreign)) == "invalid_branch"

    def test_T09_what_is_in_it(self, body: OutsideBody, registry: DemoRegistry) -> None:
        """Each of these is a package that the operator's machine could send, with metadata that fit."""
        body.accredit(SCHOOL, START)
        package = parse_package(body.prepare().package)
        statements, credentials = package.files.statements, package.files.credentials
        thief = SoftSigner(66, did=DID)
        forged = sign(body.accreditation(SCHOOL, START), thief, created=START)
        other = json.loads(statements)
        other["statements"][0][1] = registry.body.organisation.did
        wider = statements.replace(b'"jurisdiction":["PH"],', b"")
        assert wider != statements
        foreign_key = json.loads(statements)
        foreign_key["keys"][SCHOOL + "x"] = []

        def with_length(content: bytes) -> bytes:
            value = json.loads(statements)
            value["statements"][0][9] = len(content)
            return json.dumps(value).encode()

        for files, code in (
            (BranchFiles(json.dumps(other).encode(), credentials), "foreign_statement"),
            (BranchFiles(json.dumps(foreign_key).encode(), credentials), "foreign_statement"),
            (BranchFiles(wider, credentials), "statement_differs"),
            (BranchFiles(statements, credentials + b"\n{}"), "credentials_differ"),
            (BranchFiles(statements, credentials[:-1]), "credentials_differ"),
            (BranchFiles(with_length(forged), forged), "key_not_in_document"),
            (BranchFiles(with_length(b"{}"), b"{}"), "proof_missing"),
            (BranchFiles(with_length(b"{"), b"{"), "json_syntax"),
        ):
            header = body.prepare().header
            build = body.application.prepare_branch.branch_format.build
            metadata = build(DID, files, version=1, expires=header.expires)
            altered = encode_package(replace(package, metadata=metadata, files=files))
            sha256 = body.application.prepare_branch.branch_format.read(metadata).sha256
            sent = replace(body.prepare(), package=altered)
            assert code_of(lambda s=sent, d=sha256: body.sign_branch(s, START, sha256=d)) == code

    def test_metadata_that_are_about_something_else(self, body: OutsideBody) -> None:
        body.accredit(SCHOOL, START)
        prepared = body.prepare()
        package = parse_package(prepared.package)
        signed = body.sign_branch(prepared, START)
        more = changed(package.metadata, lambda targets: setattr(targets, "version", 1), None)
        sent = replace(prepared, package=encode_package(replace(package, metadata=more)))
        assert body.sign_branch(sent, START) == signed
        for metadata in (
            signed,
            changed(package.metadata, lambda targets: targets.targets.popitem(), None),
            changed(package.metadata, lambda targets: targets.unrecognized_fields.update({"x": 1}), None),
        ):
            sent = replace(prepared, package=encode_package(replace(package, metadata=metadata)))
            assert code_of(lambda s=sent: body.sign_branch(s, START)) == "invalid_branch"
        for content, code in (
            (b"{}", "invalid_branch"),
            (prepared.package.replace(b"to-sign-1", b"to-sign-9"), "invalid_branch"),
            (b"[]", "not_an_object"),
        ):
            assert code_of(lambda c=content: parse_package(c)) == code

    def test_the_branch_that_is_shown_is_the_one_that_is_signed(self, body: OutsideBody) -> None:
        body.accredit(SCHOOL, START)
        package = parse_package(body.prepare().package)
        (statement,) = parse_branch(package.files.statements, body_did=DID).statements
        assert statement.edge.statement.provider_did == SCHOOL
        assert package.files.credentials == sign(
            body.accreditation(SCHOOL, START), body.signer, created=START
        )
