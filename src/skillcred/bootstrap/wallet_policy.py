"""What the operator asks of wallets, from the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json_object
from skillcred.errors import ConfigurationError
from skillcred.exchange.oid4vci.attestations import WalletProviders
from skillcred.keys.certificates import MAX_ANCHOR_BYTES, CertificateError, parse_trust_anchors
from skillcred.keys.public_key import InvalidKeyError, PublicKey
from skillcred.services.wallet_policy import WalletPolicy
from skillcred.settings import Settings

MAX_PROVIDERS_BYTES: Final = 1024 * 1024
"""Largest set of keys that is read."""


def build_wallet_policy(settings: Settings) -> WalletPolicy:
    """The policy of a deployment. What is in the files counts from the start of the process on.

    Raises `ConfigurationError`: `wallet_providers_unreadable`, `invalid_wallet_providers`.
    """
    return WalletPolicy(
        encryption_required=settings.wallet_encryption == "required",
        plain_requests_allowed=settings.wallet_encryption == "lenient",
        providers=_read_providers(settings.wallet_providers_file, settings.wallet_anchors_file),
        attestation_required=settings.wallet_attestation == "required",
        deferred_notification=settings.wallet_deferred_notification,
    )


def _read_providers(keys: Path | None, anchors: Path | None) -> WalletProviders | None:
    if keys is None and anchors is None:
        return None
    try:
        thumbprints = frozenset() if keys is None else _read_keys(keys)
        trusted = None if anchors is None else parse_trust_anchors(_read(anchors, MAX_ANCHOR_BYTES))
    except (StrictJsonError, StrictJsonLimitError, InvalidKeyError, CertificateError) as error:
        raise ConfigurationError(
            f"The makers of wallets cannot be read: {error.message}", code="invalid_wallet_providers"
        ) from error
    return WalletProviders(thumbprints, trusted)


def _read_keys(path: Path) -> frozenset[str]:
    listed = parse_json_object(_read(path, MAX_PROVIDERS_BYTES)).get("keys")
    jwks = [jwk for jwk in listed if isinstance(jwk, dict)] if isinstance(listed, list) else []
    if not jwks or jwks != listed:
        raise InvalidKeyError("The file is no JSON Web Key Set with keys.")
    return frozenset(PublicKey.from_jwk(jwk).thumbprint() for jwk in jwks)


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise ConfigurationError(
            f"The makers of wallets in {path} cannot be read.", code="wallet_providers_unreadable"
        ) from error
