"""Who stands behind a statement on recognition: an authority that is enrolled for the country, or somebody who advises.

Advice is never more than advice, whoever signed it, so it is indeterminate and says so. A decision counts only from a
body that is enrolled for the country in which it is to have effect, and was when it decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from skillcred.encoding.json_types import FrozenJson
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import Outcome, Problem, Step, StepResult
from skillcred.profiles import CredentialFacts
from skillcred.profiles.statement import DECISION, VOUCHING
from skillcred.securing import VerifiedProof
from skillcred.trust.evaluate import TrustFindings
from skillcred.trust.existence import ProvableTime
from skillcred.trust.extract import RegistryExtract
from skillcred.trust.keys import check_keys, keys_of_branch
from skillcred.trust.standing import Standing, body_standing_at


def evaluate_authority(
    facts: CredentialFacts,
    proofs: Sequence[VerifiedProof],
    extract: RegistryExtract,
    statement: Mapping[str, str],
    *,
    at: datetime,
    existed: ProvableTime | None = None,
    taken: frozenset[str] = frozenset(),
) -> TrustFindings:
    """Judge the issuer of a verified statement. `statement` is what it says it is; for `existed` and `taken` see
    `evaluate_trust`.

    `statement_advisory` (indeterminate), `authority_enrolled`, `vouched_by_enrolled_body`, `authority_enrolled_then`
    with a warning, `authority_not_enrolled` (indeterminate), `authority_not_enrolled_then` and
    `authority_of_another_country`.
    """
    issuer = facts.issuer_id or ""
    histories = extract.keys_of(issuer)
    known = keys_of_branch(histories, None) or keys_of_branch(histories, issuer)
    keys = check_keys(proofs, known, existed, taken)
    if keys.fault is not None:
        return TrustFindings(keys.fault)
    vouching = statement.get("nature") == VOUCHING
    if not vouching and statement.get("nature") != DECISION:
        return _findings(Outcome.INDETERMINATE, "statement_advisory", statement)
    if extract.copy is not None and at >= extract.copy.expires_at:
        return _findings(Outcome.INDETERMINATE, "registry_copy_expired", statement)
    decided = facts.valid_from
    body = next((body for body in extract.bodies if body.did == facts.issuer_id), None)
    if body is None or decided is None or body.enrolled_at > at:
        return _findings(Outcome.INDETERMINATE, "authority_not_enrolled", statement)
    told = {**statement, "authority": body.name, "authority_country": body.country}
    if not vouching and body.country != statement.get("destination"):
        return _findings(Outcome.FAILED, "authority_of_another_country", told)
    then, now = body_standing_at(body, decided), body_standing_at(body, at)
    told["decided_at"] = format_instant(decided)
    if then.standing is not Standing.IN_FORCE:
        return _findings(Outcome.FAILED, "authority_not_enrolled_then", told)
    if now.standing is not Standing.IN_FORCE:
        warning = Problem(
            "authority_lapsed", "The authority was enrolled when it decided and is not any more."
        )
        return _findings(Outcome.PASSED, "authority_enrolled_then", told, (warning, *keys.warnings))
    code = "vouched_by_enrolled_body" if vouching else "authority_enrolled"
    return _findings(Outcome.PASSED, code, told, keys.warnings)


def _findings(
    outcome: Outcome, code: str, told: Mapping[str, str], warnings: tuple[Problem, ...] = ()
) -> TrustFindings:
    details: Mapping[str, FrozenJson] = dict(told)
    return TrustFindings(StepResult(Step.TRUST, outcome, code, warnings=warnings, details=details))
