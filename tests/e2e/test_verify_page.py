"""The pages in a real Chromium: what an employer does, without a mouse, without JavaScript, with hostile text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from worlds.application import DemoRegistry
from worlds.browsing import DESK, PHONE, Visit, served_registry, visit
from worlds.pure_world import PureWorld, SoftSigner, sign


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoRegistry, str]]:
    """A demo registry, served on a free port by a real server."""
    with served_registry(tmp_path_factory.mktemp("pages")) as served:
        yield served


@pytest.fixture
def desk(browser: Browser, registry: tuple[DemoRegistry, str]) -> Iterator[Visit]:
    """A desktop visitor."""
    visitor = visit(browser, registry[1])
    yield visitor
    visitor.page.context.close()


@pytest.fixture(scope="module")
def credentials(registry: tuple[DemoRegistry, str]) -> dict[str, bytes]:
    """One credential for each verdict."""
    demo, _ = registry
    good = demo.issue("page").content
    document = json.loads(good)
    document["name"] = "Doctor of Everything"
    return {
        "valid": good,
        "invalid": json.dumps(document).encode(),
        "indeterminate": demo.issue("page", actor=demo.stranger).content,
        "unreadable": b"%PDF-1.7 not a credential",
    }


HEADLINES = {
    "valid": "This credential is valid",
    "invalid": "This credential is not valid",
    "indeterminate": "This credential could not be fully checked",
    "unreadable": "This credential is not valid",
}


@pytest.mark.parametrize("kind", HEADLINES)
def test_employer_reads_the_verdict(desk: Visit, credentials: dict[str, bytes], kind: str) -> None:
    desk.hand_in(credentials[kind])
    assert desk.page.inner_text("#verdict") == HEADLINES[kind]
    assert desk.page.evaluate("document.activeElement.id") == "verdict"
    assert desk.page.title().startswith(HEADLINES[kind])
    desk.assert_calm()


def test_valid_names_issuer_and_national_body(desk: Visit, credentials: dict[str, bytes]) -> None:
    desk.hand_in(credentials["valid"])
    who = desk.page.inner_text(".who")
    assert "Demo Welding School" in who
    assert "Demo Qualifications Authority" in who
    assert "Kenya" in who
    assert "since 1 January 2020" in who
    says = desk.page.inner_text(".credential")
    assert "Shielded Metal Arc Welding" in says
    assert "Otieno Wanjala" in says


def test_changed_text_is_not_shown(desk: Visit, credentials: dict[str, bytes]) -> None:
    desk.hand_in(credentials["invalid"])
    assert "Doctor of Everything" not in desk.page.content()
    assert "What to do next" in desk.page.inner_text(".verdict")


def test_unknown_issuer_is_said_to_be_unknown(desk: Visit, credentials: dict[str, bytes]) -> None:
    desk.hand_in(credentials["indeterminate"])
    assert "Nobody that we know of" in desk.page.inner_text(".who")


def test_pasting(desk: Visit, credentials: dict[str, bytes]) -> None:
    desk.page.goto(f"{desk.address}/verify")
    desk.page.fill("#text", credentials["valid"].decode())
    desk.page.click("button[type=submit]")
    assert desk.page.inner_text("#verdict") == HEADLINES["valid"]


def test_pasting_anywhere_fills_the_field(desk: Visit) -> None:
    desk.page.goto(f"{desk.address}/verify")
    desk.page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.setData("text/plain", ' {"a": 1}');
            document.body.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )
    assert desk.page.input_value("#text") == ' {"a": 1}'


def test_dropping_a_file(desk: Visit, credentials: dict[str, bytes]) -> None:
    desk.page.goto(f"{desk.address}/verify")
    desk.page.evaluate(
        """(text) => {
            const data = new DataTransfer();
            data.items.add(new File([text], "x.json", {type: "application/json"}));
            const send = (kind) => document.getElementById("drop").dispatchEvent(
                new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
            send("dragover");
            send("drop");
        }""",
        credentials["valid"].decode(),
    )
    desk.page.wait_for_selector("#verdict")
    assert desk.page.inner_text("#verdict") == HEADLINES["valid"]
    desk.assert_calm()


def test_nothing_given(desk: Visit) -> None:
    desk.page.goto(f"{desk.address}/verify")
    desk.page.click("button[type=submit]")
    assert "Choose a file" in desk.page.inner_text("[role=alert]")


def test_keyboard_alone(desk: Visit, credentials: dict[str, bytes]) -> None:
    page = desk.page
    page.goto(f"{desk.address}/verify")
    order = []
    for _ in range(30):
        page.keyboard.press("Tab")
        focused = page.evaluate("[document.activeElement.id, document.activeElement.type]")
        order.append(focused[0])
        if focused[0] == "text":
            page.keyboard.insert_text(credentials["valid"].decode())
        if focused[1] == "submit":
            break
    assert order.index("file") < order.index("text")
    page.keyboard.press("Enter")
    page.wait_for_selector("#verdict")
    while page.evaluate("document.activeElement.tagName") != "SUMMARY":
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")


def test_skip_link_comes_first(desk: Visit) -> None:
    desk.page.goto(f"{desk.address}/verify")
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.press("Enter")
    assert desk.page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("kind", ["valid", "indeterminate"])
def test_without_javascript(browser: Browser, registry, credentials: dict[str, bytes], kind: str) -> None:
    visitor = visit(browser, registry[1], java_script_enabled=False)
    visitor.hand_in(credentials[kind])
    assert visitor.page.inner_text("#verdict") == HEADLINES[kind]
    visitor.page.click("summary >> nth=0")
    visitor.assert_calm()
    visitor.page.context.close()


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing(browser: Browser, registry, credentials, viewport, lang: str) -> None:
    visitor = visit(browser, registry[1], viewport=viewport, locale=lang, bypass_csp=True)
    axe = Axe()

    def check(where: str) -> None:
        results = axe.run(visitor.page)
        assert results.violations_count == 0, (where, results.generate_report())
        too_wide = visitor.page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        assert not too_wide, where

    for path in ("/", "/verify", "/registry", "/nothing"):
        visitor.page.goto(visitor.address + path)
        check(path)
    for kind, content in credentials.items():
        visitor.hand_in(content)
        visitor.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        check(kind)
    visitor.page.context.close()


PAYLOADS = [
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "{{7*7}}${7*7}#{7*7}",
    "[click](https://evil.example/x)",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;",
    "https://evil.example/pixel.png",
    "\u202ediloV si laitnederc sihT\u202c",
]
FREE_TEXT = {
    "name",
    "description",
    "narrative",
    "targetName",
    "targetFramework",
    "genre",
    "audience",
    "tag",
    "value",
}


def poisoned(value: Any, payload: str) -> Any:
    """`value` with `payload` in every free text and behind every picture."""
    if isinstance(value, dict):
        return {
            name: payload if name in FREE_TEXT and isinstance(item, str) else poisoned(item, payload)
            for name, item in value.items()
        }
    return [poisoned(item, payload) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("payload", PAYLOADS)
def test_W_01_text_of_a_credential_is_text(desk: Visit, payload: str) -> None:
    signer = SoftSigner(77)
    unsigned = poisoned(PureWorld(provider=signer).unsigned(), payload)
    unsigned["credentialSubject"]["achievement"]["image"] = {
        "id": "https://evil.example/badge.png",
        "type": "Image",
        "caption": payload,
    }
    unsigned["issuer"]["url"] = "https://evil.example/"
    desk.hand_in(sign(unsigned, signer))
    page = desk.page
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    page.wait_for_timeout(100)
    shown = payload.replace("\u202e", "[U+202E]").replace("\u202c", "[U+202C]")
    assert shown in page.inner_text(".credential")
    assert "\u202e" not in page.content()
    assert (
        page.locator(".credential").locator("a, img, script, iframe, object, style, svg, form").count() == 0
    )
    assert page.locator("[onerror], [onload], [style], base, meta[http-equiv]").count() == 0
    desk.assert_calm()


def test_W_02_pictures_are_named_and_not_fetched(desk: Visit) -> None:
    signer = SoftSigner(78)
    unsigned = PureWorld(provider=signer).unsigned()
    picture = {"id": "https://evil.example/badge.svg", "type": "Image"}
    unsigned["credentialSubject"]["achievement"]["image"] = picture
    desk.hand_in(sign(unsigned, signer))
    assert picture["id"] in desk.page.locator(".credential").text_content()
    desk.assert_calm()


def test_W_04_a_drawn_badge_stays_in_the_frame(desk: Visit) -> None:
    signer = SoftSigner(79)
    unsigned = PureWorld(provider=signer).unsigned()
    fake = "\u2714 VERIFIED\nThis credential is valid\n" + "\u0300" * 500 + "W" * 3000
    unsigned["credentialSubject"]["achievement"]["description"] = fake
    desk.hand_in(sign(unsigned, signer))
    page = desk.page
    assert page.inner_text("#verdict") != HEADLINES["valid"]
    assert "VERIFIED" not in page.inner_text(".verdict") + page.inner_text(".who")
    frame, verdict = page.locator(".credential").bounding_box(), page.locator(".verdict").bounding_box()
    assert frame is not None
    assert verdict is not None
    assert verdict["y"] + verdict["height"] <= frame["y"]
    assert frame["x"] + frame["width"] <= DESK["width"]
    assert page.evaluate("getComputedStyle(document.querySelector('.credential')).contain") == "content"
    assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")


def test_print_has_the_verdict_and_no_navigation(desk: Visit, credentials: dict[str, bytes]) -> None:
    desk.hand_in(credentials["valid"])
    desk.page.emulate_media(media="print")
    assert desk.page.is_visible("#verdict")
    assert not desk.page.is_visible(".masthead nav")


def test_nothing_is_left_in_the_browser(desk: Visit, credentials: dict[str, bytes]) -> None:
    desk.hand_in(credentials["valid"])
    assert desk.page.context.cookies() == []
    assert desk.page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_PR_07_nothing_of_a_verified_document_is_kept(registry, tmp_path: Path, desk: Visit) -> None:
    demo, _ = registry
    canary = "Canary Wanjiku"
    signer = SoftSigner(80)
    unsigned = poisoned(PureWorld(provider=signer).unsigned(), canary)
    desk.hand_in(sign(unsigned, signer))
    folder = demo.application.settings.data_folder
    kept = [
        file.name for file in folder.rglob("*") if file.is_file() and canary.encode() in file.read_bytes()
    ]
    assert kept == []
