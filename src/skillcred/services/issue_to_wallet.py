"""A wallet asks for a credential of an offer, for keys that it proves (OID4VCI 1.0 section 8).

First it is recorded, in one transaction, that the nonce is used up and which keys the offer is for; then the issuing
machine makes the credential under an idempotency key of that record. So a request that is cut short anywhere can be
sent again, with a new nonce and the same keys, and gets what it would have got; with other keys it gets nothing,
because that would be a second credential.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConflictError, IntegrityError
from skillcred.exchange.errors import IssuanceBusyError
from skillcred.exchange.nonces import NonceUse
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.exchange.oid4vci.key_proofs import KeyProofExpectation, ProvenKeys, verify_key_proofs
from skillcred.exchange.oid4vci.metadata import CREDENTIAL_PATH, CredentialFormat
from skillcred.exchange.oid4vci.redemption import digest_code
from skillcred.exchange.oid4vci.requests import CredentialRequest, parse_credential_request
from skillcred.services.credential_configurations import OfferedConfiguration, all_configurations
from skillcred.services.credential_issuers import CredentialIssuers, IssuingProvider
from skillcred.services.identities import CREDENTIALS_PATH, new_id
from skillcred.services.issuing import CopyOrder, IssuingMachine, IssuingOrder
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offer_records import Offer, UsedOnce, WalletDelivery, WalletToken
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, IssuancePurpose, Role, StoredCredential
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_documents import Holder, build_wallet_document
from skillcred.services.wallet_messages import WalletMessage, open_message
from skillcred.services.wallet_proofs import WalletProofs
from skillcred.services.wallet_tokens import PresentedToken, WalletTokens

BATCH_SIZE: Final = 10
"""Most key proofs of one request."""
DEFERRED_INTERVAL_SECONDS: Final = 5
"""How long a wallet is asked to wait before it asks again."""


@dataclass(frozen=True, slots=True)
class CredentialResponse:
    """The answer to a wallet. `is_deferred` where there is no credential yet."""

    body: JsonObject
    is_deferred: bool


@dataclass(frozen=True, slots=True)
class IssueToWallet:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource
    proofs: WalletProofs
    tokens: WalletTokens
    issuing: IssuingMachine

    def __call__(self, slug: str, presented: PresentedToken, message: WalletMessage) -> CredentialResponse:
        """The credential, or that it will come later.

        Raises `NotFoundError` for the issuer, `AccessTokenError`, `DpopError`, `CredentialRequestError`,
        `IssuanceBusyError` and what the issuing machine raises.
        """
        provider = self.issuers.get(slug)
        token = self.tokens.authenticate(provider, presented, CREDENTIAL_PATH)
        request = parse_credential_request(open_message(message))
        configuration = _find_configuration(request, token)
        proven = verify_key_proofs(
            request.proofs,
            KeyProofExpectation(
                credential_issuer=provider.issuer.identifier,
                nonces=self.proofs.nonces(provider.issuer, NonceUse.CREDENTIAL),
                at=self.clock.now(),
                batch_size=BATCH_SIZE,
                client_id=token.client_id,
                with_did=configuration.format.names_holder,
            ),
        )
        offer, delivery = self._record(token, configuration, proven)
        return self.deliver(provider, offer, delivery)

    def deliver(
        self, provider: IssuingProvider, offer: Offer, delivery: WalletDelivery
    ) -> CredentialResponse:
        """The answer for a delivery that is recorded."""
        secret = self.secret()
        if offer.deferred and offer.released_at is None:
            return CredentialResponse(
                {
                    "transaction_id": secret.derive_text("transaction_id", delivery.id),
                    "interval": DEFERRED_INTERVAL_SECONDS,
                },
                is_deferred=True,
            )
        configuration = all_configurations()[delivery.configuration_id]
        stored = self._issue(provider, offer, delivery, configuration)
        if delivery.credential_id is None:
            done = replace(delivery, credential_id=stored.credential_id, delivered_at=self.clock.now())
            in_transaction(self.units, lambda unit: unit.offers.update_delivery(done))
        return CredentialResponse(
            {
                "credentials": [
                    {"credential": _wire_form(each.content, configuration)}
                    for each in (stored, *stored.copies)
                ],
                "notification_id": secret.derive_text("notification_id", delivery.id),
            },
            is_deferred=False,
        )

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
                raise _denied("The offer was withdrawn.")
            unit.wallet_access.use_once(used)
            known = unit.offers.find_delivery(offer.id, configuration.id)
            if known is None:
                if offer.claims is None:
                    raise _denied("The offer is over.")
                unit.offers.add_delivery(made)
                return offer, made
            if known.holders != made.holders:
                raise _denied("The credential was issued already, for another key.")
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

    def _issue(
        self,
        provider: IssuingProvider,
        offer: Offer,
        delivery: WalletDelivery,
        configuration: OfferedConfiguration,
    ) -> StoredCredential:
        holders = read_holders(delivery)
        claims = None if offer.claims is None else parse_json_object(offer.claims)

        def order_copy(holder: Holder) -> CopyOrder:
            def build(credential_id: str, at: datetime) -> JsonObject:
                if claims is None:
                    raise _denied("The offer is over.")
                return build_wallet_document(
                    configuration,
                    claims,
                    credential_id=credential_id,
                    organisation=provider.organisation,
                    holder=holder,
                    at=at,
                )

            with_key = configuration.format is not CredentialFormat.LDP_VC
            return CopyOrder(build, holder.jwk if with_key else None)

        first, *copies = (order_copy(holder) for holder in holders)
        order = IssuingOrder(
            actor=Actor(offer.created_by, provider.organisation, Role.ISSUER),
            purpose=IssuancePurpose.CREDENTIAL,
            idempotency_key=f"wallet:{delivery.id}",
            request={"offer": offer.id, "configuration": configuration.id, "delivery": delivery.id},
            profile=configuration.profile.id,
            profile_sha256=configuration.profile.sha256,
            mechanism=configuration.mechanism,
            path=CREDENTIALS_PATH,
            build=first.build,
            revocable=offer.revocable,
            holder_key=first.holder_key,
            copies=tuple(copies),
        )
        try:
            return self.issuing(order)
        except ConflictError as error:
            if error.code != "issuance_in_progress":
                raise
            raise IssuanceBusyError("The same request is being worked on.") from error


def read_holders(delivery: WalletDelivery) -> list[Holder]:
    """The keys of a delivery. Raises `IntegrityError`: it is our own record."""
    found: list[Holder] = []
    for item in _items(parse_json_object(delivery.holders).get("holders")):
        jwk, did = item.get("jwk"), item.get("did")
        if not isinstance(jwk, dict) or not (did is None or isinstance(did, str)):
            raise IntegrityError("The keys of a delivery cannot be read.", code="delivery_unreadable")
        found.append(Holder(jwk, did))
    if not found:
        raise IntegrityError("The keys of a delivery cannot be read.", code="delivery_unreadable")
    return found


def _items(value: JsonValue) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


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
        raise _denied("The access token is not for this credential.")
    return configuration


def _wire_form(content: bytes, configuration: OfferedConfiguration) -> JsonValue:
    """An object for `ldp_vc`, text for the others (OID4VCI 1.0 appendix A)."""
    if configuration.format is CredentialFormat.LDP_VC:
        return parse_json_object(content)
    return content.decode("ascii")


def _denied(message: str) -> CredentialRequestError:
    return CredentialRequestError(message, code="credential_request_denied")
