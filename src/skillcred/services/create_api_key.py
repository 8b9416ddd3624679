"""The operator gives an organisation an API key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.errors import AuthorisationError, InputError
from skillcred.services.api_key_texts import digest, new_secret
from skillcred.services.permissions import ROLE_OF_KIND, is_operator
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, ApiKey, AuditEntry, Role
from skillcred.services.transactions import in_transaction

MAX_LABEL_CHARACTERS: Final = 100


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(
        self, actor: Actor, organisation_id: str, role: Role | str, label: str
    ) -> tuple[ApiKey, str]:
        """The key as recorded, and its text, which is not kept and cannot be shown again.

        Raises `AuthorisationError`, `NotFoundError` for an unknown organisation, `InputError`
        (`unknown_role`, `role_not_for_this_kind`, `invalid_label`).
        """
        if not is_operator(actor):
            raise AuthorisationError("Only the operator may do that.")
        wanted = _role(role)
        if not 1 <= len(label.strip()) <= MAX_LABEL_CHARACTERS or not label.isprintable():
            raise InputError(
                f"A label has 1 to {MAX_LABEL_CHARACTERS} printable characters.",
                code="invalid_label",
                pointer="/label",
            )
        api_key_id, text = new_secret()

        def work(unit: UnitOfWork) -> ApiKey:
            organisation = unit.organisations.get(organisation_id)
            if ROLE_OF_KIND[organisation.kind] is not wanted:
                raise InputError(
                    "An organisation of this kind cannot have that role.",
                    code="role_not_for_this_kind",
                    pointer="/role",
                )
            now = self.clock.now()
            key = ApiKey(api_key_id, organisation_id, wanted, digest(text), label.strip(), now)
            unit.api_keys.add(key)
            unit.audit.add(AuditEntry(now, actor.api_key_id, organisation_id, "create_api_key", api_key_id))
            return key

        return in_transaction(self.units, work), text


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError as error:
        raise InputError("There is no such role.", code="unknown_role", pointer="/role") from error
