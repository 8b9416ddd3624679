"""A holder takes what an issuer offers: look who it is, ask her, get access, get the credentials, check them, keep
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from skillcred.exchange.holder.addresses import origin_of
from skillcred.exchange.holder.authorization import AuthorizationServer
from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.holder.issuer_metadata import IssuerMetadata
from skillcred.exchange.holder.offers import AUTHORIZATION_CODE, AuthorisationOffer, CredentialOffer
from skillcred.exchange.holder.proofs import choose_algorithm
from skillcred.exchange.oid4vci.offers import PRE_AUTHORIZED_CODE
from skillcred.exchange.oid4vp.dcql import PresentationFormat
from skillcred.keys.private_key import PrivateKeySigner
from skillcred.services.discover_issuer import DiscoverIssuer, choose_grant
from skillcred.services.obtain_access import Access, ObtainAccess
from skillcred.services.ports import Clock
from skillcred.services.request_credentials import (
    PREFERRED_KEYS,
    Received,
    RequestCredentials,
    new_key,
)
from skillcred.services.wallet_conversation import IssuerConversation
from skillcred.services.wallet_ports import HolderDoor, OfferedCredential, OfferView, Person
from skillcred.services.wallet_records import PendingIssuance, WalletKey


@dataclass(frozen=True, slots=True)
class AcceptOptions:
    """How to go about it. `copies`: how many of each, as far as the issuer gives several. `configuration_ids`: only
    these of the offer. `encrypted`: answers encrypted on top of TLS. `signed_metadata`: believe no others."""

    copies: int = 1
    configuration_ids: tuple[str, ...] = ()
    encrypted: bool = False
    signed_metadata: bool = False
    prefer_authorization: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """What is in the wallet now, and what the issuer has put off."""

    received: tuple[Received, ...]
    pending: tuple[PendingIssuance, ...]


@dataclass(frozen=True, slots=True)
class AcceptOffer:
    """The use case."""

    clock: Clock
    door: HolderDoor
    discover: DiscoverIssuer
    access: ObtainAccess
    request: RequestCredentials
    person: Person

    def __call__(self, text: str, options: AcceptOptions) -> Accepted:
        """Take the offer in `text`. Raises `WalletMessageError`, `WalletRefusedError`, `UnavailableError`; what was
        received until then is kept, and what was asked for can be collected."""
        conversation = IssuerConversation(self.door, self.clock)
        offer = self.discover.offer(conversation, text)
        issuer = self.discover.metadata(conversation, offer.credential_issuer, signed=options.signed_metadata)
        wanted = _choose(offer, issuer, options.configuration_ids)
        self.request.check(
            issuer, [issuer.configuration(name) for name in wanted], encrypted=options.encrypted
        )
        grant = choose_grant(offer, prefer_authorization=options.prefer_authorization)
        copies = max(1, min(options.copies, issuer.batch_size))
        if not self.person.accept_offer(_view(issuer, wanted, copies, grant)):
            raise WalletRefusedError("Nothing was asked for.", error="declined", code="offer_declined")
        access, dpop_key = self._get_access(conversation, issuer, offer, grant, wanted)
        received: list[Received] = []
        pending: list[PendingIssuance] = []
        begun = [
            self.request.begin(
                issuer,
                issuer.configuration(name),
                identifier,
                access.token,
                dpop_key,
                access.client_id,
                copies,
            )
            for name in wanted
            for identifier in access.token.identifiers.get(name) or (None,)
        ]
        for each in begun:
            found = self.request.send(conversation, issuer, each, encrypted=options.encrypted)
            if isinstance(found, PendingIssuance):
                pending.append(found)
            else:
                received.append(found)
        return Accepted(tuple(received), tuple(pending))

    def _get_access(
        self,
        conversation: IssuerConversation,
        issuer: IssuerMetadata,
        offer: CredentialOffer,
        grant: str,
        wanted: tuple[str, ...],
    ) -> tuple[Access, WalletKey | None]:
        """A token, bound to a new key where the server can do that."""
        pre_authorised = offer.pre_authorised if grant == PRE_AUTHORIZED_CODE else None
        authorisation = offer.authorisation or AuthorisationOffer()
        hint = (pre_authorised or authorisation).authorization_server
        server = self.discover.authorization_server(conversation, issuer, grant, hint)
        dpop_key = _dpop_key(server)
        if dpop_key is not None:
            conversation.dpop = PrivateKeySigner(dpop_key.id, dpop_key.private_key)
        if pre_authorised is not None:
            return self.access.by_pre_authorised_code(conversation, server, pre_authorised), dpop_key
        return self.access.by_authorization(conversation, server, issuer, authorisation, wanted), dpop_key


def _choose(
    offer: CredentialOffer, issuer: IssuerMetadata, configuration_ids: Sequence[str]
) -> tuple[str, ...]:
    wanted = tuple(configuration_ids) or offer.configuration_ids
    if not set(wanted) <= set(offer.configuration_ids):
        raise WalletMessageError("The offer does not have that credential.", code="unsupported_configuration")
    for name in wanted:
        if issuer.configuration(name).format not in tuple(PresentationFormat):
            raise WalletMessageError(
                "The offer is for a credential in a format that this wallet does not hold.",
                code="unsupported_configuration",
            )
    return wanted


def _view(issuer: IssuerMetadata, wanted: tuple[str, ...], copies: int, grant: str) -> OfferView:
    described = [issuer.configuration(name) for name in wanted]
    return OfferView(
        origin=origin_of(issuer.identifier),
        credential_issuer=issuer.identifier,
        issuer_name=issuer.name,
        metadata_signed=issuer.signed,
        credentials=tuple(OfferedCredential(each.id, each.name, each.format) for each in described),
        copies=copies,
        by_authorization=grant == AUTHORIZATION_CODE,
    )


def _dpop_key(server: AuthorizationServer) -> WalletKey | None:
    algorithm = choose_algorithm(server.dpop_algorithms, PREFERRED_KEYS)
    return None if algorithm is None else new_key(algorithm)
