"""Issuing without I/O: decide the exact bytes, sign them once. The durable part is in `services/`."""

from skillcred.issuance.prepare import (
    PreparedCredential,
    decode_prepared,
    encode_prepared,
    prepare_credential,
)
from skillcred.issuance.sign import sign_bytes, sign_prepared

__all__ = [
    "PreparedCredential",
    "decode_prepared",
    "encode_prepared",
    "prepare_credential",
    "sign_bytes",
    "sign_prepared",
]
