"""Client identifiers: who asks, and by what the wallet can tell (OID4VP 1.0 section 5.9).

The whole identifier, prefix included, is what presentations are made for; nothing here ever compares a part of one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from skillcred.encoding.base64url import encode_base64url
from skillcred.exchange.oid4vp.errors import AuthorizationRequestError


class ClientIdPrefix(StrEnum):
    """The prefixes that are used here."""

    DECENTRALIZED_IDENTIFIER = "decentralized_identifier"
    X509_SAN_DNS = "x509_san_dns"
    X509_HASH = "x509_hash"
    REDIRECT_URI = "redirect_uri"

    @property
    def is_signed(self) -> bool:
        """Whether requests are signed. Those under `redirect_uri` cannot be: there is no key to check them by."""
        return self is not ClientIdPrefix.REDIRECT_URI

    @property
    def has_certificate(self) -> bool:
        """Whether the key stands in a certificate, in the header of the request."""
        return self in {ClientIdPrefix.X509_SAN_DNS, ClientIdPrefix.X509_HASH}


@dataclass(frozen=True, slots=True)
class ClientId:
    """A client identifier in its two parts."""

    prefix: ClientIdPrefix
    original: str

    @property
    def text(self) -> str:
        """The full identifier, which stands everywhere but in its own look-up."""
        return f"{self.prefix.value}:{self.original}"


def parse_client_id(text: str) -> ClientId:
    """The parts of a full identifier. Raises `AuthorizationRequestError` (`invalid_request`) for one without a prefix
    that is known here: nobody is registered beforehand."""
    prefix, colon, original = text.partition(":")
    if not colon or not original or prefix not in tuple(ClientIdPrefix):
        raise AuthorizationRequestError("The client identifier has no prefix that is supported.")
    return ClientId(ClientIdPrefix(prefix), original)


def hash_certificate(der: bytes) -> str:
    """What stands behind `x509_hash:` for the leaf certificate `der`."""
    return encode_base64url(hashlib.sha256(der).digest())
