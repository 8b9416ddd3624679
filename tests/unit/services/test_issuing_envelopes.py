"""Credentials of our own profiles in envelopes, from the order to the verdict."""

from __future__ import annotations

import pytest

from skillcred.model.outcomes import Verdict
from worlds.application import fill_demo_registry, open_in_memory_application

PROFILES = ("qualification", "training", "proficiency", "work-experience", "apprenticeship")


@pytest.mark.parametrize(
    ("mechanism", "media_type"), [("vc+jwt", "application/vc+jwt"), ("vc+cose", "application/vc+cose")]
)
@pytest.mark.parametrize("profile", PROFILES)
def test_what_is_issued_verifies(profile: str, mechanism: str, media_type: str) -> None:
    registry = fill_demo_registry(open_in_memory_application())
    stored = registry.issue(profile=profile, mechanism=mechanism)
    assert stored.media_type == media_type
    for given in ("application/vc", media_type):
        report = registry.application.verify_document(stored.content, media_type=given).report
        assert report.verdict is Verdict.VALID
        assert [voucher.body.did for voucher in report.vouchers] == [registry.body.organisation.did]
