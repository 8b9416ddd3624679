"""What an employer states about one employment."""

from __future__ import annotations

from typing import Final

from skillcred.profiles.profile import Profile

WORK_EXPERIENCE: Final = Profile(
    id="work-experience", version=1, title="Work experience", credential_type="WorkExperienceCredential"
)
