"""An access token by either grant (OID4VCI 1.0 sections 5 and 6)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.exchange.holder.addresses import origin_of
from skillcred.exchange.holder.authorization import (
    AccessToken,
    AuthorizationAttempt,
    AuthorizationServer,
    build_authorization_url,
    build_code_token_request,
    build_pre_authorised_token_request,
    parse_pushed_response,
    parse_token_response,
    read_authorization_response,
)
from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.exchange.holder.issuer_metadata import IssuerMetadata
from skillcred.exchange.holder.offers import AuthorisationOffer, PreAuthorisedOffer
from skillcred.services.wallet_conversation import IssuerConversation
from skillcred.services.wallet_ports import Attester, Person

CLIENT_ID: Final = "skillcred-wallet"
"""What this program is called where a client has to have a name. It has no secret, so the name proves nothing."""


@dataclass(frozen=True, slots=True)
class Access:
    """A token, and the client that it was given to; without a `client_id` that was nobody in particular, and key
    proofs must not name one (appendix F.1)."""

    token: AccessToken
    client_id: str | None


@dataclass(frozen=True, slots=True)
class ObtainAccess:
    """Asks for tokens."""

    person: Person
    attester: Attester | None = None

    def by_pre_authorised_code(
        self, conversation: IssuerConversation, server: AuthorizationServer, offer: PreAuthorisedOffer
    ) -> Access:
        """With the code of the offer, and the transaction code if one is needed. Raises `WalletRefusedError`."""
        tx_code = None
        if offer.tx_code is not None:
            tx_code = self.person.give_tx_code(offer.tx_code, origin_of(server.token_endpoint))
            if tx_code is None:
                raise WalletRefusedError(
                    "The issuer wants a transaction code, and none was given.", error="tx_code_missing"
                )
        client_id = (
            self.attester.client_id
            if self.attester is not None
            else (None if server.anonymous_pre_authorised else CLIENT_ID)
        )
        form = build_pre_authorised_token_request(offer.code, tx_code, client_id)
        return self._token(conversation, server, form, client_id)

    def by_authorization(
        self,
        conversation: IssuerConversation,
        server: AuthorizationServer,
        issuer: IssuerMetadata,
        offer: AuthorisationOffer,
        configuration_ids: tuple[str, ...],
    ) -> Access:
        """By way of the holder's browser. Raises `WalletRefusedError`, `WalletMessageError`."""
        client_id = CLIENT_ID if self.attester is None else self.attester.client_id
        attempt = AuthorizationAttempt(
            redirect_uri=self.person.redirect_uri,
            client_id=client_id,
            state=secrets.token_urlsafe(24),
            code_verifier=secrets.token_urlsafe(48),
            scope=_scopes(issuer, configuration_ids),
            issuer_state=offer.issuer_state,
            resource=issuer.identifier,
        )
        parameters = attempt.parameters()
        if server.par_endpoint is not None:
            answer = conversation.post_form(
                server.par_endpoint, parameters, self._client_headers(server, None)
            )
            parameters = parse_pushed_response(answer.status, answer.content, client_id)
        elif server.requires_par:
            raise WalletMessageError(
                "The server wants pushed requests and has no place for them.",
                code="authorization_server_invalid",
            )
        came_back = self.person.authorise(build_authorization_url(server, parameters))
        code = read_authorization_response(came_back, server, attempt)
        return self._token(conversation, server, build_code_token_request(attempt, code), client_id)

    def _token(
        self,
        conversation: IssuerConversation,
        server: AuthorizationServer,
        form: Mapping[str, str],
        client_id: str | None,
    ) -> Access:
        answer = conversation.post_form(server.token_endpoint, form, self._client_headers(server, None))
        dpop = conversation.dpop is not None
        return Access(parse_token_response(answer.status, answer.content, dpop=dpop), client_id)

    def _client_headers(self, server: AuthorizationServer, challenge: str | None) -> Mapping[str, str]:
        return {} if self.attester is None else self.attester.attest_client(server.issuer, challenge)


def _scopes(issuer: IssuerMetadata, configuration_ids: tuple[str, ...]) -> str:
    scopes = [issuer.configuration(each).scope for each in configuration_ids]
    named = [scope for scope in scopes if scope]
    if len(named) != len(scopes):
        raise WalletMessageError(
            "The issuer gives a credential no scope that it could be asked for by.",
            code="unsupported_configuration",
        )
    return " ".join(dict.fromkeys(named))
