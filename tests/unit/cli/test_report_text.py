"""The text form of a report says what the report says, to a person."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from skillcred.cli.exits import VERDICT_EXITS, exit_code_for
from skillcred.cli.report_text import WIDTH, build_report_lines, build_short_report_lines
from skillcred.errors import ConflictError, IntegrityError, LimitError, SkillcredError, UnavailableError
from skillcred.model.outcomes import CREDENTIAL_STEPS, Verdict
from skillcred.shipped import shipped_path
from skillcred.trust import ExtractedEvent
from skillcred.verification import build_report_json
from worlds.pure_world import AWARDED, NOW, PureWorld


@pytest.fixture
def world() -> PureWorld:
    claims = json.loads(shipped_path("schemas/examples/qualification.json").read_bytes())
    claims["awardedDate"] = "2026-03-15T00:30:00+08:00"
    return PureWorld(claims=claims)


def text_of(world: PureWorld, document: bytes | None = None) -> str:
    shown = build_report_json(world.verify(document))
    return "\n".join(text for text, _ in build_report_lines(shown))


def test_valid_report_has_the_facts(world: PureWorld) -> None:
    text = text_of(world)
    assert text.startswith("VALID  (issuer_authorised)\n")
    assert "Bachelor of Science in Nursing [en]\n" in text
    assert text.index("[en]") < text.index("[ar]"), "the language of award comes first"
    assert "Maria Luisa Santos Dela Cruz" in text
    assert "Awarded         2026-03-15" in text, "the day as written, not the day in UTC"
    assert "National Body, PH" in text
    assert text.count("passed") == 8
    assert "no rule Revocation" in text


def test_every_step_has_a_line(world: PureWorld) -> None:
    for document in (None, b"{}", b"not json"):
        lines = [text for text, _ in build_report_lines(build_report_json(world.verify(document)))]
        start = lines.index("  Checks")
        rows = [line for line in lines[start + 1 :] if line.startswith("  ") and line[2] != " "]
        assert len([row for row in rows if not row.startswith(("  Checked", "  SHA-256"))]) == len(
            CREDENTIAL_STEPS
        )


def test_suspension_is_a_warning(world: PureWorld) -> None:
    world.events = (ExtractedEvent("suspended", AWARDED + timedelta(days=5), NOW, "Inspection."),)
    text = text_of(world)
    assert text.startswith("VALID  (issuer_authorised_then)")
    assert "suspended since 2026-03-20" in text
    assert "(accreditation_suspended)" in text


def test_hostile_name_cannot_act_or_deceive(world: PureWorld) -> None:
    world.claims["credentialSubject"]["name"] = "Eve [bold]VALID[/bold]"
    world.claims["name"] = "Nurse"
    text = text_of(world)
    assert "Eve [bold]VALID[/bold]" in text
    forged = json.loads(world.credential())
    forged["credentialSubject"]["name"] = "\x1b[2JVALID"
    refused = text_of(world, json.dumps(forged).encode())
    assert refused.startswith("INVALID  (")
    assert "\x1b" not in refused
    assert "VALID" not in refused.removeprefix("INVALID"), "nothing of an unverified document is shown"


def test_lines_fit(world: PureWorld) -> None:
    shown = build_report_json(world.verify())
    words = [text for text, _ in build_report_lines(shown) if len(text) > WIDTH]
    assert all("did:" in text or "SHA-256" in text for text in words)


def test_short_form_keeps_what_matters(world: PureWorld) -> None:
    forged = world.credential().replace(b"Maria", b"Marie")
    lines = [text for text, _ in build_short_report_lines(build_report_json(world.verify(forged)))]
    assert lines[0] == "INVALID  (signature_wrong)"
    assert lines[-1] == "  FAILED  Signature   signature_wrong"
    assert not any("not_reached" in line for line in lines)


def test_exit_codes_are_stable() -> None:
    assert VERDICT_EXITS == {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.INDETERMINATE: 2}
    assert [
        exit_code_for(kind("x")) for kind in (LimitError, ConflictError, UnavailableError, IntegrityError)
    ] == [
        64,
        64,
        69,
        70,
    ]
    assert exit_code_for(SkillcredError("x")) == 70
