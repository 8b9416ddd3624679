"""Anybody looks at a body or a provider: who accredited it, whom it accredited, who stands above, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.errors import NotFoundError
from skillcred.services.get_accreditation import AccreditationHistory
from skillcred.services.records import Accreditation, BodyEvent, NationalBody
from skillcred.services.registry_reading import OpenRegistry, RegistryReader
from skillcred.trust.chains import MAX_CHAIN_LINKS

MAX_GIVEN: Final = 200
"""Most accreditations given by a body that are told, the latest; `given_in_all` counts them."""


@dataclass(frozen=True, slots=True)
class RegistryEntity:
    """Somebody in the registry. `name` is that of its enrolment or of an organisation of ours, `None` for a provider
    elsewhere. `held` are the accreditations that it was given."""

    did: str
    name: str | None
    body: NationalBody | None
    body_events: tuple[BodyEvent, ...]
    held: tuple[AccreditationHistory, ...]


@dataclass(frozen=True, slots=True)
class EntityHistory:
    """An entity, those above it as far as a chain may reach, and the accreditations that it gave itself. `names` has
    the registered names of those whom it accredited."""

    entity: RegistryEntity
    above: Mapping[str, RegistryEntity]
    given: tuple[AccreditationHistory, ...]
    given_in_all: int
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GetRegistryEntity:
    """The use case."""

    registry: OpenRegistry

    def __call__(self, did: str) -> EntityHistory:
        """Raises `NotFoundError` for a DID that was neither enrolled nor accredited."""
        with self.registry() as registry:
            entity = _entity(registry, did)
            if entity.body is None and not entity.held:
                raise NotFoundError("There is nobody in the registry with that DID.")
            shown, given_in_all = registry.list_latest_given(did, MAX_GIVEN)
            names = {
                provider: name
                for provider in {accreditation.provider_did for accreditation in shown}
                if (name := registry.find_name(provider)) is not None
            }
            return EntityHistory(
                entity,
                _above(registry, entity),
                tuple(_history(registry, accreditation) for accreditation in shown),
                given_in_all,
                names,
            )


def _above(registry: RegistryReader, entity: RegistryEntity) -> dict[str, RegistryEntity]:
    """Whoever is met twice is not asked about twice, so loops end."""
    found: dict[str, RegistryEntity] = {}
    level = [entity]
    for _ in range(MAX_CHAIN_LINKS):
        signers = {history.accreditation.body_did for member in level for history in member.held}
        level = [_entity(registry, did) for did in sorted(signers - found.keys() - {entity.did})]
        found |= {member.did: member for member in level}
    return found


def _entity(registry: RegistryReader, did: str) -> RegistryEntity:
    held = registry.list_accreditations(provider_did=did)
    body = registry.find_body(did)
    return RegistryEntity(
        did,
        body.name if body is not None else registry.find_name(did),
        body,
        tuple(registry.list_body_events(did)),
        tuple(_history(registry, accreditation) for accreditation in held),
    )


def _history(registry: RegistryReader, accreditation: Accreditation) -> AccreditationHistory:
    return AccreditationHistory(accreditation, tuple(registry.list_events(accreditation.id)))
