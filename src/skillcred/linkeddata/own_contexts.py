"""Pins of our own contexts, which live in `schemas/contexts/` and are served by the service.

Whoever edits a context file puts its new SHA-256 here; a test says so when it is forgotten. Once a credential
has been issued under a context, the file never changes again: a new version gets a new URL.
"""

from __future__ import annotations

from typing import Final

OWN_CONTEXT_SKILL: Final = "https://skillcred.org/ns/skill/v1"
OWN_CONTEXT_TRUST_V1: Final = "https://skillcred.org/ns/trust/v1"
OWN_CONTEXT_TRUST: Final = "https://skillcred.org/ns/trust/v2"
"""Accreditations made under the first version are still read."""
OWN_CONTEXT_RECOGNITION: Final = "https://skillcred.org/ns/recognition/v1"
"""Statements on the recognition of qualifications."""

OWN_CONTEXTS: Final = {
    OWN_CONTEXT_SKILL: (
        "schemas/contexts/skill-v1.jsonld",
        "cf4aac0f345b61be71384f772084c9e7eddd9b5d7c9f505a62debf6b9ea0b1f1",
    ),
    OWN_CONTEXT_TRUST_V1: (
        "schemas/contexts/trust-v1.jsonld",
        "05aea852ea6c260cd941acd30bcddac633318872b6b35190959c43aca06a6897",
    ),
    OWN_CONTEXT_TRUST: (
        "schemas/contexts/trust-v2.jsonld",
        "2004ad27814bfa735e16e0fe3250953e33b391a582b6b3dd92581255bd3b4f85",
    ),
    OWN_CONTEXT_RECOGNITION: (
        "schemas/contexts/recognition-v1.jsonld",
        "48d7365afe4cedf19cdfc5ac555f095e041819b12f4331eb606ee8a73d6fe803",
    ),
}
"""URL → shipped file, SHA-256 of its bytes."""
