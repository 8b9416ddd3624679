"""Pages on recognition: what credentials may expect elsewhere, what exists between two countries, and the map of it."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from skillcred.profiles.codes import ISCO_08, load_codes
from skillcred.recognition.plain_text import matters
from skillcred.recognition.records import Purpose
from skillcred.recognition.without_papers import PAPERS_MISSING, REFUGEE
from skillcred.services.recognition import RecognitionRequest, require_country
from skillcred.services.recognition_evidence import RecognitionRequestError
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep, limit_resolutions, limit_verifications
from skillcred.web.media_types import MULTIPART_FORM, content_type_of
from skillcred.web.multipart import parse_form
from skillcred.web.pages.recognition_view import (
    Said,
    build_map_view,
    list_countries,
    split_findings,
)
from skillcred.web.pages.routes import PagesDep

FILES: Final = ("file", "second", "third")
"""Names of the parts of the form that hold credentials of one person."""
_FIELDS: Final = frozenset({*FILES, "destination", "purpose", "occupation", REFUGEE, PAPERS_MISSING})
FAULTS: Final = {
    "recognition_unknown_country": "Choose a country.",
    "recognition_unknown_occupation": "This is no code of ISCO-08. Leave it empty if you do not know it.",
    "recognition_unknown_purpose": "Choose what the recognition is for.",
    "recognition_different_holders": "The credentials name different people. Hand in those of one person.",
    "recognition_too_many_credentials": "These are more credentials than are looked at together.",
}
"""What people read when a question cannot be asked like this."""
CountryCode = Annotated[str | None, Query(pattern=r"^(|[A-Z]{2})$")]

router = APIRouter(include_in_schema=False)


async def read_parts(request: Request) -> dict[str, bytes]:
    """The parts of the form by name."""
    _, header = content_type_of(request, (MULTIPART_FORM,))
    return dict(parse_form(await read_body(request), header, fields=_FIELDS))


def _render_form(
    request: Request, pages: PagesDep, *, fault: str | None = None, chosen: str = "", purpose: str = ""
) -> Response:
    return pages.render(
        request,
        "recognition_form.html",
        status=200 if fault is None else 422,
        countries=list_countries(pages.language_of(request)),
        purposes=tuple(Purpose),
        chosen=chosen,
        purpose=purpose,
        fault=fault,
        refugee=REFUGEE,
        papers=PAPERS_MISSING,
        files=FILES,
    )


@router.get("/abroad")
def show_question(request: Request, pages: PagesDep, destination: CountryCode = None) -> Response:
    """The form: where to, what for, and the credentials."""
    return _render_form(request, pages, chosen=destination or "")


@router.post("/abroad", dependencies=[Depends(limit_verifications)])
def show_answer(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    parts: Annotated[dict[str, bytes], Depends(read_parts)],
) -> Response:
    """What may be expected, and why. Nothing of what was handed in is kept."""
    words = {
        name: value.decode("utf-8", "replace").strip() for name, value in parts.items() if name not in FILES
    }
    destination, purpose = words.get("destination", ""), words.get("purpose", "")
    try:
        require_country(destination)
        if purpose not in frozenset(Purpose):
            raise RecognitionRequestError("There is no such purpose.", code="recognition_unknown_purpose")
        result = application.recognition(
            RecognitionRequest(
                documents=[parts[name] for name in FILES if parts.get(name)],
                destination=destination,
                purpose=Purpose(purpose),
                occupation=words.get("occupation") or None,
                said=tuple(code for code in (REFUGEE, PAPERS_MISSING) if words.get(code)),
            )
        )
    except RecognitionRequestError as error:
        return _render_form(request, pages, fault=FAULTS[error.code], chosen=destination, purpose=purpose)
    occupation = words.get("occupation")
    return pages.render(
        request,
        "recognition.html",
        result=result,
        lines=tuple(line for line in result.lines if matters(line)),
        say=Said(pages.language_of(request)),
        occupation=None if not occupation else (occupation, load_codes(ISCO_08.codes_file or "")[occupation]),
    )


@router.get("/abroad/between", dependencies=[Depends(limit_resolutions)])
def show_pair(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    origin: CountryCode = None,
    destination: CountryCode = None,
) -> Response:
    """What exists for people who go from one country to another; the form where none is chosen."""
    language = pages.language_of(request)
    pair = application.recognition.between(origin, destination) if origin and destination else None
    binding, others = split_findings(() if pair is None else pair.agreements)
    return pages.render(
        request,
        "between.html",
        countries=list_countries(language),
        say=Said(language),
        origin=origin or "",
        destination=destination or "",
        pair=pair,
        binding=binding,
        others=others,
    )


@router.get("/abroad/map", dependencies=[Depends(limit_resolutions)])
def show_map(
    request: Request, pages: PagesDep, application: ApplicationDep, origin: CountryCode = None
) -> Response:
    """Which pairs of countries have what, and for one country the list of it."""
    if origin:
        require_country(origin, "/origin")
    view = build_map_view(
        application.survey_pairs(),
        application.recognition.load(),
        pages.language_of(request),
        origin or None,
    )
    return pages.render(request, "recognition_map.html", view=view)
