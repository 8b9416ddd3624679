"""A folder that holds everything of one demo deployment: database, key files, passphrase, credentials."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from skillcred.cli.files import write_output
from skillcred.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """`root` exists; `base_url` is where its service answers, and so part of all its did:web identifiers."""

    root: Path
    base_url: str

    @property
    def credentials(self) -> Path:
        """Where the credentials are put that people can try."""
        return self.root / "credentials"

    @property
    def passphrase_file(self) -> Path:
        """The passphrase of the key files; made on first use, readable by the owner only."""
        path = self.root / "passphrase"
        if not path.exists():
            write_output(path, secrets.token_urlsafe(32).encode("ascii"))
        return path

    def settings(self) -> Settings:
        """The settings of this deployment, whatever the environment says."""
        return load_settings(
            environment="development",
            base_url=self.base_url,
            data_folder=self.root,
            database_url=None,
            keys_folder=self.root / "keys",
            key_passphrase=None,
            key_passphrase_file=self.passphrase_file,
            verifications_per_minute=600,
            verification_processes=0,
        )

    def variables(self) -> dict[str, str]:
        """The same settings as environment variables, for the process of the service."""
        return {
            "SKILLCRED_ENVIRONMENT": "development",
            "SKILLCRED_BASE_URL": self.base_url,
            "SKILLCRED_DATA_FOLDER": str(self.root),
            "SKILLCRED_KEYS_FOLDER": str(self.root / "keys"),
            "SKILLCRED_KEY_PASSPHRASE_FILE": str(self.passphrase_file),
            "SKILLCRED_VERIFICATIONS_PER_MINUTE": "600",
            "SKILLCRED_VERIFICATION_PROCESSES": "0",
        }
