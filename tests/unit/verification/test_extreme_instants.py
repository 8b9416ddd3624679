"""Instants at both ends of the calendar, in what is signed and in what is asked, end in a report (SECURITY I11)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from skillcred.errors import InputError
from skillcred.model.datetimes import earlier
from skillcred.model.outcomes import Verdict
from skillcred.verification import verify, verify_presentation
from worlds.pure_world import NOW, PureWorld
from worlds.sd_jwts import claims, jwt, sd_jwt

FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
ENDS = pytest.mark.parametrize("instant", [FIRST, LAST], ids=["first", "last"])
SECONDS = {FIRST: -62_135_596_800, LAST: 253_402_300_799}
LATEST = {
    "nbf": ["proof_from_the_future", "not_yet_valid"],
    "iat": ["proof_from_the_future"] * 2,
    "exp": ["issuer_authorised", "registry_unavailable"],
}
"""Reasons for a JWT of a known issuer, and an SD-JWT of an unknown one, if the claim is at the last second."""
WORLD = PureWorld()


@ENDS
@pytest.mark.parametrize("mechanism", ["eddsa-rdfc-2022", "eddsa-jcs-2022"])
def test_a_proof_made_then(instant: datetime, mechanism: str) -> None:
    report = WORLD.verify(WORLD.credential(mechanism, instant))
    assert report.reason == {FIRST: "issuer_authorised", LAST: "proof_from_the_future"}[instant]


@ENDS
@pytest.mark.parametrize("claim", ["nbf", "iat", "exp"])
def test_a_token_with_such_a_claim(instant: datetime, claim: str) -> None:
    token = jwt({**WORLD.unsigned(), claim: SECONDS[instant]}, WORLD.provider, typ="vc+jwt")
    held = sd_jwt(claims(**{claim: SECONDS[instant]}))
    reasons = [
        verify(content.encode(), evidence=WORLD.evidence(), at=NOW, media_type=media_type).reason
        for content, media_type in ((token, "application/vc+jwt"), (held, "application/dc+sd-jwt"))
    ]
    assert reasons == (["proof_malformed"] * 2 if instant is FIRST else LATEST[claim])


@ENDS
def test_asked_as_of_then(instant: datetime) -> None:
    content = WORLD.credential()
    reason = {FIRST: "proof_from_the_future", LAST: "issuer_authorised"}[instant]
    assert WORLD.verify(content, at=instant).reason == reason
    presentation = (
        b'{"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"], '
        b'"verifiableCredential": [' + content + b"]}"
    )
    report = verify_presentation(
        presentation, evidence=WORLD.evidence(), at=instant, media_type="application/vp"
    )
    assert [each.report.reason for each in report.credentials] == [reason]
    asked = verify(content, evidence=WORLD.evidence(), at=NOW, asked_at=instant)
    assert (asked.verdict, asked.asked_at) == (Verdict.VALID, instant)


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        pytest.param(datetime(2026, 1, 1), "instant_without_zone", id="no zone"),  # noqa: DTZ001 - that is the fault
        pytest.param(
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5))),
            "instant_out_of_range",
            id="before the first",
        ),
        pytest.param(
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
            "instant_out_of_range",
            id="after the last",
        ),
    ],
)
def test_instants_that_are_none(instant: datetime, code: str) -> None:
    with pytest.raises(InputError) as error:
        verify(b"{}", at=instant)
    assert error.value.code == code
    with pytest.raises(InputError) as error:
        verify_presentation(b"{}", at=instant)
    assert error.value.code == code
    with pytest.raises(InputError) as error:
        verify(b"{}", at=NOW, asked_at=instant)
    assert error.value.code == code


def test_nothing_is_before_the_first_instant() -> None:
    assert earlier(NOW, timedelta(seconds=1)) == NOW - timedelta(seconds=1)
    assert earlier(FIRST, timedelta(seconds=1)) == FIRST
