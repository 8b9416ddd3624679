"""1EdTech's Open Badges 3.0 with the credential baked into a picture: what is verified is the credential alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.baked_badges import extract_credential, peek_image_type
from skillcred.model.outcomes import Outcome, Step
from skillcred.verification import Evidence, peek_subject, replay_bundle, verify
from skillcred.verification.bundle import build_bundle

AT = datetime(2026, 6, 1, tzinfo=UTC)
WITH_JSON = ("simple-json.png", "simple-json.svg")
WITH_TOKEN = ("simple-jwt.png", "simple-jwt.svg", "simple-jwt_v1.png", "simple-jwt_v1.svg")


@pytest.fixture(scope="module")
def folder(shared_dir: Path) -> Path:
    return shared_dir / "vectors" / "openbadges-3" / "ob30"


def media_type_of(name: str) -> str:
    return {".png": "image/png", ".svg": "image/svg+xml"}[Path(name).suffix]


def test_these_are_all_the_pictures_there_are(folder: Path) -> None:
    found = {path.name for suffix in ("png", "svg") for path in folder.rglob(f"*.{suffix}")}
    assert found == {*WITH_JSON, *WITH_TOKEN}


@pytest.mark.parametrize("name", [*WITH_JSON, *WITH_TOKEN])
def test_the_credential_is_taken_out(folder: Path, name: str) -> None:
    image = (folder / name).read_bytes()
    assert peek_image_type(image) == media_type_of(name)
    inside = extract_credential(image).strip()
    if name in WITH_TOKEN:
        assert inside.count(b".") == 2
        assert inside.startswith(b"eyJ")
    else:
        assert "OpenBadgeCredential" in parse_json_object(inside)["type"]


@pytest.mark.parametrize("name", [*WITH_JSON, *WITH_TOKEN])
@pytest.mark.parametrize("generic", [False, True])
def test_a_badge_is_judged_as_the_credential_in_it(folder: Path, name: str, generic: bool) -> None:
    image = (folder / name).read_bytes()
    media_type = "application/json" if generic else media_type_of(name)
    alone = verify(extract_credential(image), evidence=Evidence([]), at=AT)
    report = verify(image, evidence=Evidence([]), at=AT, media_type=media_type)
    assert (report.verdict, report.reason, report.claims) == (alone.verdict, alone.reason, alone.claims)
    assert report.verdict.value != "valid"
    assert report.steps[1:] == alone.steps[1:]
    assert report.steps[0].step is Step.PARSE
    assert report.steps[0].outcome is Outcome.PASSED
    assert [warning.code for warning in report.warnings][:1] == ["picture_not_checked"]
    assert replay_bundle(build_bundle(image, media_type, report)) == report


def test_the_tokens_bring_their_own_key(folder: Path) -> None:
    """RS256 with the key in the header: whoever signs so vouches for himself (SECURITY J-04)."""
    for name in WITH_TOKEN:
        report = verify((folder / name).read_bytes(), evidence=Evidence([]), at=AT)
        assert report.reason == "proof_malformed"
        [problem] = next(step for step in report.steps if step.step is Step.PROOF).problems
        assert problem.code == "header_member_not_allowed"


def test_no_picture_is_a_presentation(folder: Path) -> None:
    for name in (*WITH_JSON, *WITH_TOKEN):
        assert peek_subject((folder / name).read_bytes(), "application/json") == "credential"
