"""OpenID for Verifiable Presentations 1.0: the addresses that wallets call."""

from skillcred.web.oid4vp.routes import router

__all__ = ["router"]
