"""The pages on which a provider makes an offer: by a form for trainings, or from a prepared credential of any kind."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConflictError, InputError
from skillcred.model.outcomes import Problem
from skillcred.services.create_offer import DEFAULT_LIFETIME, MAX_CLAIMS_BYTES, OfferRequest
from skillcred.web.bodies import FILE_PART, require_document_size
from skillcred.web.dependencies import ApplicationDep
from skillcred.web.pages.labels import PROFILES
from skillcred.web.pages.languages import Language, Translation
from skillcred.web.pages.offer_labels import FAULTS, LIFETIMES
from skillcred.web.pages.offers_routes import OFFERS_PAGE, go_to_offer
from skillcred.web.pages.routes import TEXT_PART, PagesDep
from skillcred.web.pages.staff import StaffDep, StaffFormDep, read_staff_parts, require_provider
from skillcred.web.pages.training_form import (
    FIELDS,
    build_claims,
    build_options,
    find_field,
    start_values,
)

NEW_PATH: Final = OFFERS_PAGE + "/new"
PREPARED_PATH: Final = NEW_PATH + "/prepared"
_REQUEST_KEY = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_PREPARED_PARTS: Final = frozenset({FILE_PART, TEXT_PART, "profile", "with_code", "lifetime", "request_key"})

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_provider)])


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something that is wrong: at which field of the form, and, for a prepared credential, where in it."""

    field: str | None
    text: Translation
    pointer: str | None


def _complaints(
    error: InputError | ConflictError, field_of: Callable[[str | None], str | None], language: Language
) -> tuple[Complaint, ...]:
    """All that is wrong, each thing once."""
    problems: tuple[Problem, ...] = getattr(error, "problems", ())
    found = (
        Complaint(
            field_of(problem.pointer),
            language.sentence(FAULTS.get(problem.code, problem.message)),
            problem.pointer or None,
        )
        for problem in problems or (Problem(error.code, error.message, error.pointer),)
    )
    return tuple({(each.field, each.pointer, each.text.text): each for each in found}.values())


def _new_key() -> str:
    """What tells this form from others, so that sending it twice makes one offer."""
    return secrets.token_urlsafe(16)


def _key_of(form: Mapping[str, str]) -> str:
    key = form.get("request_key", "")
    return key if _REQUEST_KEY.fullmatch(key) else _new_key()


def _create(
    application: ApplicationDep, staff: StaffDep, form: Mapping[str, str], profile: str, claims: JsonObject
) -> str:
    """Make the offer that a form asks for; its id. Raises `InputError`, `ConflictError`, `AuthorisationError`."""
    chosen = form.get("lifetime", "")
    request = OfferRequest(
        profile=profile,
        claims=claims,
        tx_code="with_code" in form,
        lifetime=timedelta(seconds=int(chosen)) if chosen in LIFETIMES else DEFAULT_LIFETIME,
    )
    return application.wallet_issuing.create_offer(staff.actor, request, form["request_key"]).id


def _defaults() -> dict[str, str]:
    return {
        "with_code": "yes",
        "lifetime": str(int(DEFAULT_LIFETIME.total_seconds())),
        "request_key": _new_key(),
    }


def _render_training(
    request: Request,
    pages: PagesDep,
    staff: StaffDep,
    entered: Mapping[str, str],
    complaints: tuple[Complaint, ...] = (),
) -> Response:
    return pages.render(
        request,
        "offer_new.html",
        status=422 if complaints else 200,
        staff=staff,
        entered=entered,
        complaints=complaints,
        lifetimes=LIFETIMES,
        fields=FIELDS,
        names={field.name: field.label for field in FIELDS},
        options=build_options(pages.language_of(request)),
    )


def _render_prepared(
    request: Request,
    pages: PagesDep,
    staff: StaffDep,
    entered: Mapping[str, str],
    complaints: tuple[Complaint, ...] = (),
) -> Response:
    return pages.render(
        request,
        "offer_prepared.html",
        status=422 if complaints else 200,
        staff=staff,
        entered=entered,
        complaints=complaints,
        lifetimes=LIFETIMES,
        profiles=PROFILES,
    )


@router.get(NEW_PATH)
def show_training_form(
    request: Request, pages: PagesDep, application: ApplicationDep, staff: StaffDep
) -> Response:
    """The form for a training."""
    today = application.clock.now().date()
    values = start_values(staff.actor.organisation, pages.language_of(request), today)
    return _render_training(request, pages, staff, {**values, **_defaults()})


@router.post(NEW_PATH)
def offer_training(
    request: Request, pages: PagesDep, application: ApplicationDep, staff: StaffDep, form: StaffFormDep
) -> Response:
    """Make the offer, and go to its page; or show the form again with what is wrong beside the fields."""
    language = pages.language_of(request)
    entered = {name: value.replace("\r\n", "\n").strip() for name, value in form.items() if value.strip()}
    entered["request_key"] = _key_of(form)
    missing = [field for field in FIELDS if field.required and field.name not in entered]
    if missing:
        needed = language.sentence(FAULTS["member_missing"])
        complaints = tuple(Complaint(field.name, needed, None) for field in missing)
        return _render_training(request, pages, staff, entered, complaints)
    try:
        claims = build_claims(entered, staff.actor.organisation)
        offer_id = _create(application, staff, entered, "training", claims)
    except (InputError, ConflictError) as error:
        found = _complaints(error, find_field, language)
        if isinstance(error, ConflictError):
            entered["request_key"] = _new_key()
        return _render_training(request, pages, staff, entered, found)
    return go_to_offer(request, pages, offer_id)


async def read_prepared(request: Request, staff: StaffDep) -> dict[str, bytes]:
    """The form with a prepared credential: its parts by name."""
    return await read_staff_parts(request, staff, _PREPARED_PARTS)


@router.get(PREPARED_PATH)
def show_prepared_form(request: Request, pages: PagesDep, staff: StaffDep) -> Response:
    """The form for a credential that another system has prepared."""
    return _render_prepared(request, pages, staff, _defaults())


@router.post(PREPARED_PATH)
def offer_prepared(
    request: Request,
    pages: PagesDep,
    application: ApplicationDep,
    staff: StaffDep,
    parts: Annotated[dict[str, bytes], Depends(read_prepared)],
) -> Response:
    """Make the offer from the JSON of the credential, as `POST /v1/offers` takes it in `credential`."""
    language = pages.language_of(request)
    content = parts.pop(FILE_PART, b"") or parts.get(TEXT_PART, b"").strip()
    entered = {name: value.decode("utf-8", "replace") for name, value in parts.items() if value}
    entered["request_key"] = _key_of(entered)
    entered[TEXT_PART] = content[:MAX_CLAIMS_BYTES].decode("utf-8", "replace")
    try:
        if not content:
            raise InputError("Nothing was handed in.", code="nothing_handed_in")
        claims = parse_json_object(require_document_size(content))
        offer_id = _create(application, staff, entered, entered.get("profile", ""), claims)
    except (InputError, ConflictError) as error:
        field: str | None = "profile" if error.code == "unknown_profile" else TEXT_PART
        if isinstance(error, ConflictError):
            field, entered["request_key"] = None, _new_key()
        found = _complaints(error, lambda _: field, language)
        return _render_prepared(request, pages, staff, entered, found)
    return go_to_offer(request, pages, offer_id)
