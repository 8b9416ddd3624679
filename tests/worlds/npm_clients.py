"""The clients of others that live beside the checkout and run on Node: installed once, kept, and run by command."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skillcred.linkeddata import BUNDLED_CONTEXTS, OWN_CONTEXT_SKILL, OWN_CONTEXT_TRUST

INSTALL_SECONDS = 600
RUN_SECONDS = 120
INSTALL = ("npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")
CLIENTS = ("db-verifier", "oid4vc-ts-wallet")
"""In the order in which they are installed: the wallet takes the verifier from the folder beside it."""


class ClientMissingError(Exception):
    """The other implementation cannot be had on this machine."""


def installed_clients(shared_dir: Path) -> Path:
    """A folder with `CLIENTS` and their packages, named after their content: who comes first installs, all others wait
    for that, and the next run finds it there. Raises `ClientMissingError`."""
    sources = [shared_dir / "clients" / name for name in CLIENTS]
    for source in sources:
        if not source.is_dir():
            raise ClientMissingError("the clients of the other implementations are not beside this checkout")
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise ClientMissingError(f"{tool} is not installed")
    home = Path(tempfile.gettempdir()) / f"skillcred-test-clients-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != os.getuid():
        raise ClientMissingError(f"{home} belongs to somebody else")
    digest = hashlib.sha256()
    for file in sorted(file for source in sources for file in source.iterdir() if file.is_file()):
        digest.update(f"{file.parent.name}/{file.name}".encode() + b"\0" + file.read_bytes() + b"\0")
    folder = home / digest.hexdigest()[:32]
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _install(sources, home, folder)
    return folder


def _install(sources: list[Path], home: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        made = Path(scratch) / "clients"
        for source in sources:
            target = made / source.name
            target.mkdir(parents=True)
            for file in source.iterdir():
                if file.is_file():
                    shutil.copyfile(file, target / file.name)
            done = subprocess.run(
                INSTALL, cwd=target, capture_output=True, text=True, timeout=INSTALL_SECONDS
            )
            if done.returncode != 0:
                raise ClientMissingError(f"npm could not install {source.name}: {done.stderr[-500:]}")
        own = {
            url: json.loads(BUNDLED_CONTEXTS.content(url)) for url in (OWN_CONTEXT_SKILL, OWN_CONTEXT_TRUST)
        }
        (made / "contexts.json").write_text(json.dumps(own))
        made.rename(folder)


@dataclass(frozen=True)
class Told:
    """What the wallet said: `ok` is its own word, `said` its whole document, `http` each exchange with its status."""

    ok: bool
    said: dict[str, Any]
    trace: str

    @property
    def http(self) -> list[dict[str, Any]]:
        """Every exchange: `method`, `url`, `status`, `type`, `headers`."""
        exchanges: list[dict[str, Any]] = self.said["http"]
        return exchanges

    def status_of(self, path: str) -> list[int]:
        """The statuses that addresses with `path` in them were answered with, in order."""
        return [exchange["status"] for exchange in self.http if path in exchange["url"]]

    def expect_ok(self) -> dict[str, Any]:
        """Its document, if everything went well."""
        assert self.ok, f"{self.said.get('error')}\n{self.trace[-6000:]}"
        return self.said


@dataclass(frozen=True)
class NpmWallet:
    """A wallet of the @openid4vc libraries with a store of its own (`wallet.mjs` tells all options). `clients` is the
    folder from `installed_clients`."""

    clients: Path
    store: Path

    def accept(self, offer: str, *options: str) -> Told:
        """Claim what an offer names. `options` as on its command line, such as `--tx-code 123456 --batch 3`."""
        return self.run("accept", offer, *options)

    def present(self, request: str, *options: str) -> Told:
        """Answer a request for a presentation, or break it: `--break nonce|aud|sig|kb|state|extra`, `--decline`."""
        return self.run("present", request, *options)

    def run(self, *arguments: str) -> Told:
        """Run the command; whatever it is refused stands in what it told."""
        self.store.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile("w+") as told:  # it exits before a pipe has taken more than 64 KiB
            done = subprocess.run(
                ["node", "wallet.mjs", "--store", str(self.store), *arguments],
                cwd=self.clients / "oid4vc-ts-wallet",
                env=os.environ | {"CONTEXTS": str(self.clients / "contexts.json"), "TRACE": "1"},
                stdout=told,
                stderr=subprocess.PIPE,
                text=True,
                timeout=RUN_SECONDS,
            )
            told.seek(0)
            content = told.read()
        try:
            said = json.loads(content)
        except json.JSONDecodeError as error:
            raise AssertionError(f"the wallet crashed: {done.stderr[-3000:]}") from error
        assert said["ok"] == (done.returncode == 0)
        return Told(said["ok"], said, done.stderr)

    def held(self) -> list[dict[str, Any]]:
        """What it keeps: `id`, `format`, `configId`, `raw`, `kid`, `did`."""
        return list(json.loads(self.store.read_text())["creds"]) if self.store.exists() else []
