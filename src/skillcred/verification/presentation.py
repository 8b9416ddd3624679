"""`verify_presentation`: the pure function for presentations, beside `verify` for credentials.

VCDM 2.0 sections "Verifiable Presentations" and "Verification". The proof of the presentation, the holder, and each
credential are judged apart, and all must be good: a broken presentation is not saved by good credentials, nor a
revoked credential by a good presentation (SECURITY D-02, D-16, D-17).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.datetimes import to_utc
from skillcred.model.documents import Form, SecuredDocument
from skillcred.model.findings import items_of, types_of
from skillcred.model.outcomes import (
    PARSING_ERROR,
    PRESENTATION_STEPS,
    EvidenceReference,
    Outcome,
    Problem,
    Step,
    StepResult,
    Verdict,
)
from skillcred.securing import DocumentKind, ProofFindings, VerifiedDocument
from skillcred.verification.evidence import Evidence, EvidenceItem, EvidenceReader
from skillcred.verification.holder_binding import (
    HolderState,
    compare_with_holder,
    conclude_holder,
    find_presenter,
    holder_id,
    judge_key_binding,
)
from skillcred.verification.integrity import check_policy_conformance, check_proof
from skillcred.verification.parsing import Subject, is_presented_sd_jwt, parse_subject
from skillcred.verification.pipeline import verify_credential
from skillcred.verification.policy import DEFAULT_POLICY, VerificationPolicy
from skillcred.verification.presentation_report import PresentationReport, PresentedCredential
from skillcred.verification.registry_keys import read_key_histories
from skillcred.verification.verdicts import PRESENTATION_VERDICTS, UNSIGNED_PRESENTATION_VERDICTS, conclude

AUTHENTICATION: Final = "authentication"
"""The proof purpose of presentations."""
MAX_PRESENTED: Final = 50
"""Most credentials of one presentation (SECURITY D-17); a wallet shows a handful."""


def verify_presentation(
    document: bytes,
    *,
    evidence: Evidence | None = None,
    policy: VerificationPolicy = DEFAULT_POLICY,
    at: datetime,
    media_type: str = "application/vp",
    challenge: str | None = None,
    domain: str | None = None,
) -> PresentationReport:
    """Verify a presentation and every credential in it.

    `challenge` and `domain` are what this verifier asked for; where one is given the proof must carry it. Other
    parameters, and `needs` of the report, are as for `verify`.
    Raises `InputError` (`instant_without_zone`, `instant_out_of_range`) and nothing for whatever `document` holds.
    """
    instant = to_utc(at)
    run = _Run(evidence or Evidence(), policy, instant, challenge, domain)
    run.judge(document, media_type)
    unsigned_is_fine = run.unsigned and not policy.presentation_proof_required
    table = UNSIGNED_PRESENTATION_VERDICTS if unsigned_is_fine else PRESENTATION_VERDICTS
    steps = _complete(run.steps)
    verdict, deciding = conclude(steps, table)
    return PresentationReport(
        verdict=verdict,
        reason=deciding.code,
        evaluated_at=instant,
        policy=policy.name,
        document_sha256=hashlib.sha256(document).hexdigest(),
        challenge=challenge,
        domain=domain,
        steps=steps,
        holder_id=None if run.verified is None else holder_id(run.verified.document),
        presenter_id=run.presenter_id,
        credentials=tuple(run.credentials),
        evidence_used=_used(run.reader, run.credentials),
    )


class _Run:
    """One pass over a presentation; collects what the report needs."""

    def __init__(
        self,
        evidence: Evidence,
        policy: VerificationPolicy,
        at: datetime,
        challenge: str | None,
        domain: str | None,
    ) -> None:
        self._evidence, self._policy, self._at = evidence, policy, at
        self._challenge, self._domain = challenge, domain
        self.reader = EvidenceReader(evidence)
        self.steps: list[StepResult] = []
        self.credentials: list[PresentedCredential] = []
        self.verified: VerifiedDocument | None = None
        self.presenter_id: str | None = None
        self.unsigned = False

    def judge(self, content: bytes, media_type: str) -> None:
        answering = self._challenge is not None or self._domain is not None
        secured, parsed = parse_subject(content, media_type, Subject.PRESENTATION, answering=answering)
        self.steps.append(parsed)
        if secured is None:
            return
        if is_presented_sd_jwt(secured):
            self._judge_sd_jwt(secured)
            return
        findings = self._check_proof(secured)
        self.steps.append(findings.result._replace(step=Step.PROOF))
        self.verified = findings.verified
        document = self._document(secured, findings)
        if document is None:
            return
        self.steps.append(_check_conformance(document, self.verified, self._policy))
        if self.steps[-1].outcome is Outcome.PASSED:
            self._judge_credentials(document)

    def _judge_sd_jwt(self, secured: SecuredDocument) -> None:
        """A credential in an SD-JWT with its key binding is a presentation by itself (RFC 9901 sections 4.3 and 7.3):
        one proof, by the key that the issuer confirmed, over what is disclosed and the question that it answers."""
        domain, challenge = self._domain, self._challenge
        findings = check_proof(
            secured,
            self.reader,
            self._policy,
            self._at,
            domain=domain,
            challenge=challenge,
            histories_of=lambda did: read_key_histories(self.reader, did),
        )
        self.steps.append(findings.result)
        verified = findings.verified
        if verified is None:
            return
        self.steps.append(StepResult(Step.CONFORMANCE, Outcome.PASSED, "credential_presented"))
        found = verify_credential(
            secured.content,
            secured.media_type,
            self._evidence,
            self._policy,
            self._at,
            domain=domain,
            challenge=challenge,
        )
        holder, self.presenter_id = judge_key_binding(verified)
        state = HolderState.PROVEN if holder.outcome is Outcome.PASSED else HolderState.NOT_PROVEN
        self.credentials.append(PresentedCredential("", state, found.report, secured.content))
        self.steps += (_conclude_credentials([found.report.verdict]), holder)

    def _check_proof(self, secured: SecuredDocument) -> ProofFindings:
        """Without a proof nobody has presented anything; who asked a question has then got no answer."""
        asked = self._challenge is not None or self._domain is not None
        self.unsigned = secured.form is Form.JSON and "proof" not in secured.document and not asked
        if self.unsigned:
            fine = not self._policy.presentation_proof_required
            outcome = Outcome.NOT_APPLICABLE if fine else Outcome.INDETERMINATE
            return ProofFindings(StepResult(Step.PROOF, outcome, "presentation_not_signed"), None)
        return check_proof(
            secured,
            self.reader,
            self._policy,
            self._at,
            purpose=AUTHENTICATION,
            domain=self._domain,
            challenge=self._challenge,
        )

    def _document(self, secured: SecuredDocument, findings: ProofFindings) -> JsonObject | None:
        """What is presented. Where the proof could not be told, the credentials still speak for themselves;
        where it is wrong, nothing of the upload is looked at any further."""
        if findings.verified is not None:
            return findings.verified.document
        if findings.result.outcome is Outcome.FAILED or secured.form is not Form.JSON:
            return None
        return {name: value for name, value in secured.document.items() if name != "proof"}

    def _judge_credentials(self, document: JsonObject) -> None:
        presented = _presented(document)
        if len(presented) > MAX_PRESENTED:
            self.steps.append(StepResult(Step.CREDENTIALS, Outcome.INDETERMINATE, "too_many_credentials"))
            return
        presenter = None if self.verified is None else find_presenter(self.verified)
        self.presenter_id = None if presenter is None else presenter.id
        for item, pointer in presented:
            content = _content_of(item)
            found = verify_credential(content, "application/vc", self._evidence, self._policy, self._at)
            state = compare_with_holder(found.verified, presenter)
            self.credentials.append(PresentedCredential(pointer, state, found.report, content))
        self.steps.append(_conclude_credentials([item.report.verdict for item in self.credentials]))
        self.steps.append(self._conclude_holder([item.holder for item in self.credentials]))

    def _conclude_holder(self, states: Sequence[HolderState]) -> StepResult:
        result = conclude_holder(self.verified, states)
        if self.unsigned and not self._policy.presentation_proof_required:
            return result._replace(outcome=Outcome.NOT_APPLICABLE)
        return result


def _content_of(item: JsonValue) -> bytes:
    """The credential's own JSON alone, which is verified as an upload is (SECURITY L-14).

    VCDM 1.1 lets a credential be the text of a JWT; under 2.0 conformance has refused that.
    """
    return (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)).encode("utf-8")


def _presented(document: JsonObject) -> list[tuple[JsonValue, str]]:
    if "verifiableCredential" not in document:
        return []
    return list(items_of(document["verifiableCredential"], "/verifiableCredential"))


def _check_conformance(
    document: JsonObject, verified: VerifiedDocument | None, policy: VerificationPolicy
) -> StepResult:
    """What an envelope holds shows only now, so the type is looked at whatever was said outside."""
    types = types_of(document)
    foreign = verified is not None and verified.kind is not DocumentKind.VCDM
    if foreign or "VerifiablePresentation" not in types or "VerifiableCredential" in types:
        problem = Problem("type_missing", "What is signed is not a presentation.", "/type", PARSING_ERROR)
        return StepResult(Step.CONFORMANCE, Outcome.FAILED, "not_a_presentation", (problem,))
    problems = check_policy_conformance(document, policy)
    if problems:
        return StepResult(Step.CONFORMANCE, Outcome.FAILED, "presentation_not_conforming", problems)
    return StepResult(Step.CONFORMANCE, Outcome.PASSED, "presentation_conforms")


_OF_CREDENTIALS: Final[Mapping[Verdict, tuple[Outcome, str]]] = {
    Verdict.INVALID: (Outcome.FAILED, "credential_invalid"),
    Verdict.INDETERMINATE: (Outcome.INDETERMINATE, "credential_indeterminate"),
    Verdict.VALID: (Outcome.PASSED, "credentials_valid"),
}
"""Worst first."""


def _conclude_credentials(verdicts: Sequence[Verdict]) -> StepResult:
    """The worst verdict counts. A presentation of nothing shows nothing, and is not valid as one."""
    for verdict, (outcome, code) in _OF_CREDENTIALS.items():
        if verdict in verdicts:
            return StepResult(Step.CREDENTIALS, outcome, code)
    return StepResult(Step.CREDENTIALS, Outcome.INDETERMINATE, "no_credentials")


def _complete(steps: Sequence[StepResult]) -> tuple[StepResult, ...]:
    done = {result.step: result for result in steps}
    return tuple(
        done.get(step, StepResult(step, Outcome.INDETERMINATE, "not_reached")) for step in PRESENTATION_STEPS
    )


def _used(reader: EvidenceReader, credentials: Sequence[PresentedCredential]) -> tuple[EvidenceItem, ...]:
    items: dict[EvidenceReference, EvidenceItem] = {item.reference: item for item in reader.used()}
    for credential in credentials:
        items |= {item.reference: item for item in credential.report.evidence_used}
    return tuple(items[reference] for reference in sorted(items))
