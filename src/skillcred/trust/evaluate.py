"""Was this issuer authorised by a recognised national body for this credential: when it was awarded, and now?

The rule is SECURITY T-01 to T-04, T-11, T-13 and K-11 to K-13: a statement counts only if its own proof holds, its
chain ends at a body that is enrolled, and every scope on the way covers the credential. What cannot be told is
indeterminate, never trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from skillcred.encoding.json_types import FrozenJson
from skillcred.errors import SkillcredError
from skillcred.model.datetimes import format_instant, format_utc
from skillcred.model.outcomes import EvidenceReference, Outcome, Problem, Step, StepResult
from skillcred.profiles import CredentialFacts
from skillcred.securing import VerifiedProof
from skillcred.trust.conclusions import Voucher, find_late_signature
from skillcred.trust.existence import ProvableTime
from skillcred.trust.extract import RegistryCopyInfo, RegistryExtract
from skillcred.trust.judged import Answers, judge_chains, restrict_answers
from skillcred.trust.keys import check_keys, check_keys_of_branches, split_histories
from skillcred.trust.signed import NOT_CHECKED, SignedStatement, StatementReader

# In 3.11 looking a member of an enumeration up costs more than a call.
_TRUST: Final = Step.TRUST
_PASSED: Final = Outcome.PASSED
_NONE: Final[frozenset[str]] = frozenset()
_CLAIMED: Final[Mapping[str, FrozenJson]] = {"claimed": True}


class TrustFindings(NamedTuple):
    """The result for `Step.TRUST`, and who vouches."""

    result: StepResult
    vouchers: tuple[Voucher, ...] = ()


def evaluate_trust(
    facts: CredentialFacts,
    proofs: Sequence[VerifiedProof],
    extract: RegistryExtract,
    read_statement: StatementReader,
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
    own, of_branches = split_histories(extract.keys, facts.issuer_id or "")
    by_branches = bool(of_branches) and not own
    general = check_keys(proofs, own, existed, _NONE if by_branches else taken)
    if general.fault is not None:
        return TrustFindings(general.fault)
    award_date = facts.award_date
    if award_date is None:
        return TrustFindings(StepResult(Step.TRUST, Outcome.INDETERMINATE, "award_date_missing"))
    if extract.copy is not None and at >= extract.copy.expires_at:
        return TrustFindings(StepResult(Step.TRUST, Outcome.INDETERMINATE, "registry_copy_expired"))
    signed, unread, needs = _read(extract, read_statement)
    answers = judge_chains(extract, signed, facts, award_date=award_date, at=at, asked=asked)
    warnings = general.warnings
    if of_branches:
        chains, keys = check_keys_of_branches(
            answers.chains, proofs, of_branches, existed, taken if by_branches else _NONE
        )
        if keys.fault is not None:
            return TrustFindings(keys.fault)
        answers = restrict_answers(answers, chains, extract)
        warnings = (*warnings, *keys.warnings)
    details = _details(answers, extract, award_date, at, asked, existed)
    outcome, code, problems, lapses, vouchers = answers.conclusion
    if outcome is not _PASSED and (any(unread) or any(answers.faults)):
        outcome, code = Outcome.INDETERMINATE, "accreditation_not_checked"
        problems = tuple(
            problem for both in zip(unread, answers.faults, strict=True) for problem in both if problem
        )
    else:
        needs = ()
    if lapses:
        warnings = (*lapses, *find_late_signature(vouchers, proofs), *warnings)
    return TrustFindings(StepResult(_TRUST, outcome, code, problems, needs, warnings, details), vouchers)


def _read(
    extract: RegistryExtract, read_statement: StatementReader
) -> tuple[list[SignedStatement | None], list[Problem | None], tuple[EvidenceReference, ...]]:
    """For each accreditation what it says, or why it could not be checked; and what that would need."""
    signed: list[SignedStatement | None] = []
    problems: list[Problem | None] = []
    needs: list[EvidenceReference] = []
    for item in extract.accreditations:
        problem = None
        try:
            one, code, lacking = read_statement(item)
        except SkillcredError as error:
            one = None
            problem = Problem(error.code, "An accreditation of the issuer cannot be read.")
        else:
            if one is None:
                problem = Problem(code, NOT_CHECKED)
                needs.extend(lacking)
        signed.append(one)
        problems.append(problem)
    return signed, problems, tuple(dict.fromkeys(needs))


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
        "award": {"date": format_utc(award_date), **answers.then.described},
        "now": {"date": format_utc(at), **answers.now.described},
        "award_date": _CLAIMED if existed is None else {"claimed": True, "existed": existed.describe()},
    }
    if extract.copy is not None:
        details["registry"] = _describe_copy(extract.copy)
    if asked is not None and answers.asked is not None:
        details["asked"] = {"date": format_utc(asked), **answers.asked.described}
    return details


def _describe_copy(copy: RegistryCopyInfo) -> Mapping[str, FrozenJson]:
    """How old the copy is that the judgement rests on."""
    return {
        "timestamp_version": copy.timestamp_version,
        "updated": format_instant(copy.updated_at),
        "expires": format_instant(copy.expires_at),
    }
