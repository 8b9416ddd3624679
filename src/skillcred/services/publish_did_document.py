"""Anybody asks for the DID document of an organisation of ours."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import NotFoundError
from skillcred.services.organisation_document import DID_WEB, build_organisation_document
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Organisation, OrganisationKind


@dataclass(frozen=True, slots=True)
class PublishDidDocument:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, slug: str | None) -> JsonObject:
        """The document of `issuers/<slug>`; `None` is the deployment itself, the operator.

        Raises `NotFoundError`, also where the organisation has a did:key, which needs no document, or a DID elsewhere.
        """
        with self.units(writes=False) as unit:
            found = _find(unit, slug)
            if found is not None and found.did.startswith(DID_WEB):
                return build_organisation_document(found, unit.signing_keys.list_for(found.id))
        raise NotFoundError("There is no such DID document.")


def _find(unit: UnitOfWork, slug: str | None) -> Organisation | None:
    if slug is None:
        return next(iter(unit.organisations.list_all(OrganisationKind.OPERATOR)), None)
    found = unit.organisations.find_by_slug(slug)
    ours = found is not None and found.kind is not OrganisationKind.OPERATOR and not found.keys_elsewhere
    return found if ours else None
