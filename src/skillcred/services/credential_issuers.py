"""Each provider is a credential issuer of its own, with an identifier below the address of the deployment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from skillcred.errors import NotFoundError
from skillcred.exchange.oid4vci.identifiers import CredentialIssuer
from skillcred.services.organisation_document import ISSUERS_SEGMENT
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Organisation, OrganisationKind

_SLUG = re.compile(r"[a-z0-9\-]{1,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class IssuingProvider:
    """A provider, and what wallets know it by."""

    organisation: Organisation
    issuer: CredentialIssuer


@dataclass(frozen=True, slots=True)
class CredentialIssuers:
    """Finds providers by their slug."""

    base_url: str
    units: UnitOfWorkFactory

    def get(self, slug: str) -> IssuingProvider:
        """The provider with that slug. Raises `NotFoundError`, also for organisations that do not issue."""
        with self.units(writes=False) as unit:
            found = unit.organisations.find_by_slug(slug) if _SLUG.fullmatch(slug) else None
        if found is None or found.kind is not OrganisationKind.PROVIDER:
            raise NotFoundError("There is no such credential issuer.")
        return self.of(found)

    def of(self, organisation: Organisation) -> IssuingProvider:
        """The same for an organisation that was read already."""
        return IssuingProvider(organisation, self.issuer_of(organisation.slug))

    def issuer_of(self, slug: str) -> CredentialIssuer:
        """The identifier that a provider of that slug has, whether or not there is one. Raises `NotFoundError` for what
        can be no slug."""
        if not _SLUG.fullmatch(slug):
            raise NotFoundError("There is no such credential issuer.")
        return CredentialIssuer(f"{self.base_url}/{ISSUERS_SEGMENT}/{slug}")

    def slug_of_path(self, path: str) -> str | None:
        """The slug in the path of a credential issuer identifier, written without its first slash; `None` for a path
        that no identifier has."""
        base = urlsplit(self.base_url).path
        prefix = f"{base}/{ISSUERS_SEGMENT}/".removeprefix("/")
        slug = path.removeprefix(prefix)
        return None if slug == path or not _SLUG.fullmatch(slug) else slug
