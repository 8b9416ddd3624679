"""A wallet asks again for a credential that was to come later (OID4VCI 1.0 section 9)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.exchange.oid4vci.metadata import DEFERRED_PATH
from skillcred.exchange.oid4vci.redemption import digest_code
from skillcred.exchange.oid4vci.requests import parse_deferred_request
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.deliver_credential import NOTIFICATION_ID, DeliverCredential, denied
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offer_records import WalletDelivery, WalletToken
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_messages import (
    CredentialResponse,
    WalletMessage,
    check_encryption,
    open_message,
    seal_response,
)
from skillcred.services.wallet_policy import WalletPolicy
from skillcred.services.wallet_tokens import PresentedToken, WalletTokens


@dataclass(frozen=True, slots=True)
class CollectDeferred:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource
    tokens: WalletTokens
    deliver: DeliverCredential
    policy: WalletPolicy

    def __call__(self, slug: str, presented: PresentedToken, message: WalletMessage) -> CredentialResponse:
        """The credential, once; or that it is still to come.

        A `transaction_id` that is unknown, another holder's or used is answered alike (`invalid_transaction_id`). A
        wallet that lost the answer asks the credential endpoint again, with the same keys. Raises `NotFoundError` for
        the issuer, `AccessTokenError`, `DpopError`, `CredentialRequestError` and what `DeliverCredential` raises.
        """
        provider = self.issuers.get(slug)
        token = self.tokens.authenticate(provider, presented, DEFERRED_PATH)
        request = parse_deferred_request(open_message(message, self.secret()))
        check_encryption(message, request.response_encryption, self.policy)
        digest = digest_code(request.transaction_id)
        with self.units(writes=False) as unit:
            delivery = _get(unit, token, digest, hold=None)
            offer = unit.offers.find(delivery.offer_id)
        if offer is None or offer.withdrawn_at is not None:
            raise denied("The credential is not issued.")
        delivered = self.deliver(provider, offer, delivery)
        body = delivered.body
        if not delivered.is_deferred:
            now = self.clock.now()
            if not self.policy.deferred_notification:
                body = {name: value for name, value in body.items() if name != NOTIFICATION_ID}

            def work(unit: UnitOfWork) -> None:
                held = _get(unit, token, digest, hold=Hold.EXCLUSIVE)
                unit.offers.update_delivery(replace(held, collected_at=now))

            in_transaction(self.units, work)
        return seal_response(body, request.response_encryption, is_deferred=delivered.is_deferred)


def _get(unit: UnitOfWork, token: WalletToken, digest: str, *, hold: Hold | None) -> WalletDelivery:
    delivery = unit.offers.find_transaction(digest, hold=hold)
    if (
        delivery is None
        or delivery.offer_id != token.offer_id
        or delivery.configuration_id not in token.configuration_ids
        or delivery.collected_at is not None
    ):
        raise CredentialRequestError(
            "There is no such transaction, or its credential was obtained.", code="invalid_transaction_id"
        )
    return delivery
