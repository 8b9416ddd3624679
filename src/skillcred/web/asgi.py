"""What an ASGI server starts: `skillcred.web.asgi:create_asgi_app`, a factory. Importing this module does nothing."""

from __future__ import annotations

from fastapi import FastAPI

from skillcred.bootstrap import build_application
from skillcred.settings import load_settings
from skillcred.web.app import create_app


def create_asgi_app() -> FastAPI:
    """The service as the environment's settings describe it.

    Issuances that an earlier process left unfinished are finished or given up first. Raises what `load_settings` and
    `build_application` raise.
    """
    application = build_application(load_settings(), serving=True)
    if all(item.ok for item in application.check_readiness()):
        application.reconcile_issuances()
    return create_app(application)
