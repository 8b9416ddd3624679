"""Opening the application on this machine. Who can run the command can read the database and the key files, so it
may act for any organisation; every action is recorded with the organisation it was done for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from skillcred.bootstrap import Application, build_application, build_verifier_without_database
from skillcred.errors import NotFoundError
from skillcred.services.permissions import ROLE_OF_KIND
from skillcred.services.records import Actor, Organisation, Role
from skillcred.services.verify_document import VerifyDocument
from skillcred.settings import load_settings

OrganisationOption = Annotated[
    str, typer.Option("--organisation", "-o", help="Slug of the organisation to act for.", show_default=False)
]


class UnknownOrganisationError(NotFoundError):
    """No organisation of this deployment has that slug."""

    default_code = "unknown_organisation"


@contextmanager
def open_application() -> Iterator[Application]:
    """The application that the settings describe, closed again at the end."""
    application = build_application(load_settings())
    try:
        yield application
    finally:
        application.close()


@contextmanager
def open_verifier() -> Iterator[VerifyDocument]:
    """Verification with the registry that the settings name, else that of this deployment; without one, where no
    database was ever made."""
    settings = load_settings()
    if settings.database_url is None and not settings.embedded_database.is_file():
        yield build_verifier_without_database(settings)
        return
    with open_application() as application:
        yield application.verify_document


def find_organisation(application: Application, slug: str) -> Organisation:
    """The organisation with that slug. Raises `UnknownOrganisationError`."""
    for organisation in application.list_organisations():
        if organisation.slug == slug:
            return organisation
    raise UnknownOrganisationError(
        f"There is no organisation {slug}; `skillcred organisations list` shows them."
    )


def actor_for(application: Application, slug: str) -> Actor:
    """An actor for one organisation, in the role that its kind has."""
    organisation = find_organisation(application, slug)
    return application.local_actor(ROLE_OF_KIND[organisation.kind], organisation.id)


def operator_of(application: Application) -> Actor:
    """The operator of this deployment. Raises `NotFoundError` (`no_operator`) before it was created."""
    return application.local_actor(Role.OPERATOR)
