"""Key files that are exchanged, opened to others or missing while the service issues (SECURITY K-14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from skillcred.adapters.db import SqlUnitOfWorkFactory, build_engine
from skillcred.adapters.keystore.key_file import key_file_name
from skillcred.bootstrap import build_application
from skillcred.errors import IntegrityError, SkillcredError
from skillcred.services.records import IssuanceState
from worlds.application import DemoRegistry, build_demo_registry, build_settings


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DemoRegistry]:
    demo = build_demo_registry(tmp_path)
    yield demo
    demo.application.close()


def key_file(registry: DemoRegistry, organisation_did: str) -> Path:
    return registry.application.settings.keys_folder / key_file_name(f"{organisation_did}#key-1")


def exchange(file: Path, other: Path) -> None:
    file.write_bytes(other.read_bytes())


def truncate(file: Path, other: Path) -> None:
    file.write_bytes(file.read_bytes()[:40])


def open_up(file: Path, other: Path) -> None:
    file.chmod(0o644)


def link(file: Path, other: Path) -> None:
    file.rename(file.with_suffix(".moved"))
    file.symlink_to(file.with_suffix(".moved"))


def remove(file: Path, other: Path) -> None:
    file.unlink()


@pytest.mark.parametrize("harm", [exchange, truncate, open_up, link, remove])
def test_harmed_key_file_signs_nothing_and_the_same_request_works_once_it_is_mended(
    registry: DemoRegistry, harm: Callable[[Path, Path], None]
) -> None:
    provider = registry.provider.organisation
    file, other = key_file(registry, provider.did), key_file(registry, registry.body.organisation.did)
    good = file.read_bytes()
    harm(file, other)
    with pytest.raises(SkillcredError):
        registry.issue("k")
    engine = build_engine(registry.application.settings.database_address)
    units = SqlUnitOfWorkFactory(engine)
    with units(writes=False) as unit:
        reserved = unit.issuances.find(provider.id, "k")
        assert reserved is not None
        assert reserved.state is IssuanceState.RESERVED
        assert unit.issuances.find_credential(reserved.credential_id) is None
    engine.dispose()
    file.unlink(missing_ok=True)
    file.write_bytes(good)
    file.chmod(0o600)
    assert registry.issue("k").credential_id == reserved.credential_id


@pytest.mark.parametrize("harm", [exchange, truncate, open_up, link])
def test_start_is_refused_with_a_harmed_key_file(
    registry: DemoRegistry, tmp_path: Path, harm: Callable[[Path, Path], None]
) -> None:
    registry.application.close()
    harm(
        key_file(registry, registry.provider.organisation.did),
        key_file(registry, registry.body.organisation.did),
    )
    with pytest.raises(IntegrityError):
        build_application(build_settings(tmp_path), serving=True)
    with pytest.raises(IntegrityError):  # and not `database_in_use`: the first attempt let go of its lock
        build_application(build_settings(tmp_path), serving=True)


def test_start_is_refused_with_the_wrong_passphrase(registry: DemoRegistry, tmp_path: Path) -> None:
    with pytest.raises(IntegrityError) as fault:
        build_application(build_settings(tmp_path, key_passphrase="a passphrase of somebody else"))
    assert fault.value.code == "wrong_passphrase"


def test_key_that_is_gone_shows_in_readiness(registry: DemoRegistry) -> None:
    key_file(registry, registry.operator.organisation.did).unlink()
    readiness = {item.name: item for item in registry.application.check_readiness()}
    assert (readiness["keystore"].ok, readiness["keystore"].code) == (False, "key_not_found")
    assert readiness["database"].ok
