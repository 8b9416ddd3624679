"""The signing keys as the registry knows them: which, and from when to when (SECURITY K-11, K-13, T-13).

Rotation is not revocation: a retired key still verifies what it signed before. The time of a signature is only claimed,
so a compromised key is believed for nothing but what provably existed before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from skillcred.model.outcomes import Outcome, Problem, Step, StepResult
from skillcred.securing import CLOCK_SKEW_SECONDS, VerifiedProof
from skillcred.trust.chains import Chain, Chains
from skillcred.trust.existence import ProvableTime
from skillcred.trust.records import KeyHistory, RegisteredKey

_SKEW: Final = timedelta(seconds=CLOCK_SKEW_SECONDS)


class KeyFindings(NamedTuple):
    """Why a key is not believed, or what has to be said about one that is."""

    fault: StepResult | None
    warnings: tuple[Problem, ...] = ()


_NOTHING: Final = KeyFindings(None)
KEY_DOUBTED: Final = Problem(
    "key_doubted_elsewhere",
    "Another body of the registry knows other keys of the issuer, or has this one as replaced.",
)


def check_keys_of_branches(
    chains: Chains,
    proofs: Sequence[VerifiedProof],
    histories: Sequence[KeyHistory],
    existed: ProvableTime | None,
    taken: frozenset[str] = frozenset(),
) -> tuple[Chains, KeyFindings]:
    """The chains that may be judged, and what there is to say about the signing keys.

    What a branch publishes counts for the chains of its own body: nobody can whitewash, or take away, the keys of
    another's providers (SECURITY T-09). If no chain believes the keys, the finding is a fault. That a body which
    accredited the issuer reports the key as stolen leaves it open at least, whatever others say.
    """
    by_root: dict[str, KeyFindings] = {}
    believed: list[Chain] = []
    for chain in chains.found:
        root = chain.root.did
        if root not in by_root:
            by_root[root] = check_keys(proofs, keys_of_branch(histories, root), existed, taken)
        if by_root[root].fault is None:
            believed.append(chain)
    faults = [findings.fault for findings in by_root.values() if findings.fault is not None]
    warnings = [warning for findings in by_root.values() for warning in findings.warnings]
    if faults and not believed:
        return chains, KeyFindings(faults[0])
    if any(fault.code == "key_compromised" for fault in faults):
        return chains, KeyFindings(StepResult(Step.TRUST, Outcome.INDETERMINATE, "key_doubted"))
    if faults:
        warnings.append(KEY_DOUBTED)
    return Chains(tuple(believed), chains.cut), KeyFindings(None, tuple(dict.fromkeys(warnings)))


RegisteredKeys = Mapping[str, RegisteredKey]
"""Keys by the names of their verification methods."""


def split_histories(histories: Sequence[KeyHistory], did: str) -> tuple[RegisteredKeys, list[KeyHistory]]:
    """The keys of `did` that the registry itself knows, and what branches publish of its keys."""
    own: dict[str, RegisteredKey] = {}
    of_branches: list[KeyHistory] = []
    for history in histories:
        if history.did == did:
            if history.branch is not None:
                of_branches.append(history)
                continue
            for key in history.keys:
                own[key.verification_method] = key
    return own, of_branches


def keys_of_branch(histories: Sequence[KeyHistory], branch: str | None) -> RegisteredKeys:
    """The keys that the registry itself knows, or that one branch publishes."""
    return {
        key.verification_method: key
        for history in histories
        if history.branch == branch
        for key in history.keys
    }


def check_keys(
    proofs: Sequence[VerifiedProof],
    keys: RegisteredKeys,
    existed: ProvableTime | None,
    taken: frozenset[str] = frozenset(),
) -> KeyFindings:
    """Where the registry knows the issuer's keys, the signing key must be one of them, in its time. `taken` are names
    of keys that were taken from the registry in the first place: they must be among `keys`."""
    if not keys:
        if taken and any(proof.verification_method in taken for proof in proofs):
            return KeyFindings(StepResult(Step.TRUST, Outcome.FAILED, "key_conflict"))
        return _NOTHING
    warnings: list[Problem] = []
    for proof in proofs:
        key = keys.get(proof.verification_method)
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
    if proof.created is not None and key.activated_at - proof.created > _SKEW:
        return "key_not_yet_active"
    return None
