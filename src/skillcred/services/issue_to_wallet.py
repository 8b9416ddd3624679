"""A wallet asks for a credential of an offer, for keys that it proves (OID4VCI 1.0 section 8).

First it is recorded, in one transaction, that the nonce is used up and which keys the offer is for; then the issuing
machine makes the credential under an idempotency key of that record. So a request that is cut short anywhere can be
sent again, with a new nonce and the same keys, and gets what it would have got; with other keys it gets nothing,
because that would be a second credential.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonValue
from skillcred.errors import ConflictError
from skillcred.exchange.nonces import NonceUse
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.exchange.oid4vci.key_proofs import (
    KeyProofExpectation,
    ProvenKeys,
    verify_attested_keys,
    verify_key_proofs,
)
from skillcred.exchange.oid4vci.metadata import CREDENTIAL_PATH
from skillcred.exchange.oid4vci.redemption import digest_code
from skillcred.exchange.oid4vci.requests import CredentialRequest, ProofType, parse_credential_request
from skillcred.services.credential_configurations import OfferedConfiguration, all_configurations
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.deliver_credential import DeliverCredential, denied
from skillcred.services.identities import new_id
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offer_records import Offer, UsedOnce, WalletDelivery, WalletToken
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_documents import Holder
from skillcred.services.wallet_messages import (
    CredentialResponse,
    WalletMessage,
    check_encryption,
    open_message,
    seal_response,
)
from skillcred.services.wallet_policy import WalletPolicy
from skillcred.services.wallet_proofs import WalletProofs
from skillcred.services.wallet_tokens import PresentedToken, WalletTokens

BATCH_SIZE: Final = 10
"""Most key proofs of one request."""


@dataclass(frozen=True, slots=True)
class IssueToWallet:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource
    proofs: WalletProofs
    tokens: WalletTokens
    deliver: DeliverCredential
    policy: WalletPolicy

    def __call__(self, slug: str, presented: PresentedToken, message: WalletMessage) -> CredentialResponse:
        """The credential, or that it will come later.

        Raises `NotFoundError` for the issuer, `AccessTokenError`, `DpopError`, `CredentialRequestError`,
        `IssuanceBusyError` and what the issuing machine raises.
        """
        provider = self.issuers.get(slug)
        token = self.tokens.authenticate(provider, presented, CREDENTIAL_PATH)
        request = parse_credential_request(open_message(message, self.secret()))
        check_encryption(message, request.response_encryption, self.policy)
        configuration = _find_configuration(request, token)
        verify = verify_attested_keys if request.proof_type is ProofType.ATTESTATION else verify_key_proofs
        proven = verify(
            request.proofs,
            KeyProofExpectation(
                credential_issuer=provider.issuer.identifier,
                nonces=self.proofs.nonces(provider.issuer, NonceUse.CREDENTIAL),
                at=self.clock.now(),
                batch_size=BATCH_SIZE,
                client_id=token.client_id,
                with_did=configuration.format.names_holder,
                providers=self.policy.providers,
                attestation_required=self.policy.attestation_required,
            ),
        )
        offer, delivery = self._record(token, configuration, proven)
        delivered = self.deliver(provider, offer, delivery)
        return seal_response(delivered.body, request.response_encryption, is_deferred=delivered.is_deferred)

    def _record(
        self, token: WalletToken, configuration: OfferedConfiguration, proven: ProvenKeys
    ) -> tuple[Offer, WalletDelivery]:
        """Use up the nonce, and record the keys or find them recorded; both or neither."""
        now = self.clock.now()
        used = UsedOnce(proven.nonce.digest, new_id(), proven.nonce.expires_at)
        made = self._build_delivery(token, configuration, proven, now)

        def work(unit: UnitOfWork) -> tuple[Offer, WalletDelivery]:
            offer = unit.offers.find(token.offer_id, hold=Hold.EXCLUSIVE)
            if offer is None or offer.withdrawn_at is not None:
                raise denied("The offer was withdrawn.")
            unit.wallet_access.use_once(used)
            known = unit.offers.find_delivery(offer.id, configuration.id)
            if known is None:
                if offer.claims is None:
                    raise denied("The offer is over.")
                unit.offers.add_delivery(made)
                return offer, made
            if known.holders != made.holders:
                raise denied("The credential was issued already, for another key.")
            return offer, known

        try:
            return in_transaction(self.units, work)
        except ConflictError as error:
            if error.code != "used_already":
                raise
            raise CredentialRequestError(
                "The nonce of the key proof was used before.", code="invalid_nonce"
            ) from error

    def _build_delivery(
        self, token: WalletToken, configuration: OfferedConfiguration, proven: ProvenKeys, now: datetime
    ) -> WalletDelivery:
        secret, delivery_id = self.secret(), new_id()
        holders: list[JsonValue] = [
            Holder(key.to_jwk(), did if configuration.format.names_holder else None).to_json()
            for key, did in zip(proven.keys, proven.dids, strict=True)
        ]
        return WalletDelivery(
            id=delivery_id,
            organisation_id=token.organisation_id,
            offer_id=token.offer_id,
            configuration_id=configuration.id,
            holders=json.dumps({"holders": holders}, sort_keys=True).encode("utf-8"),
            transaction_digest=digest_code(secret.derive_text("transaction_id", delivery_id)),
            notification_digest=digest_code(secret.derive_text("notification_id", delivery_id)),
            requested_at=now,
        )


def _find_configuration(request: CredentialRequest, token: WalletToken) -> OfferedConfiguration:
    if request.credential_configuration_id is None:
        raise CredentialRequestError(
            "Credential identifiers are not given out here.", code="unknown_credential_identifier"
        )
    configuration = all_configurations().get(request.credential_configuration_id)
    if configuration is None:
        raise CredentialRequestError(
            "There is no such credential configuration.", code="unknown_credential_configuration"
        )
    if configuration.id not in token.configuration_ids:
        raise denied("The access token is not for this credential.")
    return configuration
