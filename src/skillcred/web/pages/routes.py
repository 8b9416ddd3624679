"""The pages: what this is, check a credential, the registry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Query, Request
from markupsafe import Markup
from starlette.responses import Response

from skillcred.errors import NotFoundError, UnavailableError
from skillcred.verification import PresentationReport, VerificationReport
from skillcred.web.api.identifiers import Segment
from skillcred.web.bodies import FILE_PART, read_body, require_document_size
from skillcred.web.dependencies import ApplicationDep, limit_verifications
from skillcred.web.media_types import MULTIPART_FORM, content_type_of
from skillcred.web.multipart import parse_form
from skillcred.web.pages.assets import CACHE_SECONDS
from skillcred.web.pages.presentation_view import build_presentation_view
from skillcred.web.pages.registry_view import build_entity_view
from skillcred.web.pages.rendering import Pages, entry_path
from skillcred.web.pages.verdict_view import build_verdict_view
from skillcred.web.pages.world_view import build_world_view

TEXT_PART: Final = "text"
"""Name of the part of the form that holds a pasted credential."""
DATE_PART: Final = "asked"
"""Name of the part with a further date at which the issuer's authorisation is told."""
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OPENAPI_LINK: Final = Markup('<a href="/openapi.json">/openapi.json</a>')

router = APIRouter(include_in_schema=False)


def get_pages(request: Request) -> Pages:
    """The pages of this server."""
    return cast(Pages, request.app.state.pages)


PagesDep = Annotated[Pages, Depends(get_pages)]


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the form held: the document, and the further date that is asked about. `wrong_date` if that is none."""

    document: bytes | None
    asked_at: datetime | None = None
    wrong_date: bool = False


async def read_form_document(request: Request) -> HandedIn:
    """The file or the pasted text of the form, the file first; the document is `None` if neither was given."""
    _, header = content_type_of(request, (MULTIPART_FORM,))
    parts = parse_form(await read_body(request), header, fields={FILE_PART, TEXT_PART, DATE_PART})
    document = parts.get(FILE_PART) or parts.get(TEXT_PART, b"").strip() or None
    if document is not None:
        require_document_size(document)
    written = parts.get(DATE_PART, b"").decode("utf-8", "replace").strip()
    if not written:
        return HandedIn(document)
    asked_at = _noon(written)
    return HandedIn(document, asked_at, asked_at is None)


def _noon(written: str) -> datetime | None:
    """Noon of that day in UTC, so that it is the same day nearly everywhere; `None` for what is no date."""
    if not _DATE.fullmatch(written):
        return None
    try:
        return datetime.combine(date.fromisoformat(written), time(12), UTC)
    except ValueError:
        return None


@router.get("/")
def show_start(request: Request, pages: PagesDep) -> Response:
    """What this service is for."""
    return pages.render(request, "start.html", openapi_link=OPENAPI_LINK)


@router.get("/verify")
def show_form(request: Request, pages: PagesDep, application: ApplicationDep) -> Response:
    """The form for handing in a credential."""
    remembers = application.settings.remember_verified
    return pages.render(request, "verify.html", missing=False, wrong_date=False, remembers=remembers)


@router.post("/verify", dependencies=[Depends(limit_verifications)])
def show_verdict(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    handed_in: Annotated[HandedIn, Depends(read_form_document)],
) -> Response:
    """The verdict on the credential that was handed in. Nothing of it is kept."""
    if handed_in.document is None or handed_in.wrong_date:
        missing = handed_in.document is None
        return pages.render(
            request,
            "verify.html",
            status=422,
            missing=missing,
            wrong_date=not missing,
            remembers=application.settings.remember_verified,
        )
    report = application.verify_document.upload(handed_in.document, asked_at=handed_in.asked_at).report
    language = pages.language_of(request)
    if isinstance(report, PresentationReport):
        return pages.render(request, "presentation.html", view=build_presentation_view(report, language))
    return pages.render(
        request,
        "verdict.html",
        view=build_verdict_view(report, language),
        issuer_page=_issuer_page(report, application),
    )


def _issuer_page(report: VerificationReport, application: ApplicationDep) -> str | None:
    """The page of the issuer, where the signature shows who it is and the registry here knows it."""
    issuer = report.facts.issuer_id if report.facts is not None and report.claims is not None else None
    if issuer is None:
        return None
    try:
        known = application.list_accreditations(provider_did=issuer)
    except UnavailableError:  # the verdict says so itself, and there is no page to be shown
        return None
    return entry_path("providers", issuer) if known else None


@router.get("/registry")
def show_registry(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    country: Annotated[str | None, Query(max_length=2)] = None,
) -> Response:
    """The bodies of the world by country: those that are enrolled, and those that public sources name."""
    view = build_world_view(
        application.list_national_bodies(),
        application.list_listed_bodies(),
        pages.language_of(request),
        country or None,
    )
    return pages.render(request, "registry.html", view=view, copied=application.get_registry_age())


@router.get("/registry/bodies/{did}")
def show_body(request: Request, pages: PagesDep, application: ApplicationDep, did: Segment) -> Response:
    """A body that vouches for others: what for, for whom, and what happened."""
    view = build_entity_view(application.get_registry_entity(did), application.clock.now())
    if not view.is_body:
        raise NotFoundError("There is no such body.")
    return pages.render(request, "body.html", view=view, copied=application.get_registry_age())


@router.get("/registry/providers/{did}")
def show_provider(request: Request, pages: PagesDep, application: ApplicationDep, did: Segment) -> Response:
    """Somebody who was accredited: by whom, for what, since when, and what happened."""
    at = application.clock.now()
    view = build_entity_view(application.get_registry_entity(did), at)
    if not view.held:
        raise NotFoundError("There is no such provider.")
    return pages.render(request, "provider.html", view=view, at=at, copied=application.get_registry_age())


@router.get("/static/{name}")
def get_asset(pages: PagesDep, name: str) -> Response:
    """The style sheet, script or icon of the pages."""
    asset = pages.assets.get(name)
    if asset is None:
        raise NotFoundError("There is no such file.")
    headers = {"Cache-Control": f"public, max-age={CACHE_SECONDS}"}
    return Response(asset.content, headers=headers, media_type=asset.media_type)
