"""The part of verification that every secured document goes through: proof, issuer binding, conformance.

Credentials and the registry's own statements use the same code, one level apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.identifiers import (
    ControlledIdentifierDocument,
    DidError,
    derive_document,
    parse_controlled_identifier_document,
)
from skillcred.keys.certificates import TrustAnchors, parse_trust_anchors
from skillcred.linkeddata.tolerance import (
    DIRECTION_NOT_SIGNED,
    FRACTION_NOT_EXACT,
    STRICT,
    tolerated_values,
)
from skillcred.model.conformance import ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION, check_conformance
from skillcred.model.conformance_sd_jwt_vc import check_sd_jwt_vc
from skillcred.model.documents import SecuredDocument
from skillcred.model.findings import types_of
from skillcred.model.outcomes import (
    CRYPTOGRAPHIC_SECURITY_ERROR,
    PARSING_ERROR,
    EvidenceKind,
    Outcome,
    Problem,
    Step,
    StepResult,
)
from skillcred.model.plain_values import find_objects
from skillcred.securing import (
    ASSERTION,
    ISSUER_ANCHORS,
    NOT_REQUESTED,
    Availability,
    DocumentKind,
    DocumentNotAvailable,
    ProofFindings,
    ProofRequest,
    VerifiedDocument,
    VerifiedProof,
    needs_trust_anchors,
    peek_controllers,
    verify_secured_document,
)
from skillcred.verification.evidence import EvidenceReader
from skillcred.verification.policy import VerificationPolicy
from skillcred.verification.registry_keys import (
    NO_KEYS,
    HistoriesOf,
    RegistryKeys,
    verify_with_registry_keys,
)

# In 3.11 looking a member of an enumeration up costs more than a call.
_VCDM: Final = DocumentKind.VCDM
_DID_DOCUMENT: Final = EvidenceKind.DID_DOCUMENT
_SD_JWT_VC: Final = DocumentKind.SD_JWT_VC
_PASSED: Final = Outcome.PASSED


class Integrity(NamedTuple):
    """Results of the steps that ran, and the verified document if the proof held."""

    results: tuple[StepResult, ...]
    verified: VerifiedDocument | None
    registry_keys: RegistryKeys = NO_KEYS
    """What of the proof rests on the registry's knowledge of keys, and not on the signers' documents."""
    issuer_proofs: tuple[VerifiedProof, ...] = ()
    """The proofs made with keys of the issuer."""
    sound: bool = False
    """Whether proof, issuer binding and conformance all passed."""
    objects: list[JsonObject] | None = None
    """Those of a verified document of VCDM, as `find_objects` gives them."""


def check_integrity(
    secured: SecuredDocument,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    question: tuple[str | None, str | None] = (None, None),
    histories_of: HistoriesOf | None = None,
) -> Integrity:
    """Check proof, issuer binding and conformance of one secured credential. `question`: domain and challenge that
    its key binding has to answer. `histories_of` has keys that signers' documents may lack; whoever gives it judges
    the times of those that were used."""
    domain, challenge = question
    request = _request(secured, reader, policy, at, ASSERTION, domain, challenge)
    findings = verify_secured_document(secured, request)
    used = NO_KEYS
    if findings.verified is None and histories_of is not None:
        findings, used = verify_with_registry_keys(secured, request, findings, histories_of)
    if policy.tolerance is not STRICT:
        findings = _add_tolerated(findings, policy)
    verified = findings.verified
    if verified is None:
        return Integrity((findings.result,), None)
    objects = find_objects(verified.document) if verified.kind is _VCDM else None
    proofs = issuer_proofs(verified)
    binding = _BOUND if proofs else _not_bound(verified)
    conformance = _check_conformance(verified, policy, plain=objects is not None)
    sound = findings.result.outcome is binding.outcome is conformance.outcome is _PASSED
    return Integrity((findings.result, binding, conformance), verified, used, proofs, sound, objects)


def check_proof(
    secured: SecuredDocument,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    *,
    purpose: str = ASSERTION,
    domain: str | None = None,
    challenge: str | None = None,
    histories_of: HistoriesOf | None = None,
) -> ProofFindings:
    """Check the proofs of a document with the signers' identity documents that are derived or in evidence, and with
    what `histories_of` says of keys that these lack."""
    request = _request(secured, reader, policy, at, purpose, domain, challenge)
    findings = verify_secured_document(secured, request)
    if findings.verified is None and histories_of is not None:
        findings, _ = verify_with_registry_keys(secured, request, findings, histories_of)
    return _add_tolerated(findings, policy)


def _request(
    secured: SecuredDocument,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
    purpose: str,
    domain: str | None,
    challenge: str | None,
) -> ProofRequest:
    controllers = ControllersAtHand(peek_controllers(secured), reader)
    anchors = issuer_anchors(reader) if needs_trust_anchors(secured) else NOT_REQUESTED
    return ProofRequest(
        purpose,
        at,
        controllers,
        policy.contexts,
        domain=domain,
        challenge=challenge,
        trust_anchors=anchors,
    )


def _add_tolerated(findings: ProofFindings, policy: VerificationPolicy) -> ProofFindings:
    if findings.verified is None or policy.tolerance == STRICT:
        return findings
    warnings = findings.result.warnings + _tolerated(findings.verified)
    return ProofFindings(findings.result._replace(warnings=warnings), findings.verified)


def check_policy_conformance(
    document: JsonObject, policy: VerificationPolicy, *, plain: bool = False
) -> tuple[Problem, ...]:
    """The problems of a VCDM document under `policy`; `plain` as with `check_conformance`."""
    return check_conformance(
        document,
        known_resources=policy.contexts.contents,
        fractions=policy.tolerance.fractions,
        plain=plain,
    )


def _tolerated(verified: VerifiedDocument) -> tuple[Problem, ...]:
    """Warnings about what only the tolerance of the policy let pass. A signature over JSON covers directions."""
    over_quads = any("jcs" not in proof.mechanism and "+" not in proof.mechanism for proof in verified.proofs)
    return tuple(
        Problem(code, TOLERATED[code], pointer)
        for pointer, code in tolerated_values(verified.document)
        if over_quads or code != DIRECTION_NOT_SIGNED
    )[:MAX_TOLERATED]


TOLERATED: Final[Mapping[str, str]] = MappingProxyType(
    {
        DIRECTION_NOT_SIGNED: "The signature does not cover the direction of this text: anybody could change it.",
        FRACTION_NOT_EXACT: "Numbers with a fraction are not kept exactly by every reader.",
    }
)
"""Code of a warning → what it says."""
MAX_TOLERATED: Final = 20
"""Most warnings of this kind in one report; one would do to tell it from a report under another policy."""


def issuer_id(verified: VerifiedDocument) -> str | None:
    """The issuer's identifier, if there is exactly one in a form that the data model allows, or a certificate names
    the issuer."""
    if verified.named_issuer is not None:
        return verified.named_issuer
    issuer = verified.document.get("issuer" if verified.kind is _VCDM else "iss")
    value = issuer.get("id") if isinstance(issuer, dict) else issuer
    return value if isinstance(value, str) else None


def issuer_proofs(verified: VerifiedDocument) -> tuple[VerifiedProof, ...]:
    """The proofs made with keys of the issuer."""
    issuer = issuer_id(verified)
    return tuple([proof for proof in verified.proofs if proof.controller == issuer])


class ControllersAtHand(Mapping[str, "ControlledIdentifierDocument | DocumentNotAvailable"]):
    """The identity documents of `dids`, derived or in evidence, or why there is none. Each is read when it is looked
    at: a report names what it rests on, and what was at hand beside that is the same as what was not."""

    def __init__(self, dids: tuple[str, ...], reader: EvidenceReader) -> None:
        self._dids = dids
        self._reader = reader
        self._read: dict[str, ControlledIdentifierDocument | DocumentNotAvailable] = {}

    def __getitem__(self, did: str) -> ControlledIdentifierDocument | DocumentNotAvailable:
        if did not in self._dids:
            raise KeyError(did)
        document = self._read.get(did)
        if document is None:
            document = self._read[did] = _controller(did, self._reader)
        return document

    def __iter__(self) -> Iterator[str]:
        return iter(self._dids)

    def __len__(self) -> int:
        return len(self._dids)


def _controller(did: str, reader: EvidenceReader) -> ControlledIdentifierDocument | DocumentNotAvailable:
    try:
        derived = derive_document(did)
    except DidError as error:
        unsupported = error.code.startswith("unsupported")
        return DocumentNotAvailable(
            error.code, Availability.UNSUPPORTED if unsupported else Availability.INVALID
        )
    if derived is not None:
        return derived
    item = reader.read((_DID_DOCUMENT, did))
    if item is None:
        return NOT_REQUESTED
    if item.content is None:
        return DocumentNotAvailable(item.unavailable or "no_content", Availability.UNAVAILABLE)
    try:
        return parse_controlled_identifier_document(item.content, expected_id=did)
    except InputError as error:
        return DocumentNotAvailable(error.code, Availability.UNAVAILABLE)


def issuer_anchors(reader: EvidenceReader) -> TrustAnchors | DocumentNotAvailable:
    """The certificates that may vouch for issuers, if they are in evidence, or why there are none."""
    item = reader.read(ISSUER_ANCHORS)
    if item is None:
        return NOT_REQUESTED
    if item.content is None:
        return DocumentNotAvailable(item.unavailable or "no_content", Availability.UNAVAILABLE)
    try:
        return parse_trust_anchors(item.content)
    except InputError as error:
        return DocumentNotAvailable(error.code, Availability.UNAVAILABLE)


def _not_bound(verified: VerifiedDocument) -> StepResult:
    """At least one proof must be by a key of the issuer (SECURITY D-06, D-07). Comparison is exact."""
    problem = Problem(
        "issuer_key_mismatch",
        "No proof was made with a key of the issuer.",
        "/issuer" if verified.kind is DocumentKind.VCDM else "/iss",
        CRYPTOGRAPHIC_SECURITY_ERROR,
    )
    return StepResult(Step.ISSUER_BINDING, Outcome.FAILED, "issuer_key_mismatch", (problem,))


def _check_conformance(verified: VerifiedDocument, policy: VerificationPolicy, *, plain: bool) -> StepResult:
    """What is inside an envelope shows only now, so its type is looked at here, whatever was said outside."""
    document = verified.document
    if verified.kind is _SD_JWT_VC:
        problems = check_sd_jwt_vc(document, certified=verified.named_issuer is not None)
    elif not is_credential(document):
        problem = Problem("type_missing", "What is signed is not a credential.", "/type", PARSING_ERROR)
        return StepResult(Step.CONFORMANCE, Outcome.FAILED, "not_a_credential", (problem,))
    else:
        problems = check_policy_conformance(document, policy, plain=plain)
    if problems:
        return StepResult(Step.CONFORMANCE, Outcome.FAILED, "not_conforming", tuple(problems))
    return _CONFORMS


_BOUND: Final = StepResult(Step.ISSUER_BINDING, Outcome.PASSED, "issuer_controls_key")
_CONFORMS: Final = StepResult(Step.CONFORMANCE, Outcome.PASSED, "conforms")


def is_credential(document: JsonObject) -> bool:
    """Whether `document` says that it is a credential of VCDM, and nothing that a credential is not."""
    types = types_of(document)
    return "VerifiableCredential" in types and _OTHERS.isdisjoint(types)


_OTHERS: Final = frozenset({"VerifiablePresentation", ENVELOPED_CREDENTIAL, ENVELOPED_PRESENTATION})
"""Types of VCDM that no credential has."""
