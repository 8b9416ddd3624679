"""An organisation gets back a credential that it issued, byte for byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from skillcred.errors import IntegrityError, NotFoundError
from skillcred.services.ports import UnitOfWorkFactory
from skillcred.services.records import Actor, StoredCredential


@dataclass(frozen=True, slots=True)
class GetCredential:
    """The use case."""

    units: UnitOfWorkFactory

    def __call__(self, actor: Actor, credential_id: str) -> StoredCredential:
        """The stored credential. Raises `NotFoundError`, the same for one that another organisation issued,
        and `IntegrityError` (`credential_altered`) if the bytes are not those that were stored."""
        with self.units(writes=False) as unit:
            stored = unit.issuances.find_credential(credential_id)
        if stored is None or stored.organisation_id != actor.organisation.id:
            raise NotFoundError("There is no such credential.")
        if hashlib.sha256(stored.content).hexdigest() != stored.sha256:
            raise IntegrityError("A stored credential is not as it was stored.", code="credential_altered")
        return stored
