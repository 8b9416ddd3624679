"""What keeps a copy of a published registry, and what makes its root; neither needs a database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.fetch import EgressDoor
from skillcred.adapters.keystore import FileKeyManager, read_passphrase
from skillcred.adapters.registry import DoorFetcher, FolderFetcher, RegistryCopy
from skillcred.adapters.registry.branch_signing import BodyHolder
from skillcred.adapters.registry.root import MAX_ROOT_BYTES, read_root
from skillcred.adapters.registry.workshop import RootHolder
from skillcred.bootstrap.passphrase import read_settings_passphrase
from skillcred.errors import ConfigurationError, InputError
from skillcred.services.ports import Clock
from skillcred.services.registry_copy import UpdateRegistryCopy
from skillcred.settings import Settings

HTTPS: Final = "https://"


def build_registry_copy(settings: Settings, clock: Clock | None = None) -> RegistryCopy | None:
    """The copy that the settings name, if they name one. Raises `ConfigurationError` (`registry_root_file`)."""
    if settings.registry_root_file is None or settings.registry_source is None:
        return None
    source = settings.registry_source.rstrip("/")
    over_network = source.startswith(HTTPS)
    fetcher = DoorFetcher(EgressDoor.to_the_internet()) if over_network else FolderFetcher()
    root = _read_trusted_root(settings.registry_root_file)
    now = (clock or SystemClock()).now
    return RegistryCopy(settings.registry_copy_place, root, now, fetcher, source)


def build_registry_updater(settings: Settings) -> UpdateRegistryCopy:
    """Updating the copy, where nothing else of the application is needed. Raises as `build_registry_copy` does."""
    return UpdateRegistryCopy(build_registry_copy(settings))


def open_root_holder(
    settings: Settings, keys_folder: Path | None, passphrase_file: Path | None
) -> RootHolder:
    """The keys of a holder: in a folder of their own with a passphrase of its own, or among those of the settings.
    Raises `ConfigurationError`, `IntegrityError`."""
    if (keys_folder is None) != (passphrase_file is None):
        raise ConfigurationError(
            "A folder of keys and the file with its passphrase are given together.", code="passphrase_missing"
        )
    if keys_folder is None or passphrase_file is None:
        return RootHolder(FileKeyManager(settings.keys_folder, read_settings_passphrase(settings)))
    return RootHolder(FileKeyManager(keys_folder, read_passphrase(passphrase_file)))


def open_body_holder(
    settings: Settings, keys_folder: Path | None, passphrase_file: Path | None
) -> BodyHolder:
    """The keys of a national body, as those of a holder of the root. Raises as `open_root_holder` does."""
    return BodyHolder(open_root_holder(settings, keys_folder, passphrase_file).keys)


def _read_trusted_root(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_ROOT_BYTES + 1)
        read_root(content)
    except (OSError, InputError) as error:
        raise ConfigurationError(
            "registry_root_file is not the root of a registry.", code="registry_root_file"
        ) from error
    return content
