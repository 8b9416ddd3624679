"""Organisations, bodies, accreditations, API keys: who may do what, and what may stand in the registry."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from skillcred.errors import (
    AuthenticationError,
    AuthorisationError,
    ConflictError,
    InputError,
    NotFoundError,
    SkillcredError,
)
from skillcred.model.outcomes import Verdict
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.records import AccreditationEventKind, Actor, Role
from skillcred.trust import AccreditationScope, Action, ScopeLevel, Succession
from worlds.application import (
    ACCREDITED_FROM,
    DemoRegistry,
    fill_demo_registry,
    open_in_memory_application,
)
from worlds.in_memory import START, FixedClock, InMemoryStorage

DAY = timedelta(days=1)
FOREIGN = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def storage() -> InMemoryStorage:
    return InMemoryStorage()


@pytest.fixture
def registry(clock: FixedClock, storage: InMemoryStorage) -> DemoRegistry:
    return fill_demo_registry(open_in_memory_application(clock=clock, storage=storage))


def code_of(error: type[SkillcredError], act: Callable[[], object]) -> str:
    with pytest.raises(error) as fault:
        act()
    return fault.value.code


class TestOrganisations:
    def create(self, registry: DemoRegistry, **changes: Any) -> Any:
        arguments = {
            "kind": "provider",
            "slug": "new-school",
            "name": "New School",
            "country": "PH",
            "actor": registry.operator,
            **changes,
        }
        return registry.application.create_organisation(**arguments)

    def test_did_web_and_its_document(self, registry: DemoRegistry) -> None:
        organisation = self.create(registry)
        assert organisation.did == "did:web:127.0.0.1%3A8000:issuers:new-school"
        document = registry.application.publish_did_document("new-school")
        assert document["id"] == organisation.did
        assert document["assertionMethod"] == [f"{organisation.did}#key-1"]
        assert "authentication" not in document, "it issues and asks nobody"

    def test_who_asks_for_presentations_is_found_under_authentication(self, registry: DemoRegistry) -> None:
        """Credo's wallet looks for the key of a request there, and nowhere else."""
        application = registry.application
        employer = self.create(registry, kind="verifier", slug="employer", name="Employer")
        actor = application.local_actor("verifier", employer.id)
        old = application.list_keys(actor)[0]
        assert application.publish_did_document("employer")["authentication"] == [old.id]
        new = application.rotate_key(actor)
        document = application.publish_did_document("employer")
        assert document["authentication"] == [new.id], "a retired key asks no more"
        assert document["assertionMethod"] == [old.id, new.id]
        assert application.publish_did_document(None)["authentication"]

    def test_deployment_document_is_the_operator(self, registry: DemoRegistry) -> None:
        assert registry.application.publish_did_document(None)["id"] == "did:web:127.0.0.1%3A8000"
        for slug in ("operator", "nobody", ""):
            assert code_of(NotFoundError, lambda slug=slug: registry.application.publish_did_document(slug))

    def test_did_key(self, registry: DemoRegistry) -> None:
        organisation = self.create(registry, did_method="key")
        actor = registry.application.local_actor("issuer", organisation.id)
        (key,) = registry.application.list_keys(actor)
        assert organisation.did == f"did:key:{key.public_key_multibase}"
        assert key.id == f"{organisation.did}#{key.public_key_multibase}"
        assert code_of(NotFoundError, lambda: registry.application.publish_did_document("new-school"))
        for act in (registry.application.rotate_key, registry.application.create_key):
            assert code_of(ConflictError, lambda act=act: act(actor)) == "key_rotation_not_possible"
        report = registry.application.verify_document(registry.issue(actor=actor).content).report
        assert report.reason == "issuer_not_recognised"

    @pytest.mark.parametrize(
        ("error", "changes", "code"),
        [
            pytest.param(InputError, {"slug": "New"}, "invalid_slug", id="slug-upper-case"),
            pytest.param(InputError, {"slug": "../x"}, "invalid_slug", id="K-14-slug-path"),
            pytest.param(InputError, {"slug": "-x"}, "invalid_slug", id="slug-hyphen"),
            pytest.param(InputError, {"slug": "x" * 64}, "invalid_slug", id="slug-long"),
            pytest.param(InputError, {"kind": "ministry"}, "unknown_organisation_kind", id="kind"),
            pytest.param(InputError, {"country": "Philippines"}, "invalid_country", id="country"),
            pytest.param(InputError, {"name": "Nеw School"}, "name_mixed_scripts", id="P-12-name"),
            pytest.param(InputError, {"did_method": "ethr"}, "unknown_did_method", id="did-method"),
            pytest.param(InputError, {"algorithm": "RSA"}, "unknown_algorithm", id="algorithm"),
            pytest.param(ConflictError, {"slug": "welding-school"}, "slug_taken", id="slug-taken"),
            pytest.param(ConflictError, {"name": "Demo We1ding Schoo1"}, "name_taken", id="P-12-twin"),
            pytest.param(ConflictError, {"kind": "operator"}, "operator_exists", id="second-operator"),
            pytest.param(AuthorisationError, {"actor": None}, "not_permitted", id="nobody"),
            pytest.param(
                AuthorisationError, {"actor": None, "kind": "operator"}, "not_permitted", id="nobody-operator"
            ),
        ],
    )
    def test_refused(
        self, registry: DemoRegistry, error: type[SkillcredError], changes: dict[str, Any], code: str
    ) -> None:
        before = len(registry.application.list_organisations())
        assert code_of(error, lambda: self.create(registry, **changes)) == code
        assert len(registry.application.list_organisations()) == before

    @pytest.mark.parametrize("who", ["body", "provider"])
    def test_T09_only_the_operator_creates(self, registry: DemoRegistry, who: str) -> None:
        actor = getattr(registry, who)
        assert code_of(AuthorisationError, lambda: self.create(registry, actor=actor))

    def test_first_organisation_must_be_the_operator(self) -> None:
        application = open_in_memory_application()
        with pytest.raises(AuthorisationError):
            application.create_organisation(
                kind="provider", slug="x", name="School", country="PH", actor=None
            )
        assert code_of(NotFoundError, lambda: application.local_actor("operator")) == "no_operator"

    def test_name_of_an_enrolled_body_is_taken(self, registry: DemoRegistry) -> None:
        registry.application.enrol_national_body(
            registry.operator, did=FOREIGN, name="Board of Skills", country="PH"
        )
        assert code_of(ConflictError, lambda: self.create(registry, name="Board of SkiIls")) == "name_taken"

    def test_key_left_over_from_a_crash_gets_no_second_use(self, storage: InMemoryStorage) -> None:
        """The process died after the key was stored and before the database knew: the next key has the next name."""
        application = open_in_memory_application(storage=storage)
        maker = application.create_organisation.key_maker
        maker.make("Ed25519", did="did:web:127.0.0.1%3A8000")
        operator = application.create_organisation(
            kind="operator", slug="operator", name="Operator", country="KE", actor=None
        )
        actor = application.local_actor("operator")
        assert [key.id for key in application.list_keys(actor)] == [f"{operator.did}#key-2"]


class TestBodies:
    @pytest.mark.parametrize(
        ("error", "changes", "code"),
        [
            pytest.param(
                InputError, {"did": "did:web:Ministry.example"}, "invalid_did", id="T-10-upper-case"
            ),
            pytest.param(
                InputError, {"did": "did:web:ministry.example#"}, "invalid_did", id="T-10-trailing-hash"
            ),
            pytest.param(
                InputError, {"did": "did:web:ministry.example#k"}, "invalid_did", id="T-10-fragment"
            ),
            pytest.param(InputError, {"did": "did:web:ministry%2Eexample"}, "invalid_did", id="T-10-encoded"),
            pytest.param(InputError, {"did": "did:web:minístry.example"}, "invalid_did", id="T-10-idn-twin"),
            pytest.param(InputError, {"did": "did:web:ministry.example."}, "invalid_did", id="T-10-dot"),
            pytest.param(InputError, {"did": "did:web:127.0.0.1"}, "invalid_did", id="K-07-address"),
            pytest.param(InputError, {"did": "did:ethr:0x1"}, "unsupported_did_method", id="method"),
            pytest.param(InputError, {"did": "ministry.example"}, "invalid_did", id="no-did"),
            pytest.param(InputError, {"name": "Boаrd of Skills"}, "name_mixed_scripts", id="P-12-name"),
            pytest.param(InputError, {"country": "ph"}, "invalid_country", id="country"),
            pytest.param(InputError, {"website": "javascript:alert(1)"}, "invalid_website", id="script"),
            pytest.param(InputError, {"website": "http://body.example"}, "invalid_website", id="http"),
            pytest.param(InputError, {"website": "https://u@body.example"}, "invalid_website", id="user"),
            pytest.param(InputError, {"website": "https://[x"}, "invalid_website", id="brackets"),
            pytest.param(
                InputError, {"website": "https://b.example/" + "x" * 500}, "invalid_website", id="long"
            ),
            pytest.param(ConflictError, {"name": "Demo Qualifications Authority"}, "name_taken", id="taken"),
            pytest.param(
                ConflictError, {"name": "Demo Welding SchooI"}, "name_taken", id="P-12-provider-twin"
            ),
        ],
    )
    def test_refused(
        self, registry: DemoRegistry, error: type[SkillcredError], changes: dict[str, Any], code: str
    ) -> None:
        arguments = {"did": "did:web:board.example", "name": "Board of Skills", "country": "PH", **changes}
        act = lambda: registry.application.enrol_national_body(registry.operator, **arguments)  # noqa: E731
        assert code_of(error, act) == code
        assert len(registry.application.list_national_bodies()) == 1

    def test_one_did_one_body(self, registry: DemoRegistry) -> None:
        enrol = registry.application.enrol_national_body
        did = registry.body.organisation.did
        act = lambda: enrol(registry.operator, did=did, name="Other", country="KE")  # noqa: E731
        assert code_of(ConflictError, act) == "did_taken"

    def test_provider_is_no_body(self, registry: DemoRegistry) -> None:
        enrol = registry.application.enrol_national_body
        did = registry.provider.organisation.did
        act = lambda: enrol(registry.operator, did=did, name="Other", country="KE")  # noqa: E731
        assert code_of(ConflictError, act) == "not_a_national_body"

    @pytest.mark.parametrize("who", ["body", "provider", "stranger"])
    def test_T09_only_the_operator_enrols(self, registry: DemoRegistry, who: str) -> None:
        actor = getattr(registry, who)
        enrol = registry.application.enrol_national_body
        assert code_of(AuthorisationError, lambda: enrol(actor, did=FOREIGN, name="Board", country="KE"))

    def test_reads(self, registry: DemoRegistry) -> None:
        did = registry.body.organisation.did
        assert registry.application.get_national_body(did).name == "Demo Qualifications Authority"
        assert code_of(NotFoundError, lambda: registry.application.get_national_body(did + ":x"))


def accreditation_request(registry: DemoRegistry, **changes: Any) -> AccreditationRequest:
    provider = registry.stranger.organisation
    request = AccreditationRequest(
        provider.did, provider.name, AccreditationScope(("training",)), ACCREDITED_FROM, None
    )
    scope = {name: changes.pop(name) for name in list(changes) if hasattr(request.scope, name)}
    return replace(request, scope=replace(request.scope, **scope), **changes)


class TestAccrediting:
    def test_signed_by_the_body_and_found_by_provider(self, registry: DemoRegistry) -> None:
        request = accreditation_request(
            registry, isced_fields=("0715",), countries=("KE",), max_level=ScopeLevel("EQF", "5")
        )
        made = registry.application.accredit_provider(registry.body, request, "k")
        document = json.loads(made.content)
        assert document["proof"]["verificationMethod"].startswith(registry.body.organisation.did + "#")
        assert document["id"] == made.id
        assert made.id.startswith("http://127.0.0.1:8000/v1/registry/accreditations/")
        listed = registry.application.list_accreditations
        assert listed(provider_did=request.provider_did) == [made]
        assert listed(body_did=registry.body.organisation.did) == [registry.accreditation, made]
        assert registry.application.get_accreditation(made.id).events == ()

    def test_I4_repeat_gives_the_same(self, registry: DemoRegistry) -> None:
        accredit = registry.application.accredit_provider
        first = accredit(registry.body, accreditation_request(registry), "k")
        assert accredit(registry.body, accreditation_request(registry), "k") == first
        other = accreditation_request(registry, profiles=("qualification",))
        assert code_of(ConflictError, lambda: accredit(registry.body, other, "k")) == "idempotency_key_reused"

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            pytest.param({"profiles": ()}, "invalid_accreditation", id="T-01-empty-scope"),
            pytest.param({"profiles": ("diploma",)}, "unknown_profile", id="profile"),
            pytest.param({"profiles": ("training", "training")}, "invalid_scope", id="twice"),
            pytest.param({"isced_fields": ("07x",)}, "invalid_scope", id="isced"),
            pytest.param({"isced_fields": ("",)}, "invalid_scope", id="isced-empty-covers-all"),
            pytest.param({"countries": ("Kenya",)}, "invalid_country", id="country"),
            pytest.param({"max_level": ScopeLevel("", "5")}, "invalid_scope", id="framework"),
            pytest.param({"max_level": ScopeLevel("EQF", "5\n")}, "invalid_scope", id="level"),
            pytest.param({"valid_until": ACCREDITED_FROM}, "invalid_accreditation", id="ends-at-once"),
            pytest.param(
                {"valid_from": ACCREDITED_FROM.replace(tzinfo=None)}, "invalid_datetime", id="naive"
            ),
            pytest.param({"provider_did": "did:web:School.example"}, "invalid_did", id="T-10-did"),
            pytest.param({"provider_name": "Schооl"}, "name_mixed_scripts", id="P-12-name"),
        ],
    )
    def test_refused(self, registry: DemoRegistry, changes: dict[str, Any], code: str) -> None:
        request = accreditation_request(registry, **changes)
        accredit = registry.application.accredit_provider
        assert code_of(InputError, lambda: accredit(registry.body, request, "k")) == code
        assert len(registry.application.list_accreditations()) == 1

    def test_T04_no_body_accredits_itself(self, registry: DemoRegistry) -> None:
        own = registry.body.organisation
        request = accreditation_request(registry, provider_did=own.did, provider_name=own.name)
        accredit = registry.application.accredit_provider
        assert code_of(InputError, lambda: accredit(registry.body, request, "k")) == "self_accreditation"

    @pytest.mark.parametrize("who", ["operator", "provider", "stranger"])
    def test_T09_only_bodies_accredit(self, registry: DemoRegistry, who: str) -> None:
        actor, request = getattr(registry, who), accreditation_request(registry)
        assert code_of(
            AuthorisationError, lambda: registry.application.accredit_provider(actor, request, "k")
        )

    def test_P12_another_name_is_not_given_away(self, registry: DemoRegistry) -> None:
        request = accreditation_request(registry, provider_did=FOREIGN, provider_name="Demo We1ding Schoo1")
        accredit = registry.application.accredit_provider
        assert code_of(ConflictError, lambda: accredit(registry.body, request, "k")) == "name_taken"

    def test_body_must_be_enrolled(self, registry: DemoRegistry) -> None:
        actor = second_body(registry, enrolled=False)
        request = accreditation_request(registry)
        act = lambda: registry.application.accredit_provider(actor, request, "k")  # noqa: E731
        assert code_of(AuthorisationError, act) == "body_not_enrolled"


def second_body(registry: DemoRegistry, *, enrolled: bool = True) -> Actor:
    application = registry.application
    body = application.create_organisation(
        kind="national_body", slug="other-body", name="Other Body", country="TZ", actor=registry.operator
    )
    if enrolled:
        application.enrol_national_body(registry.operator, did=body.did, name=body.name, country="TZ")
    return application.local_actor("body_admin", body.id)


PASS_ON = AccreditationScope(("qualification", "training"), countries=("KE",), action=Action.ACCREDIT)


class TestChains:
    """A national body accredits another body to accredit, and that one a provider (SECURITY T-04)."""

    def accredit(
        self, registry: DemoRegistry, actor: Actor, did: str, scope: AccreditationScope, key: str
    ) -> Any:
        names = {known.did: known.name for known in registry.application.list_organisations()}
        request = replace(
            accreditation_request(registry),
            provider_did=did,
            provider_name=names.get(did, "A School Elsewhere"),
            scope=scope,
        )
        return registry.application.accredit_provider(actor, request, key)

    def test_a_provider_below_a_sub_body_is_authorised_by_the_whole_chain(
        self, registry: DemoRegistry, clock: FixedClock
    ) -> None:
        sub = second_body(registry, enrolled=False)
        school = registry.application.create_organisation(
            kind="provider", slug="third", name="Third School", country="PH", actor=registry.operator
        )
        issuer = registry.application.local_actor("issuer", school.id)
        award = AccreditationScope(("training",), countries=("KE",))
        refused = lambda: self.accredit(registry, sub, school.did, award, "early")  # noqa: E731
        assert code_of(AuthorisationError, refused) == "body_not_enrolled"
        above = self.accredit(registry, registry.body, sub.organisation.did, PASS_ON, "above")
        self.accredit(registry, sub, school.did, award, "below")
        credential = registry.issue(actor=issuer).content
        report = registry.application.verify_document(credential).report
        assert (report.verdict, report.reason) == (Verdict.VALID, "issuer_authorised")
        award_details = report.steps[-1].details["award"]
        assert [link["standing"] for link in award_details["chain"]] == ["in_force"] * 3  # type: ignore[index,call-overload]
        assert report.vouchers[0].body.did == registry.body.organisation.did
        clock.advance(days=30)
        registry.application.change_accreditation(
            registry.body, above.id, kind="ended", effective_at=clock.now(), reason="closed"
        )
        after = registry.application.verify_document(credential).report
        assert (after.verdict, after.reason) == (Verdict.VALID, "issuer_authorised_then")
        assert [warning.code for warning in after.warnings] == ["authority_ended"]

    @pytest.mark.parametrize(
        ("changes", "limit"),
        [
            ({"profiles": ("qualification", "proficiency")}, "profile"),
            ({"countries": ()}, "country"),
            ({"countries": ("PH", "KE")}, "country"),
        ],
    )
    def test_each_step_may_only_narrow(
        self, registry: DemoRegistry, changes: dict[str, Any], limit: str
    ) -> None:
        sub = second_body(registry, enrolled=False)
        self.accredit(registry, registry.body, sub.organisation.did, PASS_ON, "above")
        scope = replace(AccreditationScope(("qualification",), countries=("KE",)), **changes)
        with pytest.raises(InputError) as fault:
            self.accredit(registry, sub, registry.provider.organisation.did, scope, "below")
        assert fault.value.code == "scope_too_wide"
        assert limit in fault.value.message

    def test_T04_nobody_stands_above_himself(self, registry: DemoRegistry) -> None:
        sub = second_body(registry, enrolled=False)
        self.accredit(registry, registry.body, sub.organisation.did, PASS_ON, "above")
        act = lambda: self.accredit(registry, sub, registry.body.organisation.did, PASS_ON, "loop")  # noqa: E731
        assert code_of(ConflictError, act) == "accreditation_loop"


class TestChangingAccreditations:
    def change(self, registry: DemoRegistry, kind: str, *, after: timedelta = DAY, **changes: Any) -> Any:
        actor = changes.pop("actor", registry.body)
        arguments = {"kind": kind, "effective_at": START + after, "reason": "audit", **changes}
        if kind == "succeeded":
            arguments.setdefault("successor", Succession("merger", "did:web:heir.example", "Heir College"))
        return registry.application.change_accreditation(actor, registry.accreditation.id, **arguments)

    @pytest.mark.parametrize(
        "kinds",
        [
            ("suspended",),
            ("suspended", "reinstated"),
            ("suspended", "reinstated", "suspended", "ended"),
            ("suspended", "withdrawn"),
            ("ended",),
            ("ended", "withdrawn"),
            ("succeeded", "withdrawn"),
            ("withdrawn",),
        ],
        ids="-".join,
    )
    def test_legal_ways(self, registry: DemoRegistry, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            self.change(registry, kind)
        history = registry.application.get_accreditation(registry.accreditation.id)
        assert tuple(event.kind.value for event in history.events) == kinds

    @pytest.mark.parametrize(
        ("before", "kind", "code"),
        [
            ((), "reinstated", "accreditation_state"),
            (("suspended",), "suspended", "accreditation_state"),
            (("suspended", "reinstated"), "reinstated", "accreditation_state"),
            *(
                ((last,), kind.value, "accreditation_final")
                for last in ("ended", "withdrawn")
                for kind in AccreditationEventKind
                if (last, kind.value) != ("ended", "withdrawn")
            ),
        ],
    )
    def test_illegal_ways(
        self, registry: DemoRegistry, before: tuple[str, ...], kind: str, code: str
    ) -> None:
        for earlier in before:
            self.change(registry, earlier)
        assert code_of(ConflictError, lambda: self.change(registry, kind)) == code

    @pytest.mark.parametrize(
        ("kind", "successor"),
        [
            ("succeeded", None),
            ("ended", Succession("merger", None, "Heir College")),
            ("succeeded", Succession("conquest", None, "Heir College")),
            ("succeeded", Succession("merger", "did:", "Heir College")),
        ],
    )
    def test_who_follows_is_told_with_a_succession_and_only_then(
        self, registry: DemoRegistry, kind: str, successor: Succession | None
    ) -> None:
        act = lambda: self.change(registry, kind, successor=successor)  # noqa: E731
        assert code_of(InputError, act) == "invalid_successor"

    def test_order_of_effect(self, registry: DemoRegistry) -> None:
        self.change(registry, "suspended", after=2 * DAY)
        act = lambda: self.change(registry, "reinstated", after=DAY)  # noqa: E731
        assert code_of(ConflictError, act) == "event_out_of_order"
        self.change(registry, "withdrawn", after=-300 * DAY)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"effective_at": ACCREDITED_FROM - DAY}, "effective_before_accreditation"),
            ({"effective_at": START.replace(tzinfo=None)}, "invalid_datetime"),
            ({"reason": " "}, "invalid_reason"),
            ({"reason": "x" * 1001}, "invalid_reason"),
            ({"reason": "a\0b"}, "invalid_reason"),
            ({"reason": "a\u202eb"}, "invalid_reason"),
            ({"kind": "deleted"}, "unknown_event_kind"),
        ],
    )
    def test_refused(self, registry: DemoRegistry, changes: dict[str, Any], code: str) -> None:
        arguments = {"kind": "suspended", **changes}
        assert code_of(InputError, lambda: self.change(registry, **arguments)) == code

    def test_T09_another_body_gets_not_found(self, registry: DemoRegistry) -> None:
        other = second_body(registry)
        known = code_of(NotFoundError, lambda: self.change(registry, "suspended", actor=other))
        unknown = code_of(
            NotFoundError,
            lambda: registry.application.change_accreditation(
                other, "../" + registry.accreditation.id, kind="ended", effective_at=START, reason="x"
            ),
        )
        assert known == unknown == "not_found"
        assert registry.application.get_accreditation(registry.accreditation.id).events == ()

    @pytest.mark.parametrize("who", ["operator", "provider"])
    def test_T09_other_roles(self, registry: DemoRegistry, who: str) -> None:
        assert code_of(
            AuthorisationError, lambda: self.change(registry, "suspended", actor=getattr(registry, who))
        )

    def test_T02_suspension_shows_in_the_verdict(self, registry: DemoRegistry, clock: FixedClock) -> None:
        stored = registry.issue()
        self.change(registry, "suspended", after=DAY)
        clock.advance(days=2)
        report = registry.application.verify_document(stored.content).report
        assert report.verdict is Verdict.VALID
        assert [warning.code for warning in report.warnings] == ["accreditation_suspended"]
        assert report.vouchers[0].now.standing.value == "suspended"

    def test_withdrawal_from_before_the_award_makes_it_invalid(self, registry: DemoRegistry) -> None:
        stored = registry.issue()
        self.change(registry, "withdrawn", effective_at=ACCREDITED_FROM)
        report = registry.application.verify_document(stored.content).report
        assert (report.verdict, report.reason) == (Verdict.INVALID, "issuer_not_authorised")


class TestApiKeys:
    def test_stands_for_one_organisation_and_role(self, registry: DemoRegistry) -> None:
        actor = registry.application.authenticate(registry.provider_secret)
        assert (actor.organisation, actor.role) == (registry.provider.organisation, Role.ISSUER)

    def test_secret_is_not_kept(self, registry: DemoRegistry, storage: InMemoryStorage) -> None:
        secret = registry.provider_secret
        assert len(secret.rpartition("_")[2]) <= 43 < len(secret)
        assert secret not in repr(storage.state)
        assert secret[-43:] not in repr(storage.state)

    def test_wrong_secrets_are_answered_alike(self, registry: DemoRegistry) -> None:
        right = registry.provider_secret
        last = "A" if right[-1] != "A" else "B"
        answers = set()
        for secret in (
            "",
            "x",
            right[:-1] + last,
            right + "A",
            right.upper(),
            "sk_" + "0" * 20 + right[23:],
            "\ud800",
        ):
            with pytest.raises(AuthenticationError) as fault:
                registry.application.authenticate(secret)
            answers.add((fault.value.code, fault.value.message))
        assert answers == {("invalid_api_key", "The API key is not valid.")}

    def test_revoked(self, registry: DemoRegistry) -> None:
        api_key_id = registry.application.authenticate(registry.provider_secret).api_key_id
        registry.application.revoke_api_key(registry.operator, api_key_id)
        registry.application.revoke_api_key(registry.provider, api_key_id)
        assert (
            code_of(AuthenticationError, lambda: registry.application.authenticate(registry.provider_secret))
            == "invalid_api_key"
        )

    def test_W25_keys_of_others(self, registry: DemoRegistry) -> None:
        api_key_id = registry.application.authenticate(registry.stranger_secret).api_key_id
        revoke = registry.application.revoke_api_key
        assert code_of(NotFoundError, lambda: revoke(registry.provider, api_key_id)) == code_of(
            NotFoundError, lambda: revoke(registry.provider, "0" * 20)
        )
        registry.application.authenticate(registry.stranger_secret)
        listed = registry.application.list_api_keys
        assert api_key_id not in {key.id for key in listed(registry.provider)}
        assert code_of(NotFoundError, lambda: listed(registry.provider, registry.stranger.organisation.id))
        assert {key.id for key in listed(registry.operator, registry.stranger.organisation.id)} == {
            api_key_id
        }

    @pytest.mark.parametrize("who", ["body", "provider"])
    def test_only_the_operator_creates(self, registry: DemoRegistry, who: str) -> None:
        actor = getattr(registry, who)
        create = registry.application.create_api_key
        assert code_of(AuthorisationError, lambda: create(actor, actor.organisation.id, actor.role, "mine"))

    @pytest.mark.parametrize(
        ("role", "label", "code"),
        [
            ("operator", "x", "role_not_for_this_kind"),
            ("body_admin", "x", "role_not_for_this_kind"),
            ("root", "x", "unknown_role"),
            ("issuer", " ", "invalid_label"),
            ("issuer", "x" * 101, "invalid_label"),
            ("issuer", "a\0b", "invalid_label"),
        ],
    )
    def test_refused(self, registry: DemoRegistry, role: str, label: str, code: str) -> None:
        create = registry.application.create_api_key
        organisation_id = registry.provider.organisation.id
        assert code_of(InputError, lambda: create(registry.operator, organisation_id, role, label)) == code


class TestKeys:
    def test_rotation(self, registry: DemoRegistry, clock: FixedClock) -> None:
        now = clock.advance(hours=1)
        new = registry.application.rotate_key(registry.provider)
        old, listed = registry.application.list_keys(registry.provider)
        did = registry.provider.organisation.did
        assert (old.id, listed.id, listed) == (f"{did}#key-1", f"{did}#key-2", new)
        assert old.retired_at == new.activated_at == now
        document = registry.application.publish_did_document("welding-school")
        assert document["assertionMethod"] == [old.id, new.id]

    def test_cut_off_is_after_every_reservation(self, registry: DemoRegistry, clock: FixedClock) -> None:
        """F-13: another machine's clock was ahead; its credential was not signed after the key was retired."""
        clock.advance(minutes=5)
        stored = registry.issue()
        clock.advance(minutes=-5)
        registry.application.rotate_key(registry.provider)
        clock.advance(minutes=10)
        assert registry.application.verify_document(stored.content).report.verdict is Verdict.VALID

    def test_compromised_key_leaves_the_document(self, registry: DemoRegistry) -> None:
        (key,) = registry.application.list_keys(registry.provider)
        registry.application.retire_key(registry.provider, key.id, compromised=True)
        assert registry.application.publish_did_document("welding-school")["verificationMethod"] == []
        registry.application.retire_key(registry.provider, key.id, compromised=True)

    def test_second_algorithm(self, registry: DemoRegistry) -> None:
        application, provider = registry.application, registry.provider
        assert code_of(ConflictError, lambda: application.create_key(provider)) == "active_key_exists"
        p256 = application.create_key(provider, "P-256")
        assert application.rotate_key(provider, "Ed25519").algorithm == "Ed25519"
        assert application.rotate_key(provider, "P-256").id != p256.id
        assert code_of(ConflictError, lambda: application.rotate_key(provider, "P-384")) == "no_active_key"
        registry.issue()

    def test_retiring_twice_and_of_others(self, registry: DemoRegistry) -> None:
        (key,) = registry.application.list_keys(registry.provider)
        retire = registry.application.retire_key
        assert code_of(NotFoundError, lambda: retire(registry.stranger, key.id)) == "not_found"
        retire(registry.provider, key.id)
        assert code_of(ConflictError, lambda: retire(registry.provider, key.id)) == "key_not_active"
        created = registry.application.create_key(registry.provider)
        assert created.id.endswith("#key-2")


def test_readiness(registry: DemoRegistry) -> None:
    assert [(item.name, item.ok, item.code) for item in registry.application.check_readiness()] == [
        ("database", True, "ok"),
        ("keystore", True, "ok"),
        ("status_lists", True, "ok"),
    ]


@pytest.mark.parametrize("offline", [False, True])
def test_unknown_issuer_gives_an_empty_extract(registry: DemoRegistry, offline: bool) -> None:
    """T-11: an empty registry is no recognition, and no fault either."""
    stored = registry.issue()
    empty = open_in_memory_application()
    report = empty.verify_document(stored.content, offline=offline).report
    assert report.verdict is Verdict.INDETERMINATE
