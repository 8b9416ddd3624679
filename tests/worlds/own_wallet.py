"""Our own wallet as a person uses it: the command, with a file of its own."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worlds.commands import run_skillcred_text

PASSPHRASE = "a passphrase for tests only"


@dataclass(frozen=True)
class Done:
    """What a command of the wallet did: its exit code, its JSON, and what it told the person."""

    code: int
    said: dict[str, Any]
    told: str

    @property
    def fault(self) -> str:
        """The stable code of what went wrong."""
        return self.told.rpartition("skillcred: ")[2].partition(":")[0]

    def expect(self, code: int = 0) -> dict[str, Any]:
        """Its JSON, if it ended so."""
        assert self.code == code, self.told
        return self.said


@dataclass(frozen=True)
class OwnWallet:
    """`skillcred wallet` on a file in `folder`, allowed to talk to this machine."""

    folder: Path
    trust: Path | None = None

    @classmethod
    def make(cls, folder: Path, trust: Path | None = None) -> OwnWallet:
        """With an empty wallet."""
        folder.mkdir(parents=True)
        secret = folder / "passphrase"
        secret.touch(mode=0o600)
        secret.write_text(PASSPHRASE)
        wallet = cls(folder, trust)
        wallet.run("init").expect()
        return wallet

    def run(self, command: str, *arguments: str, stdin: str = "", tx_code: str = "") -> Done:
        """One command with its arguments. Where it opens a browser, the person there types `tx_code` if asked."""
        browser = f"{sys.executable} {Path(__file__).with_name('browse.py')} %s"
        variables = {"BROWSER": browser, "SKILLCRED_TEST_TX_CODE": tx_code}
        options = [
            "--wallet",
            str(self.folder / "wallet"),
            "--passphrase-file",
            str(self.folder / "passphrase"),
        ]
        done = run_skillcred_text(
            "wallet", command, *options, *arguments, cwd=self.folder, variables=variables, stdin=stdin
        )
        said = json.loads(done.stdout) if "json" in arguments and done.stdout else {}
        return Done(done.returncode, said, done.stderr)

    def _talk(self, command: str, *arguments: str, tx_code: str = "") -> Done:
        trust = [] if self.trust is None else ["--trust", str(self.trust)]
        return self.run(command, "--format", "json", "--local", *trust, *arguments, tx_code=tx_code)

    def accept(self, offer: str, *options: str, tx_code: str = "") -> Done:
        """Take an offer; `tx_code` is typed into the page of the issuer, if she has to go there."""
        return self._talk("accept", "--yes", *options, offer, tx_code=tx_code)

    def collect(self, *options: str) -> Done:
        """Ask again for what was put off."""
        return self._talk("collect", *options)

    def present(self, request: str, *options: str) -> Done:
        """Answer a verifier."""
        return self._talk("present", "--yes", *options, request)

    def held(self) -> list[dict[str, Any]]:
        """What is in it."""
        found: list[dict[str, Any]] = self.run("list", "--format", "json").expect()["credentials"]
        return found
