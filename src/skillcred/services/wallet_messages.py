"""Bodies of requests to the credential endpoints, as they came."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.exchange.oid4vci.errors import CredentialRequestError


@dataclass(frozen=True, slots=True)
class WalletMessage:
    """A body and its media type, `None` for one that is not read here."""

    content: bytes
    media_type: str | None


def open_message(message: WalletMessage) -> bytes:
    """The JSON in a body. Raises `CredentialRequestError`."""
    if message.media_type is None:
        raise CredentialRequestError("The request must be application/json in UTF-8.")
    return message.content
