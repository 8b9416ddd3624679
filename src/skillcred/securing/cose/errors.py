"""What is wrong with a COSE_Sign1 message."""

from __future__ import annotations

from skillcred.errors import InputError


class CoseError(InputError):
    """The message breaks a rule of RFC 9052 or of the profile that it follows.

    Codes: `malformed_cose`, `alg_not_allowed`, `crit_not_allowed`, `header_parameter_not_allowed`, `type_not_allowed`,
    `malformed_kid`, `too_large`, those of strict CBOR, and of the signature `alg_key_mismatch`, `signature_wrong`.
    """

    default_code = "malformed_cose"


class CoseUnsupportedError(CoseError):
    """The message may well be good, but it uses what we do not have. Codes: `unsupported_alg`,
    `unsupported_header_parameter`, `untagged_message`."""

    default_code = "unsupported_alg"
