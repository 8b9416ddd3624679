"""What is wrong with an SD-JWT. Findings for whoever verifies; the mechanism turns them into a step result."""

from __future__ import annotations

from skillcred.errors import InputError


class SdJwtError(InputError):
    """The SD-JWT breaks a rule of RFC 9901 or of the profile it follows.

    Codes of the parser: `sd_jwt_syntax`, `too_many_disclosures`, `disclosure_too_large`, `disclosure_malformed`.
    Codes of processing: `unsupported_sd_alg`, `sd_alg_misplaced`, `sd_malformed`, `reserved_claim_name`,
    `duplicate_disclosure`, `duplicate_digest`, `unreferenced_disclosure`, `wrong_disclosure_kind`,
    `claim_name_taken`, `claim_not_disclosable`, `too_deep`.
    Codes of the kinds of credential: `type_not_allowed`, `ambiguous_claims`, `vct_malformed`,
    `invalid_numeric_date`. Of the holder's side: `no_such_claim`.
    Codes of key binding: `key_binding_missing`, `key_binding_malformed`, `key_binding_key`,
    `key_binding_signature`, `key_binding_type`, `sd_hash_mismatch`, `audience_mismatch`, `nonce_mismatch`,
    `key_binding_too_old`, `key_binding_from_the_future`.
    """

    default_code = "sd_jwt_syntax"
