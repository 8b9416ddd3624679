"""A wallet says, before the holder is asked, what it wants an authorization for (RFC 9126)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.errors import OAuthError
from skillcred.exchange.oid4vci.authorization_requests import REQUEST_URI_PREFIX, parse_pushed_request
from skillcred.exchange.oid4vci.metadata import PUSHED_REQUEST_PATH
from skillcred.exchange.oid4vci.redemption import CODE_BYTES, OfferState, build_code, digest_code
from skillcred.services.credential_issuers import CredentialIssuers
from skillcred.services.identities import new_id
from skillcred.services.offer_records import OfferGrant, WalletAuthorization
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_clients import WalletClients, WalletHeaders
from skillcred.services.wallet_proofs import WalletProofs

REQUEST_LIFETIME: Final = timedelta(minutes=5)
"""How long the holder has to come and type her code (RFC 9126 section 2.2 thinks of 5 to 600 seconds)."""


@dataclass(frozen=True, slots=True)
class PushAuthorizationRequest:
    """The use case."""

    issuers: CredentialIssuers
    units: UnitOfWorkFactory
    clock: Clock
    proofs: WalletProofs
    clients: WalletClients

    def __call__(self, slug: str, parameters: Mapping[str, str], headers: WalletHeaders) -> JsonObject:
        """The `request_uri` for a request. With a DPoP proof, or the thumbprint of a key, the code is bound to that
        key; with both they must be of one (RFC 9449 section 10.1).

        Raises `NotFoundError` for the issuer, `DpopError`, `ClientError`, `OAuthError`; an `issuer_state` that is
        unknown, another issuer's or of an offer that cannot be claimed is answered alike.
        """
        provider = self.issuers.get(slug)
        thumbprint = None
        if headers.dpop:
            thumbprint = self.proofs.accept_dpop(
                headers.dpop, provider.issuer, PUSHED_REQUEST_PATH
            ).thumbprint
        request = parse_pushed_request(parameters)
        if thumbprint is not None and request.thumbprint not in (None, thumbprint):
            raise OAuthError("The dpop_jkt is not that of the DPoP proof.")
        self.clients.authenticate(provider, headers, request.client_id)
        now = self.clock.now()
        with self.units(writes=False) as unit:
            offer = unit.offers.find_by_issuer_state(digest_code(request.issuer_state))
        if (
            offer is None
            or offer.organisation_id != provider.organisation.id
            or OfferGrant.AUTHORISATION_CODE not in offer.grants
            or offer.state_at(now) is not OfferState.UNCLAIMED
        ):
            raise OAuthError("The issuer_state is not valid.")
        wanted = request.scopes or offer.configuration_ids
        granted = tuple(each for each in offer.configuration_ids if each in wanted)
        if not granted:
            raise OAuthError("The offer has no credential of these scopes.", code="invalid_scope")
        request_uri = REQUEST_URI_PREFIX + build_code(secrets.token_bytes(CODE_BYTES))
        authorization = WalletAuthorization(
            id=new_id(),
            organisation_id=offer.organisation_id,
            offer_id=offer.id,
            request_digest=digest_code(request_uri),
            client_id=request.client_id,
            redirect_uri=request.redirect_uri,
            state=request.state,
            code_challenge=request.code_challenge,
            thumbprint=thumbprint or request.thumbprint,
            configuration_ids=granted,
            created_at=now,
            expires_at=now + REQUEST_LIFETIME,
        )
        in_transaction(self.units, lambda unit: unit.wallet_access.add_authorization(authorization))
        return {"request_uri": request_uri, "expires_in": int(REQUEST_LIFETIME.total_seconds())}
