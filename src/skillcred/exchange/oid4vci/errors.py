"""The error codes of OpenID for Verifiable Credential Issuance 1.0."""

from __future__ import annotations

from skillcred.exchange.errors import OAuthError


class CredentialRequestError(OAuthError):
    """A credential or deferred credential request is refused (OID4VCI 1.0 sections 8.3.1.2 and 9.3).

    Codes: `invalid_credential_request`, `unknown_credential_configuration`, `unknown_credential_identifier`,
    `invalid_proof`, `invalid_nonce`, `invalid_encryption_parameters`, `credential_request_denied`,
    `invalid_transaction_id`.
    """

    default_code = "invalid_credential_request"


class NotificationError(OAuthError):
    """A notification is refused (OID4VCI 1.0 section 11.3).

    Codes: `invalid_notification_request`, `invalid_notification_id`.
    """

    default_code = "invalid_notification_request"
