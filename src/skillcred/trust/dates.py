"""What the registry says at one date, for the details of a report: the answer, and the statements it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from skillcred.encoding.json_types import FrozenJson
from skillcred.model.datetimes import format_instant
from skillcred.trust.chains import ChainState, LinkState
from skillcred.trust.extract import RegistryExtract
from skillcred.trust.reasons import explain
from skillcred.trust.standing import StandingSince

AUTHORISED = "authorised"
NOT_AUTHORISED = "not_authorised"
NOT_DETERMINABLE = "not_determinable"
NOT_RECOGNISED = "not_recognised"


def answer_of(states: Sequence[ChainState]) -> str:
    """The answer of all chains together: one that authorises is enough."""
    if any(state.authorises for state in states):
        return AUTHORISED
    if any(state.undetermined for state in states):
        return NOT_DETERMINABLE
    return NOT_AUTHORISED if states else NOT_RECOGNISED


def describe_states(states: Sequence[ChainState], extract: RegistryExtract) -> Mapping[str, FrozenJson]:
    """The answer of all chains, and the chain that gives it, or else the one that comes nearest."""
    shown: dict[str, FrozenJson] = {"answer": answer_of(states)}
    if states:
        best = states[0] if len(states) == 1 else max(states, key=_nearness)
        names = {body.did: body.name for body in extract.bodies} | dict(extract.names)
        shown["chain"] = tuple(_describe_link(link, names) for link in best.links)
        if not best.authorises:
            shown["reasons"] = tuple(problem.code for problem in explain(best))
    return shown


def _nearness(state: ChainState) -> tuple[bool, bool, int]:
    """How near a chain comes to authorising."""
    return state.authorises, state.undetermined, sum(link.holds for link in state.links)


def _describe_link(link: LinkState, names: Mapping[str, str]) -> Mapping[str, FrozenJson]:
    described: dict[str, FrozenJson] = {
        "statement": link.accreditation_id or "enrolment",
        "by": link.signer if link.accreditation_id else "registry",
        "standing": link.state.standing.value,
        "coverage": link.coverage.coverage.value,
    }
    name = names.get(link.signer)
    if link.accreditation_id and name:
        described["by_name"] = name
    _add_since(described, link.state)
    return described


def _add_since(described: dict[str, FrozenJson], state: StandingSince) -> None:
    if state.since is not None:
        described["since"] = format_instant(state.since)
    successor = state.successor
    if successor is not None:
        described["successor"] = {"kind": successor.kind, "did": successor.did, "name": successor.name}
