"""Metrics for Prometheus, for whom the operator has named and nobody else (docs/operations.md)."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from skillcred.adapters.metrics import MEDIA_TYPE
from skillcred.errors import NotFoundError
from skillcred.web.client_address import find_client_address
from skillcred.web.dependencies import ApplicationDep

router = APIRouter(tags=["operation"])

FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers of proxies. What comes through one comes from outside, whatever address the proxy has."""


@router.get("/metrics", include_in_schema=False)
def get_metrics(request: Request, application: ApplicationDep) -> Response:
    """What this process has counted. For others there is nothing here."""
    networks = application.settings.metrics_networks
    peer = find_client_address(request.client.host if request.client else None, "", ())
    forwarded = any(name in request.headers for name in FORWARDED)
    if forwarded or peer is None or not any(peer in network for network in networks):
        raise NotFoundError("There is nothing here.")
    return Response(application.metrics.render(), media_type=MEDIA_TYPE)
