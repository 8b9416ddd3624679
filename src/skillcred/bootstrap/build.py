"""Picks the adapters for some settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache

from skillcred.adapters.certificates import ConfiguredCertificate, DevelopmentCertificate, NoCertificate
from skillcred.adapters.clock import SystemClock
from skillcred.adapters.crash_points import build_crash_point, no_crash
from skillcred.adapters.db import (
    ServingLock,
    SqlChangeCounter,
    SqlDatabaseCheck,
    SqlUnitOfWorkFactory,
    build_engine,
    check_durability,
    open_temporary_store,
    parse_database_url,
    sqlite_file,
    upgrade,
)
from skillcred.adapters.fetch import DidWebSource, EgressDoor, StatusListSource
from skillcred.adapters.keystore import FileKeyManager, open_exchange_secret
from skillcred.adapters.trust_anchors import ConfiguredTrustAnchors
from skillcred.bootstrap.application import Adapters, Application
from skillcred.bootstrap.assemble import assemble_application
from skillcred.bootstrap.passphrase import read_settings_passphrase
from skillcred.bootstrap.registry import build_registry_copy
from skillcred.errors import SkillcredError
from skillcred.model.outcomes import EvidenceKind
from skillcred.services.ports import (
    Clock,
    EvidenceSource,
)
from skillcred.services.presentation_ports import VerifierCertificates
from skillcred.services.registry_copy import CopiedRegistrySource
from skillcred.services.remember_status_lists import RememberStatusLists
from skillcred.services.verify_document import VerifyDocument
from skillcred.settings import Settings


def build_application(
    settings: Settings,
    *,
    clock: Clock | None = None,
    evidence_sources: Mapping[EvidenceKind, EvidenceSource] | None = None,
    serving: bool = False,
) -> Application:
    """The application for `settings`.

    `evidence_sources` takes the place of the network for what this deployment does not know itself. `serving`
    is for a process that answers requests: if the database is SQLite, it takes the serving lock.
    Raises `ConfigurationError` (`database_in_use` and the codes of settings, database and keystore),
    `IntegrityError` for an unsafe keystore, `UnavailableError` if the database cannot be reached.
    """
    file = sqlite_file(parse_database_url(settings.database_address))
    engine = build_engine(settings.database_address)
    closers: list[Callable[[], None]] = [engine.dispose]
    try:
        if serving and file is not None:
            closers.append(ServingLock(file).close)
        check_durability(engine, strict=settings.environment == "production")
        units = SqlUnitOfWorkFactory(engine)
        change_counter = SqlChangeCounter(engine)
        closers.insert(0, change_counter.close)
        remember = RememberStatusLists(units)
        interop_units = None
        if settings.interop_enabled:
            interop_units, forget = open_temporary_store()
            closers.append(forget)
        passphrase = read_settings_passphrase(settings)
        adapters = Adapters(
            units=units,
            key_manager=FileKeyManager(settings.keys_folder, passphrase),
            clock=clock or SystemClock(),
            check_database=SqlDatabaseCheck(engine),
            foreign_sources=_network_sources(remember) if evidence_sources is None else evidence_sources,
            crash_point=no_crash if settings.crash is None else build_crash_point(settings.crash),
            exchange_secret=cache(lambda: open_exchange_secret(settings.keys_folder, passphrase)),
            interop_units=interop_units,
            change_counter=change_counter,
            trust_anchors=ConfiguredTrustAnchors.read(settings.trust_anchors_file),
            verifier_certificates=_verifier_certificates(settings, clock or SystemClock()),
            registry_copy=build_registry_copy(settings, clock),
        )
        return assemble_application(settings, adapters, closers=tuple(closers))
    except SkillcredError:
        for close in closers:
            close()
        raise


def build_verifier_without_database(settings: Settings) -> VerifyDocument:
    """Verification where there is no deployment, only this program: issuers are judged by the copy of a registry that
    the settings name; without one no issuer is recognised, and all else is checked. Raises `ConfigurationError`, also
    for anchors that cannot be read."""
    copy = build_registry_copy(settings)
    offline: dict[EvidenceKind, EvidenceSource] = {
        EvidenceKind.TRUST_ANCHORS: ConfiguredTrustAnchors.read(settings.trust_anchors_file)
    }
    if copy is not None:
        offline[EvidenceKind.REGISTRY_EXTRACT] = CopiedRegistrySource(copy)
    return VerifyDocument(SystemClock(), {**_network_sources(RememberInMemory()), **offline}, offline)


def upgrade_database(settings: Settings) -> None:
    """Bring the database of `settings` to the tables that this version needs.

    Raises `ConfigurationError`, `UnavailableError`.
    """
    engine = build_engine(settings.database_address)
    try:
        check_durability(engine, strict=settings.environment == "production")
        upgrade(engine)
    finally:
        engine.dispose()


def _verifier_certificates(settings: Settings, clock: Clock) -> VerifierCertificates:
    """What is configured counts; only on a developer's machine is anything made."""
    if settings.verifier_certificate_file is not None and settings.verifier_key_file is not None:
        return ConfiguredCertificate(settings.verifier_certificate_file, settings.verifier_key_file, clock)
    if settings.environment == "development":
        return DevelopmentCertificate(settings.keys_folder, settings.base_url, clock)
    return NoCertificate()


def _network_sources(remember: Callable[[str, datetime], bool]) -> dict[EvidenceKind, EvidenceSource]:
    door = EgressDoor.to_the_internet()
    return {
        EvidenceKind.DID_DOCUMENT: DidWebSource(door),
        EvidenceKind.STATUS_LIST: StatusListSource(door, remember),
    }


class RememberInMemory:
    """`RememberStatusLists` for a program that stores nothing: within one run at least, no list goes back."""

    def __init__(self) -> None:
        self._latest: dict[str, datetime] = {}

    def __call__(self, uri: str, issued_at: datetime) -> bool:
        self._latest[uri] = max(issued_at, self._latest.get(uri, issued_at))
        return self._latest[uri] == issued_at
