"""The page for the holder (SECURITY V-12, V-13, V-14)."""

from __future__ import annotations

import re

import pytest

from skillcred.web.pages.qr import build_qr
from worlds.wallet import read_offer


def page_of(served, offer, language="en"):
    path = offer["claim_url"].partition("8000")[2]
    return served.client.get(path, headers={"Accept": "text/html", "Accept-Language": language})


def test_V_14_the_page_tells_the_exact_origin_and_no_person(served, make_offer) -> None:
    offer = make_offer()
    page = page_of(served, offer)
    assert page.status_code == 200
    assert '<bdi class="origin" id="origin">http://127.0.0.1:8000</bdi>' in page.text
    assert "Demo Welding School" in page.text
    assert offer["tx_code"] not in re.sub(r"<svg.*?</svg>", "", page.text, flags=re.S)
    assert "Otieno" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_the_link_and_the_picture_lead_to_the_offer(served, make_offer) -> None:
    offer = make_offer(tx_code=False)
    page = page_of(served, offer)
    [link] = re.findall(r'id="open-wallet" href="([^"]+)"', page.text)
    assert link.replace("&amp;", "&") == offer["offer_uri_by_reference"]
    assert str(build_qr(offer["offer_uri_by_reference"])) in page.text
    assert "style=" not in page.text


@pytest.mark.parametrize("language", ["en", "ar"])
def test_in_her_language(served, make_offer, language) -> None:
    page = page_of(served, make_offer(), language)
    assert page.headers["Content-Language"] == language
    assert f'lang="{language}"' in page.text


def test_what_is_over_looks_like_what_never_was(served, make_offer, wallet) -> None:
    claimed, withdrawn = make_offer(tx_code=False), make_offer()
    wallet.request_token(read_offer(claimed["offer_uri"]))
    served.client.post(f"/v1/offers/{withdrawn['id']}/withdrawal", headers=served.bearer("provider"))
    never = {"claim_url": "http://127.0.0.1:8000/claim/" + "A" * 43}
    pages = [page_of(served, each) for each in (claimed, withdrawn, never)]
    assert {page.status_code for page in pages} == {404}
    bodies = {re.sub(r"/claim/[\w-]+", "", page.text) for page in pages}
    assert len(bodies) == 1
