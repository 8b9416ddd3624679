"""The pages on which a provider sees its offers, shows one to its holder, and takes it back. They do what `/v1/offers`
does, for people: the same use cases, the same rights."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from skillcred.errors import ConflictError
from skillcred.services.offers import OfferView
from skillcred.web.api.identifiers import Segment
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.middleware.security_headers import LIVE_POLICY
from skillcred.web.pages.offers_view import PAGE_OFFERS, build_offer_list, build_offer_page
from skillcred.web.pages.routes import PagesDep
from skillcred.web.pages.staff import StaffDep, read_staff_form

OFFERS_PAGE: Final = "/offers"
OFFER_PAGE: Final = "/offers/{offer_id}"
MAX_PAGES: Final = 5000

router = APIRouter(include_in_schema=False)


def go_to_offer(request: Request, pages: PagesDep, offer_id: str) -> Response:
    """On to the page of an offer, so that loading it anew sends no form again."""
    return RedirectResponse(f"{OFFERS_PAGE}/{offer_id}{pages.suffix_of(request)}", 303)


def _get(application: ApplicationDep, staff: StaffDep, offer_id: str) -> OfferView:
    return application.wallet_issuing.view_offers.get(staff.actor, offer_id)


@router.get(OFFERS_PAGE)
def show_offers(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    staff: StaffDep,
    page: Annotated[int, Query(ge=1, le=MAX_PAGES)] = 1,
) -> Response:
    """What was offered, newest first, and what became of it."""
    found = application.wallet_issuing.view_offers.list_latest(
        staff.actor, offset=(page - 1) * PAGE_OFFERS, limit=PAGE_OFFERS + 1
    )
    return pages.render(request, "offers.html", staff=staff, view=build_offer_list(found, page))


@router.get(OFFER_PAGE)
def show_offer(
    request: Request, pages: PagesDep, application: ApplicationDep, staff: StaffDep, offer_id: Segment
) -> Response:
    """The picture and the link for the holder, and where the offer stands."""
    found = _get(application, staff, offer_id)
    wallet = application.wallet_issuing
    return pages.render(
        request,
        "offer.html",
        headers={"Content-Security-Policy": LIVE_POLICY},
        staff=staff,
        view=build_offer_page(found),
        can_show_code=wallet.show_tx_code.is_possible(found),
        origin=wallet.issuers.of(found.organisation).issuer.origin,
    )


@router.get(OFFER_PAGE + "/state")
def get_offer_state(application: ApplicationDep, staff: StaffDep, offer_id: Segment) -> Response:
    """What changes when the page has something else to say, for its script."""
    view = build_offer_page(_get(application, staff, offer_id), with_code=False)
    return JSONResponse({"state": view.progress})


@router.post(OFFER_PAGE + "/code", dependencies=[Depends(read_staff_form)])
def show_code(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    staff: StaffDep,
    offer_id: Segment,
) -> Response:
    """The transaction code, once, and without the picture beside it."""
    try:
        tx_code = application.wallet_issuing.show_tx_code(staff.actor, offer_id)
    except ConflictError:
        return go_to_offer(request, pages, offer_id)  # which says why there is none to be seen
    return pages.render(request, "offer_code.html", staff=staff, offer_id=offer_id, tx_code=tx_code)


@router.post(OFFER_PAGE + "/release", dependencies=[Depends(read_staff_form)])
def release(
    request: Request, pages: PagesDep, application: ApplicationDep, staff: StaffDep, offer_id: Segment
) -> Response:
    """Let a wallet that waits, or will, have the credential."""
    try:
        application.wallet_issuing.release_offer(staff.actor, offer_id)
    except ConflictError as error:
        if error.code != "offer_withdrawn":
            raise
    return go_to_offer(request, pages, offer_id)


@router.get(OFFER_PAGE + "/withdraw")
def ask_withdrawal(
    request: Request, pages: PagesDep, application: ApplicationDep, staff: StaffDep, offer_id: Segment
) -> Response:
    """Whether it is really meant."""
    view = build_offer_page(_get(application, staff, offer_id), with_code=False)
    if not view.can_withdraw:
        return go_to_offer(request, pages, offer_id)
    return pages.render(request, "offer_withdraw.html", staff=staff, view=view)


@router.post(OFFER_PAGE + "/withdraw", dependencies=[Depends(read_staff_form)])
def withdraw(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    staff: StaffDep,
    offer_id: Segment,
) -> Response:
    """Take the offer back, if nobody was faster."""
    try:
        application.wallet_issuing.withdraw_offer(staff.actor, offer_id)
    except ConflictError as error:
        if error.code != "offer_claimed":
            raise
    return go_to_offer(request, pages, offer_id)
