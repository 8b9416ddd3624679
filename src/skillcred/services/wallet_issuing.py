"""Everything about issuing into wallets, put together."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.create_offer import CreateOffer
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.exchange_code import ExchangeCode
from skillcred.services.issue_to_wallet import IssueToWallet
from skillcred.services.issuing import IssuingMachine
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offers import ReleaseOffer, ViewOffers, WithdrawOffer
from skillcred.services.ports import Clock, SignerSource, UnitOfWorkFactory
from skillcred.services.publish_issuer_metadata import FEATURES, PublishIssuerMetadata
from skillcred.services.wallet_proofs import WalletProofs
from skillcred.services.wallet_tokens import WalletTokens


@dataclass(frozen=True, slots=True)
class WalletIssuing:
    """The use cases of OID4VCI."""

    issuers: CredentialIssuers
    proofs: WalletProofs
    create_offer: CreateOffer
    view_offers: ViewOffers
    withdraw_offer: WithdrawOffer
    release_offer: ReleaseOffer
    publish_metadata: PublishIssuerMetadata
    exchange_code: ExchangeCode
    issue_to_wallet: IssueToWallet


def build_wallet_issuing(
    base_url: str,
    units: UnitOfWorkFactory,
    clock: Clock,
    key_manager: SignerSource,
    issuing: IssuingMachine,
    secret: SecretSource,
) -> WalletIssuing:
    """The use cases over one storage, clock and secret."""
    issuers = CredentialIssuers(base_url, units)
    proofs = WalletProofs(units, clock, secret)
    tokens = WalletTokens(units, clock, proofs)
    return WalletIssuing(
        issuers=issuers,
        proofs=proofs,
        create_offer=CreateOffer(base_url, units, clock, secret),
        view_offers=ViewOffers(base_url, issuers, units, clock, secret),
        withdraw_offer=WithdrawOffer(units, clock),
        release_offer=ReleaseOffer(units, clock),
        publish_metadata=PublishIssuerMetadata(issuers, units, key_manager, clock, FEATURES),
        exchange_code=ExchangeCode(issuers, units, clock, secret, proofs),
        issue_to_wallet=IssueToWallet(issuers, units, clock, secret, proofs, tokens, issuing),
    )
