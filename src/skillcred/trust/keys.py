"""The signing keys as the registry knows them: which, and from when to when (SECURITY K-11, K-13, T-13).

Rotation is not revocation: a retired key still verifies what it signed before. The time of a signature is only claimed,
so a compromised key is believed for nothing but what provably existed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skillcred.model.outcomes import Outcome, Problem, Step, StepResult
from skillcred.securing import CLOCK_SKEW_SECONDS, VerifiedProof
from skillcred.trust.existence import ProvableTime
from skillcred.trust.records import RegisteredKey

_SKEW: Final = timedelta(seconds=CLOCK_SKEW_SECONDS)


@dataclass(frozen=True, slots=True)
class KeyFindings:
    """Why a key is not believed, or what has to be said about one that is."""

    fault: StepResult | None
    warnings: tuple[Problem, ...] = ()


_NOTHING: Final = KeyFindings(None)


def check_keys(
    proofs: Sequence[VerifiedProof], keys: Sequence[RegisteredKey], existed: ProvableTime | None
) -> KeyFindings:
    """Where the registry knows the issuer's keys, the signing key must be one of them, in its time."""
    if not keys:
        return _NOTHING
    known = {key.verification_method: key for key in keys}
    warnings: list[Problem] = []
    for proof in proofs:
        key = known.get(proof.verification_method)
        code = _fault(proof, key, existed)
        if code is not None:
            return KeyFindings(StepResult(Step.TRUST, Outcome.FAILED, code))
        if key is not None and key.compromised_at is not None:
            warnings.append(
                Problem(
                    "key_compromised_later",
                    "The key was reported as compromised after the time at which this credential provably existed.",
                )
            )
    return KeyFindings(None, tuple(dict.fromkeys(warnings))) if warnings else _NOTHING


def _fault(proof: VerifiedProof, key: RegisteredKey | None, existed: ProvableTime | None) -> str | None:
    if key is None or key.public_key_multibase != proof.public_key_multibase:
        return "key_conflict"
    if key.compromised_at is not None and (existed is None or existed.instant >= key.compromised_at):
        return "key_compromised"
    if key.retired_at is not None and (proof.created is None or proof.created >= key.retired_at):
        return "key_retired"
    if proof.created is not None and proof.created < key.activated_at - _SKEW:
        return "key_not_yet_active"
    return None
