"""The one table that turns the outcomes of the steps into a verdict (printed in docs/verdicts.md).

The rule is conjunctive: one failed step makes the verdict invalid; else one step that is not as good as the
table demands makes it indeterminate; only what is left is valid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from skillcred.model.outcomes import Outcome, Step, StepResult, Verdict

_REQUIRED = {
    Outcome.PASSED: Verdict.VALID,
    Outcome.FAILED: Verdict.INVALID,
    Outcome.INDETERMINATE: Verdict.INDETERMINATE,
    Outcome.NOT_APPLICABLE: Verdict.INDETERMINATE,
}
_IF_IT_APPLIES = {**_REQUIRED, Outcome.NOT_APPLICABLE: Verdict.VALID}

VERDICTS: Final[Mapping[Step, Mapping[Outcome, Verdict]]] = MappingProxyType(
    {
        Step.PARSE: MappingProxyType(_REQUIRED),
        Step.PROOF: MappingProxyType(_REQUIRED),
        Step.ISSUER_BINDING: MappingProxyType(_REQUIRED),
        Step.CONFORMANCE: MappingProxyType(_REQUIRED),
        Step.PROFILE: MappingProxyType(_IF_IT_APPLIES),
        Step.SCHEMA: MappingProxyType(_IF_IT_APPLIES),
        Step.VALIDITY: MappingProxyType(_REQUIRED),
        Step.STATUS: MappingProxyType(_IF_IT_APPLIES),
        Step.TRUST: MappingProxyType(_REQUIRED),
    }
)
"""The best verdict that each outcome of each step of a credential still allows."""

PRESENTATION_VERDICTS: Final[Mapping[Step, Mapping[Outcome, Verdict]]] = MappingProxyType(
    {
        Step.PARSE: MappingProxyType(_REQUIRED),
        Step.PROOF: MappingProxyType(_REQUIRED),
        Step.CONFORMANCE: MappingProxyType(_REQUIRED),
        Step.CREDENTIALS: MappingProxyType(_REQUIRED),
        Step.HOLDER_BINDING: MappingProxyType(_REQUIRED),
    }
)
"""The same for the steps of a presentation."""

UNSIGNED_PRESENTATION_VERDICTS: Final[Mapping[Step, Mapping[Outcome, Verdict]]] = MappingProxyType(
    {
        **PRESENTATION_VERDICTS,
        Step.PROOF: MappingProxyType(_IF_IT_APPLIES),
        Step.HOLDER_BINDING: MappingProxyType(_IF_IT_APPLIES),
    }
)
"""The same where the policy takes presentations without a proof and this one has none."""


def conclude(
    results: Sequence[StepResult], table: Mapping[Step, Mapping[Outcome, Verdict]] = VERDICTS
) -> tuple[Verdict, StepResult]:
    """The verdict and the step that decided it: the first failed one, else the first that could not be told,
    else the last. `results` must hold every step of `table` once, in its order; a missing step can only make
    the verdict worse."""
    failed = doubtful = None
    for result in results:
        verdict = table[result.step][result.outcome]
        if verdict is not Verdict.VALID:
            if verdict is Verdict.INVALID:
                failed = failed or result
            else:
                doubtful = doubtful or result
    if failed is not None:
        return Verdict.INVALID, failed
    if doubtful is not None:
        return Verdict.INDETERMINATE, doubtful
    if [result.step for result in results] != list(table):
        return Verdict.INDETERMINATE, results[-1]
    return Verdict.VALID, results[-1]
