"""Messages to and from the credential endpoints, in plain or encrypted (OID4VCI 1.0 section 10).

The key that requests are encrypted to is made of the secret of the deployment, so that every process can open them and
nothing is stored.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.encryption import DecryptionKey, EncryptionError
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.exchange.oid4vci.requests import ResponseEncryption
from skillcred.exchange.secrets import ExchangeSecret
from skillcred.services.wallet_policy import WalletPolicy

JSON: Final = "application/json"
JWT: Final = "application/jwt"
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the base point of P-256 (SP 800-186 section 3.2.1.3)."""
_COORDINATE_BYTES: Final = 32
_KEY_ID_CHARACTERS: Final = 16


@dataclass(frozen=True, slots=True)
class WalletMessage:
    """A body and its media type, `None` for one that is not read here."""

    content: bytes
    media_type: str | None


@dataclass(frozen=True, slots=True)
class CredentialResponse:
    """The answer to a wallet, as bytes. `is_deferred` where there is no credential yet."""

    content: bytes
    media_type: str
    is_deferred: bool


def build_request_key(secret: ExchangeSecret) -> DecryptionKey:
    """The key that credential requests are encrypted to. Its scalar is taken from 64 bytes, so that no value is
    noticeably likelier than another (FIPS 186-5 appendix A.2.1)."""
    wide = secret.derive("request_encryption", "1") + secret.derive("request_encryption", "2")
    scalar = int.from_bytes(wide) % (_ORDER - 1) + 1
    numbers = ec.derive_private_key(scalar, ec.SECP256R1()).public_key().public_numbers()
    x, y, d = (
        encode_base64url(number.to_bytes(_COORDINATE_BYTES)) for number in (numbers.x, numbers.y, scalar)
    )
    key_id = hashlib.sha256(f"{x}.{y}".encode("ascii")).hexdigest()[:_KEY_ID_CHARACTERS]
    jwk = json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d})
    return DecryptionKey.from_bytes(jwk.encode("ascii"), key_id)


def open_message(message: WalletMessage, secret: ExchangeSecret) -> bytes:
    """The JSON in a body. Raises `CredentialRequestError` (`invalid_encryption_parameters` for what does not open)."""
    if message.media_type == JWT:
        try:
            return build_request_key(secret).decrypt(message.content.decode("ascii"))
        except (EncryptionError, UnicodeDecodeError) as error:
            raise CredentialRequestError(
                "The request is not encrypted to the key and in a way that metadata offers.",
                code="invalid_encryption_parameters",
            ) from error
    if message.media_type != JSON:
        raise CredentialRequestError("The request must be application/json in UTF-8, or application/jwt.")
    return message.content


def check_encryption(message: WalletMessage, wish: ResponseEncryption | None, policy: WalletPolicy) -> None:
    """Refuse what is not encrypted although it has to be. The wish for an encrypted response has to come encrypted
    itself, or else somebody on the way could put in a key of his own (section 8.2; SECURITY V-15).

    Raises `CredentialRequestError` (`invalid_encryption_parameters`).
    """
    plain = message.media_type != JWT
    if policy.encryption_required and (plain or wish is None):
        raise CredentialRequestError(
            "Requests and responses have to be encrypted here.", code="invalid_encryption_parameters"
        )
    if wish is not None and plain and not policy.plain_requests_allowed:
        raise CredentialRequestError(
            "A request for an encrypted response has to be encrypted itself.",
            code="invalid_encryption_parameters",
        )


def seal_response(
    body: JsonObject, wish: ResponseEncryption | None, *, is_deferred: bool
) -> CredentialResponse:
    """The answer, encrypted where that was wished."""
    content = json.dumps(body, ensure_ascii=False).encode("utf-8")
    if wish is None:
        return CredentialResponse(content, JSON, is_deferred)
    return CredentialResponse(wish.encrypt(content).encode("ascii"), JWT, is_deferred)
