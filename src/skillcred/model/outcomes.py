"""The four outcomes of a check, and what it reports. "Could not be checked" is never "passed"."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from skillcred.encoding.json_types import FrozenJson

VC_PROBLEMS: Final = "https://www.w3.org/TR/vc-data-model#"
"""Base of the problem types of VCDM 2.0 section 7.2 (Problem Details)."""
DI_PROBLEMS: Final = "https://w3id.org/security#"
"""Base of the problem types of Data Integrity 1.0 section 4.7 (Processing Errors)."""

PARSING_ERROR: Final = VC_PROBLEMS + "PARSING_ERROR"
CRYPTOGRAPHIC_SECURITY_ERROR: Final = VC_PROBLEMS + "CRYPTOGRAPHIC_SECURITY_ERROR"
MALFORMED_VALUE_ERROR: Final = VC_PROBLEMS + "MALFORMED_VALUE_ERROR"
RANGE_ERROR: Final = VC_PROBLEMS + "RANGE_ERROR"
PROOF_VERIFICATION_ERROR: Final = DI_PROBLEMS + "PROOF_VERIFICATION_ERROR"
PROOF_TRANSFORMATION_ERROR: Final = DI_PROBLEMS + "PROOF_TRANSFORMATION_ERROR"
PROOF_GENERATION_ERROR: Final = DI_PROBLEMS + "PROOF_GENERATION_ERROR"
INVALID_DOMAIN_ERROR: Final = DI_PROBLEMS + "INVALID_DOMAIN_ERROR"
INVALID_CHALLENGE_ERROR: Final = DI_PROBLEMS + "INVALID_CHALLENGE_ERROR"
INVALID_VERIFICATION_METHOD: Final = DI_PROBLEMS + "INVALID_VERIFICATION_METHOD"
INVALID_PROOF_PURPOSE: Final = DI_PROBLEMS + "INVALID_PROOF_PURPOSE_FOR_VERIFICATION_METHOD"
DATA_LOSS_DETECTION_ERROR: Final = DI_PROBLEMS + "DATA_LOSS_DETECTION_ERROR"
NO_TYPE: Final = "about:blank"
"""RFC 9457: the problem has no type of its own; our `code` tells it."""


class Outcome(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    INDETERMINATE = "indeterminate"
    NOT_APPLICABLE = "not_applicable"


class Verdict(StrEnum):
    """What all checks together say."""

    VALID = "valid"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


class Step(StrEnum):
    """The checks of verifications. Which ones a credential and a presentation go through, and in which order, is
    in `CREDENTIAL_STEPS` and `PRESENTATION_STEPS`."""

    PARSE = "parse"
    PROOF = "proof"
    ISSUER_BINDING = "issuer_binding"
    HOLDER_BINDING = "holder_binding"
    CONFORMANCE = "conformance"
    PROFILE = "profile"
    SCHEMA = "schema"
    VALIDITY = "validity"
    STATUS = "status"
    TRUST = "trust"
    CREDENTIALS = "credentials"


CREDENTIAL_STEPS: Final = (
    Step.PARSE,
    Step.PROOF,
    Step.ISSUER_BINDING,
    Step.CONFORMANCE,
    Step.PROFILE,
    Step.SCHEMA,
    Step.VALIDITY,
    Step.STATUS,
    Step.TRUST,
)
"""The checks of a credential, in the order in which they are reported."""

PRESENTATION_STEPS: Final = (
    Step.PARSE,
    Step.PROOF,
    Step.CONFORMANCE,
    Step.CREDENTIALS,
    Step.HOLDER_BINDING,
)
"""The checks of a presentation, in the order in which they are reported."""


class EvidenceKind(StrEnum):
    """What a check may need from outside."""

    DID_DOCUMENT = "did_document"
    REGISTRY_EXTRACT = "registry_extract"
    STATUS_LIST = "status_list"
    PAST_STATUS_LIST = "past_status_list"
    REVOCATION_DATES = "revocation_dates"
    CREDENTIAL_SCHEMA = "credential_schema"
    EXISTENCE_RECORD = "existence_record"
    TRUST_ANCHORS = "trust_anchors"


class EvidenceReference(NamedTuple):
    """Names one piece of evidence: `id` is a DID for identity documents and registry extracts, the SHA-256 of a
    document in hex for a record that it existed, whose certificates they vouch for in the case of trust anchors
    (`sd_jwt_vc_issuers`), else a URL. The URL of a past status list ends with the instant, that of revocation dates
    names the list whose dates they are."""

    kind: EvidenceKind
    id: str


class Problem(NamedTuple):
    """One finding. `code` is stable; `message` is English for people; `pointer` is RFC 6901; `type` is the
    W3C problem type where the specifications name one."""

    code: str
    message: str
    pointer: str | None = None
    type: str = NO_TYPE


NO_DETAILS: Final[Mapping[str, FrozenJson]] = MappingProxyType({})


class StepResult(NamedTuple):
    """What one check found. `code` is the stable reason; `needs` names the evidence that it lacked."""

    step: Step
    outcome: Outcome
    code: str
    problems: tuple[Problem, ...] = ()
    needs: tuple[EvidenceReference, ...] = ()
    warnings: tuple[Problem, ...] = ()
    details: Mapping[str, FrozenJson] = NO_DETAILS
    """Not to be changed, nor what is in it: reports share it. `build_report_json` makes copies."""
