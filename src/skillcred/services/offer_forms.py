"""The codes of an offer and the forms in which it is handed on. All of it is made of the secret and the id of the
offer, so that a provider can see it again and the database alone tells nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.oid4vci.identifiers import CredentialIssuer
from skillcred.exchange.oid4vci.offers import (
    TxCodeHint,
    build_offer,
    encode_offer_by_reference,
    encode_offer_by_value,
)
from skillcred.exchange.oid4vci.redemption import TX_CODE_DIGITS, build_code, build_tx_code, digest_tx_code
from skillcred.exchange.secrets import ExchangeSecret
from skillcred.services.offer_records import Offer, OfferGrant

SecretSource: TypeAlias = Callable[[], ExchangeSecret]
"""Gives the secret of the deployment. It is opened when it is first needed, because that takes a tenth of a second."""
OFFERS_PATH: Final = "offers"
"""Where wallets read offers, below the credential issuer."""
CLAIM_PATH: Final = "/claim/"
"""The page for the holder."""
_TX_CODE_BYTES: Final = 16


def build_pre_authorised_code(secret: ExchangeSecret, offer_id: str) -> str:
    """The pre-authorised code of an offer."""
    return build_code(secret.derive("pre-authorized_code", offer_id))


def build_reference(secret: ExchangeSecret, offer_id: str) -> str:
    """What stands for an offer in addresses that anybody who has one may read."""
    return secret.derive_text("offer_reference", offer_id)


def build_issuer_state(secret: ExchangeSecret, offer_id: str) -> str:
    """The `issuer_state` of an offer."""
    return secret.derive_text("issuer_state", offer_id)


def build_offer_tx_code(secret: ExchangeSecret, offer_id: str) -> str:
    """The transaction code of an offer that has one."""
    return build_tx_code(secret.derive("tx_code", offer_id)[:_TX_CODE_BYTES])


def build_tx_code_pepper(secret: ExchangeSecret) -> bytes:
    """What transaction codes are kept under."""
    return secret.derive("tx_code_pepper")


def build_tx_code_digest(secret: ExchangeSecret, offer_id: str, code_digest: str) -> str:
    """What the transaction code of an offer is kept as."""
    return digest_tx_code(build_offer_tx_code(secret, offer_id), code_digest, build_tx_code_pepper(secret))


@dataclass(frozen=True, slots=True)
class OfferForms:
    """An offer as wallets read it, as links, and as the address of the page that shows them. `tx_code` is for the
    provider to tell the holder by another way."""

    offer: JsonObject
    by_value: str
    by_reference: str
    claim_url: str
    tx_code: str | None


def build_offer_forms(
    secret: ExchangeSecret, base_url: str, issuer: CredentialIssuer, offer: Offer
) -> OfferForms:
    """All forms of `offer`."""
    pre_authorised = OfferGrant.PRE_AUTHORISED_CODE in offer.grants
    tx_code = None if offer.tx_code_digest is None else build_offer_tx_code(secret, offer.id)
    reference = build_reference(secret, offer.id)
    wire = build_offer(
        issuer.identifier,
        offer.configuration_ids,
        code=build_pre_authorised_code(secret, offer.id) if pre_authorised else None,
        tx_code=None if tx_code is None else TxCodeHint(TX_CODE_DIGITS),
        issuer_state=build_issuer_state(secret, offer.id)
        if OfferGrant.AUTHORISATION_CODE in offer.grants
        else None,
    )
    return OfferForms(
        offer=wire,
        by_value=encode_offer_by_value(wire),
        by_reference=encode_offer_by_reference(issuer.url(f"{OFFERS_PATH}/{reference}")),
        claim_url=f"{base_url}{CLAIM_PATH}{reference}",
        tx_code=tx_code,
    )
