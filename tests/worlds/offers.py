"""What is offered to wallets in tests."""

from __future__ import annotations

from typing import Any

from worlds.application import example_claims


def claims_of(profile: str) -> dict[str, Any]:
    """The example of a profile without the identifier of its subject, which is not known before she claims it."""
    claims = example_claims(profile)
    claims["credentialSubject"].pop("id", None)
    return claims
