"""Was this issuer authorised by a recognised national body for this credential: when it was awarded, and now?

The rule is SECURITY T-01 to T-04, T-11, T-13 and K-11 to K-13: a statement counts only if its own proof holds, its
chain ends at a body that is enrolled, and every scope on the way covers the credential. What cannot be told is
indeterminate, never trusted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from skillcred.encoding.json_types import FrozenJson
from skillcred.errors import SkillcredError
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import EvidenceReference, Outcome, Problem, Step, StepResult
from skillcred.profiles import CredentialFacts
from skillcred.securing import VerifiedProof
from skillcred.trust.accreditation import AccreditationStatement
from skillcred.trust.chains import Chain, ChainState, Edge
from skillcred.trust.dates import describe_date
from skillcred.trust.existence import ProvableTime
from skillcred.trust.extract import ExtractedAccreditation, RegistryCopyInfo, RegistryExtract
from skillcred.trust.judged import Answers, judge_chains, restrict_answers
from skillcred.trust.keys import check_keys, check_keys_of_branches, keys_of_branch
from skillcred.trust.reasons import explain, lapse_code
from skillcred.trust.records import EnrolledBody
from skillcred.trust.standing import Standing, StandingSince


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """What checking one registry statement gave: what it says if it is sound, or why it does not count."""

    statement: AccreditationStatement | None
    code: str
    needs: tuple[EvidenceReference, ...] = ()


CheckStatement = Callable[[ExtractedAccreditation], StatementCheck]
"""Reads a registry statement and checks its proof, issuer binding and conformance, one level down. Raises
`SkillcredError` for one that cannot be read."""


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


@dataclass(frozen=True, slots=True)
class TrustFindings:
    """The result for `Step.TRUST`, and who vouches."""

    result: StepResult
    vouchers: tuple[Voucher, ...] = ()


def evaluate_trust(
    facts: CredentialFacts,
    proofs: Sequence[VerifiedProof],
    extract: RegistryExtract,
    check_statement: CheckStatement,
    *,
    at: datetime,
    asked: datetime | None = None,
    existed: ProvableTime | None = None,
    taken: frozenset[str] = frozenset(),
) -> TrustFindings:
    """Judge the issuer of a verified credential.

    `proofs` are those that the issuer's own keys made. `at` is now. `asked` is a further instant that the details
    tell about; it decides nothing. `existed` is proof that the credential existed at some time: without it the award
    date is only claimed, and a key that was compromised later is believed for nothing (K-13). `taken` are the names of
    signing keys that only the registry knows; who does not vouch for them authorises nothing.
    """
    histories = extract.keys_of(facts.issuer_id or "")
    own = keys_of_branch(histories, None)
    by_branches = not own and any(history.branch is not None for history in histories)
    general = check_keys(proofs, own, existed, frozenset() if by_branches else taken)
    if general.fault is not None:
        return TrustFindings(general.fault)
    award_date = facts.award_date
    if award_date is None:
        return TrustFindings(_result(Outcome.INDETERMINATE, "award_date_missing"))
    if extract.copy is not None and at >= extract.copy.expires_at:
        return TrustFindings(_result(Outcome.INDETERMINATE, "registry_copy_expired"))
    gathered = _gather(extract, check_statement)
    judged = judge_chains(extract, gathered.edges, facts, award_date=award_date, at=at, asked=asked)
    chains, keys = check_keys_of_branches(
        judged.chains, proofs, histories, existed, taken if by_branches else frozenset()
    )
    if keys.fault is not None:
        return TrustFindings(keys.fault)
    answers = restrict_answers(judged, chains, extract)
    details = _details(answers, extract, award_date, at, asked, existed)
    findings = _conclude(answers, gathered, proofs, details)
    warnings = (*general.warnings, *keys.warnings)
    if not warnings:
        return findings
    result = findings.result._replace(warnings=(*findings.result.warnings, *warnings))
    return TrustFindings(result, findings.vouchers)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """The sound statements, what could not be checked, and what that would need."""

    edges: Sequence[Edge]
    unchecked: tuple[Problem, ...]
    needs: tuple[EvidenceReference, ...]


def _gather(extract: RegistryExtract, check_statement: CheckStatement) -> _Gathered:
    edges: list[Edge] = []
    problems: list[Problem] = []
    needs: list[EvidenceReference] = []
    for item in extract.accreditations:
        try:
            check = check_statement(item)
        except SkillcredError as error:
            problems.append(Problem(error.code, "An accreditation of the issuer cannot be read."))
            continue
        statement = check.statement
        if statement is None:
            problems.append(Problem(check.code, "An accreditation of the issuer could not be checked."))
            needs.extend(check.needs)
            continue
        edges.append(Edge(statement, item.events, item.recorded_at, item.branch))
    return _Gathered(edges, tuple(problems), tuple(dict.fromkeys(needs)))


def _conclude(
    answers: Answers,
    gathered: _Gathered,
    proofs: Sequence[VerifiedProof],
    details: Mapping[str, FrozenJson],
) -> TrustFindings:
    chains, then, now = answers.chains, answers.then.states, answers.now.states
    authorising = [(past, present) for past, present in zip(then, now, strict=True) if past.authorises]
    if authorising:
        return _authorised(authorising, proofs, details)
    if gathered.unchecked:
        return TrustFindings(
            _result(
                Outcome.INDETERMINATE,
                "accreditation_not_checked",
                gathered.unchecked,
                gathered.needs,
                details=details,
            )
        )
    if chains.cut:
        return TrustFindings(_result(Outcome.INDETERMINATE, "chain_limit", details=details))
    if not chains.found:
        return TrustFindings(_result(Outcome.INDETERMINATE, "issuer_not_recognised", details=details))
    problems = tuple(dict.fromkeys(problem for state in then for problem in explain(state)))
    if any(state.undetermined for state in then):
        return TrustFindings(
            _result(Outcome.INDETERMINATE, "scope_not_determinable", problems, details=details)
        )
    return TrustFindings(_result(Outcome.FAILED, "issuer_not_authorised", problems, details=details))


def _authorised(
    authorising: Sequence[tuple[ChainState, ChainState]],
    proofs: Sequence[VerifiedProof],
    details: Mapping[str, FrozenJson],
) -> TrustFindings:
    vouchers = tuple(_voucher(past.chain, present) for past, present in authorising)
    if any(present.authorises for _, present in authorising):
        return TrustFindings(_result(Outcome.PASSED, "issuer_authorised", details=details), vouchers)
    warning = Problem(
        lapse_code(authorising[0][1]), "The issuer was authorised on the award date and is not any more."
    )
    late = _signed_late(vouchers, proofs)
    return TrustFindings(
        _result(Outcome.PASSED, "issuer_authorised_then", warnings=(warning, *late), details=details),
        vouchers,
    )


def _voucher(chain: Chain, present: ChainState) -> Voucher:
    statement = chain.edges[-1].statement
    lapsed = (link.state for link in present.links if link.state.standing is not Standing.IN_FORCE)
    now = next(lapsed, present.links[-1].state)
    return Voucher(chain.root, statement.credential_id, statement.valid_from, statement.valid_until, now)


def _signed_late(vouchers: Sequence[Voucher], proofs: Sequence[VerifiedProof]) -> tuple[Problem, ...]:
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


def _details(
    answers: Answers,
    extract: RegistryExtract,
    award_date: datetime,
    at: datetime,
    asked: datetime | None,
    existed: ProvableTime | None,
) -> Mapping[str, FrozenJson]:
    """The answers at the award date, now, and at the date that was asked for, with what they rest on."""
    details: dict[str, FrozenJson] = {
        "award": describe_date(award_date, answers.then.described),
        "now": describe_date(at, answers.now.described),
        "award_date": MappingProxyType(
            {"claimed": True} if existed is None else {"claimed": True, "existed": existed.describe()}
        ),
    }
    if extract.copy is not None:
        details["registry"] = _describe_copy(extract.copy)
    if asked is not None and answers.asked is not None:
        details["asked"] = describe_date(asked, answers.asked.described)
    return MappingProxyType(details)


def _describe_copy(copy: RegistryCopyInfo) -> Mapping[str, FrozenJson]:
    """How old the copy is that the judgement rests on."""
    return MappingProxyType(
        {
            "timestamp_version": copy.timestamp_version,
            "updated": format_instant(copy.updated_at),
            "expires": format_instant(copy.expires_at),
        }
    )


def _result(
    outcome: Outcome,
    code: str,
    problems: tuple[Problem, ...] = (),
    needs: tuple[EvidenceReference, ...] = (),
    *,
    warnings: tuple[Problem, ...] = (),
    details: Mapping[str, FrozenJson] = MappingProxyType({}),
) -> StepResult:
    return StepResult(Step.TRUST, outcome, code, problems, needs, warnings, details)
