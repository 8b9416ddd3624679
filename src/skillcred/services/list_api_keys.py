"""An organisation looks at its API keys; the operator at anybody's."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import NotFoundError
from skillcred.services.permissions import is_operator
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, ApiKey


@dataclass(frozen=True, slots=True)
class ListApiKeys:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor, organisation_id: str | None = None) -> list[ApiKey]:
        """All keys, oldest first, of the actor's organisation or of the one that the operator names.

        Raises `NotFoundError` for another organisation than one's own.
        """
        wanted = organisation_id or actor.organisation.id
        if wanted != actor.organisation.id and not is_operator(actor):
            raise NotFoundError("There is no such organisation.")
        with self.units(writes=False) as unit:
            return unit.api_keys.list_for(unit.organisations.get(wanted).id)
