"""The ToIP Trust Registry Query Protocol 2.0 over HTTPS."""

from skillcred.web.trqp.routes import router

__all__ = ["router"]
