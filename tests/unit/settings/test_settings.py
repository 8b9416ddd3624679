"""Settings are checked at start, and what suits development is refused in production."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from skillcred.errors import ConfigurationError
from skillcred.settings import DEVELOPMENT_PASSPHRASE, Settings, load_settings

PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "base_url": "https://credentials.example.org",
    "data_folder": "/srv/data",
    "keys_folder": "/srv/keys",
    "key_passphrase_file": "/run/secrets/passphrase",
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("SKILLCRED_"):
            monkeypatch.delenv(name)


def test_defaults_suit_development() -> None:
    settings = load_settings()
    assert settings.environment == "development"
    assert settings.database_address == "sqlite:///var/skillcred.sqlite3"
    assert settings.keys_folder == Path("keys/store")


def test_production_can_be_configured() -> None:
    settings = load_settings(**PRODUCTION)
    assert settings.database_address == "sqlite:////srv/data/skillcred.sqlite3"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"base_url": "http://credentials.example.org"}, "development_base_url"),
        ({"key_passphrase_file": None}, "development_passphrase"),
        ({"key_passphrase_file": None, "key_passphrase": DEVELOPMENT_PASSPHRASE}, "development_passphrase"),
        ({"data_folder": "var"}, "development_database"),
        ({"keys_folder": "keys"}, "development_keys_folder"),
        ({"registry_four_eyes": False}, "one_person_registry"),
        ({"crash_points_enabled": True}, "crash_points_in_production"),
        ({"log_level": "debug"}, "debug_log_in_production"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_development_defaults_are_refused_in_production(change: dict[str, Any], code: str) -> None:
    with pytest.raises(ConfigurationError) as fault:
        load_settings(**{**PRODUCTION, **change})
    assert fault.value.code == code


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"base_url": "ftp://example.org"}, id="scheme"),
        pytest.param({"base_url": "https://example.org/"}, id="trailing-slash"),
        pytest.param({"base_url": "https://user:pw@example.org"}, id="user"),
        pytest.param({"base_url": "https://example.org?x=1"}, id="query"),
        pytest.param({"base_url": "https://Example.org"}, id="T-10-upper-case-host"),
        pytest.param({"base_url": "example.org"}, id="no-scheme"),
        pytest.param({"verifications_per_minute": 0}, id="rate"),
        pytest.param({"max_body_bytes": 10**9}, id="body"),
        pytest.param({"trusted_proxies": ["not a network"]}, id="proxies"),
        pytest.param({"environment": "staging"}, id="environment"),
        pytest.param({"no_such_setting": 1}, id="unknown"),
    ],
)
def test_unacceptable_values(change: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError) as fault:
        load_settings(**change)
    assert fault.value.code == "invalid_setting"
    assert "pw" not in fault.value.message


def test_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLCRED_BASE_URL", "https://example.org")
    monkeypatch.setenv("SKILLCRED_TRUSTED_PROXIES", '["10.0.0.0/8"]')
    monkeypatch.setenv("SKILLCRED_TEST_POSTGRES_URL", "belongs to the tests")
    settings = load_settings()
    assert settings.base_url == "https://example.org"
    assert str(settings.trusted_proxies[0]) == "10.0.0.0/8"


def test_misspelt_variable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKILLCRED_DATABSE_URL", "postgresql://db/x")
    with pytest.raises(ConfigurationError) as fault:
        load_settings()
    assert fault.value.code == "unknown_setting"


def test_crash_order_needs_crash_points() -> None:
    with pytest.raises(ConfigurationError) as fault:
        load_settings(crash="before-sign:1")
    assert fault.value.code == "crash_points_disabled"
    assert load_settings(crash="before-sign:1", crash_points_enabled=True).crash == "before-sign:1"


def test_two_passphrases_are_one_too_many() -> None:
    with pytest.raises(ConfigurationError) as fault:
        load_settings(key_passphrase="something long enough", key_passphrase_file="/run/x")
    assert fault.value.code == "passphrase_given_twice"


def test_frozen_and_secrets_do_not_show() -> None:
    settings = load_settings(
        key_passphrase="correct horse battery", database_url="postgresql://u:hunter2@db/x"
    )
    assert "hunter2" not in repr(settings)
    assert "correct horse" not in repr(settings)
    assert settings.database_address == "postgresql://u:hunter2@db/x"
    with pytest.raises(ValidationError):
        settings.base_url = "https://other.example"  # type: ignore[misc]


def test_every_setting_has_a_default_or_is_documented() -> None:
    assert all(not field.is_required() for field in Settings.model_fields.values())
