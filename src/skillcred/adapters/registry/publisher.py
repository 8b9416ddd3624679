"""Writes a repository of The Update Framework that any static file server can host.

Each enrolled body signs its own folder; the operator signs who is enrolled, and that all parts belong together. What
has not changed is neither signed nor written again. The timestamp is written last and in one step, so a reader sees the
registry before or after, also when the writing is cut off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Key,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from skillcred.adapters.registry.files import write_whole
from skillcred.adapters.registry.layout import (
    BODIES_PATH,
    branch_folder,
    branch_path,
    credentials_path,
    role_of,
)
from skillcred.adapters.registry.root import latest_root
from skillcred.adapters.registry.signers import RegistrySigner
from skillcred.errors import ConfigurationError
from skillcred.keys.signer import Signer

LIFETIMES: Final = {
    "targets": timedelta(days=90),
    "branch": timedelta(days=90),
    "snapshot": timedelta(days=14),
    "timestamp": timedelta(days=3),
}
"""How long signatures last: as long as a verifier may work without hearing from the registry, and no longer than one
would like to be held back by somebody in between."""
RENEWED_BEFORE: Final = 0.5
"""Signed again when less than this part of the lifetime is left."""

_Role = TypeVar("_Role", Targets, Snapshot, Timestamp)


@dataclass(frozen=True, slots=True)
class PublishedBranch:
    """What one body publishes, and who signs for it."""

    body_did: str
    statements: bytes
    credentials: bytes
    signer: Signer


@dataclass(frozen=True, slots=True)
class OperatorSigners:
    """Who signs for the top-level roles that are kept online."""

    targets: Sequence[Signer]
    snapshot: Sequence[Signer]
    timestamp: Sequence[Signer]


class RegistryPublisher:
    """Publishes into `folder`, which has `metadata/` and `targets/`."""

    def __init__(self, folder: Path, signers: OperatorSigners) -> None:
        self._folder = folder
        self._signers = signers

    def publish(self, bodies: bytes, branches: Sequence[PublishedBranch], *, at: datetime) -> tuple[str, ...]:
        """Publish what has changed and renew what would soon run out. The names of the roles that were signed anew.

        Raises `ConfigurationError` (`registry_root_missing`, `registry_keys_not_in_root`), what signers raise, and
        `OSError`; the repository is then as it was.
        """
        root = latest_root(self._folder)
        if root is None:
            raise ConfigurationError("The registry has no root yet.", code="registry_root_missing")
        self._check_keys(root.signed)
        old_snapshot = self._old_snapshot()
        written: list[str] = []
        meta = {} if old_snapshot is None else dict(old_snapshot.signed.meta)
        for branch in branches:
            role = role_of(branch.body_did)
            self._branch(branch, meta, at, written)
            meta.setdefault(f"{role}.json", MetaFile(1))
        self._targets(bodies, branches, meta, at, written)
        self._snapshot(old_snapshot, meta, at, written)
        self._timestamp(at, written)
        return tuple(written)

    def _check_keys(self, root: Root) -> None:
        """That a verifier will accept what is about to be signed."""
        signers = {
            "targets": self._signers.targets,
            "snapshot": self._signers.snapshot,
            "timestamp": self._signers.timestamp,
        }
        for name, those in signers.items():
            known = {RegistrySigner(signer).public_key.keyid for signer in those} & set(
                root.roles[name].keyids
            )
            if len(known) < root.roles[name].threshold:
                raise ConfigurationError(
                    f"The keys for {name} are not those of the root.", code="registry_keys_not_in_root"
                )

    def _branch(
        self, branch: PublishedBranch, meta: dict[str, MetaFile], at: datetime, written: list[str]
    ) -> None:
        role = role_of(branch.body_did)
        files = {
            branch_path(branch.body_did): branch.statements,
            credentials_path(branch.body_did): branch.credentials,
        }
        old = self._read_targets(role, meta.get(f"{role}.json"))
        infos = self._targets_of(files)
        signer = RegistrySigner(branch.signer)
        same_signer = old is not None and signer.public_key.keyid in old.signatures
        if (
            old is not None
            and same_signer
            and old.signed.targets == infos
            and not _ageing(old.signed, "branch", at)
        ):
            return
        new = Targets(version=1 if old is None else old.signed.version + 1, targets=infos)
        self._write(new, role, "branch", [branch.signer], at)
        meta[f"{role}.json"] = MetaFile(new.version)
        written.append(role)

    def _targets(
        self,
        bodies: bytes,
        branches: Sequence[PublishedBranch],
        meta: dict[str, MetaFile],
        at: datetime,
        written: list[str],
    ) -> None:
        old = self._read_targets("targets", meta.get("targets.json"))
        infos = self._targets_of({BODIES_PATH: bodies})
        delegations = _delegations(branches)
        if (
            old is not None
            and old.signed.targets == infos
            and old.signed.delegations == delegations
            and not _ageing(old.signed, "targets", at)
        ):
            return
        new = Targets(
            version=1 if old is None else old.signed.version + 1, targets=infos, delegations=delegations
        )
        self._write(new, "targets", "targets", self._signers.targets, at)
        meta["targets.json"] = MetaFile(new.version)
        written.append("targets")

    def _snapshot(
        self, old: Metadata[Snapshot] | None, meta: dict[str, MetaFile], at: datetime, written: list[str]
    ) -> None:
        if old is not None and old.signed.meta == meta and not _ageing(old.signed, "snapshot", at):
            return
        new = Snapshot(version=1 if old is None else old.signed.version + 1, meta=meta)
        self._write(new, "snapshot", "snapshot", self._signers.snapshot, at)
        written.append("snapshot")

    def _timestamp(self, at: datetime, written: list[str]) -> None:
        old = self._old_timestamp()
        version = 1 if old is None else old.signed.snapshot_meta.version
        if "snapshot" in written:
            version = 1 if old is None else version + 1
        elif old is not None and not _ageing(old.signed, "timestamp", at):
            return
        new = Timestamp(version=1 if old is None else old.signed.version + 1, snapshot_meta=MetaFile(version))
        self._write(new, "timestamp", "timestamp", self._signers.timestamp, at)
        written.append("timestamp")

    def _targets_of(self, files: dict[str, bytes]) -> dict[str, TargetFile]:
        infos = {}
        for path, content in files.items():
            info = TargetFile.from_data(path, content, ["sha256"])
            for prefixed in info.get_prefixed_paths():
                place = self._folder / "targets" / prefixed
                if not place.exists():
                    write_whole(place, content)
            infos[path] = info
        return infos

    def _write(self, role: _Role, name: str, lifetime: str, signers: Sequence[Signer], at: datetime) -> None:
        role.expires = (at + LIFETIMES[lifetime]).replace(microsecond=0)
        metadata = Metadata(role)
        for signer in signers:
            metadata.sign(RegistrySigner(signer), append=True)
        file = "timestamp.json" if name == "timestamp" else f"{role.version}.{name}.json"
        write_whole(self._folder / "metadata" / file, metadata.to_bytes())

    def _read_targets(self, name: str, known: MetaFile | None) -> Metadata[Targets] | None:
        path = None if known is None else self._folder / "metadata" / f"{known.version}.{name}.json"
        return None if path is None or not path.exists() else Metadata[Targets].from_bytes(path.read_bytes())

    def _old_timestamp(self) -> Metadata[Timestamp] | None:
        path = self._folder / "metadata" / "timestamp.json"
        return Metadata[Timestamp].from_bytes(path.read_bytes()) if path.exists() else None

    def _old_snapshot(self) -> Metadata[Snapshot] | None:
        timestamp = self._old_timestamp()
        if timestamp is None:
            return None
        path = self._folder / "metadata" / f"{timestamp.signed.snapshot_meta.version}.snapshot.json"
        return Metadata[Snapshot].from_bytes(path.read_bytes()) if path.exists() else None


def _delegations(branches: Sequence[PublishedBranch]) -> Delegations:
    keys: dict[str, Key] = {}
    roles: dict[str, DelegatedRole] = {}
    for branch in branches:
        key = RegistrySigner(branch.signer).public_key
        name = role_of(branch.body_did)
        keys[key.keyid] = key
        roles[name] = DelegatedRole(
            name, [key.keyid], threshold=1, terminating=True, paths=[f"{branch_folder(branch.body_did)}/*"]
        )
    return Delegations(keys, roles)


def _ageing(signed: Targets | Snapshot | Timestamp, lifetime: str, at: datetime) -> bool:
    return signed.expires - at < LIFETIMES[lifetime] * RENEWED_BEFORE
