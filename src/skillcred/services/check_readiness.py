"""Can this process do its work now?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.errors import SkillcredError
from skillcred.services.ports import DatabaseCheck, KeyManager, UnitOfWorkFactory
from skillcred.services.records import KeyState, OrganisationKind

OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class ReadinessItem:
    """One thing that is needed. `code` is `ok` or a stable code of what is wrong."""

    name: str
    ok: bool
    code: str


@dataclass(frozen=True, slots=True)
class CheckReadiness:
    """The use case."""

    check_database: DatabaseCheck
    units: UnitOfWorkFactory
    key_manager: KeyManager

    def __call__(self) -> tuple[ReadinessItem, ...]:
        """Database (reachable, upgraded) and keystore (the operator's active key can be used, if there is
        one)."""
        fault = self.check_database()
        database = ReadinessItem("database", fault is None, fault or OK)
        if fault is not None:
            return (database, ReadinessItem("keystore", False, "not_checked"))
        try:
            self._try_operator_key()
        except SkillcredError as error:
            return (database, ReadinessItem("keystore", False, error.code))
        return (database, ReadinessItem("keystore", True, OK))

    def _try_operator_key(self) -> None:
        with self.units(writes=False) as unit:
            keys = [
                key
                for organisation in unit.organisations.list_all(OrganisationKind.OPERATOR)
                for key in unit.signing_keys.list_for(organisation.id)
                if key.state is KeyState.ACTIVE
            ]
        for key in keys[-1:]:
            self.key_manager.get_signer(key.id, key.public_key_multibase)
