"""`verify`: the pure function that the project promises.

Same document, same evidence, same policy, same instant: same report, on any machine, offline, in ten years.
Every step runs only on what the step before has verified; what was not reached says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from skillcred.encoding.json_types import FrozenJson, JsonObject
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, format_utc, to_utc
from skillcred.model.documents import parse_secured_document
from skillcred.model.outcomes import (
    CREDENTIAL_STEPS,
    NO_DETAILS,
    EvidenceKind,
    EvidenceReference,
    Outcome,
    Problem,
    Step,
    StepResult,
)
from skillcred.profiles import CredentialFacts, check_profile, credential_facts, read_sd_jwt_claims
from skillcred.profiles.facts import sd_jwt_vc_facts
from skillcred.profiles.schemas import SchemaChecks
from skillcred.profiles.statement import describe, find_statement_schema
from skillcred.securing import CLOCK_SKEW_SECONDS, DocumentKind, VerifiedDocument, VerifiedProof
from skillcred.trust import (
    ProvableTime,
    TrustFindings,
    evaluate_authority,
    evaluate_trust,
    parse_existence_record,
    parse_registry_extract,
)
from skillcred.verification.credential_schema import SchemaCredential, check_credential_schema
from skillcred.verification.evidence import Evidence, EvidenceItem, EvidenceReader
from skillcred.verification.existence_digests import existence_digests
from skillcred.verification.integrity import Integrity, check_integrity
from skillcred.verification.parsing import Subject, parse_subject
from skillcred.verification.policy import DEFAULT_POLICY, VerificationPolicy
from skillcred.verification.registry_keys import read_key_histories
from skillcred.verification.report import VerificationReport
from skillcred.verification.statements import read_statement
from skillcred.verification.status_lists import check_credential_status
from skillcred.verification.verdicts import conclude

# In 3.11 looking a member of an enumeration up costs more than a call.
_SD_JWT_VC: Final = DocumentKind.SD_JWT_VC
_VALIDITY: Final = Step.VALIDITY
_PASSED: Final = Outcome.PASSED
_REGISTRY_EXTRACT: Final = EvidenceKind.REGISTRY_EXTRACT
_EXISTENCE_RECORD: Final = EvidenceKind.EXISTENCE_RECORD
_SKEW: Final = timedelta(seconds=CLOCK_SKEW_SECONDS)


def verify(
    document: bytes,
    *,
    evidence: Evidence | None = None,
    policy: VerificationPolicy = DEFAULT_POLICY,
    at: datetime,
    media_type: str = "application/vc",
    asked_at: datetime | None = None,
) -> VerificationReport:
    """Verify a secured credential, also an enveloped one.

    `document` is the credential exactly as it came. `evidence` is all that may be known beside it; what is
    lacking is named in the report's `needs`. `at` is the instant of evaluation, with a time zone. `asked_at` is another
    date at which the issuer's authorisation is to be told; it changes no verdict.
    Raises `InputError` (`instant_without_zone`, `instant_out_of_range`) and nothing for whatever `document` holds.
    """
    asked = None if asked_at is None else to_utc(asked_at)
    known = Evidence() if evidence is None else evidence
    return verify_credential(document, media_type, known, policy, to_utc(at), asked).report


class VerifiedCredential(NamedTuple):
    """The report on a credential, and what was verified of it, if anything: presentations look at its proofs."""

    report: VerificationReport
    verified: VerifiedDocument | None


def verify_credential(
    document: bytes,
    media_type: str,
    evidence: Evidence,
    policy: VerificationPolicy,
    at: datetime,
    asked: datetime | None = None,
    *,
    domain: str | None = None,
    challenge: str | None = None,
) -> VerifiedCredential:
    """What `verify` does, for instants in UTC. `domain` and `challenge` are for a credential that is presented by
    itself: its key binding has to answer them."""
    reader = EvidenceReader(evidence)
    digest = hashlib.sha256(document).hexdigest()
    dates = _Dates(at, asked, digest, document)
    run = _run(document, media_type, reader, policy, dates, (domain, challenge))
    verdict, deciding = conclude(run.steps)
    report = VerificationReport(
        verdict=verdict,
        reason=deciding.code,
        evaluated_at=at,
        policy=policy.name,
        document_sha256=digest,
        steps=run.steps,
        claims=None if run.verified is None else run.verified.document,
        facts=run.facts,
        vouchers=run.trust.vouchers if run.trust is not None else (),
        issuer_registered_name=run.issuer_registered_name,
        evidence_used=reader.used(),
        diagnostics=_diagnostics(run.verified),
        asked_at=asked,
    )
    return VerifiedCredential(report, run.verified)


class _Dates(NamedTuple):
    """The instant of evaluation, a further date that is asked for, and the document, of which there may be records."""

    at: datetime
    asked: datetime | None
    document_sha256: str
    document: bytes


class _Run(NamedTuple):
    steps: tuple[StepResult, ...]
    verified: VerifiedDocument | None = None
    facts: CredentialFacts | None = None
    trust: TrustFindings | None = None
    issuer_registered_name: str | None = None


def _run(
    content: bytes,
    media_type: str,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    dates: _Dates,
    question: tuple[str | None, str | None],
) -> _Run:
    at = dates.at
    parsed, parse_result = parse_subject(content, media_type, Subject.CREDENTIAL)
    if parsed is None:
        return _Run(_complete([parse_result]))
    integrity = check_integrity(
        parsed, reader, policy, at, question, lambda did: read_key_histories(reader, did)
    )
    steps = [parse_result, *integrity.results]
    verified = integrity.verified
    if verified is None:
        return _Run(_complete(steps))
    if not integrity.sound:
        return _Run(_complete(steps), verified)
    document, facts = verified.document, _facts(verified)
    checks = SchemaChecks(document, integrity.objects)
    is_vcdm = verified.kind is not _SD_JWT_VC
    profile = check_profile(document, checks) if is_vcdm else _check_sd_jwt_vc_profile(document)
    schema = check_credential_schema(
        document,
        reader.read,
        lambda content: _check_schema_credential(content, reader, policy, at),
        checks,
    )
    validity = _check_validity(facts, at)
    status = _check_status(document, facts, reader, policy, at)
    trust, registered_name = _check_trust(verified, facts, reader, policy, dates, integrity)
    steps += (profile, schema, validity, status, trust.result)
    return _Run(tuple(steps), verified, facts, trust, registered_name)


def _facts(verified: VerifiedDocument) -> CredentialFacts:
    if verified.kind is _SD_JWT_VC:
        return sd_jwt_vc_facts(verified.document, named_issuer=verified.named_issuer)
    return credential_facts(verified.document)


def _check_sd_jwt_vc_profile(claims: JsonObject) -> StepResult:
    """Profiles are those of VCDM; an SD-JWT VC of a type of ours stands for a credential of one."""
    credential = read_sd_jwt_claims(claims)
    if credential is None:
        return StepResult(Step.PROFILE, Outcome.NOT_APPLICABLE, "no_known_profile")
    return check_profile(credential)


def _check_schema_credential(
    content: bytes, reader: EvidenceReader, policy: VerificationPolicy, at: datetime
) -> SchemaCredential:
    """A credential that holds a schema: proof, issuer binding, conformance, validity and status of its own.

    Who issued it is not judged: the issuer of the credential that names it vouches for it by naming it.
    """
    try:
        secured = parse_secured_document(content)
    except InputError as error:
        return SchemaCredential(None, error.code)
    integrity = check_integrity(secured, reader, policy, at)
    steps = integrity.results
    if integrity.verified is not None and integrity.sound:
        facts = _facts(integrity.verified)
        status = _check_status(integrity.verified.document, facts, reader, policy, at)
        steps += (_check_validity(facts, at), status)
        good = (Outcome.PASSED, Outcome.NOT_APPLICABLE)
        if all(step.outcome in good for step in steps):
            return SchemaCredential(integrity.verified.document)
    reason = next(step.code for step in steps if step.outcome is not Outcome.PASSED)
    return SchemaCredential(None, reason, tuple(need for step in steps for need in step.needs))


def _complete(steps: list[StepResult]) -> tuple[StepResult, ...]:
    """All steps in order; those that could not run are indeterminate and say why."""
    done = {result.step: result for result in steps}
    return tuple(
        done.get(step, StepResult(step, Outcome.INDETERMINATE, "not_reached")) for step in CREDENTIAL_STEPS
    )


def _check_validity(facts: CredentialFacts, at: datetime) -> StepResult:
    """VCDM 2.0 section 4.9 (Validity Period), with the stated clock skew for the beginning only."""
    begins, awarded, ends = facts.valid_from, facts.award_date, facts.valid_until
    details: Mapping[str, FrozenJson] = {
        "valid_from": None if begins is None else format_utc(begins),
        "valid_until": None if ends is None else format_utc(ends),
    }
    if ends is not None and ends < at:
        problem = Problem("valid_until", f"It was valid until {format_instant(ends)}.")
        return StepResult(Step.VALIDITY, Outcome.FAILED, "expired", (problem,), details=details)
    latest = awarded if begins is None or (awarded is not None and awarded > begins) else begins
    if latest is not None and latest - at > _SKEW:
        problem = Problem("valid_from", f"It is valid from {format_instant(latest)} on.")
        return StepResult(Step.VALIDITY, Outcome.FAILED, "not_yet_valid", (problem,), details=details)
    return StepResult(_VALIDITY, _PASSED, "in_validity_period", (), (), (), details)


def _check_status(
    document: JsonObject,
    facts: CredentialFacts,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
) -> StepResult:
    """A credential that can be revoked and whose list was not read is not known to be good."""
    if facts.issuer_id is None:  # conformance has refused it already
        return StepResult(Step.STATUS, Outcome.INDETERMINATE, "not_reached")
    return check_credential_status(document, facts.issuer_id, reader, policy, at)


def _check_trust(
    verified: VerifiedDocument,
    facts: CredentialFacts,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    dates: _Dates,
    integrity: Integrity,
) -> tuple[TrustFindings, str | None]:
    if facts.issuer_id is None:  # conformance has refused it already
        return TrustFindings(StepResult(Step.TRUST, Outcome.INDETERMINATE, "not_reached")), None
    name = (_REGISTRY_EXTRACT, facts.issuer_id)
    item = reader.read(name)
    if item is None or item.content is None:
        needs = (EvidenceReference(*name),) if item is None else ()
        return TrustFindings(_trust_unavailable(item, needs)), None
    try:
        extract = parse_registry_extract(item.content, issuer_did=facts.issuer_id)
    except InputError as error:
        problem = Problem(error.code, error.message)
        return TrustFindings(
            StepResult(Step.TRUST, Outcome.INDETERMINATE, "registry_unavailable", (problem,))
        ), None

    read = partial(read_statement, reader=reader, policy=policy, at=dates.at, keys=extract.keys)
    statement = None
    if find_statement_schema(verified.document) is not None:
        statement = describe(verified.document)

    proofs, taken = integrity.issuer_proofs, integrity.registry_keys.methods

    def judge(existed: ProvableTime | None) -> TrustFindings:
        if statement is not None:
            return evaluate_authority(
                facts, proofs, extract, statement, at=dates.at, existed=existed, taken=taken
            )
        return evaluate_trust(
            facts, proofs, extract, read, at=dates.at, asked=dates.asked, existed=existed, taken=taken
        )

    known = _read_time(reader, dates.document_sha256)
    findings = judge(known)
    if findings.result.code in _TIME_DECIDES:
        earliest, lacking = _provable_time(reader, existence_digests(dates.document))
        if earliest != known:
            findings = judge(earliest)
        if lacking and findings.result.code in _TIME_DECIDES:
            findings = TrustFindings(findings.result._replace(needs=lacking))
    return findings, extract.issuer_name


_TIME_DECIDES: Final = frozenset({"key_compromised", "key_doubted"})
"""Reasons that it may take away if the document is provably older than the theft of the key."""


def _provable_time(
    reader: EvidenceReader, digests: Sequence[str]
) -> tuple[ProvableTime | None, tuple[EvidenceReference, ...]]:
    """Until when the document with these digests is known to have existed, and which records nobody was asked for. They
    are asked for only where it matters: the digest of a document is nobody else's business. What cannot be read proves
    nothing."""
    known: list[ProvableTime] = []
    needs: list[EvidenceReference] = []
    for digest in digests:
        time = _read_time(reader, digest)
        if time is not None:
            known.append(time)
        elif reader.read((_EXISTENCE_RECORD, digest)) is None:
            needs.append(EvidenceReference(_EXISTENCE_RECORD, digest))
    return min(known, key=lambda time: time.instant, default=None), tuple(needs)


def _read_time(reader: EvidenceReader, digest: str) -> ProvableTime | None:
    """What the record that a document existed proves, if it is there and can be read."""
    item = reader.read((_EXISTENCE_RECORD, digest))
    if item is None or item.content is None:
        return None
    try:
        return parse_existence_record(item.content, document_sha256=digest)
    except InputError:
        return None


def _trust_unavailable(item: EvidenceItem | None, needs: tuple[EvidenceReference, ...]) -> StepResult:
    reason = "not_requested" if item is None else item.unavailable or "no_content"
    problem = Problem(reason, "The registry's statements about the issuer are not at hand.")
    return StepResult(Step.TRUST, Outcome.INDETERMINATE, "registry_unavailable", (problem,), needs)


def _diagnostics(verified: VerifiedDocument | None) -> Mapping[str, FrozenJson]:
    if verified is None:
        return NO_DETAILS
    shown: list[FrozenJson] = [*map(_proof_diagnostics, verified.proofs)]
    for proof in verified.experimental_proofs:
        shown.append({**_proof_diagnostics(proof), "experimental": True})
    return {"proofs": tuple(shown)}


def _proof_diagnostics(proof: VerifiedProof) -> dict[str, FrozenJson]:
    """The mechanism, the key and, where linked data was canonicalised, by which road: `fast` or `general`."""
    shown: dict[str, FrozenJson] = {
        "mechanism": proof.mechanism,
        "verification_method": proof.verification_method,
    }
    if proof.road is not None:
        shown["canonicalisation"] = proof.road
    return shown
