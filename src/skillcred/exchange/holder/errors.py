"""What stops a wallet: whoever sent it something, it is the other side's doing."""

from __future__ import annotations

from skillcred.errors import InputError, UnavailableError


class WalletMessageError(InputError):
    """What an issuer or verifier sent is not believed or not understood; nothing was given away.

    Codes: `address_not_secure`, `offer_malformed`, `issuer_metadata_invalid`, `issuer_mismatch`,
    `signed_metadata_not_trusted`, `authorization_server_invalid`, `grant_not_offered`, `unsupported_configuration`,
    `authorization_response_invalid`, `authorization_server_mismatch`, `response_malformed`,
    `credential_not_acceptable`, `request_malformed`, `request_not_supported`, `verifier_not_proven`,
    `request_mismatch`.
    """

    default_code = "response_malformed"


class WalletRefusedError(UnavailableError):
    """The issuer or verifier refused, by an error response. `error` is its code (RFC 6749 section 5.2), `code` is
    ours: `issuer_refused`, `verifier_refused`, `authorization_refused`."""

    default_code = "issuer_refused"

    def __init__(self, message: str, *, error: str, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.error = error
