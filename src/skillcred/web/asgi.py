"""The factory that servers are given by name, so that every worker process makes an application of its own."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp

from skillcred.bootstrap import build_application
from skillcred.services.verify_many import usable_cores
from skillcred.services.warm_up import warm_up
from skillcred.settings import Settings, load_settings
from skillcred.web.app import create_app

MAX_UNASKED: Final = 8
"""Most processes that verify unless the operator asks for more; each takes some 80 MiB."""


def create_asgi_app() -> ASGIApp:
    """The service as the environment describes it. Raises what `build_application` raises."""
    settings = load_settings()
    app = create_app(
        build_application(settings, serving=True),
        verification_processes=count_processes(settings),
    )
    warm_up()
    return app


def count_processes(settings: Settings) -> int:
    """How many processes verify beside this one: as many as the operator says, else one for each core but that of this
    process, where it is the only one that serves. Where there may be several, they are what uses the cores."""
    if settings.verification_processes is not None:
        return settings.verification_processes
    alone = settings.database_address.startswith("sqlite")
    return min(usable_cores() - 1, MAX_UNASKED) if alone else 0
