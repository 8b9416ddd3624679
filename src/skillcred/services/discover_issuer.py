"""From an offer to what its issuer says about itself: where that is follows from the identifier alone, and what is
found there must say that it is about it (OID4VCI 1.0 sections 4.1.3 and 12.2, RFC 8414 section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.exchange.holder.addresses import well_known_address
from skillcred.exchange.holder.authorization import (
    MAX_ANSWER_BYTES,
    AuthorizationServer,
    parse_authorization_server,
)
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.holder.issuer_metadata import (
    MAX_METADATA_BYTES,
    IssuerMetadata,
    parse_issuer_metadata,
    parse_signed_metadata,
)
from skillcred.exchange.holder.offers import (
    AUTHORIZATION_CODE,
    MAX_OFFER_BYTES,
    CredentialOffer,
    OfferReference,
    choose_authorization_server,
    parse_offer,
    read_offer_link,
)
from skillcred.exchange.oid4vci.identifiers import WellKnown
from skillcred.exchange.oid4vci.offers import PRE_AUTHORIZED_CODE
from skillcred.services.ports import Clock
from skillcred.services.wallet_conversation import IssuerConversation
from skillcred.services.wallet_identities import WalletIdentities
from skillcred.services.wallet_ports import WalletTrust

JSON: Final = "application/json"
JWT: Final = "application/jwt"


@dataclass(frozen=True, slots=True)
class DiscoverIssuer:
    """Reads offers and metadata."""

    clock: Clock
    trust: WalletTrust
    identities: WalletIdentities

    def offer(self, conversation: IssuerConversation, text: str) -> CredentialOffer:
        """The offer that `text` holds or says where to find."""
        found = read_offer_link(text, local=self.trust.local)
        if not isinstance(found, OfferReference):
            return found
        response = conversation.get(found.address, JSON, MAX_OFFER_BYTES)
        if response.status != 200 or response.media_type != JSON:
            raise WalletMessageError("The offer is not at its address any more.", code="offer_malformed")
        return parse_offer(response.content, local=self.trust.local)

    def metadata(
        self, conversation: IssuerConversation, identifier: str, *, signed: bool = False
    ) -> IssuerMetadata:
        """What the issuer `identifier` says; `signed` in no other way than with a signature that can be trusted."""
        url = well_known_address(identifier, WellKnown.CREDENTIAL_ISSUER.value)
        response = conversation.get(url, JWT if signed else JSON, MAX_METADATA_BYTES)
        if response.status != 200:
            raise WalletMessageError(
                "The issuer does not describe itself where it should.", code="issuer_metadata_invalid"
            )
        if not signed:
            if response.media_type != JSON:
                raise WalletMessageError(
                    "The issuer's metadata are not JSON.", code="issuer_metadata_invalid"
                )
            return parse_issuer_metadata(response.content, identifier, local=self.trust.local)
        if response.media_type != JWT:
            raise WalletMessageError(
                "The issuer does not sign its metadata.", code="signed_metadata_not_trusted"
            )
        return parse_signed_metadata(
            response.content,
            identifier,
            lambda jws: self.identities.signer_of_metadata(jws, identifier),
            self.clock.now(),
            local=self.trust.local,
        )

    def authorization_server(
        self, conversation: IssuerConversation, issuer: IssuerMetadata, grant: str, hint: str | None
    ) -> AuthorizationServer:
        """The server that gives tokens by `grant`: the one that the offer hints at, or the first of the issuer's that
        has the grant."""
        servers = issuer.authorization_servers
        if hint is not None:
            servers = (choose_authorization_server(hint, servers),)
        for identifier in servers:
            url = well_known_address(identifier, WellKnown.AUTHORIZATION_SERVER.value)
            response = conversation.get(url, JSON, MAX_ANSWER_BYTES)
            if response.status != 200:
                raise WalletMessageError(
                    "The authorization server does not describe itself.", code="authorization_server_invalid"
                )
            found = parse_authorization_server(response.content, identifier, local=self.trust.local)
            if grant in found.grants:
                return found
        raise WalletMessageError("The issuer does not give tokens in this way.", code="grant_not_offered")


def choose_grant(offer: CredentialOffer, *, prefer_authorization: bool = False) -> str:
    """The grant to use: a pre-authorised code where there is one, since it needs no browser (section 4.1.1: the
    choice is the wallet's). An offer without grants leaves it to the authorization server."""
    if offer.pre_authorised is not None and not (prefer_authorization and offer.authorisation is not None):
        return PRE_AUTHORIZED_CODE
    return AUTHORIZATION_CODE
