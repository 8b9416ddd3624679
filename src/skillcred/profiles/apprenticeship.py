"""Learning at a host organisation: apprenticeship, exchange, internship, traineeship."""

from __future__ import annotations

from typing import Final

from skillcred.profiles.profile import Profile

APPRENTICESHIP: Final = Profile(
    id="apprenticeship",
    version=1,
    title="Apprenticeship or exchange",
    credential_type="ApprenticeshipCredential",
)
