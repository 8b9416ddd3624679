"""A credential of an offer is made, or found made, for the keys that were recorded.

The issuing machine works under an idempotency key of the delivery: whoever comes first, and after any crash, all get
the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import AuthorisationError, ConflictError, IntegrityError
from skillcred.exchange.errors import IssuanceBusyError
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.exchange.oid4vci.metadata import CredentialFormat
from skillcred.services.credential_configurations import OfferedConfiguration, all_configurations
from skillcred.services.credential_issuers import IssuingProvider
from skillcred.services.identities import CREDENTIALS_PATH
from skillcred.services.issuing import CopyOrder, IssuingMachine, IssuingOrder, NotConformingError
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offer_records import Offer, WalletDelivery
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, IssuancePurpose, Role, StoredCredential
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_documents import Holder, build_wallet_document

WITH_HOLDER_KEY: Final = frozenset({CredentialFormat.SD_JWT_VC, CredentialFormat.VC_SD_JWT})
"""The formats that name the key of the holder (`cnf`)."""
NOTIFICATION_ID: Final = "notification_id"
DEFERRED_INTERVAL_SECONDS: Final = 5
"""How long a wallet is asked to wait before it asks again."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a wallet is told. `is_deferred` where there is no credential yet."""

    body: JsonObject
    is_deferred: bool


@dataclass(frozen=True, slots=True)
class DeliverCredential:
    """Makes the credential of a delivery. `issuing` is the machine."""

    units: UnitOfWorkFactory
    clock: Clock
    secret: SecretSource
    issuing: IssuingMachine

    def __call__(self, provider: IssuingProvider, offer: Offer, delivery: WalletDelivery) -> Delivered:
        """The answer for a delivery that is recorded. Raises `CredentialRequestError` where the offer is over,
        `IssuanceBusyError`, and what the issuing machine raises."""
        secret = self.secret()
        if offer.deferred and offer.released_at is None:
            transaction_id = secret.derive_text("transaction_id", delivery.id)
            waiting: JsonObject = {"transaction_id": transaction_id, "interval": DEFERRED_INTERVAL_SECONDS}
            return Delivered(waiting, is_deferred=True)
        configuration = all_configurations()[delivery.configuration_id]
        stored = self._issue(provider, offer, delivery, configuration)
        self._note(delivery, stored)
        contents = (stored.content, *(copy.content for copy in stored.copies))
        body: JsonObject = {
            "credentials": [{"credential": _wire_form(content, configuration)} for content in contents],
            NOTIFICATION_ID: secret.derive_text(NOTIFICATION_ID, delivery.id),
        }
        return Delivered(body, is_deferred=False)

    def _note(self, delivery: WalletDelivery, stored: StoredCredential) -> None:
        if delivery.credential_id is not None:
            return
        now = self.clock.now()

        def work(unit: UnitOfWork) -> None:
            held = unit.offers.find_transaction(delivery.transaction_digest, hold=Hold.EXCLUSIVE)
            if held is not None and held.credential_id is None:
                unit.offers.update_delivery(
                    replace(held, credential_id=stored.credential_id, delivered_at=now)
                )

        in_transaction(self.units, work)

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
                    raise denied("The offer is over.")
                return build_wallet_document(
                    configuration,
                    claims,
                    credential_id=credential_id,
                    organisation=provider.organisation,
                    holder=holder,
                    at=at,
                )

            with_key = configuration.format in WITH_HOLDER_KEY
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
        except AuthorisationError as error:
            raise IssuanceBusyError("The provider has no key to sign with now.") from error
        except NotConformingError as error:
            raise denied("The credential cannot be issued as it was offered.") from error
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


def _wire_form(content: bytes, configuration: OfferedConfiguration) -> JsonValue:
    """An object for `ldp_vc`, text for the others (OID4VCI 1.0 appendix A)."""
    if configuration.format is CredentialFormat.LDP_VC:
        return parse_json_object(content)
    return content.decode("ascii")


def denied(message: str) -> CredentialRequestError:
    """The credential is not issued, and asking again does not help."""
    return CredentialRequestError(message, code="credential_request_denied")
