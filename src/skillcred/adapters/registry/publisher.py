"""Writes a repository of The Update Framework that any static file server can host.

Each enrolled body signs its own folder; the operator signs who is enrolled, and that all parts belong together. What
has not changed is neither signed nor written again. The timestamp is written last and in one step, so a reader sees the
registry before or after, also when the writing is cut off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar

from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp

from skillcred.adapters.crash_points import no_crash
from skillcred.adapters.registry.branches import FrameworkBranches, is_signed_by, read_branch
from skillcred.adapters.registry.delegations import build_delegations
from skillcred.adapters.registry.files import held
from skillcred.adapters.registry.layout import (
    BODIES_PATH,
    CHECKPOINT_PATH,
    LOG_ROLE,
    branch_path,
    credentials_path,
    role_of,
)
from skillcred.adapters.registry.pruning import prune_repository
from skillcred.adapters.registry.published_files import PublishedFiles
from skillcred.adapters.registry.root import latest_root
from skillcred.adapters.registry.signers import RegistrySigner, framework_key, multikey_of
from skillcred.errors import ConfigurationError, ConflictError, IntegrityError, UnavailableError
from skillcred.keys.signer import Signer
from skillcred.services.branch_ports import BRANCH_LIFETIME
from skillcred.services.ports import CrashPoint
from skillcred.services.publication_ports import (
    OperatorSigners,
    PublishedMetadata,
    RegistryContent,
    SignedElsewhere,
)

LIFETIMES: Final = {
    "targets": timedelta(days=90),
    "branch": BRANCH_LIFETIME,
    "snapshot": timedelta(days=14),
    "timestamp": timedelta(days=3),
}
"""How long signatures last: as long as a verifier may work without hearing from the registry, and no longer than one
would like to be held back by somebody in between."""
RENEWED_BEFORE: Final = 0.5
"""Signed again when less than this part of the lifetime is left."""

_Role = TypeVar("_Role", Targets, Snapshot, Timestamp)


class RegistryPublisher:
    """`RegistryPublication` into `folder`, which has `metadata/` and `targets/`."""

    def __init__(self, folder: Path, crash_point: CrashPoint = no_crash) -> None:
        self._folder = folder
        self._crash_point = crash_point

    def role_keys(self) -> dict[str, tuple[str, ...]]:
        """See `RegistryPublication`."""
        root = self._root().signed
        return {
            name: tuple(multikey_of(root.keys[keyid]) for keyid in root.roles[name].keyids)
            for name in ("targets", "snapshot", "timestamp")
        }

    def find_checkpoint(self) -> bytes | None:
        """See `RegistryPublication`. Not verified: it is only compared."""
        files = PublishedFiles(self._folder)
        snapshot = files.snapshot()
        known = None if snapshot is None else snapshot.signed.meta.get(f"{LOG_ROLE}.json")
        role = files.targets(LOG_ROLE, known)
        info = None if role is None else role.signed.targets.get(CHECKPOINT_PATH)
        return None if info is None else files.read_target(info)

    def find_branch(self, body_did: str) -> PublishedMetadata | None:
        """See `RegistryPublication`."""
        files = PublishedFiles(self._folder)
        snapshot = files.snapshot()
        role = role_of(body_did)
        known = None if snapshot is None else snapshot.signed.meta.get(f"{role}.json")
        content = None if known is None else files.read_metadata(role, known.version)
        return None if known is None or content is None else PublishedMetadata(known.version, content)

    def publish(self, content: RegistryContent, signers: OperatorSigners, *, at: datetime) -> tuple[str, ...]:
        """See `RegistryPublication`."""
        root = self._root().signed
        try:
            with held(self._folder):
                files = PublishedFiles(self._folder, self._crash_point)
                return _Publishing(files, root, signers, at).publish(content)
        except OSError as error:
            raise UnavailableError(
                "The folder of the registry cannot be written.", code="registry_not_written"
            ) from error

    def prune(self, *, at: datetime, keep: timedelta) -> int:
        """See `RegistryPublication`."""
        try:
            with held(self._folder):
                return prune_repository(self._folder, at=at, keep=keep, crash_point=self._crash_point)
        except OSError as error:
            raise UnavailableError(
                "Old files of the registry cannot be removed.", code="registry_not_written"
            ) from error

    def _root(self) -> Metadata[Root]:
        root = latest_root(self._folder)
        if root is None:
            raise ConfigurationError("The registry has no root yet.", code="registry_root_missing")
        return root


class _Publishing:
    """One publication: what is there, who signs, and what was signed anew so far."""

    def __init__(self, files: PublishedFiles, root: Root, signers: OperatorSigners, at: datetime) -> None:
        self._files = files
        self._root = root
        self._signers = signers
        self._at = at
        self._written: list[str] = []

    def publish(self, content: RegistryContent) -> tuple[str, ...]:
        """Targets first, then their roles, the snapshot, and last the timestamp."""
        if self._root.expires <= self._at:
            raise ConfigurationError(
                "The registry's root has run out; its holders sign a new one.", code="registry_root_expired"
            )
        old = self._files.snapshot()
        meta = {} if old is None else dict(old.signed.meta)
        for branch in content.branches:
            self._role(
                role_of(branch.body_did),
                {
                    branch_path(branch.body_did): branch.statements,
                    credentials_path(branch.body_did): branch.credentials,
                },
                [branch.signer],
                meta,
            )
        for handed_in in content.signed_elsewhere:
            self._signed_elsewhere(handed_in, meta)
        if content.checkpoint is not None and self._signers.snapshot:
            self._role(LOG_ROLE, {CHECKPOINT_PATH: content.checkpoint}, self._signers.snapshot, meta)
        self._targets(content, meta)
        self._timestamp(self._snapshot(old, meta))
        return tuple(self._written)

    def _role(
        self, role: str, files: dict[str, bytes], signers: Sequence[Signer], meta: dict[str, MetaFile]
    ) -> None:
        """A delegated role with its targets."""
        old = self._files.targets(role, meta.get(f"{role}.json"))
        infos = self._files.write_targets(files)
        keyids = {framework_key(signer.public_key).keyid for signer in signers}
        if (
            old is not None
            and keyids == set(old.signatures)
            and old.signed.targets == infos
            and not _ageing(old.signed, "branch", self._at)
        ):
            return
        new = Targets(version=self._files.next_version(role), targets=infos)
        meta[f"{role}.json"] = self._write(new, role, "branch", signers)

    def _signed_elsewhere(self, branch: SignedElsewhere, meta: dict[str, MetaFile]) -> None:
        """A delegated role whose metadata came in signed, and goes out byte for byte."""
        role = role_of(branch.body_did)
        files = {
            branch_path(branch.body_did): branch.files.statements,
            credentials_path(branch.body_did): branch.files.credentials,
        }
        metadata = read_branch(branch.signed)
        if not is_signed_by(metadata, branch.body_did, branch.public_key) or not FrameworkBranches().covers(
            branch.signed, branch.body_did, branch.files
        ):
            raise IntegrityError(
                f"The branch of {branch.body_did} is not as it was handed in.", code="branch_altered"
            )
        known = meta.get(f"{role}.json")
        version = metadata.signed.version
        if known is not None and self._files.read_metadata(role, known.version) == branch.signed:
            return
        # Two signed contents of one version are what a verifier takes for a split view (SECURITY T-08).
        other = self._files.read_metadata(role, version) not in (None, branch.signed)
        if other or (known is not None and version <= known.version):
            raise ConflictError(
                f"A later branch of {branch.body_did}, or another of that version, is published.",
                code="branch_rolled_back",
            )
        self._files.write_targets(files)
        meta[f"{role}.json"] = self._write_content(branch.signed, role, version)

    def _targets(self, content: RegistryContent, meta: dict[str, MetaFile]) -> None:
        old = self._files.targets("targets", meta.get("targets.json"))
        infos = self._files.write_targets({BODIES_PATH: content.bodies})
        keys = {branch.body_did: branch.signer.public_key for branch in content.branches}
        keys.update({branch.body_did: branch.public_key for branch in content.signed_elsewhere})
        delegations = build_delegations(
            keys,
            [one.public_key for one in self._signers.snapshot] if content.checkpoint is not None else [],
            None if old is None else old.signed.delegations,
            content.withdrawn,
        )
        if (
            old is not None
            and self._is_signed(old, "targets", self._signers.targets)
            and old.signed.targets == infos
            and old.signed.delegations == delegations
        ):
            return
        new = Targets(version=self._files.next_version("targets"), targets=infos, delegations=delegations)
        meta["targets.json"] = self._write(new, "targets", "targets", self._signers.targets)

    def _snapshot(self, old: Metadata[Snapshot] | None, meta: dict[str, MetaFile]) -> int:
        """The version that the timestamp is to name."""
        if (
            old is not None
            and self._is_signed(old, "snapshot", self._signers.snapshot)
            and old.signed.meta == meta
        ):
            return old.signed.version
        new = Snapshot(version=self._files.next_version("snapshot"), meta=meta)
        return self._write(new, "snapshot", "snapshot", self._signers.snapshot).version

    def _timestamp(self, version: int) -> None:
        old = self._files.timestamp()
        if (
            old is not None
            and old.signed.snapshot_meta.version == version
            and self._is_signed(old, "timestamp", self._signers.timestamp)
        ):
            return
        new = Timestamp(version=1 if old is None else old.signed.version + 1, snapshot_meta=MetaFile(version))
        self._write(new, "timestamp", "timestamp", self._signers.timestamp)

    def _is_signed(self, old: Metadata[_Role], name: str, signers: Sequence[Signer]) -> bool:
        """Whether a top-level role need not be signed anew: the root's keys signed it, and it is not ageing; or its
        keys are kept elsewhere and it still holds."""
        role = self._root.roles[name]
        known = len(set(role.keyids) & set(old.signatures)) >= role.threshold
        if not known or old.signed.expires <= self._at:
            return False
        return not _ageing(old.signed, name, self._at) or not self._are_enough(name, signers)

    def _are_enough(self, name: str, signers: Sequence[Signer]) -> bool:
        role = self._root.roles[name]
        known = {framework_key(signer.public_key).keyid for signer in signers}
        return len(known & set(role.keyids)) >= role.threshold

    def _write(self, role: _Role, name: str, lifetime: str, signers: Sequence[Signer]) -> MetaFile:
        """Sign and write a role. What a snapshot says of it: the digest too, so that two snapshots that name one
        version of it can be compared (SECURITY T-08)."""
        if name in self._root.roles and not self._are_enough(name, signers):
            raise ConfigurationError(
                f"Not enough keys of the root's for {name} are here.", code="registry_keys_not_in_root"
            )
        role.expires = (self._at + LIFETIMES[lifetime]).replace(microsecond=0)
        metadata = Metadata(role)
        for signer in signers:
            metadata.sign(RegistrySigner(signer), append=True)
        return self._write_content(metadata.to_bytes(), name, role.version)

    def _write_content(self, content: bytes, name: str, version: int) -> MetaFile:
        self._files.write_metadata(name, version, content)
        self._written.append(name)
        return MetaFile(version, len(content), {"sha256": hashlib.sha256(content).hexdigest()})


def _ageing(signed: Targets | Snapshot | Timestamp, lifetime: str, at: datetime) -> bool:
    return signed.expires - at < LIFETIMES[lifetime] * RENEWED_BEFORE
