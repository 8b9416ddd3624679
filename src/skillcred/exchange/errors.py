"""What is wrong with a message of OAuth 2.0, as its error responses say it."""

from __future__ import annotations

from skillcred.errors import InputError


class OAuthError(InputError):
    """A request that is answered with an error response (RFC 6749 section 5.2).

    `code` is the registered error code. `message` becomes `error_description`: it is plain ASCII without quotation
    marks and backslashes, and never repeats what was sent (SECURITY V-20).
    """

    default_code = "invalid_request"


class DpopError(OAuthError):
    """A DPoP proof is not accepted (RFC 9449 sections 5 and 7): `invalid_dpop_proof`, or `use_dpop_nonce` where a proof
    that is otherwise good lacks a nonce of ours."""

    default_code = "invalid_dpop_proof"


class AccessTokenError(OAuthError):
    """A protected resource is refused (RFC 6750 section 3.1): `invalid_token`, or `token_missing` where there is none,
    which is answered without a code."""

    default_code = "invalid_token"


class ClientError(OAuthError):
    """The client does not prove that it is who it says (RFC 6749 section 5.2): `invalid_client`, or the codes of
    attestation-based client authentication."""

    default_code = "invalid_client"


class IssuanceBusyError(OAuthError):
    """The same request is just being worked on; trying again in a moment helps (`temporarily_unavailable`)."""

    default_code = "temporarily_unavailable"
