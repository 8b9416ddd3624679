"""A report becomes the page's wording; text of the credential appears in the frame for it and nowhere else."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest

from skillcred.keys.algorithms import Algorithm
from skillcred.model.outcomes import Verdict
from skillcred.trust import ExtractedEvent
from skillcred.web.pages.languages import load_languages
from skillcred.web.pages.verdict_view import CAUTIONS, HEADLINES, LINKABLE, VerdictView, build_verdict_view
from worlds.disclosure_world import derive, issue
from worlds.pure_world import AWARDED, NOW, PureWorld, SoftSigner

LANGUAGES = load_languages()
ENGLISH = LANGUAGES.default


@pytest.fixture(scope="module")
def report():
    return PureWorld().verify()


def test_every_verdict_has_a_headline() -> None:
    assert set(HEADLINES) == set(Verdict)
    assert Verdict.INDETERMINATE in CAUTIONS


def test_valid(report) -> None:
    view = build_verdict_view(report, ENGLISH)
    assert view.headline == "This credential is valid"
    assert [voucher.name for voucher in view.vouchers] == ["National Body"]
    assert (view.unreached, len(view.checks)) == ((), 9)


def test_unverified_text_is_not_in_the_view() -> None:
    world = PureWorld()
    forged = world.credential().replace(b"Nursing", b"Surgery")
    view = build_verdict_view(world.verify(forged), ENGLISH)
    assert view.headline == "This credential is not valid"
    assert (view.claims, view.title, view.issuer_id, view.vouchers) == (None, None, None, ())
    assert "Surgery" not in repr(
        [getattr(view, field.name) for field in fields(VerdictView) if field.name != "report"]
    )
    assert view.unreached


def test_what_stopped_since_is_a_warning() -> None:
    event = ExtractedEvent("suspended", AWARDED.replace(month=4), AWARDED.replace(month=4), "Inspection")
    view = build_verdict_view(PureWorld(events=(event,)).verify(), ENGLISH)
    assert view.verdict is Verdict.VALID
    assert view.warnings
    assert (view.vouchers[0].standing, view.vouchers[0].in_force) == ("suspended", False)


@pytest.mark.parametrize(
    ("mechanism", "linkable"),
    [("ecdsa-sd-2023", True), ("vc+sd-jwt", True), ("bbs-2023", False), ("eddsa-rdfc-2022", False)],
)
def test_x08_the_page_says_that_what_is_shown_can_be_linked(mechanism: str, linkable: bool) -> None:
    algorithm = {"ecdsa-sd-2023": Algorithm.P256, "bbs-2023": Algorithm.BLS12381G2}.get(mechanism)
    world = PureWorld() if algorithm is None else PureWorld(provider=SoftSigner(2, algorithm))
    if algorithm is None:
        content = world.credential(mechanism)
    else:
        content = json.dumps(derive(issue(world.unsigned(), signer=world.provider), "/name")).encode()
    report = world.verify(content)
    assert report.claims is not None
    assert LINKABLE not in [warning.message for warning in report.warnings]
    for language in LANGUAGES.by_code.values():
        shown = [warning.text for warning in build_verdict_view(report, language).warnings]
        assert (language.sentence(LINKABLE).text in shown) is linkable


@pytest.mark.parametrize(
    ("titles", "award", "expected"),
    [
        ({"sw": "S", "en": "E", "ar": "A"}, "en", "A"),
        ({"sw": "S", "en": "E"}, "sw", "S"),
        ({"sw": "S", "en-GB": "E"}, "en", "E"),
        ({"sw": "S", "und": "U"}, None, "U"),
        ({"sw": "S", "fr": "F"}, None, "S"),
        ({}, None, None),
    ],
)
def test_title_is_in_the_language_of_the_page_or_of_the_award(report, titles, award, expected) -> None:
    claims = dict(report.claims) | {"languageOfAward": award}
    changed = report._replace(facts=report.facts._replace(title=titles), claims=claims)
    title = build_verdict_view(changed, LANGUAGES.by_code["ar"]).title
    assert (None if title is None else title.text) == expected


def test_full_report_leaves_out_the_claims(report) -> None:
    view = build_verdict_view(report, ENGLISH)
    assert '"claims"' not in view.report_text
    assert report.document_sha256 in view.report_text
    assert view.evaluated_at == NOW
