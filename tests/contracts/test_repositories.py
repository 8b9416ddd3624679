"""What every storage promises, run over the fake, SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from skillcred.errors import ConflictError, InputError, IntegrityError, NotFoundError
from skillcred.services.accredited_ports import Accredited
from skillcred.services.ports import Hold, UnitOfWorkFactory
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    AccreditationEventKind,
    ApiKey,
    AuditEntry,
    BodyEvent,
    CredentialCopy,
    Issuance,
    IssuancePurpose,
    IssuanceState,
    KeyState,
    KnownKey,
    NationalBody,
    Organisation,
    OrganisationKind,
    Role,
    SigningKey,
    StoredCredential,
)
from skillcred.trust import AccreditationScope, Action, RegisteredKey, Succession

T0 = datetime(2026, 6, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)
CONTENT = b'{"b": 1, "a": "\\u0000", "a": 2}\n'
"""Bytes that a JSON column would not give back."""


def organisation(name: str = "School", *, slug: str | None = None, **changes: object) -> Organisation:
    slug = slug or name.lower()
    return replace(
        Organisation(
            id=f"id-{slug}",
            kind=OrganisationKind.PROVIDER,
            slug=slug,
            did=f"did:web:example.org:issuers:{slug}",
            name=name,
            country="PH",
            created_at=T0,
        ),
        **changes,
    )


SCHOOL = organisation()
OTHER = organisation("Academy")
KEY = SigningKey(f"{SCHOOL.did}#key-1", SCHOOL.id, "Ed25519", "z6MkKey", KeyState.ACTIVE, T0)
BODY = NationalBody("did:web:body.example", "Board of Skills", "PH", T0, website="https://body.example")
ISSUANCE = Issuance(
    id="issuance-1",
    organisation_id=SCHOOL.id,
    purpose=IssuancePurpose.CREDENTIAL,
    idempotency_key="key-1",
    request_sha256="ab" * 32,
    credential_id="https://example.org/v1/credentials/1",
    profile="training",
    profile_sha256="cd" * 32,
    mechanism="eddsa-rdfc-2022",
    key_id=KEY.id,
    prepared=CONTENT,
    to_be_signed_sha256="ef" * 32,
    state=IssuanceState.RESERVED,
    reserved_at=T0,
    lease_until=T0 + HOUR,
    actor="0123",
)
CREDENTIAL = StoredCredential(
    ISSUANCE.credential_id, ISSUANCE.id, SCHOOL.id, CONTENT, "application/vc", "01" * 32, T0
)
ACCREDITATION = Accreditation(
    "https://example.org/v1/registry/accreditations/1",
    BODY.did,
    SCHOOL.did,
    CONTENT,
    "application/vc",
    T0,
    T0 + HOUR,
    T0,
)
EVENT = AccreditationEvent(
    "event-1", ACCREDITATION.id, AccreditationEventKind.SUSPENDED, T0, T0, "audit pending", "0123"
)
API_KEY = ApiKey("0123", SCHOOL.id, Role.ISSUER, "23" * 32, "front desk", T0)


@pytest.fixture
def filled(units: UnitOfWorkFactory) -> UnitOfWorkFactory:
    """With two organisations, a key, a body, a reservation, an accreditation and an API key."""
    with units(writes=True) as unit:
        unit.organisations.add(SCHOOL)
        unit.organisations.add(OTHER)
        unit.signing_keys.add(KEY)
        unit.registry.add_body(BODY)
        unit.registry.add_accreditation(ACCREDITATION)
        unit.issuances.reserve(ISSUANCE)
        unit.api_keys.add(API_KEY)
        unit.commit()
    return units


class TestUnitOfWork:
    def test_what_is_not_committed_is_undone(self, units: UnitOfWorkFactory) -> None:
        with units(writes=True) as unit:
            unit.organisations.add(SCHOOL)
        with units(writes=False) as unit:
            assert unit.organisations.list_all() == []

    def test_what_raises_is_undone(self, units: UnitOfWorkFactory) -> None:
        def work() -> None:
            with units(writes=True) as unit:
                unit.organisations.add(SCHOOL)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            work()
        with units(writes=True) as unit:
            unit.organisations.add(SCHOOL)
            unit.commit()

    def test_reading_unit_does_not_commit(self, units: UnitOfWorkFactory) -> None:
        with units(writes=False) as unit, pytest.raises(IntegrityError) as fault:
            unit.commit()
        assert fault.value.code == "read_only_unit"

    def test_reading_unit_sees_one_state(self, filled: UnitOfWorkFactory) -> None:
        with filled(writes=False) as reading:
            before = reading.registry.list_events(ACCREDITATION.id)
            with filled(writes=True) as writing:
                writing.registry.add_event(EVENT)
                writing.commit()
            assert reading.registry.list_events(ACCREDITATION.id) == before == []

    @pytest.mark.parametrize("text", ["nul\0byte", "half \ud800 letter"], ids=["M21-nul", "M21-surrogate"])
    def test_text_that_no_database_keeps_is_refused(self, units: UnitOfWorkFactory, text: str) -> None:
        with pytest.raises(InputError) as fault, units(writes=True) as unit:
            unit.organisations.add(organisation(text, slug="nul"))
        assert fault.value.code == "text_not_storable"


class TestOrganisations:
    def test_comes_back_as_it_went_in(self, filled: UnitOfWorkFactory) -> None:
        with filled(writes=False) as unit:
            assert unit.organisations.get(SCHOOL.id) == SCHOOL
            assert unit.organisations.find_by_slug("school") == SCHOOL
            assert unit.organisations.find_by_did(SCHOOL.did) == SCHOOL
            assert unit.organisations.find_by_name("SCHO0L") == SCHOOL
            assert unit.organisations.list_all() == [SCHOOL, OTHER]
            assert unit.organisations.list_all(OrganisationKind.PROVIDER) == [SCHOOL, OTHER]
            assert unit.organisations.list_all(OrganisationKind.OPERATOR) == []

    def test_unknown(self, filled: UnitOfWorkFactory) -> None:
        with filled(writes=False) as unit:
            assert unit.organisations.find_by_slug("School") is None
            assert unit.organisations.find_by_did(SCHOOL.did.upper()) is None
            with pytest.raises(NotFoundError):
                unit.organisations.get("nobody")

    @pytest.mark.parametrize(
        ("second", "code"),
        [
            pytest.param(organisation("Third", slug="school"), "slug_taken", id="slug"),
            pytest.param(organisation("Third", did=SCHOOL.did), "did_taken", id="did"),
            pytest.param(organisation("Schооl", slug="third"), "name_taken", id="P-12-cyrillic-twin"),
            pytest.param(organisation("s c h o o l!", slug="third"), "name_taken", id="P-12-spaced-twin"),
            pytest.param(organisation("Third", id=SCHOOL.id), "already_recorded", id="id"),
        ],
    )
    def test_taken(self, filled: UnitOfWorkFactory, second: Organisation, code: str) -> None:
        with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
            unit.organisations.add(second)
        assert fault.value.code == code


class TestSigningKeys:
    def test_life_of_a_key(self, filled: UnitOfWorkFactory) -> None:
        retired = replace(KEY, state=KeyState.RETIRED, retired_at=T0 + HOUR, certificates=b"PEM")
        second = replace(KEY, id=f"{SCHOOL.did}#key-2", public_key_multibase="z6MkSecond")
        with filled(writes=True) as unit:
            assert unit.signing_keys.find_active(SCHOOL.id, "Ed25519", hold=Hold.EXCLUSIVE) == KEY
            unit.signing_keys.update(retired)
            unit.signing_keys.add(second)
            assert unit.signing_keys.find_active(SCHOOL.id, "Ed25519", hold=Hold.SHARED) == second
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.signing_keys.list_for(SCHOOL.id) == [retired, second]
            assert unit.signing_keys.list_for(OTHER.id) == []
            assert unit.signing_keys.find_active(SCHOOL.id, "P-256") is None

    @pytest.mark.parametrize(
        "second",
        [
            pytest.param(replace(KEY, state=KeyState.RETIRED), id="same-name"),
            pytest.param(replace(KEY, id=f"{SCHOOL.did}#key-2"), id="second-active-of-one-algorithm"),
        ],
    )
    def test_taken(self, filled: UnitOfWorkFactory, second: SigningKey) -> None:
        with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
            unit.signing_keys.add(second)
        assert fault.value.code == "signing_key_taken"

    @pytest.mark.parametrize(
        "key",
        [
            pytest.param(replace(KEY, id="did:web:no#key"), id="unknown"),
            pytest.param(replace(KEY, organisation_id=OTHER.id), id="W-25-of-another"),
        ],
    )
    def test_update_of_what_is_not_there(self, filled: UnitOfWorkFactory, key: SigningKey) -> None:
        with pytest.raises(NotFoundError), filled(writes=True) as unit:
            unit.signing_keys.update(key)


class TestRegistry:
    def test_comes_back_as_it_went_in(self, filled: UnitOfWorkFactory) -> None:
        later = replace(EVENT, id="event-2", kind=AccreditationEventKind.ENDED, recorded_at=T0 - HOUR)
        with filled(writes=True) as unit:
            unit.registry.add_event(EVENT)
            unit.registry.add_event(later)
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.registry.find_body(BODY.did) == BODY
            assert unit.registry.find_body("did:web:Body.example") is None
            assert unit.registry.find_body_by_name("Bоard of SkiIls") == BODY
            assert unit.registry.get_accreditation(ACCREDITATION.id) == ACCREDITATION
            assert unit.registry.list_events(ACCREDITATION.id) == [EVENT, later], "in order of recording"
            assert unit.registry.list_events("other") == []
            assert unit.registry.list_events() == [EVENT, later]

    def test_bodies_are_sorted_by_country_and_name(self, filled: UnitOfWorkFactory) -> None:
        names = [
            ("did:web:a.example", "Zeta", "KE"),
            ("did:web:b.example", "álpha", "KE"),
            ("did:web:c.example", "Beta", "KE"),
        ]
        with filled(writes=True) as unit:
            for did, name, country in names:
                unit.registry.add_body(NationalBody(did, name, country, T0))
            assert [body.name for body in unit.registry.list_bodies()] == [
                "Beta",
                "Zeta",
                "álpha",
                "Board of Skills",
            ]

    def test_accreditations_by_provider_and_body(self, filled: UnitOfWorkFactory) -> None:
        second = replace(ACCREDITATION, id="acc-2", provider_did=OTHER.did, valid_until=None)
        with filled(writes=True) as unit:
            unit.registry.add_accreditation(second)
            listed = unit.registry.list_accreditations
            assert listed() == listed(body_did=BODY.did) == [ACCREDITATION, second]
            assert listed(provider_did=OTHER.did, body_did=BODY.did) == [second]
            assert listed(provider_did=OTHER.did, body_did="did:web:no") == []

    def test_accreditations_by_what_the_name_of_the_provider_looks_like(
        self, filled: UnitOfWorkFactory
    ) -> None:
        named = [
            replace(
                ACCREDITATION,
                id=f"acc-{number}",
                content=json.dumps({"credentialSubject": said}).encode("utf-8"),
            )
            for number, said in enumerate(
                ({"name": "Harbour Colle\u0261e"}, {"name": "HARBOUR-college"}, {"name": "Another"}, {}, [])
            )
        ]
        signed = replace(ACCREDITATION, id="acc-jwt", content=b"ey.ey.x", media_type="application/vc+jwt")
        with filled(writes=True) as unit:
            for accreditation in (*named, signed):
                unit.registry.add_accreditation(accreditation)
            assert unit.registry.list_accreditations(like="Harbour College") == named[:2]
            assert unit.registry.list_accreditations(like="Harbour Colleges") == []

    def test_everybody_who_was_accredited_and_what_they_were_given(self, filled: UnitOfWorkFactory) -> None:
        again = replace(
            ACCREDITATION, id="acc-0", body_did="did:web:sub.example", recorded_at=T0 + HOUR, content=b"later"
        )
        other = replace(ACCREDITATION, id="acc-1", provider_did="did:web:elsewhere.example")
        with filled(writes=True) as unit:
            for accreditation in (other, again):
                unit.registry.add_accreditation(accreditation)
            unit.commit()
        school = Accredited(SCHOOL.did, T0, "acc-0", "did:web:sub.example")
        elsewhere = Accredited("did:web:elsewhere.example", T0, "acc-1", BODY.did)
        crowd = {f"did:web:{number}.example" for number in range(1500)}  # more than one query names
        with filled(writes=False) as unit:
            registry = unit.registry
            assert registry.list_accredited() == [school, elsewhere], "the latest by recording, not by id"
            assert registry.list_accredited(elsewhere.did) == [elsewhere]
            assert registry.list_accredited("did:web:no") == registry.list_accredited(OTHER.did) == []
            asked = crowd | {SCHOOL.did, OTHER.did}
            assert registry.list_accreditors(asked) == {SCHOOL.did: {BODY.did, "did:web:sub.example"}}
            received = registry.list_received(asked, limit=3)
            assert sorted(received) == [(SCHOOL.did, "acc-0"), (SCHOOL.did, ACCREDITATION.id)]
            assert len(registry.list_received(asked, limit=1)) == 1
            contents = registry.list_contents(crowd | {ACCREDITATION.id, "acc-0"})
            assert contents == {ACCREDITATION.id: CONTENT, "acc-0": b"later"}
            assert registry.list_accreditors(()) == registry.list_contents(()) == {}
            assert registry.list_received((), limit=1) == []

    def test_scopes_and_events_of_bodies_come_back(self, filled: UnitOfWorkFactory) -> None:
        scope = AccreditationScope(("qualification",), ("09",), countries=("PH",), action=Action.ACCREDIT)
        body = NationalBody(
            "did:web:c.example", "Commission", "PH", T0, scopes=(scope,), ceremony_sha256="ab" * 32
        )
        heir = Succession("merger", "did:web:heir.example", "Heir")
        events = [
            BodyEvent(f"b-{n}", body.did, kind, T0, T0, "reason", "operator", heir if n else None)
            for n, kind in enumerate((AccreditationEventKind.SUSPENDED, AccreditationEventKind.SUCCEEDED))
        ]
        with filled(writes=True) as unit:
            unit.registry.add_body(body)
            for event in events:
                unit.registry.add_body_event(event)
            unit.registry.add_event(replace(EVENT, id="e-9", successor=heir))
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.registry.find_body(body.did) == body
            assert unit.registry.list_body_events(body.did) == events
            assert unit.registry.list_body_events(BODY.did) == []
            assert unit.registry.list_events(ACCREDITATION.id)[-1].successor == heir
        with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
            unit.registry.add_body_event(events[0])
        assert fault.value.code == "event_taken"

    def test_known_keys_keep_their_public_part(self, filled: UnitOfWorkFactory) -> None:
        key = RegisteredKey("did:web:s.example#key-1", "z6Mk", T0)
        retired = replace(key, retired_at=T0 + timedelta(days=1))
        with filled(writes=True) as unit:
            unit.registry.put_known_key(KnownKey("did:web:s.example", key, T0, "operator"))
            unit.commit()
        with filled(writes=True) as unit:
            unit.registry.put_known_key(KnownKey("did:web:s.example", retired, T0, "other"))
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.registry.list_known_keys("did:web:s.example") == [
                KnownKey("did:web:s.example", retired, T0, "other")
            ]
            assert unit.registry.list_known_keys(SCHOOL.did) == []
            assert [known.key for known in unit.registry.list_known_keys()] == [retired]
        changed = replace(key, public_key_multibase="z6Mx")
        with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
            unit.registry.put_known_key(KnownKey("did:web:s.example", changed, T0, "operator"))
        assert fault.value.code == "key_conflict"

    def test_taken_and_unknown(self, filled: UnitOfWorkFactory) -> None:
        cases = [
            (lambda unit: unit.registry.add_body(replace(BODY, name="Other")), "did_taken"),
            (lambda unit: unit.registry.add_body(replace(BODY, did="did:web:x.example")), "name_taken"),
            (lambda unit: unit.registry.add_accreditation(ACCREDITATION), "accreditation_taken"),
        ]
        for act, code in cases:
            with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
                act(unit)
            assert fault.value.code == code
        with pytest.raises(NotFoundError), filled(writes=True) as unit:
            unit.registry.get_accreditation("unknown", hold=Hold.EXCLUSIVE)


class TestIssuances:
    def test_bytes_come_back_exactly(self, filled: UnitOfWorkFactory) -> None:
        with filled(writes=True) as unit:
            unit.issuances.store_credential(CREDENTIAL)
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.issuances.find(SCHOOL.id, "key-1") == ISSUANCE
            assert unit.issuances.find_credential(CREDENTIAL.credential_id) == CREDENTIAL
            assert unit.issuances.find_credential("unknown") is None
            assert unit.issuances.find_credential_by_sha256(CREDENTIAL.sha256) == CREDENTIAL
            assert unit.issuances.find_credential_by_sha256("0" * 64) is None

    def test_copies_are_found_by_their_bytes_too(self, filled: UnitOfWorkFactory) -> None:
        with_copy = replace(CREDENTIAL, copies=(CredentialCopy("copy-1", b"copy", "02" * 32),))
        with filled(writes=True) as unit:
            unit.issuances.store_credential(with_copy)
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.issuances.find_credential_by_sha256("02" * 32) == with_copy

    def test_documents_are_seen_for_the_first_time_once(self, filled: UnitOfWorkFactory) -> None:
        with filled(writes=True) as unit:
            unit.seen_documents.add("a" * 64, T0)
            unit.commit()
        with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
            unit.seen_documents.add("a" * 64, T0 + HOUR)
        assert fault.value.code == "already_recorded"
        with filled(writes=False) as unit:
            assert unit.seen_documents.find("a" * 64) == T0
            assert unit.seen_documents.find("b" * 64) is None

    def test_idempotency_keys_are_per_organisation(self, filled: UnitOfWorkFactory) -> None:
        key = replace(KEY, id=f"{OTHER.did}#key-1", organisation_id=OTHER.id)
        second = replace(
            ISSUANCE, id="issuance-2", organisation_id=OTHER.id, credential_id="other", key_id=key.id
        )
        with filled(writes=True) as unit:
            unit.signing_keys.add(key)
            unit.issuances.reserve(second)
            assert unit.issuances.find(OTHER.id, "key-1") == second
            assert unit.issuances.find(SCHOOL.id, "key-1") == ISSUANCE

    @pytest.mark.parametrize(
        "second",
        [
            pytest.param(replace(ISSUANCE, id="i-2", credential_id="other"), id="I4-idempotency-key"),
            pytest.param(replace(ISSUANCE, id="i-2", idempotency_key="other"), id="I3-credential-id"),
        ],
    )
    def test_taken(self, filled: UnitOfWorkFactory, second: Issuance) -> None:
        with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
            unit.issuances.reserve(second)
        assert fault.value.code == "issuance_taken"

    def test_void_frees_the_idempotency_key_and_burns_the_credential_id(
        self, filled: UnitOfWorkFactory
    ) -> None:
        with filled(writes=True) as unit:
            assert unit.issuances.set_state(ISSUANCE.id, IssuanceState.VOID, expected=IssuanceState.RESERVED)
            assert unit.issuances.find(SCHOOL.id, "key-1") is None
            again = replace(ISSUANCE, id="i-2", credential_id="https://example.org/v1/credentials/2")
            unit.issuances.reserve(again)
            unit.commit()
        with pytest.raises(ConflictError), filled(writes=True) as unit:
            unit.issuances.reserve(replace(ISSUANCE, id="i-3", idempotency_key="third"))

    def test_state_moves_once(self, filled: UnitOfWorkFactory) -> None:
        stored, reserved = IssuanceState.STORED, IssuanceState.RESERVED
        with filled(writes=True) as unit:
            assert unit.issuances.set_state(ISSUANCE.id, stored, expected=reserved)
            assert not unit.issuances.set_state(ISSUANCE.id, stored, expected=reserved)
            assert not unit.issuances.set_state("unknown", stored, expected=reserved)
            found = unit.issuances.find(SCHOOL.id, "key-1")
            assert found == replace(ISSUANCE, state=stored)

    def test_one_credential_for_one_issuance(self, filled: UnitOfWorkFactory) -> None:
        with filled(writes=True) as unit:
            unit.issuances.store_credential(CREDENTIAL)
            unit.commit()
        for second in (replace(CREDENTIAL, credential_id="other"), replace(CREDENTIAL, issuance_id="other")):
            with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
                unit.issuances.store_credential(second)
            assert fault.value.code == "credential_taken"

    def test_lease(self, filled: UnitOfWorkFactory) -> None:
        until = T0 + 3 * HOUR
        with filled(writes=True) as unit:
            take_over = unit.issuances.take_over
            just_before = ISSUANCE.lease_until - timedelta(microseconds=1)
            assert not take_over(ISSUANCE.id, expired_before=just_before, lease_until=until)
            assert take_over(ISSUANCE.id, expired_before=ISSUANCE.lease_until, lease_until=until)
            assert not take_over(ISSUANCE.id, expired_before=T0 + 2 * HOUR, lease_until=until)
            unit.issuances.end_lease(ISSUANCE.id, at=T0 + 2 * HOUR)
            assert take_over(ISSUANCE.id, expired_before=T0 + 2 * HOUR, lease_until=until)
            unit.issuances.set_state(ISSUANCE.id, IssuanceState.STORED, expected=IssuanceState.RESERVED)
            assert not take_over(ISSUANCE.id, expired_before=T0 + 9 * HOUR, lease_until=until)

    def test_listing_and_latest(self, filled: UnitOfWorkFactory) -> None:
        newer = replace(ISSUANCE, id="i-2", idempotency_key="k2", credential_id="c2", reserved_at=T0 + HOUR)
        with filled(writes=True) as unit:
            unit.issuances.reserve(newer)
            listed = unit.issuances.list_in_state
            assert listed(IssuanceState.RESERVED, reserved_before=T0 + 2 * HOUR) == [ISSUANCE, newer]
            assert listed(IssuanceState.RESERVED, reserved_before=T0 + HOUR) == [ISSUANCE]
            assert listed(IssuanceState.STORED, reserved_before=T0 + 2 * HOUR) == []
            assert unit.issuances.find_latest_reservation(KEY.id) == T0 + HOUR
            assert unit.issuances.find_latest_reservation("other") is None


class TestApiKeysAndAudit:
    def test_revocation_counts_once_and_only_for_its_owner(self, filled: UnitOfWorkFactory) -> None:
        with filled(writes=True) as unit:
            with pytest.raises(NotFoundError):
                unit.api_keys.revoke(API_KEY.id, organisation_id=OTHER.id, at=T0)
            unit.api_keys.revoke(API_KEY.id, organisation_id=SCHOOL.id, at=T0)
            unit.api_keys.revoke(API_KEY.id, organisation_id=SCHOOL.id, at=T0 + HOUR)
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.api_keys.find(API_KEY.id) == replace(API_KEY, revoked_at=T0)
            assert unit.api_keys.list_for(SCHOOL.id) == [replace(API_KEY, revoked_at=T0)]
            assert unit.api_keys.list_for(OTHER.id) == []
            assert unit.api_keys.find("unknown") is None

    @pytest.mark.parametrize("change", [{"id": "4567"}, {"secret_sha256": "45" * 32}], ids=["secret", "id"])
    def test_taken(self, filled: UnitOfWorkFactory, change: dict[str, str]) -> None:
        with pytest.raises(ConflictError) as fault, filled(writes=True) as unit:
            unit.api_keys.add(replace(API_KEY, **change))
        assert fault.value.code == "api_key_taken"

    def test_audit_keeps_its_order(self, filled: UnitOfWorkFactory) -> None:
        entries = [AuditEntry(T0 - n * HOUR, "0123", SCHOOL.id, "issue", f"c{n}") for n in range(3)]
        with filled(writes=True) as unit:
            for entry in entries:
                unit.audit.add(entry)
            unit.commit()
        with filled(writes=False) as unit:
            assert unit.audit.list_for(SCHOOL.id) == entries
            assert unit.audit.list_for(OTHER.id) == []
