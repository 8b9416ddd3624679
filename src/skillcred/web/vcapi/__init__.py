"""The W3C CCG VC-API, for interoperability tests on a developer's machine. Off unless it is switched on."""

from skillcred.web.vcapi.routes import router

__all__ = ["router"]
