"""The recognition pages in a real Chromium: the question and its answer, a pair of countries, the map of all pairs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from worlds.application import DemoRegistry
from worlds.browsing import DESK, PHONE, Visit, served_registry, visit

Served = tuple[DemoRegistry, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Served by a real server."""
    with served_registry(tmp_path_factory.mktemp("recognition-pages")) as found:
        yield found


@pytest.fixture
def desk(browser: Browser, served: Served) -> Iterator[Visit]:
    """An English visitor at a desk."""
    visitor = visit(browser, served[1], viewport=DESK, locale="en")
    yield visitor
    visitor.page.context.close()


def ask(page: Page, destination: str, purpose: str, occupation: str = "", *files: Path) -> None:
    """Fill in the form and send it."""
    page.select_option("#destination", destination)
    page.check(f"#purpose-{purpose}")
    page.fill("#occupation", occupation)
    for field, path in zip(("#file", "#second", "#third"), files, strict=False):
        page.set_input_files(field, path)
    with page.expect_navigation():
        page.click("button[type=submit]")


def test_a_welder_reads_the_way_and_who_decides(desk: Visit, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "welding.json"
    file.write_bytes(served[0].issue("abroad").content)
    desk.page.goto(f"{desk.address}/abroad")
    ask(desk.page, "DE", "non_regulated_work", "7212", file)
    answer = desk.page.inner_text("main")
    assert desk.page.inner_text("h1") == "Where the work is not regulated, the employer decides."
    assert "This is an explanation from public sources, not a decision." in answer
    assert "Welders and flamecutters" in answer
    assert "Issuer on the date of award: authorised · now: authorised" in answer
    assert desk.page.locator(".timeline .sources a").count() > 0, "what was looked at has its sources"
    desk.assert_calm()


def test_a_forged_credential_counts_for_nothing(desk: Visit, served: Served, tmp_path: Path) -> None:
    file = tmp_path / "forged.json"
    file.write_bytes(served[0].issue("forged").content.replace(b"Welding", b"Surgery"))
    desk.page.goto(f"{desk.address}/abroad")
    ask(desk.page, "DE", "study", "", file)
    assert desk.page.inner_text("h1") == (
        "What was handed in could not be verified, so nothing is said about recognition."
    )


def test_a_refugee_without_papers_is_not_turned_away(desk: Visit) -> None:
    desk.page.goto(f"{desk.address}/abroad")
    desk.page.check("#refugee_or_displaced")
    ask(desk.page, "NO", "study")
    assert desk.page.inner_text("h1").startswith(
        "A statement on the background can be had after an interview"
    )
    assert "Refugees are to be assessed even without documents." in desk.page.inner_text("main")


def test_what_cannot_be_asked_says_what_to_do(served: Served) -> None:
    def post(**fields: str) -> httpx2.Response:
        parts = {name: (None, value) for name, value in fields.items()}
        return httpx2.post(f"{served[1]}/abroad", files=parts, trust_env=False)

    for fields, words in (
        ({"destination": "ZZ", "purpose": "study"}, "Choose a country."),
        ({"destination": "DE", "purpose": "fun"}, "Choose what the recognition is for."),
        ({"destination": "DE", "purpose": "study", "occupation": "9999"}, "This is no code of ISCO-08."),
    ):
        answer = post(**fields)
        assert answer.status_code == 422
        assert words in answer.text
    assert post(destination="DE", purpose="study", other="x").status_code == 400
    for path in ("/abroad/between?origin=PH&destination=ZZ", "/abroad/map?origin=ZZ", "/abroad/map?origin=x"):
        answer = httpx2.get(served[1] + path, trust_env=False)
        assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8"), path


def test_the_map_leads_to_a_pair_and_its_sources(desk: Visit) -> None:
    page = desk.page
    page.goto(f"{desk.address}/abroad/map")
    assert page.locator(".pairs path.tie-automatic").count() == 1
    page.select_option("#origin", "PH")
    with page.expect_navigation():
        page.click("button[type=submit]")
    row = page.locator("tr", has_text="Germany")
    assert "A programme, test or check before departure" in row.inner_text()
    with page.expect_navigation():
        row.locator("a").click()
    words = page.inner_text("h1").split()
    assert (words[0], words[-1]) == ("Philippines", "Germany")
    assert "Equivalence assessment of foreign professional qualifications" in page.inner_text("main")
    assert "By itself it grants nothing." in page.inner_text("main")
    desk.assert_calm()


def test_a_country_that_signed_and_did_not_ratify_is_not_bound(desk: Visit) -> None:
    desk.page.goto(f"{desk.address}/abroad/between?origin=US&destination=IT")
    unbound = desk.page.locator("section", has=desk.page.locator("h2", has_text="do not bind both"))
    assert "a country has signed and not ratified" in unbound.inner_text()


@pytest.mark.parametrize(("viewport", "lang"), [(DESK, "en"), (PHONE, "ar")], ids=["desk-en", "phone-ar"])
def test_axe_finds_nothing(browser: Browser, served: Served, viewport: dict[str, int], lang: str) -> None:
    visitor = visit(browser, served[1], viewport=viewport, locale=lang, bypass_csp=True)
    page = visitor.page

    def look(place: str) -> None:
        results = Axe().run(page)
        assert results.violations_count == 0, (place, results.generate_report())
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"), place
        assert page.locator("main span[lang=en]").all_inner_texts() == [], "a sentence is not translated"

    for path in (
        "/abroad",
        "/abroad/between?origin=FR&destination=DE",
        "/abroad/map?origin=NZ",
        "/abroad/skills",
    ):
        page.goto(visitor.address + path)
        look(path)
        other = page.locator(".tongues a:not([aria-current])").get_attribute("href")
        assert other is not None
        page.goto(visitor.address + other)
        assert page.evaluate("document.documentElement.lang") != lang
        assert page.url.startswith(visitor.address + path), "the question stays the same"
    page.goto(f"{visitor.address}/abroad")
    ask(page, "DE", "regulated_profession", "2221")
    look("the answer")
    page.context.close()
