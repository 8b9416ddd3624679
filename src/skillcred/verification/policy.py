"""What the verifier insists on. A policy has a name, so that a saved verdict tells how it was reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.errors import InputError
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.linkeddata.interop_contexts import INTEROP_CONTEXTS


@dataclass(frozen=True, slots=True)
class VerificationPolicy:
    """`contexts` are the vocabularies that are understood; nothing else is ever fetched. Without
    `presentation_proof_required` an unsigned presentation is judged by its credentials alone."""

    name: str
    contexts: ContextStore
    presentation_proof_required: bool = True


DEFAULT_POLICY: Final = VerificationPolicy("default-1", BUNDLED_CONTEXTS)
INTEROP_POLICY: Final = VerificationPolicy("interop-1", INTEROP_CONTEXTS, presentation_proof_required=False)
"""For test suites: the vocabularies of the specifications' examples, and presentations without a proof."""
POLICIES: Final[Mapping[str, VerificationPolicy]] = MappingProxyType(
    {policy.name: policy for policy in (DEFAULT_POLICY, INTEROP_POLICY)}
)
"""All policies by name; a published name never changes its meaning."""


def get_policy(name: str) -> VerificationPolicy:
    """The policy called `name`. Raises `InputError` (`unknown_policy`)."""
    if name not in POLICIES:
        raise InputError("There is no verification policy of that name.", code="unknown_policy")
    return POLICIES[name]
