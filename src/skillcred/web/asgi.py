"""The factory that servers are given by name, so that every worker process makes an application of its own."""

from __future__ import annotations

from starlette.types import ASGIApp

from skillcred.bootstrap import build_application
from skillcred.services.warm_up import warm_up
from skillcred.settings import load_settings
from skillcred.web.app import create_app


def create_asgi_app() -> ASGIApp:
    """The service as the environment describes it. Raises what `build_application` raises."""
    app = create_app(build_application(load_settings(), serving=True))
    warm_up()
    return app
