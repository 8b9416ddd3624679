"""The pages on which a provider signs in, makes offers, and sees what becomes of them (W-15, W-16, W-19, W-25).

Two applications over one storage stand for two web processes; a clock that is moved stands for time.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import pytest
from fastapi import FastAPI

from skillcred.profiles.schemas import load_schema
from skillcred.services.create_offer import OfferRequest
from skillcred.services.page_sessions import SESSION_LIFETIME
from skillcred.web.app import create_app
from skillcred.web.pages.sign_in_routes import SIGN_INS_PER_MINUTE
from skillcred.web.pages.training_form import KINDS
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.in_memory_keys import InMemoryKeyManager
from worlds.offers import claims_of
from worlds.staff import StaffBrowser
from worlds.wallet import Wallet, read_offer

ISSUER = "http://127.0.0.1:8000/issuers/welding-school"
SESSION = "skillcred-staff"


@dataclass(frozen=True)
class Office:
    """Two web processes of one deployment, its registry, and its clock."""

    registry: DemoRegistry
    app: FastAPI
    other: FastAPI
    clock: FixedClock
    log: io.StringIO

    def staff(self, who: str = "provider") -> StaffBrowser:
        """Somebody who has signed in."""
        browser = StaffBrowser(self.app)
        assert browser.sign_in(getattr(self.registry, f"{who}_secret")).status_code == 303
        return browser


@pytest.fixture(scope="module")
def office() -> Office:
    storage, keys, clock, log = InMemoryStorage(), InMemoryKeyManager(), FixedClock(), io.StringIO()
    shared = {"storage": storage, "key_manager": keys, "clock": clock}
    first, second = open_in_memory_application(**shared), open_in_memory_application(**shared)
    registry = fill_demo_registry(first)
    return Office(registry, create_app(first, log_stream=log), create_app(second, log_stream=log), clock, log)


@pytest.fixture(autouse=True)
def unhurried(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests other than that of the limit must not meet it."""
    monkeypatch.setattr(office.app.state.sign_in_rate_limit, "check", lambda request: None)


def test_signing_in_gives_a_cookie_and_nothing_else(office: Office) -> None:
    browser = StaffBrowser(office.app)
    assert browser.get("/offers").url.path == "/sign-in"
    answer = browser.sign_in(office.registry.provider_secret)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/offers")
    [cookie] = [value for value in answer.headers.get_list("set-cookie") if value.startswith(SESSION)]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert office.registry.provider_secret not in cookie + answer.text + office.log.getvalue()
    page = browser.get("/offers")
    assert "Demo Welding School" in page.text
    assert office.registry.provider_secret not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    line = json.loads(office.log.getvalue().splitlines()[-1])
    assert (line["route"], line["api_key_id"]) == ("/offers", office.registry.provider_secret.split("_")[1])


def test_where_there_is_https_the_cookie_is_guarded() -> None:
    application = open_in_memory_application(base_url="https://skills.example")
    registry = fill_demo_registry(application)
    browser = StaffBrowser(create_app(application, log_stream=io.StringIO()), "https://skills.example")
    answer = browser.sign_in(registry.provider_secret)
    cookies = answer.headers.get_list("set-cookie")
    assert {value.partition("=")[0] for value in cookies} == {
        "__Host-skillcred-staff",
        "__Host-skillcred-visitor",
    }
    assert all({"Secure", "HttpOnly", "Path=/"} <= set(value.split("; ")) for value in cookies)
    assert browser.get("/offers").url.path == "/offers"


@pytest.mark.parametrize("key", ["", "sk_nonsense", "sk_" + "0" * 20 + "_" + "A" * 43, "ключ"])
def test_a_wrong_key_gets_nowhere(office: Office, key: str) -> None:
    browser = StaffBrowser(office.app)
    answer = browser.sign_in(key)
    assert answer.status_code == 401
    assert "This key is not valid" in answer.text
    assert not key or key not in answer.text
    assert SESSION not in browser.http.cookies


def test_W_15_signing_somebody_in_from_elsewhere_fails(office: Office) -> None:
    secret = office.registry.stranger_secret
    browser, attacker = StaffBrowser(office.app), StaffBrowser(office.app)
    token = attacker.hidden("/sign-in")["form_token"]
    browser.get("/sign-in")
    for form in ({}, {"form_token": "guess"}, {"form_token": token}, {"form_token": "ü"}):
        answer = browser.http.post("/sign-in", data={**form, "api_key": secret})
        assert answer.status_code == 403
    headers = {"Sec-Fetch-Site": "cross-site"}
    form = {**browser.hidden("/sign-in"), "api_key": secret}
    assert browser.http.post("/sign-in", data=form, headers=headers).status_code == 403
    assert SESSION not in browser.http.cookies


def test_W_15_forms_need_the_token_of_their_session(office: Office) -> None:
    browser, other = office.staff(), office.staff()
    path = browser.make_offer()
    foreign = other.hidden("/offers")["form_token"]
    own = browser.hidden("/offers")["form_token"]
    for target in ("/offers/new", "/sign-out", f"{path}/withdraw", f"{path}/code", f"{path}/release"):
        for form in ({"lifetime": "3600"}, {"form_token": foreign}):
            assert browser.http.post(target, data=form).status_code == 403
        as_text = {"Content-Type": "text/plain"}
        assert browser.http.post(target, content=f"form_token={own}", headers=as_text).status_code == 415
        elsewhere = {"Sec-Fetch-Site": "same-site"}
        sent = browser.http.post(target, data={"form_token": own}, headers=elsewhere)
        assert sent.status_code == 403
    parts = {"form_token": (None, foreign), "text": (None, "{}")}
    assert browser.http.post("/offers/new/prepared", files=parts).status_code == 403
    assert "Not yet claimed" in browser.get(path).text


def test_W_16_signing_out_ends_the_session_in_both_processes(office: Office) -> None:
    browser = office.staff()
    stolen = StaffBrowser(office.other)
    stolen.http.cookies.set(SESSION, browser.http.cookies[SESSION])
    assert stolen.get("/offers").url.path == "/offers"
    assert browser.send("/sign-out", "/offers").url.path == "/sign-in"
    assert SESSION not in browser.http.cookies
    assert stolen.get("/offers").url.path == "/sign-in"


def test_W_16_signing_in_again_ends_the_session_before(office: Office) -> None:
    browser = office.staff()
    before = browser.http.cookies[SESSION]
    assert "You are signed in" in browser.get("/sign-in").text
    visitor = StaffBrowser(office.app)
    data = visitor.hidden("/sign-in")
    visitor.http.cookies.set(SESSION, before)
    answer = visitor.http.post(
        "/sign-in", data={**data, "api_key": office.registry.stranger_secret}, follow_redirects=False
    )
    assert answer.status_code == 303
    assert browser.get("/offers").url.path == "/sign-in"


def test_a_revoked_key_ends_the_session_at_once(office: Office) -> None:
    registry = office.registry
    key, secret = registry.application.create_api_key(
        registry.operator, registry.provider.organisation.id, "issuer", "for a page"
    )
    browser = StaffBrowser(office.other)
    browser.sign_in(secret)
    path = browser.make_offer()
    assert browser.get(f"{path}/state", Accept="*/*").status_code == 200
    registry.application.revoke_api_key(registry.operator, key.id)
    assert browser.get(path).url.path == "/sign-in"
    state = browser.get(f"{path}/state", Accept="*/*")
    assert (state.status_code, state.json()["code"]) == (401, "signed_out")


def test_a_session_has_its_time(office: Office) -> None:
    browser = office.staff()
    office.clock.advance(seconds=SESSION_LIFETIME.total_seconds() - 1)
    assert browser.get("/offers").url.path == "/offers"
    office.clock.advance(seconds=1)
    assert browser.get("/offers").url.path == "/sign-in"


@pytest.mark.parametrize(
    "change", ["", "x", ".", "x.y", "{id}.", "{id}.AAAA", "other.{sealed}", "{id}.{sealed}A"]
)
def test_a_cookie_that_is_none(office: Office, change: str) -> None:
    session_id, _, sealed = office.staff().http.cookies[SESSION].partition(".")
    browser = StaffBrowser(office.app)
    browser.http.cookies.set(SESSION, change.format(id=session_id, sealed=sealed))
    assert browser.get("/offers").url.path == "/sign-in"


def test_W_19_attempts_are_limited(office: Office) -> None:
    app = create_app(office.registry.application, log_stream=io.StringIO())
    browser = StaffBrowser(app)
    statuses = [
        browser.http.post("/sign-in", data={"api_key": "x"}).status_code for _ in range(SIGN_INS_PER_MINUTE)
    ]
    assert set(statuses) == {403}
    limited = browser.http.post("/sign-in", data={"api_key": "x"})
    assert limited.status_code == 429
    assert int(limited.headers["Retry-After"]) > 0


@pytest.mark.parametrize("who", ["operator", "body"])
def test_a_key_without_the_right_is_told_so(office: Office, who: str) -> None:
    browser = office.staff(who)
    own = office.staff().make_offer()
    for path in ("/offers", "/offers/new", "/offers/new/prepared", own, f"{own}/withdraw"):
        page = browser.get(path)
        assert page.status_code == 403, path
        assert "This is not permitted" in page.text
        assert "Sign in with another key" in page.text
    for path in (f"{own}/withdraw", f"{own}/code", f"{own}/release", "/offers/new"):
        assert browser.send(path, "/sign-in").status_code == 403
    assert browser.send("/sign-out", "/sign-in").url.path == "/sign-in"


def test_W_25_what_is_another_provider_s_is_not_there(office: Office) -> None:
    path, browser = office.staff().make_offer(), office.staff("stranger")
    for target in (path, f"{path}/state", f"{path}/withdraw", "/offers/never-was"):
        assert browser.get(target).status_code == 404
    for target in (f"{path}/withdraw", f"{path}/code", f"{path}/release"):
        assert browser.send(target, "/offers").status_code == 404
    assert "Welding, basic course" not in browser.get("/offers").text


def test_an_offer_is_made_shown_and_claimed(office: Office) -> None:
    browser = office.staff()
    path = browser.make_offer(with_code="")
    page = browser.get(path)
    assert "Not yet claimed" in page.text
    assert "Amina Yusuf" in page.text
    assert "Amina" not in path + page.text.partition("</title>")[0]
    assert "no transaction code" in page.text
    state = browser.get(f"{path}/state").json()
    view = office.registry.application.wallet_issuing.view_offers.get(
        office.registry.provider, path.rpartition("/")[2]
    )
    assert view.forms is not None
    assert view.forms.claim_url in page.text
    wallet = Wallet(browser.http, ISSUER)
    wallet.now = lambda: int(office.clock.now().timestamp())  # type: ignore[method-assign]
    assert wallet.request_token(read_offer(view.forms.by_value)).status_code == 200
    assert browser.get(f"{path}/state").json() != state
    page = browser.get(path)
    assert "state-claimed" in page.text
    assert '<svg aria-hidden="true" xmlns' not in page.text
    assert browser.send(f"{path}/withdraw", "/offers").url.path == path
    assert "state-claimed" in browser.get(path).text


def test_the_transaction_code_is_shown_once(office: Office) -> None:
    browser = office.staff()
    path = browser.make_offer()
    view = office.registry.application.wallet_issuing.view_offers.get(
        office.registry.provider, path.rpartition("/")[2]
    )
    code = view.forms.tx_code
    assert f">{code}<" not in browser.get(path).text
    shown = browser.send(f"{path}/code", path)
    assert f">{code}<" in shown.text
    assert 'class="qr"' not in shown.text
    other = StaffBrowser(office.other)
    other.http.cookies.set(SESSION, browser.http.cookies[SESSION])
    again = other.send(f"{path}/code", path)
    assert again.url.path == path
    assert f">{code}<" not in again.text
    assert "is not shown here again" in again.text


def test_an_offer_is_withdrawn_after_it_was_asked_for(office: Office) -> None:
    browser = office.staff()
    path = browser.make_offer()
    asked = browser.get(f"{path}/withdraw")
    assert "cannot be undone" in asked.text
    assert "Not yet claimed" in browser.get(path).text
    assert "state-withdrawn" in browser.send(f"{path}/withdraw").text
    assert "The name is not kept any more." in browser.get(path).text
    assert browser.get(f"{path}/withdraw").url.path == path


def test_an_offer_that_waits_is_released_or_withdrawn(office: Office) -> None:
    """Made by the API, which can put off; a wallet that has claimed it has nothing before its release."""
    browser, wallet_issuing = office.staff(), office.registry.application.wallet_issuing
    paths = []
    for number in range(2):
        order = OfferRequest("training", claims_of("training"), tx_code=False, deferred=True)
        made = wallet_issuing.create_offer(office.registry.provider, order, f"deferred-{number}")
        forms = wallet_issuing.view_offers.get(office.registry.provider, made.id).forms
        wallet = Wallet(browser.http, ISSUER)
        wallet.now = lambda: int(office.clock.now().timestamp())  # type: ignore[method-assign]
        assert wallet.request_token(read_offer(forms.by_value)).status_code == 200
        paths.append(f"/offers/{made.id}")
    released, withdrawn = paths
    assert "claimed it and waits" in browser.get(released).text
    state = browser.get(f"{released}/state").json()
    page = browser.send(f"{released}/release", released)
    assert "state-claimed" in page.text
    assert 'id="release"' not in page.text
    assert 'id="withdraw"' not in page.text
    assert browser.get(f"{released}/state").json() != state
    assert "state-withdrawn" in browser.send(f"{withdrawn}/withdraw").text
    assert browser.send(f"{withdrawn}/release", withdrawn).url.path == withdrawn


def test_an_offer_ends(office: Office) -> None:
    browser = office.staff()
    path = browser.make_offer(lifetime="3600")
    office.clock.advance(hours=2)
    browser.sign_in(office.registry.provider_secret)
    page = browser.get(path)
    assert "state-expired" in page.text
    assert "data-state-url" not in page.text
    assert browser.send(f"{path}/code", path).url.path == path


def test_sending_a_form_twice_makes_one_offer(office: Office) -> None:
    browser = office.staff()
    key = browser.hidden("/offers/new")["request_key"]
    first, second = (browser.make_offer(request_key=key) for _ in range(2))
    assert first == second
    changed = browser.offer_training(request_key=key, hours="80")
    assert changed.status_code == 422
    assert "has made another offer already" in changed.text
    assert f'value="{key}"' not in changed.text


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"person": " "}, "person", "This is needed."),
        ({"hours": "many"}, "hours", "This is not in the form that is needed here."),
        ({"end": "2025-01-01"}, "end", "The end lies before the start."),
        ({"awarded": "soon"}, "awarded", "This is not in the form that is needed here."),
        ({"field": "1234"}, "field", "There is no such code."),
        ({"country": "XX"}, "country", "There is no such code."),
        ({"kind": "Degree"}, "kind", "This is not one of the values that are allowed here."),
        ({"title": "x" * 5000}, "title", "This is too long."),
        ({"description": "a\x07b"}, "description", "The text holds a character that nobody sees."),
    ],
)  # fmt: skip
def test_faults_stand_beside_their_field(
    office: Office, changes: dict[str, str], field: str, said: str
) -> None:
    browser = office.staff()
    page = browser.offer_training(**changes)
    assert page.status_code == 422
    fault = page.text.partition(f'id="{field}-fault"')[2].partition("</div>")[0]
    assert said in fault, page.text
    assert f'href="#{field}"' in page.text
    assert "Fillet and butt welds" in page.text or field == "description"


def test_W_01_what_was_typed_is_text(office: Office) -> None:
    browser, evil = office.staff(), '"><script>alert(1)</script>{{7*7}}'
    refused = browser.offer_training(title=evil, hours="x")
    path = browser.make_offer(title=evil, person=evil)
    for page in (refused, browser.get(path), browser.get("/offers"), browser.get(f"{path}/withdraw")):
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("part", ["text", "file"])
def test_a_prepared_credential_of_any_kind(office: Office, part: str) -> None:
    browser = office.staff()
    hidden = browser.hidden("/offers/new/prepared")
    content = json.dumps(claims_of("qualification"))
    parts = {name: (None, value) for name, value in hidden.items()} | {"profile": (None, "qualification")}
    parts[part] = ("c.json" if part == "file" else None, content)
    page = browser.http.post("/offers/new/prepared", files=parts)
    assert page.url.path.startswith("/offers/")
    assert "Bachelor of Science in Nursing" in page.text


@pytest.mark.parametrize(
    ("profile", "content", "said"),
    [
        ("training", "", "Choose a file or paste a credential first."),
        ("training", "{", "This is not well-formed JSON."),
        ("training", "[]", "A JSON object is needed"),
        ("training", '{"name": 1, "name": 2}', "A name is there twice in one object."),
        ("training", "{}", "/credentialSubject"),
        ("", "{}", "Choose a kind of credential."),
        ("training", '{"issuer": "did:web:x"}', "This is not allowed here."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_prepared_credential(
    office: Office, profile: str, content: str, said: str
) -> None:
    browser = office.staff()
    hidden = browser.hidden("/offers/new/prepared")
    filled = {**hidden, "profile": profile, "text": content}
    page = browser.http.post("/offers/new/prepared", files={k: (None, v) for k, v in filled.items()})
    assert page.status_code == 422
    assert said in page.text


def test_the_list_has_pages(office: Office) -> None:
    browser = office.staff()
    order, provider = OfferRequest("training", claims_of("training")), office.registry.provider
    make = office.registry.application.wallet_issuing.create_offer
    made = [make(provider, order, f"listed-{number}") for number in range(21)]
    paths = [f"/offers/{offer.id}" for offer in made]
    first, second = browser.get("/offers?lang=en"), browser.get("/offers?page=2&lang=en")
    assert first.text.index(paths[20]) < first.text.index(paths[1])
    assert paths[0] not in first.text
    assert "page=2&amp;lang=en" in first.text
    assert paths[0] in second.text
    assert browser.get("/offers?page=0").status_code == 422


def test_in_arabic(office: Office) -> None:
    browser = StaffBrowser(office.app, lang="ar")
    assert 'dir="rtl"' in browser.get("/sign-in").text
    browser.sign_in(office.registry.provider_secret)
    for path in ("/offers", "/offers/new", "/offers/new/prepared", browser.make_offer()):
        assert 'lang="ar" dir="rtl"' in browser.get(path).text


def test_the_kinds_are_those_of_the_profile() -> None:
    subject = load_schema("profiles/training-v1.json")["properties"]["credentialSubject"]  # type: ignore[index,call-overload]
    assert set(KINDS) == set(subject["properties"]["achievement"]["properties"]["achievementType"]["enum"])  # type: ignore[index,call-overload]


def test_signing_in_and_out_is_recorded(office: Office) -> None:
    browser = office.staff()
    browser.send("/sign-out", "/offers")
    with office.registry.application.page_sessions.units(writes=False) as unit:
        found = [entry.action for entry in unit.audit.list_for(office.registry.provider.organisation.id)]
    assert found[-2:] == ["sign_in", "sign_out"]
