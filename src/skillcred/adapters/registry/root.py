"""The root of a registry: which keys may sign what. Made and signed in a ceremony by several bodies, by no service.

A new root must be signed by a threshold of the old one's keys and of its own (TUF specification 1.0.34 section 6.1).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root

from skillcred.adapters.registry.files import held, write_whole
from skillcred.adapters.registry.signers import RegistrySigner, framework_key, multikey_of
from skillcred.errors import ConflictError, InputError
from skillcred.keys.signer import Signer
from skillcred.services.root_plan import ROLES, RoleKeys

MAX_ROOT_BYTES: Final = 512_000
"""Largest root that is read, in bytes; what the framework's client takes."""


def build_root(roles: Mapping[str, RoleKeys], *, version: int, expires: datetime) -> bytes:
    """An unsigned root. Raises `InputError` (`invalid_root`) for missing roles, repeated keys, or a threshold that
    cannot be reached."""
    root = Root(version=version, expires=expires.replace(microsecond=0), consistent_snapshot=True)
    for name in ROLES:
        role = roles.get(name)
        if role is None or len(set(role.keys)) != len(role.keys) or not 1 <= role.threshold <= len(role.keys):
            raise InputError(
                f"The role {name} lacks keys, or repeats one.", code="invalid_root", pointer=f"/{name}"
            )
        for key in role.keys:
            root.add_key(framework_key(key), name)
        root.roles[name].threshold = role.threshold
    return Metadata(root).to_bytes()


def sign_root(content: bytes, signer: Signer) -> bytes:
    """The root with one more signature. Raises `InputError` (`invalid_root`), and what the signer raises."""
    root = read_root(content)
    root.sign(RegistrySigner(signer), append=True)
    return root.to_bytes()


def install_root(folder: Path, content: bytes) -> int:
    """Put a root into a repository, after checking that it may follow the one that is there. Its version.

    Raises `InputError` (`invalid_root`, `root_not_signed`), `ConflictError` (`root_version`) and `OSError`.
    """
    new = read_root(content)
    with held(folder):
        old = latest_root(folder)
        expected = 1 if old is None else old.signed.version + 1
        if new.signed.version != expected:
            raise ConflictError(f"The next root has the version {expected}.", code="root_version")
        try:
            for judge in (old, new):
                if judge is not None:
                    judge.verify_delegate("root", new)
        except RepositoryError as error:
            raise InputError(
                "Not enough of the right keys signed the root.", code="root_not_signed"
            ) from error
        write_whole(folder / "metadata" / f"{expected}.root.json", content)
        return expected


def latest_root(folder: Path) -> Metadata[Root] | None:
    """The newest root of a repository."""
    versions = [
        int(path.name.partition(".")[0])
        for path in (folder / "metadata").glob("*.root.json")
        if path.name.partition(".")[0].isdecimal()
    ]
    return read_root((folder / "metadata" / f"{max(versions)}.root.json").read_bytes()) if versions else None


def read_root(content: bytes) -> Metadata[Root]:
    """The root that `content` holds, with whatever signatures. Raises `InputError` (`invalid_root`)."""
    if len(content) > MAX_ROOT_BYTES:
        raise InputError("The root is too large.", code="invalid_root")
    try:
        read = Metadata[Root].from_bytes(content)
    except (RepositoryError, ValueError) as error:
        raise InputError("The file is not the root of a registry.", code="invalid_root") from error
    if not isinstance(read.signed, Root):
        raise InputError("The file is not the root of a registry.", code="invalid_root")
    return read


def signed_digest(root: Metadata[Root]) -> str:
    """The hex SHA-256 over what is signed, which stays the same however many have signed."""
    return hashlib.sha256(root.signed_bytes).hexdigest()


def find_signers(root: Metadata[Root], judge: Metadata[Root]) -> tuple[str, ...]:
    """The holders by `judge`, as Multikeys, whose good signatures are on `root`."""
    result = judge.signed.get_verification_result("root", root.signed_bytes, root.signatures)
    return tuple(sorted(multikey_of(key) for key in result.signed.values()))


def combine_roots(contents: Sequence[bytes]) -> bytes:
    """One root with the signatures of all; they must say the same. Raises `InputError` (`invalid_root`,
    `roots_differ`)."""
    roots = [read_root(content) for content in contents]
    first = roots[0]
    for other in roots[1:]:
        if other.signed_bytes != first.signed_bytes:
            raise InputError("The roots do not say the same.", code="roots_differ")
        first.signatures.update(other.signatures)
    return first.to_bytes()
