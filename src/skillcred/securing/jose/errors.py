"""What is wrong with a JSON Web Signature or its claims."""

from __future__ import annotations

from skillcred.errors import InputError


class JoseError(InputError):
    """The token breaks a rule of RFC 7515, RFC 7519, RFC 8725 or of the profile that it follows.

    Codes of the envelope: `malformed_jws`, `alg_not_allowed`, `crit_not_allowed`, `header_member_not_allowed`,
    `type_not_allowed`, `malformed_kid`, and those of strict JSON with the pointer into header or payload.
    Codes of the signature: `alg_key_mismatch`, `signature_wrong`.
    Codes of the claims: `malformed_claims`, `invalid_numeric_date`, `claim_conflict`, `ambiguous_claims`,
    `audience_mismatch`, `nonce_mismatch`.
    """

    default_code = "malformed_jws"


class JoseUnsupportedError(JoseError):
    """The token may well be good, but it uses what we do not have, so that nothing can be said about it.

    Codes: `unsupported_alg`, `unsupported_header_member`.
    """

    default_code = "unsupported_alg"
