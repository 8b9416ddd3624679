"""Who vouches for the issuer: accreditations by national bodies, judged at the award date and now."""

from skillcred.trust.accreditation import (
    AccreditationError,
    AccreditationScope,
    AccreditationStatement,
    ScopeLevel,
    build_accreditation,
    parse_accreditation,
)
from skillcred.trust.evaluate import StatementCheck, TrustFindings, Voucher, evaluate_trust
from skillcred.trust.extract import (
    EnrolledBody,
    ExtractedAccreditation,
    ExtractedEvent,
    RegisteredKey,
    RegistryExtract,
    encode_registry_extract,
    parse_registry_extract,
)

__all__ = [
    "AccreditationError",
    "AccreditationScope",
    "AccreditationStatement",
    "EnrolledBody",
    "ExtractedAccreditation",
    "ExtractedEvent",
    "RegisteredKey",
    "RegistryExtract",
    "ScopeLevel",
    "StatementCheck",
    "TrustFindings",
    "Voucher",
    "build_accreditation",
    "encode_registry_extract",
    "evaluate_trust",
    "parse_accreditation",
    "parse_registry_extract",
]
