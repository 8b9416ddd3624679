"""What is wrong with messages of OpenID for Verifiable Presentations 1.0."""

from __future__ import annotations

from skillcred.errors import InputError
from skillcred.exchange.errors import OAuthError


class DcqlError(InputError):
    """A query is not one (OID4VP 1.0 section 6), or asks for something that is not offered here.

    Codes: `invalid_dcql_query`, `unsupported_format`, `unsupported_trusted_authorities`, `unsupported_holder_binding`.
    `pointer` is inside the query.
    """

    default_code = "invalid_dcql_query"


class AuthorizationRequestError(OAuthError):
    """A request for a presentation cannot be answered (OID4VP 1.0 section 8.5).

    Codes: `invalid_request`, `invalid_request_uri_method`, `invalid_transaction_data`, `vp_formats_not_supported`.
    """

    default_code = "invalid_request"


class AuthorizationResponseError(OAuthError):
    """A response is not accepted at the response URI (OID4VP 1.0 sections 8.2, 8.3 and 8.6). `code` is what OAuth has
    for it, `reason` a stable code that tells which check it was."""

    default_code = "invalid_request"

    def __init__(self, message: str, *, reason: str, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.reason = reason
