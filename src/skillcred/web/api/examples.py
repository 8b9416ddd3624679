"""Examples for the OpenAPI description, from the files that the profiles ship."""

from __future__ import annotations

import json

from skillcred.profiles import PROFILES
from skillcred.shipped import shipped_path


def load_issuance_examples() -> dict[str, object]:
    """One example request per profile that ships one."""
    folder = shipped_path("schemas/examples")
    return {
        profile: {
            "profile": profile,
            "credential": json.loads((folder / f"{profile}.json").read_text(encoding="utf-8")),
        }
        for profile in PROFILES
    }
