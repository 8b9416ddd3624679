"""What the chains of an issuer lead to: who vouches for a credential, or why nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from skillcred.model.outcomes import Outcome, Problem
from skillcred.securing import VerifiedProof
from skillcred.trust.chains import Chain, Chains, ChainState
from skillcred.trust.reasons import explain, lapse_code
from skillcred.trust.records import EnrolledBody
from skillcred.trust.standing import Standing, StandingSince


@dataclass(frozen=True, slots=True)
class Voucher:
    """A national body that authorised the issuer for this credential at the award date, by a chain of
    accreditations of which `accreditation_id` is the one given to the issuer. `now` is the state of the first link that
    is not in force, or of the last."""

    body: EnrolledBody
    accreditation_id: str
    since: datetime
    until: datetime | None
    now: StandingSince


class Conclusion(NamedTuple):
    """What all chains say together of an award then, and now. It knows nothing of the signatures on the credential, nor
    of statements that could not be checked."""

    outcome: Outcome
    code: str
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    vouchers: tuple[Voucher, ...] = ()


def conclude_chains(chains: Chains, then: Sequence[ChainState], now: Sequence[ChainState]) -> Conclusion:
    """The conclusion from the states of `chains` at the award date and now, each in their order."""
    authorising = [(past, present) for past, present in zip(then, now, strict=True) if past.authorises]
    if authorising:
        return _authorised(authorising)
    if chains.cut:
        return Conclusion(Outcome.INDETERMINATE, "chain_limit")
    if not chains.found:
        return Conclusion(Outcome.INDETERMINATE, "issuer_not_recognised")
    problems = tuple(dict.fromkeys(problem for state in then for problem in explain(state)))
    if any(state.undetermined for state in then):
        return Conclusion(Outcome.INDETERMINATE, "scope_not_determinable", problems)
    return Conclusion(Outcome.FAILED, "issuer_not_authorised", problems)


def find_late_signature(vouchers: Sequence[Voucher], proofs: Sequence[VerifiedProof]) -> tuple[Problem, ...]:
    """Signed after every authorisation had stopped, for an award before: true or backdated, who knows."""
    signed = [proof.created for proof in proofs if proof.created is not None]
    stopped = [voucher.now.since for voucher in vouchers if voucher.now.since is not None]
    if not stopped or not signed or max(signed) <= max(stopped):
        return ()
    return (
        Problem(
            "signed_after_authorisation",
            "The credential was signed after the authorisation had stopped, for an award dated earlier.",
        ),
    )


def _authorised(authorising: Sequence[tuple[ChainState, ChainState]]) -> Conclusion:
    vouchers = tuple(_voucher(past.chain, present) for past, present in authorising)
    if any(present.authorises for _, present in authorising):
        return Conclusion(Outcome.PASSED, "issuer_authorised", vouchers=vouchers)
    warning = Problem(
        lapse_code(authorising[0][1]), "The issuer was authorised on the award date and is not any more."
    )
    return Conclusion(Outcome.PASSED, "issuer_authorised_then", (), (warning,), vouchers)


def _voucher(chain: Chain, present: ChainState) -> Voucher:
    statement = chain.edges[-1].statement
    lapsed = (link.state for link in present.links if link.state.standing is not Standing.IN_FORCE)
    now = next(lapsed, present.links[-1].state)
    return Voucher(chain.root, statement.credential_id, statement.valid_from, statement.valid_until, now)
