"""The operator takes an organisation on, and makes its identifier and first key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from skillcred.errors import AuthorisationError, ConflictError, InputError
from skillcred.services.identities import new_id
from skillcred.services.key_making import DEFAULT_ALGORITHM, KeyMaker
from skillcred.services.names import check_name
from skillcred.services.organisation_document import DID_WEB, own_did_web
from skillcred.services.permissions import LOCAL_ACTOR, is_operator
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, Organisation, OrganisationKind
from skillcred.services.registrable import check_country
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
        actor: Actor | None,
    ) -> Organisation:
        """Record an organisation and its first signing key.

        `actor` is the operator. It is `None` for the very first organisation only, which must be the operator
        itself. Raises `AuthorisationError`, `InputError` (`invalid_slug`, `unknown_did_method`, names and
        countries), `ConflictError` (`operator_exists`, `slug_taken`, `did_taken`, `name_taken`).
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
            _check(unit, wanted, slug, text, web_did, actor)
        made = self.key_maker.make(algorithm, did=web_did)
        organisation_id = new_id()

        def work(unit: UnitOfWork) -> Organisation:
            now = self.clock.now()
            did = made.did
            _check(unit, wanted, slug, text, did, actor)
            organisation = Organisation(organisation_id, wanted, slug, did, text, country, now)
            unit.organisations.add(organisation)
            unit.signing_keys.add(made.record(organisation_id, now))
            by = LOCAL_ACTOR if actor is None else actor.api_key_id
            unit.audit.add(AuditEntry(now, by, organisation_id, "create_organisation", did))
            return organisation

        return in_transaction(self.units, work)


def _kind(kind: OrganisationKind | str) -> OrganisationKind:
    try:
        return OrganisationKind(kind)
    except ValueError as error:
        raise InputError(
            "There is no such kind.", code="unknown_organisation_kind", pointer="/kind"
        ) from error


def _check(
    unit: UnitOfWork, kind: OrganisationKind, slug: str, name: str, did: str | None, actor: Actor | None
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
    taken_by_body = body is not None and (did is None or body.did != did or not did.startswith(DID_WEB))
    if taken_by_body or organisations.find_by_name(name) is not None:
        raise ConflictError("Another name looks like this one.", code="name_taken", pointer="/name")
