"""The passphrase of the key files, from wherever the settings say."""

from __future__ import annotations

from skillcred.adapters.keystore import read_passphrase
from skillcred.settings import DEVELOPMENT_PASSPHRASE, Settings


def read_settings_passphrase(settings: Settings) -> bytes:
    """The passphrase. Raises `ConfigurationError`."""
    if settings.key_passphrase_file is not None:
        return read_passphrase(settings.key_passphrase_file)
    if settings.key_passphrase is not None:
        return settings.key_passphrase.get_secret_value().encode("utf-8")
    return DEVELOPMENT_PASSPHRASE.encode("utf-8")
