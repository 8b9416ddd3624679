"""Who asks: a wallet whose maker vouches for it, or one that only gives a name, or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skillcred.errors import ConflictError
from skillcred.exchange.errors import ClientError
from skillcred.exchange.oid4vci.attestations import verify_wallet_attestation
from skillcred.services.credential_issuers import IssuingProvider
from skillcred.services.identities import new_id
from skillcred.services.offer_records import UsedOnce
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_policy import WalletPolicy


@dataclass(frozen=True, slots=True)
class WalletHeaders:
    """The values of the header fields of a request by which a wallet says who it is and what it holds."""

    dpop: Sequence[str] = ()
    attestations: Sequence[str] = ()
    attestation_pops: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class WalletClients:
    """Authenticates wallets (`none` or `attest_jwt_client_auth`)."""

    units: UnitOfWorkFactory
    clock: Clock
    policy: WalletPolicy

    def authenticate(
        self, provider: IssuingProvider, headers: WalletHeaders, client_id: str | None
    ) -> str | None:
        """The name of the client. Where nobody is trusted to attest wallets, attestations are not looked at.

        Raises `ClientError` (`invalid_client`) for one that is missing although it is asked for, is not good, was used
        before, or is for another client than the request names.
        """
        providers = self.policy.providers
        if providers is None:
            return client_id
        if not headers.attestations and not headers.attestation_pops:
            if self.policy.attestation_required:
                raise ClientError("The request needs a wallet attestation.")
            return client_id
        attested = verify_wallet_attestation(
            headers.attestations,
            headers.attestation_pops,
            issuer=provider.issuer.identifier,
            providers=providers,
            at=self.clock.now(),
        )
        if client_id not in (None, attested.client_id):
            raise ClientError("The wallet attestation is for another client.")
        used = UsedOnce(attested.replay_digest, new_id(), attested.replay_until)
        try:
            in_transaction(self.units, lambda unit: unit.wallet_access.use_once(used))
        except ConflictError as error:
            raise ClientError("The proof of the wallet was used before.") from error
        return attested.client_id
