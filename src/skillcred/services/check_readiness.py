"""Can this process do its work now?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skillcred.errors import SkillcredError
from skillcred.services.ports import Clock, DatabaseCheck, KeyManager, UnitOfWorkFactory
from skillcred.services.publish_due_lists import FindDueLists
from skillcred.services.records import KeyState, OrganisationKind
from skillcred.services.registry_copy import CopiedRegistrySource

OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class ReadinessItem:
    """One thing that is needed. `code` is `ok` or a stable code of what is wrong, or, where the service can go on,
    of what an operator should look at. `age_seconds` is that of what waits longest."""

    name: str
    ok: bool
    code: str
    age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class CheckReadiness:
    """The use case."""

    check_database: DatabaseCheck
    units: UnitOfWorkFactory
    key_manager: KeyManager
    clock: Clock
    find_due_lists: FindDueLists
    publication_delay: timedelta
    registry_copy: CopiedRegistrySource | None = None

    def __call__(self) -> tuple[ReadinessItem, ...]:
        """Database (reachable, upgraded), keystore (the operator's active key can be used, if there is one), and
        status lists (how long the oldest event waits for the next published list), and the copy of a
        published registry, where issuers are judged by one.

        Late lists do not make the service unready: who asks for a list gets one that lacks nothing, and whatever is
        wrong with one issuer's key is no reason to keep all others from being served.
        """
        fault = self.check_database()
        database = ReadinessItem("database", fault is None, fault or OK)
        if fault is not None:
            unknown = "not_checked"
            return (
                database,
                ReadinessItem("keystore", False, unknown),
                ReadinessItem("status_lists", False, unknown),
            )
        items = (database, self._check_keystore(), self._check_status_lists())
        return items if self.registry_copy is None else (*items, self._check_copy(self.registry_copy))

    def _check_copy(self, copied: CopiedRegistrySource) -> ReadinessItem:
        """How old the copy of a published registry is. Without a good one no issuer is recognised, which every report
        says; all else is served."""
        now = self.clock.now()
        try:
            updated = copied.copy(now).state.info.updated_at
        except SkillcredError as error:
            return ReadinessItem("registry_copy", True, error.code)
        return ReadinessItem("registry_copy", True, OK, int(max(now - updated, timedelta(0)).total_seconds()))

    def _check_keystore(self) -> ReadinessItem:
        try:
            self._try_operator_key()
        except SkillcredError as error:
            return ReadinessItem("keystore", False, error.code)
        return ReadinessItem("keystore", True, OK)

    def _check_status_lists(self) -> ReadinessItem:
        try:
            oldest = self.find_due_lists.oldest()
        except SkillcredError as error:
            return ReadinessItem("status_lists", False, error.code)
        if oldest is None:
            return ReadinessItem("status_lists", True, OK)
        age = max(self.clock.now() - oldest, timedelta(0))
        code = OK if age <= self.publication_delay else "publication_late"
        return ReadinessItem("status_lists", True, code, int(age.total_seconds()))

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
