"""A provider at its pages in a real Chromium, on SQLite and on PostgreSQL with two processes that take turns, and our
own wallet that claims what is offered there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from worlds.browsing import DESK, PHONE, Visit, visit
from worlds.deployments import Deployment
from worlds.own_wallet import OwnWallet

pytestmark = pytest.mark.nightly

SHOTS = os.environ.get("SKILLCRED_TEST_SHOTS")
"""A folder for pictures of the pages, for who wants to look at them."""
FILLED = {
    "person": "Amina Yusuf",
    "title": "Shielded metal arc welding, basic course",
    "description": "Fillet and butt welds in plate, with safe handling of the equipment.",
    "criteria": "Attended nine days in ten and welded four test pieces.",
    "hours": "120",
    "start": "2026-01-12",
    "end": "2026-03-20",
}
CLAIMED_SECONDS = 60


def sign_in(visitor: Visit, deployment: Deployment, lang: str = "en") -> None:
    visitor.page.goto(f"{visitor.address}/offers?lang={lang}")
    visitor.page.fill("#api-key", deployment.registry.provider_secret)
    visitor.page.click("#sign-in-form button")
    visitor.page.wait_for_selector("#new-offer")


def make_offer(visitor: Visit, lang: str = "en") -> None:
    visitor.page.goto(f"{visitor.address}/offers/new?lang={lang}")
    for name, value in FILLED.items():
        visitor.page.fill(f"#{name}", value)
    visitor.page.select_option("#field", "0715")
    visitor.page.click("#training-form button[type=submit]")
    visitor.page.wait_for_selector("#wallet-link")


@pytest.fixture
def desk(browser: Browser, deployment: Deployment) -> Iterator[Visit]:
    visitor = visit(browser, deployment.base_url)
    yield visitor
    visitor.page.context.close()


def test_an_offer_from_signing_in_to_the_wallet(
    desk: Visit, browser: Browser, deployment: Deployment, tmp_path: Path
) -> None:
    page = desk.page
    sign_in(desk, deployment)
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["name"]) == (True, "Strict", "skillcred-staff")
    make_offer(desk)
    assert page.inner_text("#state").startswith("Not yet claimed")
    assert "Amina" not in page.url + page.title()
    offer, link = page.url, page.get_attribute("#wallet-link", "href")
    assert link is not None
    page.click("#show-code")
    code = page.inner_text("#tx-code")
    page.click(".again .button")
    assert page.locator("#show-code").count() == 0
    assert code not in page.content()
    wallet = OwnWallet.make(tmp_path / "holder")
    [received] = wallet.accept(link, "--tx-code", code).expect()["received"]
    assert received["format"] == "dc+sd-jwt"
    page.wait_for_selector("#state .state-claimed", timeout=CLAIMED_SECONDS * 1000)
    assert page.url == offer
    page.wait_for_selector("text=The wallet says that it keeps it.", timeout=CLAIMED_SECONDS * 1000)
    page.goto(f"{desk.address}/offers")
    assert page.inner_text("#offers li:first-child .badge") == "Claimed"
    page.click("#sign-out")
    page.wait_for_selector("#api-key")
    page.goto(offer)
    assert page.url.startswith(f"{desk.address}/sign-in")
    desk.assert_calm()


def test_an_offer_is_withdrawn_by_keyboard(desk: Visit, deployment: Deployment) -> None:
    page = desk.page
    sign_in(desk, deployment)
    make_offer(desk)
    page.focus("#withdraw")
    page.keyboard.press("Enter")
    page.wait_for_selector("#confirm")
    page.focus("#confirm")
    page.keyboard.press("Enter")
    page.wait_for_selector("#state .state-withdrawn")
    assert page.locator(".qr").count() == 0


def test_a_revoked_key_ends_what_is_on_screen(desk: Visit, deployment: Deployment) -> None:
    """The page that looks for the state finds out by itself."""
    registry = deployment.registry
    key, secret = registry.application.create_api_key(
        registry.operator, registry.provider.organisation.id, "issuer", "for a page"
    )
    desk.page.goto(f"{desk.address}/sign-in")
    desk.page.fill("#api-key", secret)
    desk.page.click("#sign-in-form button")
    make_offer(desk)
    registry.application.revoke_api_key(registry.operator, key.id)
    desk.page.wait_for_selector("#api-key", timeout=CLAIMED_SECONDS * 1000)
    assert desk.page.url.startswith(f"{desk.address}/sign-in")


@pytest.mark.parametrize(("viewport", "lang"), [(DESK, "en"), (PHONE, "ar")], ids=["desk-en", "phone-ar"])
def test_axe_finds_nothing(
    browser: Browser, sqlite_deployment: Deployment, viewport: dict[str, int], lang: str
) -> None:
    visitor = visit(browser, sqlite_deployment.base_url, viewport=viewport)
    page, axe = visitor.page, Axe()
    address = visitor.address

    def wrong() -> None:
        page.goto(f"{address}/offers/new?lang={lang}")
        page.evaluate("document.getElementById('training-form').noValidate = true")
        page.fill("#end", "2020-01-01")
        page.click("#training-form button[type=submit]")
        page.wait_for_selector("#faults")

    def withdrawn() -> None:
        page.click("#confirm")
        page.wait_for_selector("#state .state-withdrawn")

    steps: dict[str, Callable[[], object]] = {
        "sign-in": lambda: page.goto(f"{address}/sign-in?lang={lang}"),
        "list": lambda: sign_in(visitor, sqlite_deployment, lang),
        "form": lambda: page.goto(f"{address}/offers/new?lang={lang}"),
        "faults": wrong,
        "prepared": lambda: page.goto(f"{address}/offers/new/prepared?lang={lang}"),
        "offer": lambda: make_offer(visitor, lang),
        "code": lambda: page.click("#show-code"),
        "back": lambda: page.click(".again .button"),
        "withdraw": lambda: page.click("#withdraw"),
        "withdrawn": withdrawn,
        "listed": lambda: page.goto(f"{address}/offers?lang={lang}"),
    }
    for step, go in steps.items():
        go()
        if SHOTS:
            name = f"offer-{step}-{viewport['width']}-{lang}.png"
            page.screenshot(path=str(Path(SHOTS) / name), full_page=True)
        results = axe.run(page)
        assert results.violations_count == 0, f"{step}: {results.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{step} is wider than the screen"
    assert (visitor.dialogs, visitor.foreign) == ([], [])
    page.context.close()
