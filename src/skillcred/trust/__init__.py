"""Who vouches for the issuer: accreditations by national bodies, judged at the award date and now."""

from skillcred.trust.accreditation import (
    AccreditationError,
    AccreditationStatement,
    build_accreditation,
    read_scope,
    write_scope,
)
from skillcred.trust.authority import evaluate_authority
from skillcred.trust.conclusions import Voucher
from skillcred.trust.evaluate import TrustFindings, evaluate_trust
from skillcred.trust.existence import ProvableTime, encode_existence_record, parse_existence_record
from skillcred.trust.extract import (
    ExtractedAccreditation,
    RegistryCopyInfo,
    RegistryExtract,
    encode_registry_extract,
    parse_registry_extract,
)
from skillcred.trust.recorded import (
    parse_accreditation,
    read_recorded_document,
    read_recorded_statement,
    read_signing_methods,
)
from skillcred.trust.records import EnrolledBody, ExtractedEvent, KeyHistory, RegisteredKey, Succession
from skillcred.trust.scope import AccreditationScope, Action, SchemaPin, ScopeLevel, find_narrowest_excess
from skillcred.trust.signed import ReadStatement, SignedStatement, StatementCheck, find_key_fault

__all__ = [
    "AccreditationError",
    "AccreditationScope",
    "AccreditationStatement",
    "Action",
    "EnrolledBody",
    "ExtractedAccreditation",
    "ExtractedEvent",
    "KeyHistory",
    "ProvableTime",
    "ReadStatement",
    "RegisteredKey",
    "RegistryCopyInfo",
    "RegistryExtract",
    "SchemaPin",
    "ScopeLevel",
    "SignedStatement",
    "StatementCheck",
    "Succession",
    "TrustFindings",
    "Voucher",
    "build_accreditation",
    "encode_existence_record",
    "encode_registry_extract",
    "evaluate_authority",
    "evaluate_trust",
    "find_key_fault",
    "find_narrowest_excess",
    "parse_accreditation",
    "parse_existence_record",
    "parse_registry_extract",
    "read_recorded_document",
    "read_recorded_statement",
    "read_scope",
    "read_signing_methods",
    "write_scope",
]
