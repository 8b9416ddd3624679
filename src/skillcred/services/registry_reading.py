"""Reading the registry for people and programs that ask about it: the records of this deployment, or the verified copy
of a published registry. Where a copy is configured, nothing that is recorded here is an answer (docs/adr/0014)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from skillcred.errors import InputError
from skillcred.services.accredited_entries import CountriesAbove, SaidMemory, entry_of_accredited
from skillcred.services.accredited_ports import Accredited
from skillcred.services.listed_records import ListedBody
from skillcred.services.ports import UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import (
    Accreditation,
    AccreditationEvent,
    BodyEvent,
    NationalBody,
    OrganisationKind,
)
from skillcred.services.registry_entries import RegistryEntry, entry_of_provider
from skillcred.services.registry_evidence import find_enrolled_body
from skillcred.trust import AccreditationScope, EnrolledBody, RegistryCopyInfo

MAX_RECEIVED: Final = 120_000
"""Most accreditations whose scopes one search reads: some more than 100,000, the size that a registry is built for."""


class RegistryReader(Protocol):
    """One consistent state of a registry."""

    @property
    def copy(self) -> RegistryCopyInfo | None:
        """From which copy this is read; `None` for the records of this deployment."""
        ...

    def is_operator(self, did: str) -> bool:
        """Whether that is the DID of who operates the registry."""
        ...

    def find_name(self, did: str) -> str | None:
        """The registered name of somebody who is no enrolled body."""
        ...

    def find_body(self, did: str) -> NationalBody | None:
        """The enrolled body with exactly that DID."""
        ...

    def find_enrolled(self, did: str) -> EnrolledBody | None:
        """Its enrolment with all that happened to it, as it is judged by."""
        ...

    def list_bodies(self) -> list[NationalBody]:
        """All bodies, by country and name."""
        ...

    def list_body_events(self, body_did: str) -> list[BodyEvent]:
        """Events of an enrolment in order of recording."""
        ...

    def get_accreditation(self, accreditation_id: str) -> Accreditation:
        """Raises `NotFoundError`."""
        ...

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None
    ) -> list[Accreditation]:
        """Accreditations of a provider, of a body, or all; in order of recording. Raises `InputError`
        (`search_too_wide`) where there are too many to be read."""
        ...

    def list_latest_given(self, body_did: str, limit: int) -> tuple[list[Accreditation], int]:
        """The latest `limit` accreditations that a body gave, in order of recording, and how many it gave in all."""
        ...

    def list_events(self, accreditation_id: str) -> list[AccreditationEvent]:
        """Events of an accreditation in order of recording."""
        ...

    def list_providers(self) -> list[RegistryEntry]:
        """Everybody who was accredited and is no enrolled body, and the providers of this deployment."""
        ...

    def list_scopes(self, providers: Collection[str]) -> Mapping[str, Sequence[AccreditationScope]]:
        """The scopes of all accreditations of each of those, as they were signed. Raises `InputError`
        (`search_too_wide`) where there are too many to be read."""
        ...

    def find_provider(self, did: str) -> RegistryEntry | None:
        """Somebody who was accredited, or a provider of this deployment."""
        ...

    def list_listed(self, country: str | None = None) -> list[ListedBody]:
        """Bodies that public sources name. They give no trust and are in no copy: always those of this deployment."""
        ...

    def find_listed(self, body_id: str) -> ListedBody | None:
        """The listed body with that id."""
        ...


OpenRegistry = Callable[[], AbstractContextManager[RegistryReader]]
"""Opens the registry that this deployment answers from. Raises `UnavailableError`, for a copy that cannot be used with
the code that says why (`RegistryCopyError`)."""


@dataclass(frozen=True, slots=True)
class RecordedRegistry:
    """`RegistryReader` over the records of this deployment."""

    unit: UnitOfWork
    memory: SaidMemory
    copy: RegistryCopyInfo | None = None

    def is_operator(self, did: str) -> bool:
        """See `RegistryReader`."""
        return any(own.did == did for own in self.unit.organisations.list_all(OrganisationKind.OPERATOR))

    def find_name(self, did: str) -> str | None:
        """See `RegistryReader`."""
        organisation = self.unit.organisations.find_by_did(did)
        return None if organisation is None else organisation.name

    def find_body(self, did: str) -> NationalBody | None:
        """See `RegistryReader`."""
        return self.unit.registry.find_body(did)

    def find_enrolled(self, did: str) -> EnrolledBody | None:
        """See `RegistryReader`."""
        return find_enrolled_body(self.unit, did)

    def list_bodies(self) -> list[NationalBody]:
        """See `RegistryReader`."""
        return self.unit.registry.list_bodies()

    def list_body_events(self, body_did: str) -> list[BodyEvent]:
        """See `RegistryReader`."""
        return self.unit.registry.list_body_events(body_did)

    def get_accreditation(self, accreditation_id: str) -> Accreditation:
        """See `RegistryReader`."""
        return self.unit.registry.get_accreditation(accreditation_id)

    def list_accreditations(
        self, *, provider_did: str | None = None, body_did: str | None = None
    ) -> list[Accreditation]:
        """See `RegistryReader`."""
        return self.unit.registry.list_accreditations(provider_did=provider_did, body_did=body_did)

    def list_latest_given(self, body_did: str, limit: int) -> tuple[list[Accreditation], int]:
        """See `RegistryReader`."""
        given = self.unit.registry.list_accreditations(body_did=body_did)
        return given[-limit:], len(given)

    def list_events(self, accreditation_id: str) -> list[AccreditationEvent]:
        """See `RegistryReader`."""
        return self.unit.registry.list_events(accreditation_id)

    def list_providers(self) -> list[RegistryEntry]:
        """See `RegistryReader`."""
        own = {each.did: each for each in self.unit.organisations.list_all()}
        enrolled = {body.did for body in self.list_bodies()}
        accredited = self.unit.registry.list_accredited()
        shown = {each.did for each in accredited}
        shown |= {did for did, each in own.items() if each.kind is OrganisationKind.PROVIDER}
        shown -= enrolled
        elsewhere = shown - own.keys()
        here = [entry_of_provider(each) for did, each in own.items() if did in shown]
        return here + self._elsewhere([each for each in accredited if each.did in elsewhere])

    def list_scopes(self, providers: Collection[str]) -> Mapping[str, Sequence[AccreditationScope]]:
        """See `RegistryReader`."""
        received = self.unit.registry.list_received(providers, limit=MAX_RECEIVED + 1)
        if len(received) > MAX_RECEIVED:
            raise InputError(
                "Too many providers: name a country or a part of the name.", code="search_too_wide"
            )
        said = self.memory.recall([name for _, name in received], self.unit.registry.list_contents)
        found: dict[str, list[AccreditationScope]] = {}
        for did, name in received:
            found.setdefault(did, []).extend(said[name].scopes)
        return found

    def find_provider(self, did: str) -> RegistryEntry | None:
        """See `RegistryReader`. An organisation of ours that is no provider and was not accredited is none."""
        accredited = self.unit.registry.list_accredited(did)
        organisation = self.unit.organisations.find_by_did(did)
        if organisation is None:
            return next(iter(self._elsewhere(accredited)), None)
        provides = organisation.kind is OrganisationKind.PROVIDER
        return entry_of_provider(organisation) if provides or accredited else None

    def list_listed(self, country: str | None = None) -> list[ListedBody]:
        """See `RegistryReader`."""
        return self.unit.listed_bodies.list_all(country=country)

    def find_listed(self, body_id: str) -> ListedBody | None:
        """See `RegistryReader`."""
        return self.unit.listed_bodies.find(body_id)

    def _elsewhere(self, accredited: Sequence[Accredited]) -> list[RegistryEntry]:
        registry = self.unit.registry
        enrolled = {body.did: body.country for body in registry.list_bodies()}
        above = CountriesAbove({each.latest_by for each in accredited}, enrolled, registry.list_accreditors)
        said = self.memory.recall([each.latest_id for each in accredited], registry.list_contents)
        return [
            entry_of_accredited(
                each.did,
                said[each.latest_id].name or each.did,
                each.first_recorded_at,
                said[each.latest_id].scopes,
                above.of(each.latest_by),
            )
            for each in accredited
        ]


@dataclass(frozen=True, slots=True)
class OpenRecordedRegistry:
    """`OpenRegistry` for the records of this deployment."""

    units: UnitOfWorkFactory
    _memory: SaidMemory = field(default_factory=SaidMemory)

    def __call__(self) -> AbstractContextManager[RegistryReader]:
        """A reader that sees one state until it is closed."""
        return self._open()

    @contextmanager
    def _open(self) -> Iterator[RegistryReader]:
        with self.units(writes=False) as unit:
            yield RecordedRegistry(unit, self._memory)
