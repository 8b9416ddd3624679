"""A holder asks again for what an issuer has put off, or for what was asked for and never came."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.keys.private_key import PrivateKeySigner
from skillcred.services.discover_issuer import DiscoverIssuer
from skillcred.services.ports import Clock
from skillcred.services.request_credentials import Received, RequestCredentials
from skillcred.services.wallet_conversation import IssuerConversation
from skillcred.services.wallet_ports import HolderDoor, WalletStore
from skillcred.services.wallet_records import PendingIssuance


@dataclass(frozen=True, slots=True)
class CollectCredentials:
    """The use case."""

    store: WalletStore
    clock: Clock
    door: HolderDoor
    discover: DiscoverIssuer
    request: RequestCredentials

    def __call__(self, pending: PendingIssuance, *, encrypted: bool = False) -> Received | PendingIssuance:
        """Ask for one of them. One whose time has not come is not asked for (OID4VCI 1.0 section 8.3, `interval`).

        Raises `WalletRefusedError`, `WalletMessageError`, `UnavailableError`.
        """
        if pending.not_before is not None and self.clock.now() < pending.not_before:
            return pending
        conversation = IssuerConversation(self.door, self.clock)
        if pending.dpop_key_id is not None:
            key = self.store.load().key(pending.dpop_key_id)
            conversation.dpop = PrivateKeySigner(key.id, key.private_key)
        issuer = self.discover.metadata(conversation, pending.credential_issuer)
        return self.request.send(conversation, issuer, pending, encrypted=encrypted)
