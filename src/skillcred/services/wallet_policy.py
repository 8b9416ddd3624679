"""What a deployment asks of wallets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WalletPolicy:
    """`encryption_required`: credentials are sent encrypted to the wallet, beneath TLS. `plain_requests_allowed`: a
    wallet may ask in plain for an encrypted response, as wallets before the final specification do."""

    encryption_required: bool = False
    plain_requests_allowed: bool = False
