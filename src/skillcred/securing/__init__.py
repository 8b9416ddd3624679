"""Securing mechanisms: who signed exactly what. Only this package makes a `VerifiedDocument`."""

from skillcred.securing.certified_issuers import ISSUER_ANCHORS
from skillcred.securing.data_integrity.selective_disclosure import default_disclosable_pointers
from skillcred.securing.derivation import derive_credential, show_everything
from skillcred.securing.mechanism import (
    CLOCK_SKEW_SECONDS,
    NOT_REQUESTED,
    Availability,
    ControllerDocuments,
    DocumentNotAvailable,
    PreparedProof,
    ProofFindings,
    ProofRequest,
    SecuringError,
    SecuringMechanism,
)
from skillcred.securing.table import (
    ASSERTION,
    EXPERIMENTAL_NAMES,
    MECHANISM_NAMES,
    MECHANISMS,
    WALLET_NAMES,
    attach_proof,
    key_algorithms,
    needs_trust_anchors,
    peek_controllers,
    prepare_proof,
    secured_media_type,
    takes_second_proof,
    verify_secured_document,
)
from skillcred.securing.verified_document import DocumentKind, Holding, VerifiedDocument, VerifiedProof

__all__ = [
    "ASSERTION",
    "CLOCK_SKEW_SECONDS",
    "EXPERIMENTAL_NAMES",
    "ISSUER_ANCHORS",
    "MECHANISMS",
    "MECHANISM_NAMES",
    "NOT_REQUESTED",
    "WALLET_NAMES",
    "Availability",
    "ControllerDocuments",
    "DocumentKind",
    "DocumentNotAvailable",
    "Holding",
    "PreparedProof",
    "ProofFindings",
    "ProofRequest",
    "SecuringError",
    "SecuringMechanism",
    "VerifiedDocument",
    "VerifiedProof",
    "attach_proof",
    "default_disclosable_pointers",
    "derive_credential",
    "key_algorithms",
    "needs_trust_anchors",
    "peek_controllers",
    "prepare_proof",
    "secured_media_type",
    "show_everything",
    "takes_second_proof",
    "verify_secured_document",
]
