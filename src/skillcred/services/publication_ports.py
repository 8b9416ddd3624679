"""Publishing the registry, and keeping a verified copy of a published one: what the services need for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from skillcred.errors import UnavailableError
from skillcred.keys.public_key import PublicKey
from skillcred.keys.signer import Signer
from skillcred.services.branch_ports import BranchFiles
from skillcred.trust import RegistryCopyInfo
from skillcred.trust.published import PublishedStatement
from skillcred.trust.snapshot import RegistrySnapshot


@dataclass(frozen=True, slots=True)
class PublishedBranch:
    """What one body publishes, and who signs for it: the file of statements and the file of credentials."""

    body_did: str
    statements: bytes
    credentials: bytes
    signer: Signer


@dataclass(frozen=True, slots=True)
class SignedElsewhere:
    """What one body publishes by metadata that it signed elsewhere, which are published as they are, and its key."""

    body_did: str
    signed: bytes
    files: BranchFiles
    public_key: PublicKey


@dataclass(frozen=True, slots=True)
class PublishedMetadata:
    """The metadata of a role as they are published now."""

    version: int
    content: bytes


@dataclass(frozen=True, slots=True)
class RegistryContent:
    """All that is published: the file of the enrolled bodies, their branches, and the latest checkpoint of the log, if
    there is one. Bodies in `withdrawn` publish nothing any more; those that are not named keep what they published."""

    bodies: bytes
    branches: Sequence[PublishedBranch]
    checkpoint: bytes | None = None
    signed_elsewhere: Sequence[SignedElsewhere] = ()
    withdrawn: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class OperatorSigners:
    """Who signs for the top-level roles beside the root."""

    targets: Sequence[Signer]
    snapshot: Sequence[Signer]
    timestamp: Sequence[Signer]


class RegistryPublication(Protocol):
    """A published registry that can be written: one folder, which any static file server can give out."""

    def role_keys(self) -> Mapping[str, Sequence[str]]:
        """The public keys of `targets`, `snapshot` and `timestamp` by the present root, as Multikeys.

        Raises `ConfigurationError` (`registry_root_missing`).
        """
        ...

    def find_checkpoint(self) -> bytes | None:
        """The checkpoint that is published now."""
        ...

    def find_branch(self, body_did: str) -> PublishedMetadata | None:
        """The metadata of the branch of that body that is published now."""
        ...

    def publish(self, content: RegistryContent, signers: OperatorSigners, *, at: datetime) -> tuple[str, ...]:
        """Publish what has changed and renew what would soon run out. The names of the roles that were signed anew.

        Raises `ConfigurationError` (`registry_root_missing`, `registry_root_expired`, `registry_keys_not_in_root`),
        `IntegrityError` (`branch_altered`), `ConflictError` (`branch_rolled_back`), `UnavailableError`; the repository
        is then as it was.
        """
        ...

    def prune(self, *, at: datetime, keep: timedelta) -> int:
        """Remove what the published registry has not named for longer than `keep`, as far as is known at the present
        `at`, and how many files that were. Roots stay. Raises `UnavailableError`."""
        ...


OpenPublication = Callable[[Path], RegistryPublication]


class RegistryCopyError(UnavailableError):
    """The copy of a registry could not be updated or loaded. Codes: `registry_unreachable`, `registry_expired`,
    `registry_rolled_back`, `registry_not_signed`, `registry_damaged`, `registry_fast_forward`, `registry_split_view`,
    `registry_log_rolled_back`, `registry_incomplete`, `registry_copy_missing`."""

    default_code = "registry_damaged"


@dataclass(frozen=True, slots=True)
class CopyState:
    """What is known of a copy: its versions and dates, the DIDs of the bodies whose branches were left out, each with a
    stable code why, and the checkpoint of the log that came with it."""

    info: RegistryCopyInfo
    left_out: Mapping[str, str]
    checkpoint: bytes | None = None


@dataclass(frozen=True, slots=True)
class LoadedCopy:
    """A copy that was verified and is in memory. `mark` differs from that of every other state of the copy on disk."""

    snapshot: RegistrySnapshot
    state: CopyState
    mark: str
    credential: Callable[[PublishedStatement], bytes]
    """Reads the signed credential of a statement. Raises `RegistryCopyError`."""


@dataclass(frozen=True, slots=True)
class ViewComparison:
    """What two verifiers were shown, compared: the names of what differs under one version, how many files both have in
    one version, and whether both had a checkpoint of the same entry of the log."""

    differing: tuple[str, ...]
    compared: int
    checkpoints: bool


class RegistryCopyStore(Protocol):
    """A verified copy of a published registry on this machine. Nothing of a copy that failed verification is used."""

    def update(self) -> CopyState:
        """Fetch what is new, check all of it, and use it from now on. Raises `RegistryCopyError` and
        `UnavailableError`; the copy in use is then still the one from before."""
        ...

    def load(self) -> LoadedCopy:
        """The copy in use, after checking every signature and file of it again. Raises `RegistryCopyError`."""
        ...

    def view(self) -> bytes:
        """What this verifier was shown, for others to compare. Raises `RegistryCopyError`."""
        ...

    def compare(self, other: bytes) -> ViewComparison:
        """Compare with what another verifier was shown; where they differ, both are kept as evidence. Raises
        `RegistryCopyError`, `InputError` (`invalid_registry_view`, `view_not_signed`)."""
        ...

    def find_mark(self) -> str | None:
        """What tells the present copy from every other, at hardly any cost; `None` if there is no copy."""
        ...

    def state(self) -> CopyState:
        """What the copy on disk says of itself, unchecked. Raises `RegistryCopyError`."""
        ...
