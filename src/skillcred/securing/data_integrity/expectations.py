"""What a verifier has asked for and the proof must answer: purpose apart, domain and challenge.

Data Integrity 1.0, section 4.4, steps 6 and 7.
"""

from __future__ import annotations

from skillcred.model.outcomes import INVALID_CHALLENGE_ERROR, INVALID_DOMAIN_ERROR
from skillcred.securing.data_integrity.proof import ProofError, ProofOptions
from skillcred.securing.mechanism import ProofRequest


def check_expectations(options: ProofOptions, request: ProofRequest) -> None:
    """Raises `ProofError` unless the proof was made for the verifier that asks, and for this time of asking.

    Texts are compared exactly: no case folding, no slash forgiven (SECURITY D-11). Several domains in a proof are
    not the one that was asked for. A proof may carry both where nobody asked.
    """
    if request.domain is not None and options.domains != (request.domain,):
        raise ProofError(
            "The proof was made for another verifier.",
            code="wrong_domain",
            pointer=f"{options.pointer}/domain",
            problem_type=INVALID_DOMAIN_ERROR,
        )
    if request.challenge is not None and options.challenge != request.challenge:
        raise ProofError(
            "The proof does not answer the challenge.",
            code="wrong_challenge",
            pointer=f"{options.pointer}/challenge",
            problem_type=INVALID_CHALLENGE_ERROR,
        )
