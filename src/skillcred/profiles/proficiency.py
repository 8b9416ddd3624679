"""Competence that was assessed, also from work or life (recognition of prior learning)."""

from __future__ import annotations

from typing import Final

from skillcred.profiles.profile import Profile

PROFICIENCY: Final = Profile(
    id="proficiency", version=1, title="Proficiency", credential_type="ProficiencyCredential"
)
