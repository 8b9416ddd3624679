"""OpenID for Verifiable Credential Issuance 1.0: what wallets talk to, one module per endpoint family."""

from typing import Final

from fastapi import APIRouter

from skillcred.web.oid4vci import authorization, authorization_server, claim, credential_issuer, metadata

ROUTERS: Final[tuple[APIRouter, ...]] = (
    metadata.router,
    authorization_server.router,
    authorization.router,
    credential_issuer.router,
    claim.router,
)
