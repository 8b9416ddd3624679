"""A report on a presentation becomes the page's wording; text of credentials stays in their own frames."""

from __future__ import annotations

import json

import pytest

from skillcred.model.outcomes import Verdict
from skillcred.verification import HolderState, PresentationReport, verify_presentation
from skillcred.web.pages.languages import load_languages
from skillcred.web.pages.presentation_view import HOLDERS, PRESENTATION_HEADLINES, build_presentation_view
from worlds.presentations import PresentingWorld
from worlds.pure_world import NOW, SoftSigner

LANGUAGES = load_languages()
WORLD = PresentingWorld()
EXPIRED = WORLD.credential(2, validUntil="2026-05-01T00:00:00Z")


def judge(content: bytes) -> PresentationReport:
    return verify_presentation(content, evidence=WORLD.world.evidence(), at=NOW)


def test_every_state_has_its_words() -> None:
    assert set(PRESENTATION_HEADLINES) == set(Verdict)
    assert set(HOLDERS) == set(HolderState)


@pytest.mark.parametrize("code", sorted(LANGUAGES.by_code))
def test_good_and_bad_stand_side_by_side(code: str) -> None:
    report = judge(
        WORLD.present(WORLD.presentation(WORLD.credential(), EXPIRED), challenge=None, domain=None)
    )
    view = build_presentation_view(report, LANGUAGES.by_code[code])
    assert view.headline == "This presentation is not valid"
    assert [held.verdict_name for held in view.credentials] == ["Valid", "Not valid"]
    assert [held.outcome for held in view.credentials] == ["passed", "failed"]
    assert view.presenter_id == WORLD.holder.did
    assert "claims" not in json.loads(view.report_text)["credentials"][0]["report"]


def test_what_nobody_signed_is_not_shown() -> None:
    content = WORLD.present(WORLD.presentation(WORLD.credential()), signer=None, challenge=None, domain=None)
    forged = content.replace(b"Nursing", b"Surgery")
    view = build_presentation_view(judge(forged), LANGUAGES.default)
    assert (view.verdict, view.credentials, view.presenter_id) == (Verdict.INVALID, (), None)
    assert "Surgery" not in view.report_text
    stranger = WORLD.present(
        WORLD.presentation(WORLD.credential()), signer=SoftSigner(5), challenge=None, domain=None
    )
    shown = build_presentation_view(judge(stranger), LANGUAGES.default)
    assert (shown.holder_name, shown.holder_outcome) == ("Not the holder", "failed")
