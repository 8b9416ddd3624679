"""A national body accredits a provider: a signed credential that says what the provider may issue."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import AuthorisationError, InputError
from skillcred.linkeddata import BUNDLED_CONTEXTS, OWN_CONTEXT_TRUST
from skillcred.model.datetimes import format_instant
from skillcred.profiles import PROFILES
from skillcred.services.identities import ACCREDITATIONS_PATH
from skillcred.services.issuing import DEFAULT_MECHANISM, IssuingMachine, IssuingOrder
from skillcred.services.names import check_name
from skillcred.services.permissions import require_role
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Accreditation, Actor, IssuancePurpose, Role
from skillcred.services.registrable import check_country, check_registrable_did
from skillcred.trust import AccreditationScope, build_accreditation

PROFILE: Final = "accreditation"
"""Stands for the profile in the record of the issuance; pinned by the digest of the trust context."""
MAX_SCOPE_ITEMS: Final = 300
"""Most entries of one list in a scope; there are 249 countries and fewer detailed ISCED-F fields."""

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
    issuing: IssuingMachine

    def __call__(self, actor: Actor, request: AccreditationRequest, idempotency_key: str) -> Accreditation:
        """Sign and record the accreditation, or give back the one recorded for the same request.

        Raises `AuthorisationError` unless the actor administers a body that is enrolled, `InputError` for a
        scope, DID or name that cannot be used, `AccreditationError`, and what `IssuingMachine` says.
        """
        require_role(actor, Role.BODY_ADMIN)
        with self.units(writes=False) as unit:
            body = unit.registry.find_body(actor.organisation.did)
            check_registrable_did(request.provider_did, unit, pointer="/provider_did")
        if body is None or body.ended_at is not None:
            raise AuthorisationError(
                "The organisation is not an enrolled national body.", code="body_not_enrolled"
            )
        provider_name = check_name(request.provider_name, pointer="/provider_name")
        _check_scope(request.scope)
        _check_validity(request)

        def build(credential_id: str, at: datetime) -> JsonObject:  # noqa: ARG001 - the request has the dates
            return build_accreditation(
                credential_id=credential_id,
                body_did=body.did,
                body_name=body.name,
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


def _check_scope(scope: AccreditationScope) -> None:
    for values, name in (
        (scope.profiles, "profiles"),
        (scope.isced_fields, "isced_fields"),
        (scope.countries, "countries"),
    ):
        if len(values) > MAX_SCOPE_ITEMS or len(set(values)) != len(values):
            raise InputError(
                "The list is too long or repeats itself.", code="invalid_scope", pointer=f"/scope/{name}"
            )
    for index, profile in enumerate(scope.profiles):
        if profile not in PROFILES:
            raise InputError(
                "There is no such profile.", code="unknown_profile", pointer=f"/scope/profiles/{index}"
            )
    for index, field in enumerate(scope.isced_fields):
        if not _ISCED.fullmatch(field):
            raise InputError(
                "An ISCED-F code has two to four digits.",
                code="invalid_scope",
                pointer=f"/scope/isced_fields/{index}",
            )
    for index, country in enumerate(scope.countries):
        check_country(country, pointer=f"/scope/countries/{index}")
    level = scope.max_level
    if level is not None and not (_CODE.fullmatch(level.framework) and _CODE.fullmatch(level.level)):
        raise InputError(
            "The level is not one of a framework.", code="invalid_scope", pointer="/scope/max_level"
        )


def _check_validity(request: AccreditationRequest) -> None:
    for instant, name in ((request.valid_from, "valid_from"), (request.valid_until, "valid_until")):
        if instant is not None and instant.tzinfo is None:
            raise InputError("The instant needs an offset.", code="invalid_datetime", pointer=f"/{name}")


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
        },
        "valid_from": format_instant(request.valid_from.astimezone(UTC)),
        "valid_until": None if until is None else format_instant(until.astimezone(UTC)),
        "mechanism": request.mechanism,
    }
