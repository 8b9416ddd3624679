"""Proofs of possession of wallets: nonces of ours, and that no proof is accepted twice, by no process.

A proof is looked at before anything else is: a wallet that is told a new nonce sends the same code, transaction code
and key proofs again, and none of them may be used up by then.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skillcred.errors import ConflictError
from skillcred.exchange.dpop import DpopRequest, VerifiedDpop, verify_dpop
from skillcred.exchange.errors import DpopError
from skillcred.exchange.nonces import ENTROPY_BYTES, NonceSealer, NonceUse
from skillcred.exchange.oid4vci.identifiers import CredentialIssuer
from skillcred.services.identities import new_id
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offer_records import UsedOnce
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction

C_NONCE_LIFETIME: Final = timedelta(minutes=5)
DPOP_NONCE_LIFETIME: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class WalletProofs:
    """Makes nonces and accepts DPoP proofs."""

    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource

    def nonces(self, issuer: CredentialIssuer, use: NonceUse) -> NonceSealer:
        """The sealer of an issuer for one use."""
        lifetime = C_NONCE_LIFETIME if use is NonceUse.CREDENTIAL else DPOP_NONCE_LIFETIME
        return NonceSealer(self.secret().derive("nonce"), use, issuer.identifier, lifetime)

    def build_nonce(self, issuer: CredentialIssuer, use: NonceUse) -> str:
        """A fresh nonce. Nothing is stored."""
        return self.nonces(issuer, use).build(secrets.token_bytes(ENTROPY_BYTES), self.clock.now())

    def accept_dpop(
        self,
        headers: Sequence[str],
        issuer: CredentialIssuer,
        endpoint: str,
        *,
        access_token: str | None = None,
        thumbprint: str | None = None,
    ) -> VerifiedDpop:
        """The proof in the `DPoP` header fields of a POST to `endpoint` of `issuer`, recorded as used.

        Raises `DpopError`: `invalid_dpop_proof`, `use_dpop_nonce`.
        """
        request = DpopRequest(
            "POST",
            issuer.url(endpoint),
            self.clock.now(),
            access_token=access_token,
            thumbprint=thumbprint,
            nonces=self.nonces(issuer, NonceUse.DPOP),
        )
        verified = verify_dpop(headers, request)
        used = UsedOnce(verified.replay_digest, new_id(), verified.replay_until)
        try:
            in_transaction(self.units, lambda unit: unit.wallet_access.use_once(used))
        except ConflictError as error:
            raise DpopError("The DPoP proof was used before.") from error
        return verified
