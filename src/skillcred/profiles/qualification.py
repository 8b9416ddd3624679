"""Formal qualifications: a level in a framework, a field, a workload, an awarding body and a programme."""

from __future__ import annotations

from typing import Final

from skillcred.profiles.profile import Profile

QUALIFICATION: Final = Profile(
    id="qualification", version=1, title="Qualification", credential_type="QualificationCredential"
)
