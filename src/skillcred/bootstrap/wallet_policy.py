"""What the operator asks of wallets, from the settings."""

from __future__ import annotations

from skillcred.services.wallet_policy import WalletPolicy
from skillcred.settings import Settings


def build_wallet_policy(settings: Settings) -> WalletPolicy:
    """The policy of a deployment."""
    return WalletPolicy(
        encryption_required=settings.wallet_encryption == "required",
        plain_requests_allowed=settings.wallet_encryption == "lenient",
    )
