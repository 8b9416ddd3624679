"""A body accredits a provider, or another body: a signed credential that says what it may issue or accredit.

A national body may do so within the scope of its enrolment, a body below it within what it was accredited for: each
step only narrows, and nobody stands above himself (SECURITY T-04)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.language_tags import is_language_tag
from skillcred.errors import InputError
from skillcred.linkeddata import BUNDLED_CONTEXTS, OWN_CONTEXT_TRUST
from skillcred.model.datetimes import format_instant
from skillcred.profiles import PROFILES
from skillcred.services.authority import check_narrower
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.identities import ACCREDITATIONS_PATH
from skillcred.services.issuing import DEFAULT_MECHANISM, IssuingMachine, IssuingOrder
from skillcred.services.names import check_name
from skillcred.services.permissions import refuse_keys_elsewhere, require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.provider_names import check_provider_name
from skillcred.services.records import Accreditation, Actor, IssuancePurpose, Role
from skillcred.services.registrable import check_country, check_registrable_did
from skillcred.trust import AccreditationScope, Action, build_accreditation

PROFILE: Final = "accreditation"
"""Stands for the profile in the record of the issuance; pinned by the digest of the trust context."""
MAX_SCOPE_ITEMS: Final = 300
"""Most entries of one list in a scope; there are 249 countries and fewer detailed ISCED-F fields."""

MAX_TEXT_CHARACTERS: Final = 200

_ISCO = re.compile(r"[0-9]{1,4}", re.ASCII)
_ISCED = re.compile(r"[0-9]{2,4}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class AccreditationRequest:
    """Whom to accredit for what, from `valid_from` up to and including `valid_until`."""

    provider_did: str
    provider_name: str
    scope: AccreditationScope
    valid_from: datetime
    valid_until: datetime | None = None
    mechanism: str = DEFAULT_MECHANISM


@dataclass(frozen=True, slots=True)
class AccreditProvider:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    issuing: IssuingMachine
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(self, actor: Actor, request: AccreditationRequest, idempotency_key: str) -> Accreditation:
        """Sign and record the accreditation, or give back the one recorded for the same request.

        Raises `AuthorisationError` (`body_not_enrolled`) unless the actor administers a body that is enrolled or that
        one accredited to accredit, or where somebody else has to approve (`four_eyes_required`); `InputError` for a
        scope (`scope_too_wide`, with the limits), DID or name that cannot be used, `ConflictError`
        (`accreditation_loop`, `name_taken`, `keys_kept_elsewhere`), `AccreditationError`, and what `IssuingMachine`
        says.
        """
        require_role(actor, Role.BODY_ADMIN)
        self.four_eyes.refuse_alone()
        return self.sign(actor, request, idempotency_key)

    def check(self, unit: UnitOfWork, actor: Actor, request: AccreditationRequest) -> None:
        """That the accreditation could be given now. Raises as `__call__` does."""
        require_role(actor, Role.BODY_ADMIN)
        refuse_keys_elsewhere(actor.organisation)
        check_registrable_did(request.provider_did, unit, pointer="/provider_did")
        check_narrower(unit, actor.organisation.did, request.provider_did, request.scope, at=self.clock.now())
        check_provider_name(
            unit,
            did=request.provider_did,
            name=request.provider_name,
            signer_did=actor.organisation.did,
            countries=frozenset(request.scope.countries),
        )
        check_scope(request.scope)
        _check_validity(request)

    def sign(self, actor: Actor, request: AccreditationRequest, idempotency_key: str) -> Accreditation:
        """Sign and record what was allowed. Raises as `__call__` does."""
        with self.units(writes=False) as unit:
            self.check(unit, actor, request)
        provider_name = check_name(request.provider_name, pointer="/provider_name")

        def build(credential_id: str, at: datetime) -> JsonObject:  # noqa: ARG001 - the request has the dates
            return build_accreditation(
                credential_id=credential_id,
                body_did=actor.organisation.did,
                body_name=actor.organisation.name,
                provider_did=request.provider_did,
                provider_name=provider_name,
                scopes=(request.scope,),
                valid_from=request.valid_from,
                valid_until=request.valid_until,
            )

        stored = self.issuing(
            IssuingOrder(
                actor=actor,
                purpose=IssuancePurpose.ACCREDITATION,
                idempotency_key=idempotency_key,
                request=_request_json(request),
                profile=PROFILE,
                profile_sha256=hashlib.sha256(BUNDLED_CONTEXTS.content(OWN_CONTEXT_TRUST)).hexdigest(),
                mechanism=request.mechanism,
                path=ACCREDITATIONS_PATH,
                build=build,
            )
        )
        with self.units(writes=False) as unit:
            return unit.registry.get_accreditation(stored.credential_id)


def check_scope(scope: AccreditationScope, *, pointer: str = "/scope") -> None:
    """Refuse limits that are no codes, too many or repeated. Raises `InputError`."""
    for values, name in (
        (scope.profiles, "profiles"),
        (scope.isced_fields, "isced_fields"),
        (scope.countries, "countries"),
        (scope.occupations, "occupations"),
        (scope.languages, "languages"),
        (scope.campuses, "campuses"),
        (scope.programmes, "programmes"),
    ):
        if len(values) > MAX_SCOPE_ITEMS or len(set(values)) != len(values):
            raise InputError(
                "The list is too long or repeats itself.", code="invalid_scope", pointer=f"{pointer}/{name}"
            )
    for index, profile in enumerate(scope.profiles):
        if profile not in PROFILES:
            raise InputError(
                "There is no such profile.", code="unknown_profile", pointer=f"{pointer}/profiles/{index}"
            )
    for index, field in enumerate(scope.isced_fields):
        if not _ISCED.fullmatch(field):
            raise InputError(
                "An ISCED-F code has two to four digits.",
                code="invalid_scope",
                pointer=f"{pointer}/isced_fields/{index}",
            )
    for index, country in enumerate(scope.countries):
        check_country(country, pointer=f"{pointer}/countries/{index}")
    for index, occupation in enumerate(scope.occupations):
        if not _ISCO.fullmatch(occupation):
            raise InputError(
                "An ISCO-08 code has one to four digits.",
                code="invalid_scope",
                pointer=f"{pointer}/occupations/{index}",
            )
    for index, tag in enumerate(scope.languages):
        if not is_language_tag(tag):
            raise InputError(
                "This is not a language tag.", code="invalid_scope", pointer=f"{pointer}/languages/{index}"
            )
    for values, name in ((scope.campuses, "campuses"), (scope.programmes, "programmes")):
        for index, value in enumerate(values):
            if not 1 <= len(value) <= MAX_TEXT_CHARACTERS or not value.isprintable():
                raise InputError(
                    f"The text has 1 to {MAX_TEXT_CHARACTERS} printable characters.",
                    code="invalid_scope",
                    pointer=f"{pointer}/{name}/{index}",
                )
    level = scope.max_level
    if level is not None and not (_CODE.fullmatch(level.framework) and _CODE.fullmatch(level.level)):
        raise InputError(
            "The level is not one of a framework.", code="invalid_scope", pointer=f"{pointer}/max_level"
        )


def _check_validity(request: AccreditationRequest) -> None:
    for instant, name in ((request.valid_from, "valid_from"), (request.valid_until, "valid_until")):
        if instant is not None and instant.tzinfo is None:
            raise InputError("The instant needs an offset.", code="invalid_datetime", pointer=f"/{name}")


def _further(scope: AccreditationScope) -> JsonObject:
    """What a scope may have beyond its first form, left out where it is not there, so that the digests of requests that
    were recorded before stay what they were."""
    lists: JsonObject = {
        name: list(values)
        for name, values in (
            ("occupations", scope.occupations),
            ("languages", scope.languages),
            ("campuses", scope.campuses),
            ("programmes", scope.programmes),
        )
        if values
    }
    if scope.schemas:
        lists["schemas"] = [[pin.id, pin.digest_multibase] for pin in scope.schemas]
    if scope.action is not Action.ISSUE:
        lists["action"] = scope.action.value
    return lists


def _request_json(request: AccreditationRequest) -> JsonObject:
    scope = request.scope
    level = scope.max_level
    until = request.valid_until
    return {
        "provider_did": request.provider_did,
        "provider_name": request.provider_name,
        "scope": {
            "profiles": list(scope.profiles),
            "isced_fields": list(scope.isced_fields),
            "max_level": None if level is None else [level.framework, level.level],
            "countries": list(scope.countries),
            **_further(scope),
        },
        "valid_from": format_instant(request.valid_from.astimezone(UTC)),
        "valid_until": None if until is None else format_instant(until.astimezone(UTC)),
        "mechanism": request.mechanism,
    }
