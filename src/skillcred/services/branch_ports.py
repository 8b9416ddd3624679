"""Branches of a published registry that their bodies sign elsewhere: what the services need for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from skillcred.errors import InputError
from skillcred.keys.public_key import PublicKey

if TYPE_CHECKING:
    pass

BRANCH_LIFETIME: Final = timedelta(days=90)
"""How long the signature of a body over its branch lasts."""
MAX_SIGNED_BRANCH_BYTES: Final = 16_384
"""Largest signed metadata of a branch that is read, in bytes; it takes about 1,200."""


class BranchError(InputError):
    """A branch cannot be signed or taken. Codes: `invalid_branch`, `branch_not_signed`, `branch_expired`,
    `branch_lifetime`, and those of what is in it."""

    default_code = "invalid_branch"


@dataclass(frozen=True, slots=True)
class BranchFiles:
    """The two files of a branch."""

    statements: bytes
    credentials: bytes


@dataclass(frozen=True, slots=True)
class BranchHeader:
    """What the metadata of a branch says of itself; `sha256` is the hex digest over what is signed, which is what
    people compare."""

    version: int
    expires: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class HandedInBranch:
    """A branch as its body signed it: `signed` is the metadata of its role, byte for byte, `signed_with` the
    verification method whose key signed it."""

    body_did: str
    version: int
    signed: bytes
    statements: bytes
    credentials: bytes
    signed_with: str
    expires_at: datetime
    recorded_at: datetime
    recorded_by: str

    @property
    def files(self) -> BranchFiles:
        """What is signed."""
        return BranchFiles(self.statements, self.credentials)


class BranchRepository(Protocol):
    """Branches that were handed in. Only ever added to."""

    def add(self, branch: HandedInBranch) -> None:
        """Record. Raises `ConflictError` (`branch_version`) where the version is taken."""
        ...

    def find_latest(self, body_did: str) -> HandedInBranch | None:
        """The one with the highest version."""
        ...

    def list_for(self, body_did: str) -> list[HandedInBranch]:
        """All of a body, by version."""
        ...


class BranchFormat(Protocol):
    """The metadata of the role of a branch, by The Update Framework."""

    def build(self, body_did: str, files: BranchFiles, *, version: int, expires: datetime) -> bytes:
        """The unsigned metadata over exactly these files."""
        ...

    def read(self, signed: bytes) -> BranchHeader:
        """What metadata says, signed or not. Raises `BranchError`."""
        ...

    def covers(self, signed: bytes, body_did: str, files: BranchFiles) -> bool:
        """Whether the metadata is about exactly these files of that body, and says nothing else. Raises
        `BranchError`."""
        ...

    def find_signer(self, signed: bytes, body_did: str, keys: Sequence[PublicKey]) -> PublicKey | None:
        """Which of `keys` made the one signature on it; `None` if none did, or there are others. Raises
        `BranchError`."""
        ...
