"""Imports whose signature leads to an enrolled body: accreditations in the shape of EBSI that count, and lists of which
it is told and that count for nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from skillcred.errors import SkillcredError
from skillcred.model.datetimes import format_instant
from skillcred.profiles import PROFILES
from skillcred.securing.jose.envelope import build_header, build_signing_input, encode_compact_jws
from skillcred.services.import_listed_bodies import ListFormat
from skillcred.services.records import Organisation
from skillcred.services.registry_entries import EntryKind
from skillcred.services.search_registry import RegistrySearch
from skillcred.services.trusted_entities_list import write_trusted_list
from skillcred.trust import RegisteredKey
from skillcred.verification.bundle import replay_bundle
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import START, FixedClock, InMemoryStorage
from worlds.outside_body import DID, OutsideBody, enrol_outside_body
from worlds.pure_world import PureWorld, SoftSigner, example_claims, sign

SCHOOL = "did:web:school.example"
BEFORE = START - timedelta(days=30)
PHL, FIN = (f"http://publications.europa.eu/resource/authority/country/{code}" for code in ("PHL", "FIN"))
TRAINING = {
    "schemaId": PROFILES["training"].schema_id,
    "types": ["VerifiableCredential", "TrainingCredential"],
    "limitJurisdiction": PHL,
}
TO_ATTEST, TO_ACCREDIT = "VerifiableAccreditationToAttest", "VerifiableAccreditationToAccredit"


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage()


@pytest.fixture
def registry(storage: InMemoryStorage) -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(storage=storage, clock=FixedClock()))


@pytest.fixture
def body(registry: DemoRegistry) -> OutsideBody:
    return enrol_outside_body(registry, BEFORE)


def document(*permissions: object, kind: str = TO_ATTEST, **changes: object) -> dict[str, Any]:
    """An accreditation of the VCDM 2.0 line."""
    members = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:example:ebsi-1",
        "type": ["VerifiableCredential", "VerifiableAttestation", kind],
        "issuer": DID,
        "validFrom": format_instant(BEFORE),
        "credentialSubject": {"id": SCHOOL, "accreditedFor": list(permissions or (TRAINING,))},
        "termsOfUse": {"id": "https://tir.example/attributes/9", "type": "IssuanceCertificate"},
        **changes,
    }
    return {name: value for name, value in members.items() if value is not None}


def token(payload: dict[str, Any], signer: SoftSigner, typ: str = "vc+jwt") -> bytes:
    header = build_header(signer.public_key.algorithm, typ=typ, kid=signer.verification_method)
    to_sign = build_signing_input(header, json.dumps(payload).encode())
    return encode_compact_jws(to_sign, signer.sign(to_sign))


def legacy(signer: SoftSigner, **changes: object) -> bytes:
    """The same in the JWT of VCDM 1.1."""
    inner = document(**changes)
    inner["@context"] = ["https://www.w3.org/2018/credentials/v1"]
    inner["issuanceDate"] = inner.pop("validFrom")
    return token({"iss": DID, "vc": inner, "exp": int(START.timestamp()) + 10_000_000}, signer, "JWT")


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(SkillcredError) as fault:
        act()
    return fault.value.code


class TestAccreditation:
    def preview(self, registry: DemoRegistry, content: bytes) -> Any:
        service = registry.application.import_listed_bodies
        return service.preview(registry.operator, content, ListFormat.EBSI, "ebsi")

    @pytest.mark.parametrize("form", ["vc+jwt", "VCDM 1.1", "embedded"])
    def test_counts_as_its_body_signed_it_once_two_people_agreed(
        self, registry: DemoRegistry, body: OutsideBody, form: str
    ) -> None:
        application = registry.application
        school = SoftSigner(4)
        subject = {"id": school.did, "accreditedFor": [TRAINING]}
        content = {
            "vc+jwt": lambda: token(document(credentialSubject=subject), body.signer),
            "VCDM 1.1": lambda: legacy(body.signer, credentialSubject=subject),
            "embedded": lambda: sign(
                document(credentialSubject=subject), body.signer, "eddsa-jcs-2022", BEFORE
            ),
        }[form]()
        plan = self.preview(registry, content)
        assert (plan.new, plan.problems) == ((), ())
        assert (plan.accreditation.body_did, plan.accreditation.provider_did) == (DID, school.did)
        confirm = application.import_listed_bodies.confirm
        wrong = lambda: confirm(registry.operator, content, ListFormat.EBSI, "ebsi", "0" * 64)  # noqa: E731
        assert code_of(wrong) == "list_not_as_previewed"
        proposal = confirm(registry.operator, content, ListFormat.EBSI, "ebsi", plan.digest).proposal
        assert application.list_listed_bodies() == []
        assert len(application.list_accreditations()) == 1, "it is only proposed so far"
        approve = application.decide_proposal.approve
        assert (
            code_of(lambda: approve(registry.operator, proposal.id, sha256=proposal.sha256)) == "own_proposal"
        )
        colleague = replace(registry.operator, api_key_id="colleague")
        identifier = approve(colleague, proposal.id, sha256=proposal.sha256).outcome
        kept = application.get_accreditation(identifier).accreditation
        assert kept.content == content
        history = application.get_registry_entry(school.did)
        (statement,) = history.statements
        assert statement.scopes[0].countries == ("PH",)
        assert application.compare_registry_tables().faults == ()
        assert body.sign_branch(body.prepare(), START), "the body finds its own signature in its branch"

    def test_one_that_it_accredited_may_accredit_in_turn_and_no_more(
        self, registry: DemoRegistry, body: OutsideBody
    ) -> None:
        agency = SoftSigner(5, did="did:web:agency.example")
        subject = {"id": agency.did, "accreditedFor": [TRAINING]}
        first = token(document(kind=TO_ACCREDIT, credentialSubject=subject), body.signer).decode()
        assert registry.application.hand_in_accreditation(registry.operator, first).provider_did == agency.did
        key = RegisteredKey(agency.verification_method, agency.public_key.to_multikey(), BEFORE)
        registry.application.record_known_key(registry.operator, agency.did, key)
        by_agency = {"issuer": agency.did, "id": "urn:example:2"}
        plan = self.preview(registry, token(document(**by_agency), agency))
        assert plan.accreditation.body_did == agency.did
        elsewhere = {**TRAINING, "limitJurisdiction": FIN}
        (problem,) = self.preview(registry, token(document(elsewhere, **by_agency), agency)).problems
        assert problem.code == "scope_too_wide"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"permissions": [{**TRAINING, "limitJurisdiction": FIN}]}, "scope_too_wide"),
            ({"permissions": [{name: TRAINING[name] for name in ("schemaId", "types")}]}, "scope_too_wide"),
            ({"permissions": [{**TRAINING, "schemaId": "https://schemas.example/x"}]}, "schema_unknown"),
            ({"permissions": [{**TRAINING, "types": ["VerifiableCredential"]}]}, "type_unknown"),
            ({"permissions": [{**TRAINING, "types": [*TRAINING["types"], "Diploma"]}]}, "type_unknown"),
            ({"permissions": [{**TRAINING, "limitJurisdiction": "PH"}]}, "jurisdiction_unknown"),
            (
                {"permissions": [{**TRAINING, "limitJurisdiction": PHL.replace("country", "atu") + "_NCR"}]},
                "jurisdiction_unknown",
            ),
            ({"permissions": [{**TRAINING, "limitLevel": 4}]}, "limit_unknown"),
            ({"permissions": [TRAINING, 7]}, "limit_unknown"),
            ({"permissions": [TRAINING] * 21}, "invalid_accreditation"),
            ({"kind": "VerifiableTrustModel"}, "action_unknown"),
            ({"type": ["VerifiableCredential", TO_ATTEST, TO_ACCREDIT]}, "action_unknown"),
            ({"termsOfUse": {"id": "https://x.example/", "type": "Obligation"}}, "limit_unknown"),
            ({"credentialSubject": [{"id": SCHOOL}, {"id": DID}]}, "several_subjects"),
            ({"credentialSubject": {"id": SCHOOL, "only": "nurses"}}, "limit_unknown"),
            ({"credentialSubject": {"id": SCHOOL}}, "invalid_accreditation"),
            ({"id": None}, "invalid_accreditation"),
            ({"exp": 2_000_000_000}, "proof_runs_out"),
            (
                {
                    "credentialStatus": {
                        "type": "BitstringStatusListEntry",
                        "statusPurpose": "revocation",
                        "statusListIndex": "1",
                        "statusListCredential": "https://ministry.example/status/1",
                    }
                },
                "accreditation_has_status",
            ),
        ],
    )
    def test_what_cannot_be_said_here_is_refused_and_never_left_out(
        self, registry: DemoRegistry, body: OutsideBody, changes: dict[str, Any], code: str
    ) -> None:
        parts = dict(changes)
        content = token(document(*parts.pop("permissions", ()), **parts), body.signer)
        plan = self.preview(registry, content)
        assert ([(p.row, p.code) for p in plan.problems], plan.accreditation) == ([(1, code)], None)
        confirm = registry.application.import_listed_bodies.confirm
        refused = lambda: confirm(registry.operator, content, ListFormat.EBSI, "ebsi", plan.digest)  # noqa: E731
        assert code_of(refused) == "list_has_faults"

    def test_not_by_a_recorded_active_key_it_is_listed_as_ever(
        self, registry: DemoRegistry, body: OutsideBody
    ) -> None:
        thief, stranger = SoftSigner(66, did=DID), SoftSigner(7, did="did:web:other.example")
        for content in (token(document(), thief), json.dumps(document()).encode()):
            plan = self.preview(registry, content)
            assert (len(plan.new), plan.accreditation) == (1, None)
            assert "counts for nothing" in plan.notes[0]
        plan = self.preview(registry, token(document(issuer=stranger.did), stranger))
        assert (len(plan.new), plan.accreditation) == (1, None)
        assert "may accredit here" not in plan.notes[0]
        hand_in = registry.application.hand_in_accreditation
        forged = token(document(), thief).decode()
        assert code_of(lambda: hand_in(registry.operator, forged)) == "key_not_in_document"
        foreign = token(document(issuer=stranger.did), stranger).decode()
        assert code_of(lambda: hand_in(registry.operator, foreign)) == "key_not_in_document"

    def test_a_body_that_was_suspended_passes_nothing_on(
        self, registry: DemoRegistry, body: OutsideBody
    ) -> None:
        registry.application.change_enrolment(
            registry.operator, DID, kind="suspended", effective_at=START, reason="Inquiry."
        )
        plan = self.preview(registry, token(document(), body.signer))
        assert (len(plan.new), plan.accreditation) == (1, None)

    def test_a_verdict_rests_on_it_and_can_be_replayed(
        self, registry: DemoRegistry, body: OutsideBody
    ) -> None:
        """The evidence has the token as it came, and the pure function reads its scope."""
        application, school = registry.application, SoftSigner(4)
        credential = award(school)
        assert application.verify_document(credential).report.reason == "issuer_not_recognised"
        content = token(
            document(credentialSubject={"id": school.did, "accreditedFor": [TRAINING]}), body.signer
        )
        identifier = application.hand_in_accreditation(registry.operator, content.decode()).id
        found = application.verify_document(credential)
        assert (found.report.verdict, found.report.reason) == ("valid", "issuer_authorised")
        abroad = application.verify_document(award(school, "KE")).report
        assert abroad.reason == "issuer_not_authorised", "the country in the token limits it"
        bundle = found.bundle()
        assert replay_bundle(bundle).reason == "issuer_authorised"
        application.change_accreditation(
            body.ana, identifier, kind="suspended", effective_at=START, reason="Inspection."
        )
        assert application.verify_document(credential).report.reason == "issuer_not_authorised"
        assert replay_bundle(bundle).reason == "issuer_authorised"


def test_whoever_reads_the_registry_reads_a_token_like_any_other_accreditation(
    registry: DemoRegistry, body: OutsideBody
) -> None:
    application = registry.application
    content = token(document(), body.signer)
    identifier = application.hand_in_accreditation(registry.operator, content.decode()).id
    question = {
        "entity_id": SCHOOL,
        "authority_id": DID,
        "action": "issue",
        "resource": "training",
        "context": {"country": "PH"},
    }
    with TestClient(create_app(application)) as client:
        school, accreditation = quote(SCHOOL, safe=":"), quote(identifier, safe="")
        shown = client.get(f"/v1/registry/accreditations/{accreditation}").json()
        assert shown["credential"]["credentialSubject"]["id"] == SCHOOL
        for path in (f"/v1/registry/entries/{school}", f"/v1/registry/linked-data/{school}"):
            assert client.get(path).status_code == 200
        for path in (f"/registry/providers/{school}", f"/registry/bodies/{DID}"):
            answer = client.get(path)
            assert (answer.status_code, SCHOOL in answer.text) == (200, True)
        assert client.post("/authorization", json=question).json()["authorized"] is True
        question["context"] = {"country": "KE"}
        assert client.post("/authorization", json=question).json()["authorized"] is False


def award(school: SoftSigner, country: str = "PH") -> bytes:
    """A credential of training, awarded at START."""
    claims = example_claims("training")
    claims["countryOfAward"] = country
    claims["awardedDate"] = claims["validFrom"] = format_instant(START)
    return PureWorld("training", claims, provider=school).credential(created=START)


class TestList:
    def entries(self, body: OutsideBody, storage: InMemoryStorage, signer: SoftSigner) -> bytes:
        with storage(writes=False) as unit:
            bodies = unit.registry.list_bodies()
        scheme: Organisation = body.ana.organisation
        return write_trusted_list(scheme, bodies, "https://ministry.example", signer, START)

    def test_listed_by_an_enrolled_body_is_a_fact_and_no_trust(
        self, registry: DemoRegistry, body: OutsideBody, storage: InMemoryStorage
    ) -> None:
        application = registry.application
        content = self.entries(body, storage, body.signer)
        service = application.import_listed_bodies
        plan = service.preview(registry.operator, content, ListFormat.LOTE, "list")
        assert {entry.listed_by for entry in plan.new} == {DID}
        assert f"Signed by {DID}, which is enrolled here" in plan.notes[-1]
        service.confirm(registry.operator, content, ListFormat.LOTE, "list", plan.digest)
        found = application.search_registry(RegistrySearch(kind=EntryKind.LISTED)).entries
        assert {entry.listed_by for entry in found} == {DID}
        assert all("gives no trust" in (entry.note or "") for entry in found)
        assert len(application.list_accreditations()) == 1
        thief = SoftSigner(66, did=DID)
        forged = self.entries(body, storage, thief)
        act = lambda **given: service.preview(registry.operator, forged, ListFormat.LOTE, "list", **given)  # noqa: E731
        assert code_of(act) == "list_key_missing"
        assert {entry.listed_by for entry in act(key=thief.public_key).changed} == {None}
        other = SoftSigner(1, did="did:web:other.example")
        renamed = self.entries(body, storage, other)
        plan = service.preview(registry.operator, renamed, ListFormat.LOTE, "list", other.public_key)
        assert {entry.listed_by for entry in plan.changed} == {None}, "the same key under another name"
