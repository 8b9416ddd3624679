"""Non-formal training: courses, certificates of completion, micro-credentials."""

from __future__ import annotations

from typing import Final

from skillcred.profiles.profile import Profile

TRAINING: Final = Profile(id="training", version=1, title="Training", credential_type="TrainingCredential")
