"""The pages: what this is, check a credential, the registry."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Final, cast

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import Response

from skillcred.errors import NotFoundError
from skillcred.verification import PresentationReport
from skillcred.web.bodies import FILE_PART, read_body, require_document_size
from skillcred.web.dependencies import ApplicationDep, limit_verifications
from skillcred.web.media_types import MULTIPART_FORM, content_type_of
from skillcred.web.multipart import parse_form
from skillcred.web.pages.assets import CACHE_SECONDS
from skillcred.web.pages.presentation_view import build_presentation_view
from skillcred.web.pages.registry_view import ListedAccreditation, list_accreditation
from skillcred.web.pages.rendering import Pages
from skillcred.web.pages.verdict_view import build_verdict_view

TEXT_PART: Final = "text"
"""Name of the part of the form that holds a pasted credential."""
OPENAPI_LINK: Final = Markup('<a href="/openapi.json">/openapi.json</a>')
MAX_LISTED: Final = 200
"""Most accreditations that the registry page lists, the latest; the interface has all."""

router = APIRouter(include_in_schema=False)


def get_pages(request: Request) -> Pages:
    """The pages of this server."""
    return cast(Pages, request.app.state.pages)


PagesDep = Annotated[Pages, Depends(get_pages)]


async def read_form_document(request: Request) -> bytes | None:
    """The file or the pasted text of the form, the file first; None if neither was given."""
    _, header = content_type_of(request, (MULTIPART_FORM,))
    parts = parse_form(await read_body(request), header, fields={FILE_PART, TEXT_PART})
    for name in (FILE_PART, TEXT_PART):
        document = parts.get(name, b"").strip() if name == TEXT_PART else parts.get(name, b"")
        if document:
            return require_document_size(document)
    return None


@router.get("/")
def show_start(request: Request, pages: PagesDep) -> Response:
    """What this service is for."""
    return pages.render(request, "start.html", openapi_link=OPENAPI_LINK)


@router.get("/verify")
def show_form(request: Request, pages: PagesDep) -> Response:
    """The form for handing in a credential."""
    return pages.render(request, "verify.html", missing=False)


@router.post("/verify", dependencies=[Depends(limit_verifications)])
def show_verdict(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    document: Annotated[bytes | None, Depends(read_form_document)],
) -> Response:
    """The verdict on the credential that was handed in. Nothing of it is kept."""
    if document is None:
        return pages.render(request, "verify.html", status=422, missing=True)
    report = application.verify_document.upload(document).report
    language = pages.language_of(request)
    if isinstance(report, PresentationReport):
        return pages.render(request, "presentation.html", view=build_presentation_view(report, language))
    return pages.render(request, "verdict.html", view=build_verdict_view(report, language))


@router.get("/registry")
def show_registry(request: Request, pages: PagesDep, application: ApplicationDep) -> Response:
    """National bodies, and the providers that each has accredited."""
    found = application.list_accreditations()
    now = application.clock.now()
    by_body: dict[str, list[ListedAccreditation]] = defaultdict(list)
    for accreditation in found[-MAX_LISTED:]:
        history = application.get_accreditation(accreditation.id)
        by_body[accreditation.body_did].append(list_accreditation(history, now))
    bodies = [(body, by_body[body.did]) for body in application.list_national_bodies()]
    return pages.render(
        request, "registry.html", bodies=bodies, more=max(0, len(found) - MAX_LISTED), max_listed=MAX_LISTED
    )


@router.get("/static/{name}")
def get_asset(pages: PagesDep, name: str) -> Response:
    """The style sheet, script or icon of the pages."""
    asset = pages.assets.get(name)
    if asset is None:
        raise NotFoundError("There is no such file.")
    headers = {"Cache-Control": f"public, max-age={CACHE_SECONDS}"}
    return Response(asset.content, headers=headers, media_type=asset.media_type)
