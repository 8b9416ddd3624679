"""From the faults of single proofs to one finding about the document."""

from __future__ import annotations

from typing import Final

from skillcred.errors import InputError, LimitError
from skillcred.linkeddata import LinkedDataError
from skillcred.model.outcomes import (
    DATA_LOSS_DETECTION_ERROR,
    PROOF_TRANSFORMATION_ERROR,
    Outcome,
    Problem,
    Step,
    StepResult,
)
from skillcred.securing.data_integrity.proof import ProofError

TIME_MISSING: Final = Problem("proof_time_missing", "The proof does not say when it was made.", "/proof")
"""A warning: `created` is optional (Data Integrity 1.0 section 2.1), and who leaves it out hides what a reader could
compare (SECURITY D-10)."""


def fault_of(error: InputError) -> ProofError:
    """What an error of transformation says about the proof: a context that we do not know and a limit leave it
    open, all else is a fault of the document."""
    if isinstance(error, ProofError):
        return error
    if isinstance(error, LinkedDataError):
        uncertain = error.code == "context_not_allowed"
        return ProofError(
            error.message,
            code="context_not_allowed" if uncertain else "data_loss",
            problem_code=error.code,
            pointer=error.pointer,
            checkable=not uncertain,
            problem_type=DATA_LOSS_DETECTION_ERROR,
        )
    if isinstance(error, LimitError):
        return ProofError(
            error.message,
            code="canonicalization_limit",
            pointer=error.pointer,
            checkable=False,
            problem_type=PROOF_TRANSFORMATION_ERROR,
        )
    return ProofError(
        error.message,
        code="data_loss",
        problem_code=error.code,
        pointer=error.pointer,
        problem_type=PROOF_TRANSFORMATION_ERROR,
    )


def fault_result(faults: list[ProofError]) -> StepResult:
    """The first fault that is certain decides; else the first uncertain one."""
    deciding = next((fault for fault in faults if fault.checkable), faults[0])
    found = (Problem(f.problem_code, f.message, f.pointer, f.problem_type) for f in faults)
    problems = tuple(dict.fromkeys(found))  # two proofs may suffer from one fault
    needs = tuple(fault.needs for fault in faults if fault.needs is not None)
    outcome = Outcome.FAILED if deciding.checkable else Outcome.INDETERMINATE
    result = StepResult(Step.PROOF, outcome, deciding.code, problems)
    return result._replace(needs=needs) if needs else result
