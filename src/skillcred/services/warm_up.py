"""Work out beforehand what the first verifications would otherwise wait for. Nothing here changes any answer."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import Final

from skillcred.encoding.strict_json import parse_json_object
from skillcred.linkeddata import canonicalise
from skillcred.profiles import PROFILES, build_credential
from skillcred.shipped import shipped_path

_EXAMPLE_ID: Final = "urn:uuid:00000000-0000-4000-8000-000000000000"
_EXAMPLE_ISSUER: Final = "did:example:issuer"
_EXAMPLE_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)
_ALLOCATIONS_PER_ROUND: Final = 10_000
"""Objects that can be in a cycle, made and not gone again, before the collector looks at the young ones."""


def warm_up() -> None:
    """Compile the contexts of our own profiles, with the types and scopes that their examples use; a tenth of a second.
    Then take everything that was loaded so far out of the garbage collector's rounds, since it stays for good, and let
    the collector go round less often: a verification makes some thousand objects and leaves no cycles."""
    for profile in PROFILES:
        claims = parse_json_object(shipped_path(f"schemas/examples/{profile}.json").read_bytes())
        canonicalise(
            build_credential(
                profile,
                claims,
                credential_id=_EXAMPLE_ID,
                issuer={"id": _EXAMPLE_ISSUER, "type": ["Profile"], "name": "Example"},
                at=_EXAMPLE_TIME,
            )
        )
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_PER_ROUND, *gc.get_threshold()[1:])
