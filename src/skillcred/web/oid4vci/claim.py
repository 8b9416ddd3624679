"""The page for the holder: a picture and a link that open her wallet, and whose they are."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from skillcred.errors import NotFoundError
from skillcred.services.offer_forms import CLAIM_PATH
from skillcred.web.api.identifiers import Segment
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.oid4vci.oauth_route import limit_wallets
from skillcred.web.pages.qr import build_qr
from skillcred.web.pages.routes import PagesDep

CLAIM: Final = CLAIM_PATH + "{reference}"

router = APIRouter(include_in_schema=False, dependencies=[Depends(limit_wallets)])


@router.get(CLAIM)
def show_claim(
    request: Request, pages: PagesDep, application: ApplicationDep, reference: Segment
) -> Response:
    """Who offers which kind of credential, from which origin, and until when; nothing about the person. One that there
    never was, that was claimed, withdrawn or ended looks alike."""
    wallet = application.wallet_issuing
    try:
        view = wallet.view_offers.by_reference(reference)
    except NotFoundError:
        return pages.render(request, "claim_over.html", status=404)
    if view.forms is None:
        return pages.render(request, "claim_over.html", status=404)
    return pages.render(
        request,
        "claim.html",
        view=view,
        link=view.forms.by_reference,
        origin=wallet.issuers.of(view.organisation).issuer.origin,
        picture=build_qr(view.forms.by_reference),
    )
