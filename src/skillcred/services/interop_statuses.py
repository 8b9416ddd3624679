"""Status lists of the interoperability surface: the services of everybody's lists, over a store of their own.

The store lasts as long as the process, as the keys do. So nothing that a test does reaches a list of an organisation,
and no list stays behind whose key is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConfigurationError, InputError, NotFoundError
from skillcred.keys.signer import Signer
from skillcred.services.allocate_status_entry import AllocateStatusEntry, build_status_members
from skillcred.services.change_status import ChangeStatus
from skillcred.services.identities import new_id
from skillcred.services.interop_issuers import InteropIssuer
from skillcred.services.ports import Clock, CrashPoint, UnitOfWork, UnitOfWorkFactory
from skillcred.services.publish_status_list import PublishStatusList
from skillcred.services.records import (
    Actor,
    KeyState,
    Organisation,
    OrganisationKind,
    Role,
    SigningKey,
    StatusEventKind,
    StatusPublication,
    StatusView,
)
from skillcred.services.transactions import in_transaction

TESTER: Final = "interop"
"""Stands for the API key of whoever calls the interoperability surface, which asks for none."""
REASON: Final = "A test asked for it."

_KINDS: Final = {
    (StatusView.REVOCATION, True): StatusEventKind.REVOKED,
    (StatusView.SUSPENSION, True): StatusEventKind.SUSPENDED,
    (StatusView.SUSPENSION, False): StatusEventKind.REINSTATED,
}


@dataclass(frozen=True, slots=True)
class InteropStatuses:
    """Gives entries out, changes them and publishes their lists, for the one issuer that has lists."""

    base_url: str
    actor: Actor
    units: UnitOfWorkFactory
    allocate: AllocateStatusEntry
    change: ChangeStatus
    publish: PublishStatusList

    def add_entries(self, credential: JsonObject, credential_id: str | None) -> JsonObject:
        """`credential` with a `credentialStatus` for revocation and suspension.

        It is known by its `id`, else by `credential_id`, else by nothing: then its status cannot be changed. Raises
        `InputError` if it states a status already or has both names, `UnavailableError`.
        """
        if "credentialStatus" in credential:
            raise InputError(
                "The credential states a status already.", code="status_stated", pointer="/credentialStatus"
            )
        own_id = credential.get("id")
        if own_id is not None and credential_id is not None:
            raise InputError("The credential has an id of its own.", code="credential_id_stated")
        name = own_id if isinstance(own_id, str) else credential_id or f"urn:skillcred:unnamed:{new_id()}"
        slot = self.allocate(self.actor.organisation.id, name)
        return {**credential, "credentialStatus": [*build_status_members(self.base_url, slot)]}

    def set_status(
        self, credential_id: str, view: StatusView, wanted: bool, stated: Mapping[str, str]
    ) -> None:
        """Set or clear the status of a credential. `stated` are members of its entry, which must be right.

        Raises `NotFoundError`, `InputError` (`status_entry_mismatch`), `ConflictError` for what can never be, as
        lifting a revocation.
        """
        with self.units(writes=False) as unit:
            copies = unit.statuses.find_slots([credential_id]).get(credential_id)
        if copies is None:
            raise NotFoundError("There is no such credential with a status.")
        entries = build_status_members(self.base_url, copies[0])
        entry = next(entry for entry in entries if entry["statusPurpose"] == view.value)
        for name, value in stated.items():
            if entry.get(name) != value:
                raise InputError(
                    "The entry is another one.", code="status_entry_mismatch", pointer=f"/{name}"
                )
        kind = _KINDS.get((view, wanted))
        if kind is None:
            raise InputError("A revocation is for good.", code="revocation_is_final", pointer="/status")
        self.change(self.actor, credential_id, kind=kind, reason=REASON)

    def get_list(self, list_id: str, view: StatusView) -> StatusPublication:
        """The current version of a list. Raises `NotFoundError`, `UnavailableError`."""
        return self.publish(list_id, view)


def open_interop_statuses(
    base_url: str,
    units: UnitOfWorkFactory,
    clock: Clock,
    crash_point: CrashPoint,
    issuers: Mapping[str, InteropIssuer],
) -> InteropStatuses:
    """The status lists of the issuer in `issuers` whose endpoints have a status, kept in the empty store `units`.

    Lists are published below `base_url`. Raises `ConfigurationError` unless there is exactly one such issuer.
    """
    found = {issuer.did: issuer for issuer in issuers.values() if issuer.has_status}
    if len(found) != 1:
        raise ConfigurationError("There must be one issuer with status lists.", code="interop_issuers")
    [issuer] = found.values()
    now = clock.now()
    organisation = Organisation(
        new_id(), OrganisationKind.PROVIDER, TESTER, issuer.did, "Interoperability tests", "XX", now
    )
    key = SigningKey(
        id=issuer.signer.verification_method,
        organisation_id=organisation.id,
        algorithm=issuer.algorithm.value,
        public_key_multibase=issuer.signer.verification_method.partition("#")[2],
        state=KeyState.ACTIVE,
        activated_at=now,
    )

    def record(unit: UnitOfWork) -> None:
        unit.organisations.add(organisation)
        unit.signing_keys.add(key)

    in_transaction(units, record)
    return InteropStatuses(
        base_url,
        Actor(TESTER, organisation, Role.ISSUER),
        units,
        AllocateStatusEntry(units, clock, crash_point),
        ChangeStatus(units, clock, crash_point),
        PublishStatusList(base_url, units, _OneSigner(issuer.signer), clock, crash_point),
    )


@dataclass(frozen=True, slots=True)
class _OneSigner:
    """`SignerSource` for one key, which was made together with its record."""

    signer: Signer

    def get_signer(self, key_id: str, public_key_multibase: str) -> Signer:
        """Raises `NotFoundError` for any other key."""
        if (key_id, public_key_multibase) != (
            self.signer.verification_method,
            self.signer.verification_method.partition("#")[2],
        ):
            raise NotFoundError("There is no key of this name.", code="key_not_found")
        return self.signer
