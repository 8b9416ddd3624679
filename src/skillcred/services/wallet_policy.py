"""What a deployment asks of wallets."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.exchange.oid4vci.attestations import WalletProviders


@dataclass(frozen=True, slots=True)
class WalletPolicy:
    """`encryption_required`: credentials are sent encrypted to the wallet, beneath TLS. `plain_requests_allowed`: a
    wallet may ask in plain for an encrypted response, as wallets before the final specification do. `providers` are the
    makers of wallets who are believed; with `attestation_required` others get nothing. `deferred_notification`: whether
    what was put off comes with a `notification_id`, which OID4VCI 1.0 section 9.2 leaves open."""

    encryption_required: bool = False
    plain_requests_allowed: bool = False
    providers: WalletProviders | None = None
    attestation_required: bool = False
    deferred_notification: bool = False
