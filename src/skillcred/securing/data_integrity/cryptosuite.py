"""What a Data Integrity cryptosuite is: a declaration of parts, not a class hierarchy.

Verifiable Credential Data Integrity 1.0, section 3 (Cryptographic Suites).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import ContextStore

Canonicalise = Callable[[JsonObject, ContextStore], bytes]
"""JSON object to the canonical bytes that are hashed. Raises `LinkedDataError` or `JcsError`."""


@dataclass(frozen=True, slots=True)
class Cryptosuite:
    """A registered cryptosuite.

    `hash_names` gives the digest for each key algorithm that may be used; a key of another algorithm is
    refused. `context_in_proof` tells that proof options carry a copy of the document's `@context`.
    """

    name: str
    canonicalise: Canonicalise
    hash_names: dict[Algorithm, str]
    signature_header: str
    context_in_proof: bool
