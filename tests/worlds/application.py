"""A real application on a temporary database and keystore, with a small registry in it, for all other tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skillcred.adapters.crash_points import no_crash
from skillcred.bootstrap import (
    Adapters,
    Application,
    assemble_application,
    build_application,
)
from skillcred.exchange.secrets import ExchangeSecret
from skillcred.model.outcomes import EvidenceKind
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.issue_credential import IssuanceRequest
from skillcred.services.ports import Clock, CrashPoint, EvidenceSource, KeyManager
from skillcred.services.records import Accreditation, Actor, Organisation, StoredCredential
from skillcred.settings import Settings
from skillcred.shipped import shipped_path
from skillcred.trust import AccreditationScope
from worlds.databases import upgrade_new
from worlds.in_memory import FixedClock, InMemoryChangeCounter, InMemoryStorage
from worlds.in_memory_keys import InMemoryKeyManager

ACCREDITED_FROM = datetime(2020, 1, 1, tzinfo=UTC)
ALL_PROFILES = ("qualification", "training", "proficiency", "work-experience", "apprenticeship")


def build_settings(folder: Path, **changes: Any) -> Settings:
    """Settings with everything under `folder`, and nothing that happens by itself."""
    folders = {"data_folder": folder / "data", "keys_folder": folder / "keys"}
    return Settings(**{"publisher_interval_seconds": 0, **folders, **changes})


def open_application(
    folder: Path,
    *,
    clock: Clock | None = None,
    evidence_sources: Mapping[EvidenceKind, EvidenceSource] | None = None,
    serving: bool = False,
    **changes: Any,
) -> Application:
    """An application with an upgraded, empty database. No network, unless `evidence_sources` brings one."""
    settings = build_settings(folder, **changes)
    upgrade_new(settings.database_address)
    return build_application(settings, clock=clock, evidence_sources=evidence_sources or {}, serving=serving)


def open_in_memory_application(
    *,
    clock: Clock | None = None,
    storage: InMemoryStorage | None = None,
    key_manager: KeyManager | None = None,
    crash_point: CrashPoint = no_crash,
    foreign_sources: Mapping[EvidenceKind, EvidenceSource] | None = None,
    **changes: Any,
) -> Application:
    """All services over fakes: no file, no database, no network, and a clock that stands still."""
    storage = storage or InMemoryStorage()
    adapters = Adapters(
        units=storage,
        key_manager=key_manager or InMemoryKeyManager(),
        clock=clock or FixedClock(),
        check_database=lambda: None,
        foreign_sources=foreign_sources or {},
        exchange_secret=lambda: ExchangeSecret(b"a secret for tests of 32 letters."),
        crash_point=crash_point,
        interop_units=InMemoryStorage(),
        change_counter=InMemoryChangeCounter(storage),
    )
    return assemble_application(Settings(**changes), adapters)


def example_claims(profile: str = "training") -> dict[str, Any]:
    """The claims of the shipped example of a profile."""
    claims: dict[str, Any] = json.loads(shipped_path(f"schemas/examples/{profile}.json").read_bytes())
    return claims


@dataclass(frozen=True)
class DemoRegistry:
    """An operator, a national body that is enrolled, a provider that it accredited for everything, and a second
    provider whom nobody has accredited; actors for all, and the texts of API keys."""

    application: Application
    operator: Actor
    body: Actor
    provider: Actor
    stranger: Actor
    accreditation: Accreditation
    body_secret: str
    provider_secret: str
    stranger_secret: str
    operator_secret: str

    def issue(
        self,
        idempotency_key: str = "first",
        *,
        actor: Actor | None = None,
        profile: str = "training",
        mechanism: str = "eddsa-rdfc-2022",
        claims: dict[str, Any] | None = None,
    ) -> StoredCredential:
        """A credential issued by the accredited provider, unless `actor` is another."""
        request = IssuanceRequest(profile, claims or example_claims(profile), mechanism)
        return self.application.issue_credential(actor or self.provider, request, idempotency_key)


def fill_demo_registry(application: Application) -> DemoRegistry:
    """Fill an empty application."""
    application.create_organisation(
        kind="operator", slug="operator", name="Demo Registry Office", country="KE", actor=None
    )
    operator = application.local_actor("operator")

    def organisation(kind: str, slug: str, name: str) -> Organisation:
        return application.create_organisation(kind=kind, slug=slug, name=name, country="KE", actor=operator)

    body = organisation("national_body", "qualifications-authority", "Demo Qualifications Authority")
    provider = organisation("provider", "welding-school", "Demo Welding School")
    stranger = organisation("provider", "unknown-school", "Demo Unknown School")
    application.enrol_national_body(operator, did=body.did, name=body.name, country=body.country)
    body_actor = application.local_actor("body_admin", body.id)
    accreditation = application.accredit_provider(
        body_actor,
        AccreditationRequest(
            provider.did, provider.name, AccreditationScope(ALL_PROFILES), ACCREDITED_FROM, None
        ),
        "accredit-welding-school",
    )
    return DemoRegistry(
        application=application,
        operator=operator,
        body=body_actor,
        provider=application.local_actor("issuer", provider.id),
        stranger=application.local_actor("issuer", stranger.id),
        accreditation=accreditation,
        body_secret=application.create_api_key(operator, body.id, "body_admin", "test")[1],
        provider_secret=application.create_api_key(operator, provider.id, "issuer", "test")[1],
        stranger_secret=application.create_api_key(operator, stranger.id, "issuer", "test")[1],
        operator_secret=application.create_api_key(operator, operator.organisation.id, "operator", "test")[1],
    )


def build_demo_registry(folder: Path, **changes: Any) -> DemoRegistry:
    """A new application in `folder` and a registry in it. Close `.application` afterwards."""
    return fill_demo_registry(open_application(folder, **changes))
