"""What a wallet shows at a terminal is text of others: it moves no cursor and hides nothing (SECURITY W-29)."""

from __future__ import annotations

import pytest

from skillcred.cli.wallet_person import build_offer_lines, build_presentation_view_lines
from skillcred.services.wallet_ports import OfferedCredential, OfferView, PresentationView, ShownCredential

HOSTILE = "Bank\x1b[2J\u202egnp\n  Offered by  https://bank.example"


def offer_lines() -> list[str]:
    credential = OfferedCredential(HOSTILE, HOSTILE, HOSTILE)
    return build_offer_lines(OfferView("https://a.example", HOSTILE, HOSTILE, False, (credential,), 2, True))


def presentation_lines() -> list[str]:
    shown = ShownCredential(
        "q", "id", HOSTILE, HOSTILE, (("/a", HOSTILE), (f"/{HOSTILE}", "b")), ("/a",), False, 3
    )
    return build_presentation_view_lines(
        PresentationView(HOSTILE, None, "https://a.example", HOSTILE, HOSTILE, True, (shown,))
    )


@pytest.mark.parametrize("build", [offer_lines, presentation_lines])
def test_every_text_of_others_is_made_visible(build: object) -> None:
    lines = build()  # type: ignore[operator]
    assert not any(character in line for line in lines for character in "\x1b\u202e\n")
    assert any("\\u{1b}[2J\\u{202e}gnp\\u{a}" in line for line in lines)


def test_what_is_asked_for_stands_apart_from_what_is_seen_anyhow() -> None:
    lines = presentation_lines()
    asked = lines.index("            asked for:")
    anyhow = lines.index("            seen in any case, because its issuer does not let it be hidden:")
    assert [line.split(":")[0].strip() for line in lines[asked + 1 : anyhow]] == ["/a"]
    assert "              without proof that it is yours" in lines
    assert "              uses up one copy; 3 are left then" in lines
