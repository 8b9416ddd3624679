"""The registry's pages in a real Chromium: what an employer sees of bodies and providers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.import_listed_bodies import ListFormat
from skillcred.services.records import Actor
from skillcred.shipped import shipped_path
from skillcred.trust import AccreditationScope, Action, ScopeLevel, Succession
from worlds.application import DemoRegistry
from worlds.browsing import DESK, PHONE, Visit, served_registry, visit

BOARD = "مجلس المهن التجريبي"
MERGED = "Demo Northern College"
HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"
SINCE = datetime(2021, 1, 1, tzinfo=UTC)
MERGED_ON = datetime(2024, 7, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Served:
    """A chain of three with an Arabic name in it, whose provider has been merged, and listed bodies beside it."""

    demo: DemoRegistry
    address: str
    board: Actor
    college: Actor

    def path(self, kind: str, actor: Actor) -> str:
        """Path of the page of an organisation."""
        return f"/registry/{kind}/{quote(actor.organisation.did, safe=':')}"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Served by a real server."""
    with served_registry(tmp_path_factory.mktemp("registry-pages")) as (demo, address):
        application = demo.application
        made = [
            application.create_organisation(
                kind=kind, slug=slug, name=name, country="KE", actor=demo.operator
            )
            for kind, slug, name in (("national_body", "board", BOARD), ("provider", "college", MERGED))
        ]
        board = application.local_actor("body_admin", made[0].id)
        college = application.local_actor("issuer", made[1].id)
        broad = AccreditationScope(
            ("training",), ("07",), ScopeLevel("EQF", "5"), ("KE",), action=Action.ACCREDIT
        )
        narrow = AccreditationScope(
            ("training",), ("0715",), ScopeLevel("EQF", "4"), ("KE",), languages=("sw",)
        )
        application.accredit_provider(
            demo.body, AccreditationRequest(made[0].did, BOARD, broad, SINCE), "board"
        )
        given = application.accredit_provider(
            board, AccreditationRequest(made[1].did, MERGED, narrow, SINCE), "college"
        )
        application.change_accreditation(
            board,
            given.id,
            kind="succeeded",
            effective_at=MERGED_ON,
            reason=HOSTILE,
            successor=Succession("merger", demo.provider.organisation.did, "Demo Welding School"),
        )
        shipped = shipped_path("schemas/registry/listed-bodies-v1.json").read_bytes()
        plan = application.import_listed_bodies.preview(demo.operator, shipped, ListFormat.JSON, "starter-1")
        application.import_listed_bodies.confirm(
            demo.operator, shipped, ListFormat.JSON, "starter-1", plan.digest
        )
        yield Served(demo, address, board, college)


@pytest.fixture
def desk(browser: Browser, served: Served) -> Iterator[Visit]:
    """A desktop visitor."""
    visitor = visit(browser, served.address)
    yield visitor
    visitor.page.context.close()


def test_both_kinds_of_entry_are_told_apart(desk: Visit) -> None:
    desk.page.goto(f"{desk.address}/registry?country=KE")
    kinds = desk.page.inner_text(".kinds")
    assert "it vouches for others" in kinds
    assert "gives no trust" in kinds
    enrolled, listed = desk.page.locator("li.enrolled"), desk.page.locator("li.listed")
    assert enrolled.count() == 1
    assert "Demo Qualifications Authority" in enrolled.inner_text()
    assert listed.count() > 0
    for entry in listed.all():
        assert entry.inner_text().startswith("Only listed")
        assert entry.locator("a[href^='/registry']").count() == 0
    assert desk.page.locator(".country").count() == 1
    dated = desk.page.locator("li.listed", has_text="Source of 2")
    assert dated.count() > 0
    assert dated.count() == dated.locator("p.quiet bdi[dir=ltr]").count(), "a date is not turned round"
    desk.assert_calm()


def test_world_list_leads_by_keyboard_from_country_to_provider(desk: Visit, served: Served) -> None:
    page = desk.page
    page.goto(f"{desk.address}/registry")
    assert page.locator(".country").count() > 100

    def follow(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText") == name:
                with page.expect_navigation():
                    page.keyboard.press("Enter")
                return
        pytest.fail(f"{name} was not reached")

    page.select_option("#country", "KE")
    page.focus("#country")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("country=KE")
    follow("Demo Qualifications Authority")
    assert "/bodies/" in page.url
    follow(BOARD)
    assert page.inner_text("h1") == BOARD
    assert page.evaluate("getComputedStyle(document.querySelector('h1 bdi')).unicodeBidi") == "isolate"
    follow(MERGED)
    assert page.url == desk.address + served.path("providers", served.college)
    desk.assert_calm()


def test_body_says_what_it_may_vouch_for(desk: Visit, served: Served) -> None:
    desk.page.goto(desk.address + served.path("bodies", served.board))
    scope = desk.page.inner_text(".scope")
    for words in ("May accredit others", "Training", "Engineering, manufacturing", "07", "EQF 5", "Kenya"):
        assert words in scope
    assert "Demo Qualifications Authority" in desk.page.inner_text(".chain")


def test_provider_says_by_whom_for_what_since_when_and_who_follows(desk: Visit, served: Served) -> None:
    page = desk.page
    page.goto(desk.address + served.path("providers", served.college))
    assert page.inner_text(".lead") == "Not accredited today."
    assert [item.split("\n")[-1] for item in page.locator(".chain .name").all_inner_texts()] == [
        "Demo Qualifications Authority",
        BOARD,
        MERGED,
    ]
    text = page.inner_text("main")
    assert served.college.organisation.did in text
    assert "Swahili" in text
    assert "followed by another since 1 July 2024" in text
    assert "Merger: Demo Welding School" in page.inner_text(".notice")
    assert HOSTILE in page.inner_text(".timeline")
    assert page.locator("main img, main script, main [onerror], main [style]").count() == 0
    desk.assert_calm()


def test_provider_that_stands_is_said_to_stand(desk: Visit, served: Served) -> None:
    desk.page.goto(desk.address + served.path("providers", served.demo.provider))
    assert desk.page.inner_text(".lead") == "Accredited today, with all who stand above it."


def test_verdict_leads_to_the_page_of_the_issuer_and_tells_both_dates(desk: Visit, served: Served) -> None:
    desk.hand_in(served.demo.issue("late", actor=served.college).content)
    page = desk.page
    dates = page.locator(".dates > li").all_inner_texts()
    assert dates[0].startswith(
        "On the date of award, as the credential states it (28 March 2025): Not authorised"
    )
    assert dates[1].startswith("Now (")
    page.click(".dates summary >> nth=0")
    assert f"Accredited by {BOARD}" in page.inner_text(".dates").replace("\u2068", "").replace("\u2069", "")
    page.click("text=What the registry says about this issuer")
    assert page.inner_text("h1") == MERGED
    desk.hand_in(served.demo.issue("page", actor=served.demo.stranger).content)
    assert page.locator("a[href^='/registry/providers/']").count() == 0


def test_whoever_is_not_there_has_no_page(served: Served) -> None:
    college, stranger = served.path("bodies", served.college), served.path("providers", served.demo.stranger)
    body = served.path("providers", served.demo.body)
    for path in (college, stranger, body, "/registry/bodies/did:web:nobody.example", "/registry/bodies/x%00"):
        answer = httpx2.get(served.address + path, headers={"Accept": "text/html"}, trust_env=False)
        assert answer.status_code == 404, path


@pytest.mark.parametrize(("viewport", "lang"), [(DESK, "en"), (PHONE, "ar")], ids=["desk-en", "phone-ar"])
def test_axe_finds_nothing(browser: Browser, served: Served, viewport: dict[str, int], lang: str) -> None:
    visitor = visit(browser, served.address, viewport=viewport, locale=lang, bypass_csp=True)
    page = visitor.page
    for path in (
        "/registry?country=KE",
        served.path("bodies", served.demo.body),
        served.path("bodies", served.board),
        served.path("providers", served.college),
    ):
        page.goto(visitor.address + path)
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        results = Axe().run(page)
        assert results.violations_count == 0, (path, results.generate_report())
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), path
        other = page.locator(".tongues a:not([aria-current])").get_attribute("href")
        assert other is not None
        page.goto(visitor.address + other)
        assert page.evaluate("document.documentElement.lang") != lang
        assert page.locator("h1").count() == 1
    page.context.close()
