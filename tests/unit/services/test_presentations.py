"""Asking for presentations, from the request to the result (SECURITY R-01 to R-10, R-13 to R-15, PR-07 to PR-09)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from skillcred.adapters.certificates import NoCertificate
from skillcred.encoding.base64url import decode_base64url
from skillcred.errors import AuthorisationError, InputError, IntegrityError, LimitError, NotFoundError
from skillcred.exchange.encryption import DecryptionKey
from skillcred.exchange.oid4vp.client_ids import ClientId, ClientIdPrefix
from skillcred.exchange.oid4vp.errors import AuthorizationResponseError, DcqlError
from skillcred.exchange.oid4vp.purposes import PURPOSES
from skillcred.exchange.oid4vp.requests import AuthorizationRequest
from skillcred.exchange.oid4vp.responses import build_direct_post, build_error_post
from skillcred.keys.algorithms import Algorithm
from skillcred.services.create_presentation_request import (
    MAX_OPEN_OF_ORGANISATION,
    CreatedPresentationRequest,
    PresentationOrder,
)
from skillcred.services.get_presentation_request import PresentationView
from skillcred.services.presentation_records import PresentationState
from skillcred.services.purge_presentations import PAGE_RETENTION, PRESENTATION_RETENTION
from skillcred.services.records import Actor
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.pure_world import SoftSigner
from worlds.wallet_answers import CANARY, MECHANISMS, LiteralWallet, issue, read_request

QUALIFICATION = PresentationOrder("qualification")
PLAIN = replace(QUALIFICATION, response_mode="direct_post")


class World:
    """A deployment in memory, an employer, and a person with a wallet."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FixedClock()
        self.storage = InMemoryStorage()
        self.application = open_in_memory_application(clock=self.clock, storage=self.storage, **settings)
        self.registry: DemoRegistry = fill_demo_registry(self.application)
        employer = self.application.create_organisation(
            kind="verifier", slug="employer", name="Harbour Works", country="KE", actor=self.registry.operator
        )
        self.employer: Actor = self.application.local_actor("verifier", employer.id)
        self.wallet = LiteralWallet(self.clock.now())

    @property
    def presenting(self) -> Any:
        return self.application.presenting

    def hold(self, format_: str = "dc+sd-jwt", profile: str = "qualification", **options: Any) -> bytes:
        content = issue(self.registry, format_, profile, **options)
        self.wallet.held = {format_: content}
        return content

    def ask(self, order: PresentationOrder = QUALIFICATION, **by: Any) -> CreatedPresentationRequest:
        created: CreatedPresentationRequest = self.presenting.create_request(
            order,
            actor=None if "session" in by else by.get("actor", self.employer),
            session=by.get("session"),
        )
        return created

    def fetch(self, created: CreatedPresentationRequest) -> AuthorizationRequest:
        if created.request.request_method.value == "value":
            return read_request(created.link)
        return read_request(created.link, self.presenting.get_request_object(created.request.handle))

    def answer(self, created: CreatedPresentationRequest, **breaking: Any) -> bytes:
        return self.wallet.answer(self.fetch(created), **breaking)

    def present(self, created: CreatedPresentationRequest, **breaking: Any) -> Any:
        return self.presenting.receive(created.request.handle, self.answer(created, **breaking))

    def refused(self, created: CreatedPresentationRequest, body: bytes) -> str:
        with pytest.raises(AuthorizationResponseError) as caught:
            self.presenting.receive(created.request.handle, body)
        return caught.value.reason

    def look(self, created: CreatedPresentationRequest, **options: Any) -> PresentationView:
        by = options or {"actor": self.employer}
        view: PresentationView = self.presenting.get_request(created.request.id, **by)
        return view


@pytest.fixture
def world() -> World:
    return World()


def presented(view: PresentationView) -> dict[str, Any]:
    """The report on the one credential that was presented."""
    assert view.result is not None
    [presentation] = view.result["presentations"]  # type: ignore[union-attr, misc]
    [credential] = presentation["report"]["credentials"]  # type: ignore[index, call-overload]
    found: dict[str, Any] = credential["report"]
    return found


@pytest.mark.parametrize("format_", MECHANISMS)
def test_a_presentation_in_every_format_is_verified(world: World, format_: str) -> None:
    """Signature, holder, status, trust at the award date and now, and then only what was asked for."""
    world.hold(format_)
    created = world.ask()
    assert world.look(created).state is PresentationState.CREATED
    assert world.present(created).redirect_uri is None
    view = world.look(created)
    assert view.state is PresentationState.VERIFIED
    assert view.result is not None
    assert (view.result["verdict"], view.result["reason"]) == ("valid", None)
    report = presented(view)
    outcomes = {step["step"]: step["code"] for step in report["steps"]}
    assert outcomes["status"] == "not_revoked"
    assert outcomes["trust"] == "issuer_authorised"
    subject = report["claims"]["credentialSubject"]
    assert set(subject) == {"achievement"}
    assert set(subject["achievement"]) == {"name", "alignment"}
    assert not {"evidence", "jti", "id", "status", "credentialStatus"} & set(report["claims"])


@pytest.mark.parametrize("format_", MECHANISMS)
def test_what_was_not_asked_for_is_nowhere(world: World, format_: str) -> None:
    """PR-09, R-07: not in the record, whatever the wallet sends. Formats without selective disclosure send all."""
    world.hold(format_)
    created = world.ask()
    world.present(created, extra=True)
    view = world.look(created)
    assert view.state is PresentationState.VERIFIED
    with world.storage(writes=False) as unit:
        stored = unit.presentations.find(created.request.id)
    assert stored is not None
    text = repr(stored)
    assert CANARY not in text
    assert "did:key" not in text.replace(world.registry.provider.organisation.did, "")
    assert stored.presentation is stored.encryption_key is None


def test_the_name_is_there_where_it_is_asked_for(world: World) -> None:
    world.hold()
    created = world.ask(replace(QUALIFICATION, with_name=True))
    world.present(created)
    assert presented(world.look(created))["claims"]["credentialSubject"]["name"] == CANARY


@pytest.mark.parametrize("purpose", PURPOSES)
def test_every_purpose_is_met_by_the_shipped_example_of_its_profiles(world: World, purpose: str) -> None:
    for profile in PURPOSES[purpose].profiles:
        world.hold(profile=profile.id)
        created = world.ask(PresentationOrder(purpose))
        world.present(created)
        view = world.look(created)
        assert view.result is not None
        assert view.result["verdict"] == "valid", profile.id


@pytest.mark.parametrize("purpose", PURPOSES.values(), ids=lambda purpose: purpose.id)
def test_purposes_ask_for_nothing_that_they_do_not_need(purpose: Any) -> None:
    """PR-08: the list of what may ever be asked for is short, and nothing is on it that tells who somebody is."""
    allowed = {
        ("name",),
        ("awardedDate",),
        ("credentialSubject", "result"),
        *(("credentialSubject", "achievement", name) for name in ("name", "alignment", "workload")),
        *(("credentialSubject", "employment", name) for name in ("jobTitle", "periodStart", "periodEnd")),
    }
    assert set(purpose.paths) | set(purpose.wished) <= allowed


@pytest.mark.parametrize(
    ("breaking", "reason"),
    [
        ({"nonce": "another"}, "wrong_challenge"),
        ({"audience": "https://evil.example"}, "wrong_domain"),
        ({"audience": "verifier.example"}, "wrong_domain"),
        ({"holder": SoftSigner(99, Algorithm.P256)}, "key_binding_wrong"),
        ({"bound": False}, "key_binding_wrong"),
    ],
    ids=["nonce", "audience", "audience-without-prefix", "other-key", "not-bound"],
)
@pytest.mark.parametrize("mode", ["direct_post", "direct_post.jwt"])
def test_a_presentation_for_somebody_else_is_refused(
    world: World, breaking: dict[str, Any], reason: str, mode: str
) -> None:
    """R-02, R-08."""
    world.hold()
    created = world.ask(replace(QUALIFICATION, response_mode=mode))
    assert world.refused(created, world.answer(created, **breaking)) == reason
    view = world.look(created)
    assert (view.state, view.request.reason) == (PresentationState.REFUSED, reason)
    assert view.result is not None
    assert view.result["verdict"] == "invalid"
    assert "Nursing" not in json.dumps(view.result)


@pytest.mark.parametrize(
    ("format_", "breaking", "reason"),
    [
        ("ldp_vc", {"nonce": "another"}, "wrong_challenge"),
        ("ldp_vc", {"audience": "x509_hash:other"}, "wrong_domain"),
        ("ldp_vc", {"holder": SoftSigner(99)}, "holder_mismatch"),
        ("ldp_vc", {"bound": False}, "proof_missing"),
        ("jwt_vc_json", {"nonce": "another"}, "wrong_challenge"),
        ("jwt_vc_json", {"audience": "x509_hash:other"}, "wrong_domain"),
        ("jwt_vc_json", {"holder": SoftSigner(99)}, "holder_mismatch"),
        ("vc+sd-jwt", {"nonce": "another"}, "wrong_challenge"),
        ("vc+sd-jwt", {"bound": False}, "key_binding_wrong"),
    ],
)
def test_the_same_in_the_other_formats(
    world: World, format_: str, breaking: dict[str, Any], reason: str
) -> None:
    world.hold(format_)
    created = world.ask()
    assert world.refused(created, world.answer(created, **breaking)) == reason
    assert world.look(created).state is PresentationState.REFUSED


def test_another_prefix_for_the_same_verifier_is_another_verifier(world: World) -> None:
    """R-02: the whole client identifier counts."""
    world.hold()
    created = world.ask(replace(PLAIN, client_id_prefix="redirect_uri", request_method="value"))
    bare = created.request.client_id.removeprefix("redirect_uri:")
    assert world.refused(created, world.answer(created, audience=bare)) == "wrong_domain"


def test_the_second_answer_is_refused_whatever_it_is(world: World) -> None:
    """R-01."""
    world.hold()
    created = world.ask(PLAIN)
    body = world.answer(created)
    world.presenting.receive(created.request.handle, body)
    assert world.refused(created, body) == "request_answered"
    assert (
        world.refused(created, urlencode({"error": "access_denied", "state": "x"}).encode())
        == "request_answered"
    )
    view = world.look(created)
    assert view.state is PresentationState.VERIFIED


def test_an_answer_counts_for_no_other_request(world: World) -> None:
    """R-01, R-06: neither in the clear nor encrypted."""
    world.hold()
    for order in (PLAIN, QUALIFICATION):
        first, second = world.ask(order), world.ask(order)
        body = world.answer(first)
        expected = "state_mismatch" if order is PLAIN else "response_not_decryptable"
        assert world.refused(second, body) == expected
        assert world.look(second).state.is_open


def test_what_was_made_for_one_request_cannot_be_put_into_another(world: World) -> None:
    """R-06: an attacker who encrypts an old answer anew has the old nonce in it."""
    world.hold()
    first, second = world.ask(), world.ask()
    token = world.wallet.vp_token(world.fetch(first))
    assert world.refused(second, build_direct_post(world.fetch(second), token)) == "wrong_challenge"


def test_time_runs_out(world: World) -> None:
    """R-05, R-12: two minutes to fetch, five to answer."""
    world.hold()
    created, late = world.ask(PLAIN), world.ask(PLAIN)
    body = world.answer(created)
    world.clock.advance(seconds=121)
    with pytest.raises(NotFoundError):
        world.presenting.get_request_object(late.request.handle)
    assert world.look(late).state is PresentationState.EXPIRED
    world.clock.advance(seconds=180)
    assert world.refused(created, body) == "request_expired"
    view = world.look(created)
    assert (view.state, view.link, view.result) == (PresentationState.EXPIRED, None, None)


def test_what_is_no_answer_changes_nothing(world: World) -> None:
    """R-05: such a request can still be answered."""
    world.hold()
    created = world.ask(PLAIN)
    request = world.fetch(created)
    other = replace(request, state="other")
    token = world.wallet.vp_token(request)
    for body, reason in (
        (b"", "response_malformed"),
        (b"vp_token=%7B%7D", "state_mismatch"),
        (build_direct_post(other, token), "state_mismatch"),
        (build_direct_post(replace(request, state=None), token), "state_mismatch"),
        (build_direct_post(request, {"other": ["x"]}), "response_not_as_asked"),
        (build_direct_post(request, {name: [*v, *v] for name, v in token.items()}), "response_not_as_asked"),
        (build_direct_post(request, {name: [{}] for name in token}), "response_malformed"),
        (build_direct_post(request, {"qualification_ldp_vc": ["x"]}), "response_malformed"),
    ):
        assert world.refused(created, body) == reason
    with pytest.raises(AuthorizationResponseError) as caught:
        world.presenting.receive("unknown", build_direct_post(request, token))
    assert caught.value.reason == "request_unknown"
    world.presenting.receive(created.request.handle, build_direct_post(request, token))
    assert world.look(created).state is PresentationState.VERIFIED


def test_what_has_to_be_encrypted_is_not_taken_in_the_clear(world: World) -> None:
    """R-06."""
    world.hold()
    created = world.ask()
    request = world.fetch(created)
    plain = replace(request, response_mode=read_mode("direct_post"))
    assert world.refused(created, world.wallet.answer(plain)) == "response_not_encrypted"
    key = DecryptionKey.generate(created.request.handle).public_jwk()
    other = replace(request, client_metadata={"jwks": {"keys": [key]}})
    assert world.refused(created, world.wallet.answer(other)) == "response_not_decryptable"
    named = {**request.client_metadata["jwks"]["keys"][0], "kid": "other"}  # type: ignore[index, call-overload, dict-item]
    renamed = replace(request, client_metadata={"jwks": {"keys": [named]}})
    assert world.refused(created, world.wallet.answer(renamed)) == "response_not_decryptable"
    assert world.look(created).state.is_open


def read_mode(text: str) -> Any:
    from skillcred.exchange.oid4vp.requests import ResponseMode

    return ResponseMode(text)


@pytest.mark.parametrize("method", ["get", "value"])
def test_a_request_names_the_organisation_that_asks(world: World, method: str) -> None:
    """OID4VP 1.0 section 5.1: `client_name`. Whoever asks on the page is not known, and is not named."""
    prefix = "redirect_uri" if method == "value" else "decentralized_identifier"
    order = replace(QUALIFICATION, request_method=method, client_id_prefix=prefix)
    named = world.fetch(world.ask(order)).client_metadata["client_name"]
    assert named == f"{world.employer.organisation.name} at 127.0.0.1:8000"
    unnamed = world.fetch(world.ask(session="s")).client_metadata["client_name"]
    assert unnamed == "skillcred at 127.0.0.1:8000"


def test_every_request_has_values_of_its_own(world: World) -> None:
    """R-04, R-06: none of them is used for anything else."""
    requests = [world.ask() for _ in range(3)]
    values: set[str] = set()
    for created in requests:
        fetched = world.fetch(created)
        key = fetched.client_metadata["jwks"]["keys"][0]["x"]  # type: ignore[index, call-overload]
        found = (created.request.id, created.request.handle, fetched.nonce, str(fetched.state), str(key))
        assert all(len(value) >= 22 for value in found)
        values.update(found)
        assert created.request.id not in created.link
    assert len(values) == 15
    with pytest.raises(NotFoundError):
        world.presenting.get_request_object(requests[0].request.id)
    with pytest.raises(NotFoundError):
        world.presenting.get_request(requests[0].request.handle, actor=world.employer)


def test_a_request_that_is_fetched_twice_is_the_same(world: World) -> None:
    """R-09."""
    world.hold()
    created = world.ask()
    first = world.presenting.get_request_object(created.request.handle)
    world.clock.advance(seconds=30)
    assert world.presenting.get_request_object(created.request.handle) == first
    nonced = world.presenting.get_request_object(created.request.handle, wallet_nonce="from-the-wallet")
    claims = [json.loads(decode_base64url(token.decode().split(".")[1])) for token in (first, nonced)]
    assert claims[1].pop("wallet_nonce") == "from-the-wallet"
    assert claims[0] == claims[1]
    world.present(created)
    with pytest.raises(NotFoundError):
        world.presenting.get_request_object(created.request.handle)
    with pytest.raises(InputError):
        world.presenting.get_request_object(created.request.handle, wallet_nonce="ä")


def test_a_wallet_declines(world: World) -> None:
    """R-10, PR-13: and it cannot be told from a wallet that has nothing."""
    created = world.ask()
    body = build_error_post(world.fetch(created), "access_denied", "<b>no</b>")
    assert world.presenting.receive(created.request.handle, body).redirect_uri is None
    view = world.look(created)
    assert (view.state, view.request.reason, view.result) == (
        PresentationState.DECLINED,
        "access_denied",
        None,
    )
    assert "<b>" not in repr(view.request)
    assert world.refused(created, body) == "request_answered"


def test_a_credential_of_another_type_is_refused(world: World) -> None:
    """R-07: the verifier asks its own query again."""
    world.hold(profile="training")
    created = world.ask(PLAIN)
    request = world.fetch(created)
    token = world.wallet.presentation(request, "dc+sd-jwt", [("name",)])
    assert (
        world.refused(created, build_direct_post(request, {"qualification_sd_jwt_vc": [token]}))
        == "query_not_met"
    )


def test_a_presentation_that_shows_too_little_is_refused(world: World) -> None:
    """R-07."""
    world.hold()
    created = world.ask(replace(PLAIN, with_name=True))
    request = world.fetch(created)
    token = world.wallet.presentation(request, "dc+sd-jwt", [("name",)])
    assert (
        world.refused(created, build_direct_post(request, {"qualification_sd_jwt_vc": [token]}))
        == "query_not_met"
    )


def test_a_credential_in_another_format_is_refused(world: World) -> None:
    world.hold("vc+sd-jwt")
    created = world.ask(PLAIN)
    request = world.fetch(created)
    token = world.wallet.presentation(request, "vc+sd-jwt", [("name",)])
    body = build_direct_post(request, {"qualification_sd_jwt_vc": [token]})
    assert world.refused(created, body) == "wrong_envelope_type"


def test_values_that_were_asked_for_are_checked(world: World) -> None:
    """R-07: `values` is no promise of the wallet."""
    query = {
        "credentials": [
            {
                "id": "q",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["https://skillcred.org/types/qualification-v1"]},
                "claims": [{"path": ["countryOfAward"], "values": ["XX"]}],
            }
        ]
    }
    world.hold()
    created = world.ask(
        PresentationOrder(query=query, response_mode="direct_post"), actor=world.registry.operator
    )
    request = world.fetch(created)
    token = world.wallet.presentation(request, "dc+sd-jwt", [])
    assert world.refused(created, build_direct_post(request, {"q": [token]})) == "query_not_met"


def test_a_revoked_credential_is_refused(world: World) -> None:
    content = world.hold()
    credential_id = json.loads(decode_base64url(content.decode().split(".")[1]))["jti"]
    world.application.change_status(
        world.registry.provider, credential_id, kind="revoked", reason="It was issued by mistake."
    )
    created = world.ask()
    assert world.refused(created, world.answer(created)) == "revoked"
    view = world.look(created)
    assert (view.state, view.request.reason) == (PresentationState.REFUSED, "revoked")


def test_an_issuer_whom_nobody_vouches_for_leaves_the_verdict_open(world: World) -> None:
    """The wallet did all right: what the credential is worth, the report says."""
    world.hold(actor=world.registry.stranger)
    created = world.ask()
    world.present(created)
    view = world.look(created)
    assert view.state is PresentationState.VERIFIED
    assert view.result is not None
    assert view.result["verdict"] == "indeterminate"
    assert presented(view)["reason"] == "issuer_not_recognised"


def test_two_presentations_where_one_is_not_bound(world: World) -> None:
    """R-08."""
    member = {"format": "dc+sd-jwt", "meta": {"vct_values": ["https://skillcred.org/types/qualification-v1"]}}
    query = {"credentials": [{"id": name, **member} for name in ("a", "b")]}
    world.hold()
    order = PresentationOrder(query=query, response_mode="direct_post")
    for bound, reason in ((True, None), (False, "key_binding_wrong")):
        created = world.ask(order, actor=world.registry.operator)
        request = world.fetch(created)
        good = world.wallet.presentation(request, "dc+sd-jwt", [])
        other = world.wallet.presentation(request, "dc+sd-jwt", [], bound=bound)
        body = build_direct_post(request, {"a": [good], "b": [other]})
        if reason is None:
            world.presenting.receive(created.request.handle, body)
        else:
            assert world.refused(created, body) == reason
    created = world.ask(order, actor=world.registry.operator)
    request = world.fetch(created)
    body = build_direct_post(request, {"a": [world.wallet.presentation(request, "dc+sd-jwt", [])]})
    assert world.refused(created, body) == "query_not_met"


BACK = "https://employer.example/back?case=7"


def test_on_the_same_device_only_who_comes_back_gets_the_result(world: World) -> None:
    """R-03: a result needs whoever asked, and a code that only the redirect carries."""
    world.hold()
    created = world.ask(replace(QUALIFICATION, redirect_uri=BACK))
    received = world.present(created)
    parts = urlsplit(received.redirect_uri)
    code = parse_qs(parts.query)["response_code"][0]
    assert received.redirect_uri.startswith(BACK + "&response_code=")
    view = world.look(created)
    assert (view.state, view.result, view.awaits_return) == (PresentationState.VERIFIED, None, True)
    for wrong in ("", "x", code[:-1], created.request.handle, created.request.id):
        with pytest.raises(NotFoundError):
            world.look(created, actor=world.employer, response_code=wrong)
    with pytest.raises(NotFoundError):
        world.look(created, actor=world.registry.operator, response_code=code)
    view = world.look(created, actor=world.employer, response_code=code)
    assert view.result is not None
    assert not view.awaits_return
    with pytest.raises(NotFoundError):
        world.look(created, actor=world.employer, response_code=code)
    assert world.look(created).result is not None


def test_who_declines_on_the_same_device_is_sent_back_as_well(world: World) -> None:
    created = world.ask(replace(QUALIFICATION, redirect_uri=BACK))
    body = build_error_post(world.fetch(created), "access_denied")
    assert "response_code=" in world.presenting.receive(created.request.handle, body).redirect_uri


def test_a_session_sees_its_own_requests_only(world: World) -> None:
    """R-03, PR-18."""
    world.hold()
    created = world.ask(session="secret of the session")
    world.present(created)
    assert world.look(created, session="secret of the session").result is not None
    for others in ({"session": "another"}, {"session": ""}, {"session": None}, {"actor": world.employer}):
        with pytest.raises(NotFoundError):
            world.presenting.get_request(created.request.id, **others)
    with pytest.raises(NotFoundError):
        world.presenting.get_request("unknown", session="secret of the session")


def test_who_may_ask(world: World) -> None:
    for actor in (world.registry.provider, world.registry.body):
        with pytest.raises(AuthorisationError):
            world.ask(actor=actor)
    with pytest.raises(AuthorisationError):
        world.ask(PresentationOrder(query={"credentials": []}))
    with pytest.raises(AuthorisationError):
        world.presenting.create_request(QUALIFICATION, actor=None)
    with pytest.raises(AuthorisationError):
        world.look(world.ask(), actor=world.registry.provider)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"purpose": None}, "purpose_missing"),
        ({"purpose": "nosy"}, "unknown_purpose"),
        ({"formats": ["mso_mdoc"]}, "unsupported_format"),
        ({"formats": []}, "no_formats"),
        ({"client_id_prefix": "verifier_attestation"}, "unknown_client_id_prefix"),
        ({"client_id_prefix": "x509_hash"}, "client_id_not_possible"),
        ({"client_id_prefix": "x509_san_dns"}, "client_id_not_possible"),
        ({"client_id_prefix": "redirect_uri"}, "request_method_not_possible"),
        ({"request_method": "value"}, "request_method_not_possible"),
        ({"request_method": "put"}, "unknown_request_method"),
        ({"response_mode": "fragment"}, "unknown_response_mode"),
        ({"redirect_uri": "http://employer.example"}, "invalid_redirect_uri"),
        ({"redirect_uri": "javascript:alert(1)"}, "invalid_redirect_uri"),
        ({"redirect_uri": "https://a@employer.example"}, "invalid_redirect_uri"),
        ({"redirect_uri": "https://employer.example/#x"}, "invalid_redirect_uri"),
        ({"redirect_uri": "https://[x"}, "invalid_redirect_uri"),
        ({"lifetime_seconds": 5}, "invalid_lifetime"),
        ({"lifetime_seconds": 6000}, "invalid_lifetime"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_refused(world: World, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        world.ask(replace(QUALIFICATION, **changes))
    assert caught.value.code == code


def test_queries_of_the_operator_are_checked(world: World) -> None:
    for query in ({}, {"credentials": [{"id": "a", "format": "mso_mdoc", "meta": {}}]}):
        with pytest.raises(DcqlError):
            world.ask(PresentationOrder(query=query), actor=world.registry.operator)


def test_open_requests_are_not_without_number(world: World) -> None:
    """R-13: one client's requests do not take others' place, and come free again."""
    order = replace(PLAIN, formats=["dc+sd-jwt"])
    for _ in range(MAX_OPEN_OF_ORGANISATION):
        world.ask(order)
    with pytest.raises(LimitError) as caught:
        world.ask(order)
    assert caught.value.code == "too_many_open_requests"
    world.ask(order, actor=world.registry.operator)
    world.ask(order, session="s")
    world.clock.advance(minutes=3)
    world.ask(order)


def test_what_was_presented_is_forgotten_in_time(world: World) -> None:
    """PR-07, R-15: results stay, requests of the page do not."""
    assert PRESENTATION_RETENTION.total_seconds() == 15 * 60
    world.hold()
    verified, waiting, page = world.ask(PLAIN), world.ask(PLAIN), world.ask(PLAIN, session="s")
    world.present(verified)
    world.present(page)
    assert world.presenting.purge() == world.presenting.purge()
    world.clock.advance(minutes=3)
    purged = world.presenting.purge()
    assert (purged.expired, purged.forgotten, purged.deleted) == (1, 0, 0)
    with world.storage(writes=False) as unit:
        found = unit.presentations.find(waiting.request.id)
    assert found is not None
    assert found.state is PresentationState.EXPIRED
    world.clock.advance(seconds=PAGE_RETENTION.total_seconds())
    assert world.presenting.purge().deleted == 1
    assert world.look(verified).result is not None
    with pytest.raises(NotFoundError):
        world.look(page, session="s")


def test_whoever_asked_can_delete_the_result(world: World) -> None:
    world.hold()
    created = world.ask(PLAIN)
    world.present(created)
    for other in (world.registry.operator, world.registry.provider):
        with pytest.raises((NotFoundError, AuthorisationError)):
            world.presenting.delete_request(other, created.request.id)
    world.presenting.delete_request(world.employer, created.request.id)
    with pytest.raises(NotFoundError):
        world.look(created)
    with pytest.raises(NotFoundError):
        world.presenting.delete_request(world.employer, created.request.id)
    waiting = world.ask(PLAIN)
    body = world.answer(waiting)
    world.presenting.delete_request(world.employer, waiting.request.id)
    assert world.refused(waiting, body) == "request_unknown"


def test_an_answer_that_was_left_behind_is_finished_by_who_looks(world: World) -> None:
    """What a killed process leaves: taken, sealed, not verified."""
    world.hold()
    created = world.ask(PLAIN)
    leave_behind(world, created)
    view = world.look(created)
    assert (view.state, view.result) == (PresentationState.ANSWERED, None)
    world.clock.advance(seconds=61)
    view = world.look(created)
    assert view.state is PresentationState.VERIFIED
    assert view.result is not None
    assert view.result["verdict"] == "valid"


def test_an_answer_that_nobody_finished_is_forgotten_all_the_same(world: World) -> None:
    world.hold()
    created = world.ask(PLAIN)
    leave_behind(world, created)
    world.clock.advance(minutes=16)
    assert world.presenting.purge().forgotten == 1
    view = world.look(created)
    assert (view.state, view.request.reason) == (PresentationState.REFUSED, "not_verified_in_time")


def leave_behind(world: World, created: CreatedPresentationRequest) -> None:
    class KilledError(Exception):
        pass

    def kill(point: str) -> None:
        if point == "after-presentation-claim":
            raise KilledError

    body = world.answer(created)
    with pytest.raises(KilledError):
        replace(world.presenting.receive, crash_point=kill)(created.request.handle, body)
    with world.storage(writes=False) as unit:
        stored = unit.presentations.find(created.request.id)
    assert stored is not None
    assert stored.presentation is not None
    assert b"eyJ" not in stored.presentation


def test_a_sealed_answer_opens_for_its_own_request_only(world: World) -> None:
    world.hold()
    created = world.ask(PLAIN)
    leave_behind(world, created)
    with world.storage(writes=False) as unit:
        stored = unit.presentations.find(created.request.id)
    assert stored is not None
    with pytest.raises(IntegrityError) as caught:
        world.presenting.get_request.finish(replace(stored, id="other"))
    assert caught.value.code == "seal_broken"


def test_without_a_certificate_the_organisation_asks_as_itself(world: World) -> None:
    clients = world.presenting.create_request.clients
    assert isinstance(clients.certificates, NoCertificate)
    did = world.employer.organisation.did
    assert world.ask().request.client_id == f"decentralized_identifier:{did}"
    assert world.ask(session="s").request.client_id.endswith(world.registry.operator.organisation.did)
    signer = clients.get_signer(ClientId(ClientIdPrefix.DECENTRALIZED_IDENTIFIER, did))
    assert signer.key_id.startswith(did + "#")


@pytest.mark.parametrize("format_", MECHANISMS)
def test_K13_what_was_presented_is_known_when_it_is_presented_again(format_: str) -> None:
    """With another question, so another key binding. Of the presentation nothing is kept, of the credential digests."""
    world = World(remember_verified=True)
    world.hold(format_, revocable=False)
    world.storage.state.credentials.clear()  # as if it had been issued elsewhere
    world.present(world.ask())
    kept = dict(world.storage.state.seen_documents)
    assert 1 <= len(kept) <= 2
    assert all(len(digest) == 64 for digest in kept)
    world.clock.advance(minutes=5)
    application, provider = world.application, world.registry.provider
    for key in application.list_keys(provider):
        application.retire_key(provider, key.id, compromised=True)
    again = world.ask()
    world.present(again)
    report = presented(world.look(again))
    (trust,) = [step for step in report["steps"] if step["step"] == "trust"]
    assert trust["details"]["award_date"]["existed"]["source"] == "first_seen", trust["code"]
