"""Stands in for an API key where somebody works on the machine itself, with the files and keys at hand."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import InputError, NotFoundError
from skillcred.services.permissions import LOCAL_ACTOR, ROLE_OF_KIND
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, OrganisationKind, Role


@dataclass(frozen=True, slots=True)
class LocalActor:
    """The use case. For the command line only: it asks for no proof."""

    units: UnitOfWorkFactory

    def __call__(self, role: Role | str, organisation_id: str | None = None) -> Actor:
        """An actor with `role` for an organisation; without one, for the operator.

        Raises `NotFoundError`, `InputError` (`unknown_role`, `role_not_for_this_kind`).
        """
        try:
            wanted = Role(role)
        except ValueError as error:
            raise InputError("There is no such role.", code="unknown_role") from error
        with self.units(writes=False) as unit:
            if organisation_id is not None:
                organisation = unit.organisations.get(organisation_id)
            else:
                operators = unit.organisations.list_all(OrganisationKind.OPERATOR)
                if not operators:
                    raise NotFoundError("There is no operator yet.", code="no_operator")
                organisation = operators[0]
        if ROLE_OF_KIND[organisation.kind] is not wanted:
            raise InputError(
                "An organisation of this kind cannot have that role.", code="role_not_for_this_kind"
            )
        return Actor(LOCAL_ACTOR, organisation, wanted)
