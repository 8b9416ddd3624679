"""The page on skills: which of those that an occupation asks for the credentials of one person show."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from skillcred.recognition.classification import ATTRIBUTION, Concept, fold
from skillcred.recognition.skills import SkillState
from skillcred.recognition.skills_wire import KINDS, NOTE, STATES
from skillcred.services.profile_skills import MAX_WORDS, NoClassificationError, UnknownOccupationError
from skillcred.services.recognition_evidence import RecognitionRequestError
from skillcred.web.bodies import read_body
from skillcred.web.dependencies import ApplicationDep, limit_resolutions, limit_verifications
from skillcred.web.media_types import MULTIPART_FORM, content_type_of
from skillcred.web.multipart import parse_form
from skillcred.web.pages.recognition_routes import FAULTS, FILES
from skillcred.web.pages.recognition_view import Said
from skillcred.web.pages.routes import PagesDep

_FIELDS: Final = frozenset({*FILES, "occupation", "words"})
NO_CLASSIFICATION: Final = (
    "This service has no classification of skills, so there is nothing to compare with."
)
NO_OCCUPATION: Final = "Choose one of the occupations."

router = APIRouter(include_in_schema=False)
Words = Annotated[str | None, Query(max_length=MAX_WORDS)]


async def read_parts(request: Request) -> dict[str, bytes]:
    """The parts of the form by name."""
    _, header = content_type_of(request, (MULTIPART_FORM,))
    return dict(parse_form(await read_body(request), header, fields=_FIELDS))


def _render_form(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    words: str,
    fault: str | None = None,
    status: int = 200,
) -> Response:
    found: list[Concept] = []
    try:
        if words:
            found = _closest_first(application.profile_skills.find_occupations(words=words), words)
    except NoClassificationError:
        fault, status = NO_CLASSIFICATION, 404
    return pages.render(
        request,
        "skills.html",
        status=status,
        words=words,
        occupations=found,
        fault=fault,
        files=FILES,
        note=NOTE,
        attribution=ATTRIBUTION,
    )


def _closest_first(found: list[Concept], words: str) -> list[Concept]:
    """Those that are called so, then those whose name has the words in it, then those with another such name."""
    wanted = fold(words)

    def distance(concept: Concept) -> tuple[bool, bool]:
        label = fold(concept.label or "")
        return label != wanted, wanted not in label

    return sorted(found, key=distance)


@router.get("/abroad/skills", dependencies=[Depends(limit_resolutions)])
def show_search(
    request: Request, pages: PagesDep, application: ApplicationDep, words: Words = None
) -> Response:
    """The search for an occupation and, once there is one, the form for credentials."""
    return _render_form(request, pages, application, (words or "").strip())


@router.post("/abroad/skills", dependencies=[Depends(limit_verifications)])
def show_profile(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    parts: Annotated[dict[str, bytes], Depends(read_parts)],
) -> Response:
    """What is held, partly held and not shown. Nothing of what was handed in is kept."""
    occupation, words = (
        parts.get(name, b"").decode("utf-8", "replace").strip() for name in ("occupation", "words")
    )
    documents = [parts[name] for name in FILES if parts.get(name)]
    try:
        made = application.profile_skills(documents, occupation)
    except UnknownOccupationError:
        return _render_form(request, pages, application, words[:MAX_WORDS], NO_OCCUPATION, 422)
    except NoClassificationError:
        return _render_form(request, pages, application, "", NO_CLASSIFICATION, 404)
    except RecognitionRequestError as error:
        return _render_form(request, pages, application, words[:MAX_WORDS], FAULTS[error.code], 422)
    context: dict[str, Any] = {
        "profile": made.profile,
        "release": made.release,
        "states": STATES,
        "kinds": KINDS,
        "counts": tuple(SkillState),
    }
    return pages.render(
        request,
        "skills_profile.html",
        say=Said(pages.language_of(request)),
        note=NOTE,
        attribution=ATTRIBUTION,
        **context,
    )
