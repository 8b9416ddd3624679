"""What the verifier insists on. A policy has a name, so that a saved verdict tells how it was reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.errors import ConfigurationError, InputError
from skillcred.linkeddata import BUNDLED_CONTEXTS, ContextStore
from skillcred.linkeddata.interop_contexts import INTEROP_CONTEXTS
from skillcred.linkeddata.tolerance import FOR_EXAMPLES, STRICT, Tolerance


@dataclass(frozen=True, slots=True)
class VerificationPolicy:
    """`contexts` are the vocabularies that are understood; nothing else is ever fetched. Without
    `presentation_proof_required` an unsigned presentation is judged by its credentials alone. `tolerance` is what may
    stand in documents beyond what is accepted everywhere; a report that rests on it has warnings. Raises
    `ConfigurationError` if the contexts tolerate anything else than the policy says."""

    name: str
    contexts: ContextStore
    presentation_proof_required: bool = True
    tolerance: Tolerance = STRICT

    def __hash__(self) -> int:
        return hash(self.name)  # policies are keys of what is remembered, and equal ones have one name

    def __post_init__(self) -> None:
        if self.contexts.tolerance != self.tolerance:
            raise ConfigurationError("The contexts tolerate other things than the policy.")


DEFAULT_POLICY: Final = VerificationPolicy("default-1", BUNDLED_CONTEXTS)
INTEROP_POLICY: Final = VerificationPolicy(
    "interop-1", INTEROP_CONTEXTS, presentation_proof_required=False, tolerance=FOR_EXAMPLES
)
"""For test suites: the vocabularies of the specifications' examples, what stands in these examples and is not protected
everywhere (base directions, numbers with a fraction), and presentations without a proof."""
POLICIES: Final[Mapping[str, VerificationPolicy]] = MappingProxyType(
    {policy.name: policy for policy in (DEFAULT_POLICY, INTEROP_POLICY)}
)
"""All policies by name; a published name never changes its meaning."""


def get_policy(name: str) -> VerificationPolicy:
    """The policy called `name`. Raises `InputError` (`unknown_policy`)."""
    if name not in POLICIES:
        raise InputError("There is no verification policy of that name.", code="unknown_policy")
    return POLICIES[name]
