"""Everything an operator can set, read once at start and frozen. Environment variables start with SKILLCRED_.

Defaults suit a developer's machine. In production each of them that would be unsafe is refused with a code of
its own, and a variable that no setting has is refused too, because a misspelt one would silently do nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from skillcred.errors import ConfigurationError

PREFIX: Final = "SKILLCRED_"
NOT_SETTINGS: Final = (f"{PREFIX}TEST_", f"{PREFIX}SHARED", f"{PREFIX}E2E_", f"{PREFIX}DEMO_")
"""Variables of the tests and the demo, which share the prefix."""
DEVELOPMENT_BASE_URL: Final = "http://127.0.0.1:8000"
DEVELOPMENT_PASSPHRASE: Final = "for development only"  # noqa: S105 - refused in production


class Settings(BaseSettings):
    """What the operator decides. Use `load_settings`, which turns every fault into a `ConfigurationError`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True
    )

    environment: Literal["development", "production"] = "development"
    base_url: str = DEVELOPMENT_BASE_URL
    """Public address of this deployment, without a trailing slash; its did:web identifiers come from it."""
    data_folder: Path = Path("var")
    """Where the embedded database lives unless `database_url` says otherwise."""
    database_url: SecretStr | None = None
    """`sqlite:///path` or `postgresql://…`. May hold a password, so it is never printed."""
    keys_folder: Path = Path("keys/store")
    key_passphrase: SecretStr | None = None
    key_passphrase_file: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    verifications_per_minute: int = Field(default=60, ge=1, le=1_000_000)
    """Verifications one client address may ask for in a minute."""
    verification_processes: int | None = Field(default=None, ge=0, le=64)
    """Processes beside a serving process that verify for it. Not set: on SQLite, where one process serves, one for each
    further core; on PostgreSQL none, because there `--workers` uses the cores. 0: it verifies itself."""
    wallet_encryption: Literal["offered", "lenient", "required"] = "offered"
    """Whether credentials are encrypted to wallets beneath TLS: to those that ask for it, also to those that ask for it
    in plain (older wallets), or always."""
    wallet_deferred_notification: bool = False
    """Whether a credential that was put off comes with a `notification_id`, so that the wallet can say what became of
    it. Off, because wallets on the `@openid4vc` libraries up to 0.4.6 refuse such an answer and lose the credential."""
    wallet_providers_file: Path | None = None
    """A JSON Web Key Set with the keys of the makers of wallets whose attestations are believed."""
    wallet_anchors_file: Path | None = None
    """Certificates (PEM) of the authorities that certify such keys."""
    wallet_attestation: Literal["accepted", "required"] = "accepted"
    """Whether wallets must be attested. Required only with one of the files."""
    wallet_requests_per_minute: int = Field(default=600, ge=1, le=1_000_000)
    """Requests to the endpoints for wallets from one client address in a minute. A credential takes about ten."""
    max_body_bytes: int = Field(default=1024 * 1024, ge=1024, le=16 * 1024 * 1024)
    """Largest request body, in bytes."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of the proxies whose X-Forwarded-For is believed, as a JSON list."""
    metrics_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks from which `/metrics` is read, directly and not through a proxy, as a JSON list. None: not at all."""
    issuance_lease_seconds: int = Field(default=30, ge=1, le=600)
    """How long one process may work on an issuance before another may finish it."""
    publisher_interval_seconds: int = Field(default=15, ge=0, le=3600)
    """How often a serving process looks for status lists to publish; 0 leaves that to requests and to operators."""
    publication_delay_seconds: int = Field(default=60, ge=1, le=86_400)
    """How long a revocation may wait for the next published list before readiness calls it late."""
    case_retention_days: int = Field(default=365, ge=1, le=36_500)
    """How long after the last change of a closed case before an authority what was handed in with it is kept."""
    registry_four_eyes: bool | None = None
    """Whether changes of the registry need a second person's approval. Not set: in production they do."""
    trust_anchors_file: Path | None = None
    """Certificates in PEM of authorities that may name issuers of SD-JWT VCs by X.509. None: nobody may."""
    verifier_certificate_file: Path | None = None
    """Certificate in PEM under which presentations are asked for, with its chain, the leaf first. None: in development
    one is made, in production requests are signed with the key of a DID."""
    verifier_key_file: Path | None = None
    """The key of that certificate, PKCS#8 in PEM, readable by the service only."""
    trqp_requires_token: bool = False
    """Whether only holders of an API key may ask the registry by TRQP. The answers rest on public statements."""
    registry_root_file: Path | None = None
    """Root of a published registry, as its holders handed it over. With it, issuers are judged by a verified copy of
    that registry, and by nothing that is recorded here."""
    registry_source: str | None = None
    """Where that registry is published: an https address, or a folder of this machine."""
    registry_copy_folder: Path | None = None
    """Where the verified copy is kept; `registry-copy` in `data_folder` unless given."""
    registry_update_seconds: int = Field(default=3600, ge=0, le=86_400)
    """How often a serving process brings the copy up to date; 0 leaves that to `skillcred registry update`."""
    remember_verified: bool = False
    """Whether it is remembered, by digest and time alone, that a credential was verified here and found valid, by
    itself or in a presentation: proof that it is older than a theft of its key that is reported later."""
    interop_enabled: bool = False
    """Whether the VC-API is served, where anybody can have test credentials signed. Development only."""
    crash_points_enabled: bool = False
    crash: str | None = None
    """For fault tests: `point:n` kills the process at the n-th pass of that point. Development only."""

    @field_validator("base_url")
    @classmethod
    def _check_base_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("an http or https address is expected")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("no user, query or fragment is allowed")
        if value != value.rstrip("/") or value != value.strip() or parts.netloc != parts.netloc.lower():
            raise ValueError("no trailing slash, space or upper-case host is allowed")
        return value

    @field_validator("registry_source")
    @classmethod
    def _check_registry_source(cls, value: str | None) -> str | None:
        if value is not None and (not value or value != value.strip() or value.startswith("http://")):
            raise ValueError("an https address or a folder is expected")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> Settings:
        if self.key_passphrase is not None and self.key_passphrase_file is not None:
            raise ConfigurationError(
                "Set key_passphrase or key_passphrase_file, not both.", code="passphrase_given_twice"
            )
        if (self.registry_root_file is None) != (self.registry_source is None):
            raise ConfigurationError(
                "Set registry_root_file and registry_source together.", code="registry_copy_half_set"
            )
        if self.publisher_interval_seconds > self.publication_delay_seconds:
            raise ConfigurationError(
                "publisher_interval_seconds must not be longer than publication_delay_seconds.",
                code="publisher_too_slow",
            )
        if (self.verifier_certificate_file is None) != (self.verifier_key_file is None):
            raise ConfigurationError(
                "verifier_certificate_file and verifier_key_file belong together.",
                code="verifier_key_missing",
            )
        if self.crash is not None and not self.crash_points_enabled:
            raise ConfigurationError(
                "SKILLCRED_CRASH needs SKILLCRED_CRASH_POINTS_ENABLED.", code="crash_points_disabled"
            )
        if (
            self.wallet_attestation == "required"
            and self.wallet_providers_file is None
            and self.wallet_anchors_file is None
        ):
            raise ConfigurationError(
                "wallet_attestation is required, and nobody is trusted to attest wallets.",
                code="no_wallet_providers",
            )
        if self.environment == "production":
            self._refuse_development_defaults()
        return self

    def _refuse_development_defaults(self) -> None:
        refused = (
            (not self.base_url.startswith("https://"), "development_base_url", "base_url must be https."),
            (
                self.key_passphrase is None and self.key_passphrase_file is None,
                "development_passphrase",
                "key_passphrase_file (or key_passphrase) must be set.",
            ),
            (
                self.key_passphrase is not None
                and self.key_passphrase.get_secret_value() == DEVELOPMENT_PASSPHRASE,
                "development_passphrase",
                "the passphrase must not be the published one.",
            ),
            (
                self.database_url is None and not self.data_folder.is_absolute(),
                "development_database",
                "database_url, or data_folder as an absolute path, must be set.",
            ),
            (
                not self.keys_folder.is_absolute(),
                "development_keys_folder",
                "keys_folder must be an absolute path.",
            ),
            (
                self.registry_four_eyes is False,
                "one_person_registry",
                "registry_four_eyes must not be switched off.",
            ),
            (self.interop_enabled, "interop_in_production", "The VC-API for tests is for development."),
            (self.crash_points_enabled, "crash_points_in_production", "Crash points are for development."),
            (self.log_level == "debug", "debug_log_in_production", "log_level debug is for development."),
        )
        for fault, code, message in refused:
            if fault:
                raise ConfigurationError(f"In production: {message}", code=code)

    @property
    def requires_four_eyes(self) -> bool:
        """Whether a change of the registry must be approved by somebody else than who proposed it."""
        if self.registry_four_eyes is None:
            return self.environment == "production"
        return self.registry_four_eyes

    @property
    def registry_copy_place(self) -> Path:
        """The folder of the verified copy of a published registry."""
        return self.registry_copy_folder or self.data_folder / "registry-copy"

    @property
    def database_address(self) -> str:
        """The URL of the database, with its password if it has one. Never log it."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.embedded_database.as_posix()}"

    @property
    def embedded_database(self) -> Path:
        """The file of the database, unless `database_url` names another."""
        return self.data_folder / "skillcred.sqlite3"


def load_settings(**overrides: object) -> Settings:
    """The settings from the environment, with `overrides` put above it.

    Raises `ConfigurationError`: `unknown_setting`, `invalid_setting`, or the code of a refused default.
    """
    _refuse_unknown_variables(os.environ)
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        places = ", ".join(sorted({".".join(map(str, item["loc"])) or "settings" for item in error.errors()}))
        raise ConfigurationError(
            f"These settings are not acceptable: {places}.", code="invalid_setting"
        ) from error


def environment_without_settings() -> dict[str, str]:
    """The variables of this process that are no settings, for processes that must not have any."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith(PREFIX)}


def _refuse_unknown_variables(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in sorted(environment):
        upper = name.upper()
        if upper.startswith(PREFIX) and not upper.startswith(NOT_SETTINGS) and upper not in known:
            raise ConfigurationError(f"There is no setting {name}.", code="unknown_setting")
