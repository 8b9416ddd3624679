"""The page on which an employer asks for a credential, in a real Chromium, with a wallet that answers over HTTP."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from worlds.application import DemoRegistry
from worlds.browsing import DESK, PHONE, Visit, served_registry, visit
from worlds.deployments import Deployment
from worlds.wallet_answers import CANARY, LiteralWallet, issue, read_request

SHOTS = os.environ.get("SKILLCRED_TEST_SHOTS")
"""A folder for pictures of the pages, for who wants to look at them."""
PATIENT = 60_000
"""Milliseconds that a busy machine may take."""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoRegistry, str]]:
    with served_registry(tmp_path_factory.mktemp("ask")) as served:
        yield served


@pytest.fixture
def desk(browser: Browser, registry: tuple[DemoRegistry, str]) -> Iterator[Visit]:
    visitor = visit(browser, registry[1])
    yield visitor
    visitor.page.context.close()


class Phone:
    """The person's wallet: follows the link that the page shows."""

    def __init__(self, registry: DemoRegistry, profile: str = "qualification") -> None:
        self.wallet = LiteralWallet(datetime.now(UTC), {"dc+sd-jwt": issue(registry, profile=profile)})

    def answer(self, link: str, **breaking: object) -> httpx2.Response:
        with httpx2.Client(trust_env=False) as client:
            uri = httpx2.URL(link).params["request_uri"]
            request = read_request(link, client.get(uri).content)
            body = self.wallet.answer(request, **breaking)
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            return client.post(request.response_uri, content=body, headers=headers)


def start(visitor: Visit, *, device: str = "other", purpose: str = "qualification", lang: str = "en") -> str:
    """Choose a purpose and send the form; the link for the wallet."""
    visitor.page.goto(f"{visitor.address}/ask?lang={lang}")
    visitor.page.check(f"#purpose-{purpose}")
    visitor.page.click(f"button[value={device}]")
    link = visitor.page.get_attribute("#wallet-link", "href")
    assert link is not None
    return link


def shoot(visitor: Visit, name: str) -> None:
    if SHOTS:
        visitor.page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


def test_an_employer_asks_and_sees_the_answer(desk: Visit, registry: tuple[DemoRegistry, str]) -> None:
    link = start(desk)
    assert desk.page.inner_text("#verdict") == "Waiting for a wallet"
    assert registry[1].partition("://")[2] in desk.page.inner_text(".steps")
    assert Phone(registry[0]).answer(link).status_code == 200
    desk.page.wait_for_selector(".verdict.valid")
    assert desk.page.inner_text("#verdict") == "The credential is valid, and it was shown by its holder"
    text = desk.page.inner_text("main")
    assert "Bachelor of Science in Nursing" in text
    assert "Demo Qualifications Authority" in text
    assert CANARY not in desk.page.content()
    desk.assert_calm()


@pytest.mark.nightly
@pytest.mark.parametrize("device", ["other", "same"])
def test_two_processes_answer_as_one(
    browser: Browser, postgresql_deployment: Deployment, device: str
) -> None:
    """R-03: on PostgreSQL the page, its script and the wallet get to another process with each request."""
    visitor = visit(browser, postgresql_deployment.base_url)
    link = start(visitor, device=device)
    answer = Phone(postgresql_deployment.registry).answer(link)
    assert answer.status_code == 200
    if device == "same":
        visitor.page.wait_for_selector("text=The result is shown when the wallet has brought you back here")
        assert "Nursing" not in visitor.page.content()
        visitor.page.goto(answer.json()["redirect_uri"])
    visitor.page.wait_for_selector(".verdict.valid", timeout=PATIENT)
    assert "Bachelor of Science in Nursing" in visitor.page.inner_text("main")
    assert CANARY not in visitor.page.content()
    shown = visitor.page.url
    stranger = visit(browser, postgresql_deployment.base_url)
    for _ in range(postgresql_deployment.processes):
        seen = stranger.page.goto(shown)
        assert seen is not None
        assert seen.status == 404
    visitor.assert_calm()
    stranger.page.context.close()
    visitor.page.context.close()


@pytest.mark.nightly
def test_two_processes_let_time_pass_and_take_no_second_answer(
    browser: Browser, postgresql_deployment: Deployment
) -> None:
    """R-01: whichever process is asked, the first answer is the only one."""
    visitor = visit(browser, postgresql_deployment.base_url)
    phone, link = Phone(postgresql_deployment.registry), start(visitor)
    assert phone.answer(link, nonce="another").status_code == 400
    visitor.page.wait_for_selector(".verdict.invalid", timeout=PATIENT)
    reason = visitor.page.inner_text(".reason")
    for _ in range(postgresql_deployment.processes):
        visitor.page.reload()
        assert visitor.page.inner_text(".reason") == reason
    visitor.page.context.close()


def test_a_refused_answer_says_why(desk: Visit, registry: tuple[DemoRegistry, str]) -> None:
    link = start(desk)
    assert Phone(registry[0]).answer(link, nonce="another").status_code == 400
    desk.page.wait_for_selector(".verdict.invalid")
    assert "does not answer this request" in desk.page.inner_text(".reason")
    assert "Nursing" not in desk.page.content()


def test_another_browser_sees_nothing(
    desk: Visit, browser: Browser, registry: tuple[DemoRegistry, str]
) -> None:
    """R-03."""
    link = start(desk)
    Phone(registry[0]).answer(link)
    other = visit(browser, registry[1])
    answer = other.page.goto(desk.page.url)
    assert answer is not None
    assert answer.status == 404
    state = other.page.goto(desk.page.url.partition("?")[0] + "/state")
    assert state is not None
    assert state.status == 404
    other.page.context.close()


def test_on_the_same_device_the_wallet_sends_the_person_back(
    desk: Visit, browser: Browser, registry: tuple[DemoRegistry, str]
) -> None:
    """R-03: in the same browser only, and once."""
    link = start(desk, device="same")
    assert desk.page.locator(".qr").count() == 0
    target = Phone(registry[0]).answer(link).json()["redirect_uri"]
    desk.page.wait_for_selector("text=The result is shown when the wallet has brought you back here")
    assert "Nursing" not in desk.page.content()
    other = visit(browser, registry[1])
    stolen = other.page.goto(target)
    assert stolen is not None
    assert stolen.status == 404
    other.page.context.close()
    desk.page.goto(target)
    assert "response_code" not in desk.page.url
    assert desk.page.locator(".verdict.valid").count() == 1
    assert "Nursing" in desk.page.content()
    desk.page.reload()
    assert desk.page.locator(".verdict.valid").count() == 1
    again = desk.page.goto(target)
    assert again is not None
    assert again.status == 404


def test_without_javascript_the_page_looks_again_by_itself(
    browser: Browser, registry: tuple[DemoRegistry, str]
) -> None:
    visitor = visit(browser, registry[1], java_script_enabled=False)
    link = start(visitor)
    assert visitor.page.locator("meta[http-equiv=refresh]").get_attribute("content") == "5"
    Phone(registry[0]).answer(link)
    visitor.page.wait_for_selector(".verdict.valid", timeout=15_000)
    assert visitor.page.locator("meta[http-equiv=refresh]").count() == 0
    visitor.page.context.close()


def test_keyboard_alone(desk: Visit) -> None:
    page = desk.page
    page.goto(f"{desk.address}/ask")
    page.focus("#purpose-qualification")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("#purpose-training")
    for _ in range(2):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "other"
    page.keyboard.press("Enter")
    page.wait_for_selector("#wallet-link")
    assert "Has done a training" in page.inner_text("main")


def test_nothing_chosen(desk: Visit) -> None:
    desk.page.goto(f"{desk.address}/ask")
    desk.page.evaluate("document.getElementById('ask-form').noValidate = true")
    desk.page.click("button[value=other]")
    assert "Choose what you want to know" in desk.page.inner_text("[role=alert]")


@pytest.mark.parametrize(("viewport", "lang"), [(DESK, "en"), (PHONE, "ar")], ids=["desk-en", "phone-ar"])
def test_axe_finds_nothing(
    browser: Browser, registry: tuple[DemoRegistry, str], viewport: dict[str, int], lang: str
) -> None:
    visitor = visit(browser, registry[1], viewport=viewport)
    axe, name = Axe(), f"{viewport['width']}-{lang}"
    visitor.page.goto(f"{visitor.address}/ask?lang={lang}")
    pages = {"form": lambda: None}
    pages["code"] = lambda: setattr(visitor, "link", start(visitor, lang=lang))
    pages["result"] = lambda: (
        Phone(registry[0]).answer(visitor.link),  # type: ignore[attr-defined]
        visitor.page.wait_for_selector(".verdict.valid"),
    )
    for step, go in pages.items():
        go()
        shoot(visitor, f"ask-{step}-{name}")
        results = axe.run(visitor.page)
        assert results.violations_count == 0, results.generate_report()
        wide = visitor.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{step} is wider than the screen"
    visitor.page.context.close()


def test_the_session_cookie_is_for_this_page_alone(desk: Visit, registry: tuple[DemoRegistry, str]) -> None:
    start(desk)
    [cookie] = desk.page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert len(cookie["value"]) >= 43
    with httpx2.Client(base_url=registry[1], trust_env=False) as client:
        for path in ("/", "/verify", "/registry", "/ask"):
            assert "set-cookie" not in client.get(path).headers
        form = {"purpose": "training", "device": "other"}
        foreign = client.post("/ask", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
        assert "set-cookie" not in foreign.headers
