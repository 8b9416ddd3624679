"""Everything about issuing into wallets, put together."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.services.authorize_wallet import AuthorizeWallet
from skillcred.services.collect_deferred import CollectDeferred
from skillcred.services.create_offer import CreateOffer
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.deliver_credential import DeliverCredential
from skillcred.services.exchange_code import ExchangeCode
from skillcred.services.forget_wallet_traces import ForgetWalletTraces
from skillcred.services.issue_to_wallet import IssueToWallet
from skillcred.services.issuing import IssuingMachine
from skillcred.services.offer_forms import SecretSource
from skillcred.services.offers import ReleaseOffer, ViewOffers, WithdrawOffer
from skillcred.services.ports import Clock, SignerSource, UnitOfWorkFactory
from skillcred.services.publish_issuer_metadata import PublishIssuerMetadata
from skillcred.services.push_authorization_request import PushAuthorizationRequest
from skillcred.services.record_wallet_event import RecordWalletEvent
from skillcred.services.show_tx_code import ShowTxCode
from skillcred.services.wallet_clients import WalletClients
from skillcred.services.wallet_policy import WalletPolicy
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
    show_tx_code: ShowTxCode
    publish_metadata: PublishIssuerMetadata
    exchange_code: ExchangeCode
    issue_to_wallet: IssueToWallet
    collect_deferred: CollectDeferred
    record_wallet_event: RecordWalletEvent
    push_authorization_request: PushAuthorizationRequest
    authorize_wallet: AuthorizeWallet
    forget_traces: ForgetWalletTraces


def build_wallet_issuing(
    base_url: str,
    units: UnitOfWorkFactory,
    clock: Clock,
    key_manager: SignerSource,
    issuing: IssuingMachine,
    secret: SecretSource,
    policy: WalletPolicy,
) -> WalletIssuing:
    """The use cases over one storage, clock and secret."""
    issuers = CredentialIssuers(base_url, units)
    proofs = WalletProofs(units, clock, secret)
    tokens = WalletTokens(units, clock, proofs)
    clients = WalletClients(units, clock, policy)
    view_offers = ViewOffers(base_url, issuers, units, clock, secret)
    deliver = DeliverCredential(units, clock, secret, issuing)
    return WalletIssuing(
        issuers=issuers,
        proofs=proofs,
        create_offer=CreateOffer(base_url, units, clock, secret),
        view_offers=view_offers,
        withdraw_offer=WithdrawOffer(units, clock),
        release_offer=ReleaseOffer(units, clock),
        show_tx_code=ShowTxCode(view_offers, units, clock),
        publish_metadata=PublishIssuerMetadata(issuers, units, key_manager, clock, secret, policy),
        exchange_code=ExchangeCode(issuers, units, clock, secret, proofs, clients),
        issue_to_wallet=IssueToWallet(issuers, units, clock, secret, proofs, tokens, deliver, policy),
        collect_deferred=CollectDeferred(issuers, units, clock, secret, tokens, deliver, policy),
        push_authorization_request=PushAuthorizationRequest(issuers, units, clock, proofs, clients),
        authorize_wallet=AuthorizeWallet(issuers, units, clock, secret),
        forget_traces=ForgetWalletTraces(units, clock),
        record_wallet_event=RecordWalletEvent(issuers, units, clock, tokens),
    )
