"""The operator takes an organisation on, and makes its identifier and first key; or takes on a body that has both
already and keeps its keys to itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from skillcred.errors import AuthorisationError, ConflictError, InputError
from skillcred.identifiers import build_did_web
from skillcred.services.identities import new_id
from skillcred.services.key_making import DEFAULT_ALGORITHM, KeyMaker
from skillcred.services.names import check_name
from skillcred.services.organisation_document import own_did_web
from skillcred.services.permissions import LOCAL_ACTOR, is_operator
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.provider_names import check_name_elsewhere
from skillcred.services.records import Actor, AuditEntry, Organisation, OrganisationKind
from skillcred.services.registrable import check_country, check_registrable_did
from skillcred.services.transactions import in_transaction

DID_METHODS: Final = ("web", "key")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CreateOrganisation:
    """The use case."""

    base_url: str
    units: UnitOfWorkFactory
    clock: Clock
    key_maker: KeyMaker

    def __call__(
        self,
        *,
        kind: OrganisationKind | str,
        slug: str,
        name: str,
        country: str,
        did_method: str = "web",
        algorithm: str = DEFAULT_ALGORITHM,
        did: str | None = None,
        actor: Actor | None,
    ) -> Organisation:
        """Record an organisation and its first signing key.

        `actor` is the operator. It is `None` for the very first organisation only, which must be the operator
        itself. With `did`, the organisation is a body that has this DID already and keeps its keys elsewhere: none is
        made. Raises `AuthorisationError`, `InputError` (`invalid_slug`, `unknown_did_method`, `keys_needed_here` where
        the kind signs here, `did_of_this_deployment`, DIDs, names and countries), `ConflictError` (`operator_exists`,
        `slug_taken`, `did_taken`, `name_taken`).
        """
        wanted = _kind(kind)
        text = check_name(name)
        check_country(country)
        if not _SLUG.fullmatch(slug):
            raise InputError(
                "A slug has 1 to 63 lower-case letters, digits and hyphens.",
                code="invalid_slug",
                pointer="/slug",
            )
        if did_method not in DID_METHODS or (did_method == "key" and wanted is OrganisationKind.OPERATOR):
            raise InputError(
                "The DID method is web or key; the operator's is web.",
                code="unknown_did_method",
                pointer="/did_method",
            )
        web_did = own_did_web(self.base_url, wanted, slug) if did_method == "web" else None
        with self.units(writes=False) as unit:
            if did is not None:
                _check_elsewhere(unit, wanted, did, self.base_url)
            _check(unit, wanted, slug, text, country, did or web_did, actor)
        organisation = Organisation(
            new_id(), wanted, slug, did or "", text, country, self.clock.now(), did is not None
        )
        made = None if did is not None else self.key_maker.make(algorithm, did=web_did)

        def work(unit: UnitOfWork) -> Organisation:
            now = self.clock.now()
            new = replace(organisation, did=organisation.did if made is None else made.did, created_at=now)
            _check(unit, wanted, slug, text, country, new.did, actor)
            unit.organisations.add(new)
            if made is not None:
                unit.signing_keys.add(made.record(new.id, now))
            by = LOCAL_ACTOR if actor is None else actor.api_key_id
            unit.audit.add(AuditEntry(now, by, new.id, "create_organisation", new.did))
            return new

        return in_transaction(self.units, work)


def _kind(kind: OrganisationKind | str) -> OrganisationKind:
    try:
        return OrganisationKind(kind)
    except ValueError as error:
        raise InputError(
            "There is no such kind.", code="unknown_organisation_kind", pointer="/kind"
        ) from error


def _check_elsewhere(unit: UnitOfWork, kind: OrganisationKind, did: str, base_url: str) -> None:
    """That an organisation of that kind may sign elsewhere, and that the DID is not one of ours."""
    if kind is not OrganisationKind.NATIONAL_BODY:
        raise InputError("Only bodies keep their keys elsewhere.", code="keys_needed_here", pointer="/did")
    own = build_did_web(base_url)
    if did == own or did.startswith(f"{own}:"):
        raise InputError(
            "A DID of this deployment has its keys here.", code="did_of_this_deployment", pointer="/did"
        )
    if unit.organisations.find_by_did(did) is None:  # else it is told as taken
        check_registrable_did(did, unit)


def _check(
    unit: UnitOfWork,
    kind: OrganisationKind,
    slug: str,
    name: str,
    country: str,
    did: str | None,
    actor: Actor | None,
) -> None:
    """What can be refused before a key is made; asked again where it counts, in the transaction."""
    organisations = unit.organisations
    operator = bool(organisations.list_all(OrganisationKind.OPERATOR))
    if actor is None and (operator or kind is not OrganisationKind.OPERATOR):
        raise AuthorisationError("Only the operator may do that.")
    if actor is not None and not is_operator(actor):
        raise AuthorisationError("Only the operator may do that.")
    if operator and kind is OrganisationKind.OPERATOR:
        raise ConflictError("There is an operator already.", code="operator_exists")
    if organisations.find_by_slug(slug) is not None:
        raise ConflictError("Another organisation has this slug.", code="slug_taken", pointer="/slug")
    if did is not None and organisations.find_by_did(did) is not None:
        raise ConflictError("Another organisation has this DID.", code="did_taken")
    body = unit.registry.find_body_by_name(name)
    taken_by_body = body is not None and body.did != did
    if taken_by_body or organisations.find_by_name(name) is not None:
        raise ConflictError("Another name looks like this one.", code="name_taken", pointer="/name")
    check_name_elsewhere(unit, did=did, name=name, country=country)
