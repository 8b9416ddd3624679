"""Issuing without I/O: decide the exact bytes, sign them once. The durable part is in `services/`."""

from skillcred.issuance.claims import build_document, build_options, find_problems
from skillcred.issuance.prepare import (
    PreparedCredential,
    decode_prepared,
    encode_prepared,
    prepare_credential,
    prepare_second_proof,
)
from skillcred.issuance.sign import sign_bytes, sign_prepared

__all__ = [
    "PreparedCredential",
    "build_document",
    "build_options",
    "decode_prepared",
    "encode_prepared",
    "find_problems",
    "prepare_credential",
    "prepare_second_proof",
    "sign_bytes",
    "sign_prepared",
]
