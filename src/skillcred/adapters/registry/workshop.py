"""Where a root is made and signed: by its holders, each on a machine of their own, and by no service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuf.api.metadata import Metadata, Root

from skillcred.adapters.registry.root import (
    build_root,
    find_signers,
    install_root,
    read_root,
    sign_root,
    signed_digest,
)
from skillcred.adapters.registry.signers import public_key_of
from skillcred.errors import ConflictError, InputError, NotFoundError, UnavailableError
from skillcred.services.ports import KeyManager
from skillcred.services.role_keys import make_role_key, role_key_name
from skillcred.services.root_plan import ROLES, RoleKeys, RootPlan


@dataclass(frozen=True, slots=True)
class RootView:
    """A root as its holders look at it: `sha256` is over what is signed; `signed_by` are those of its own holders whose
    signatures are on it, as Multikeys, and `still_lacking` how many more of them are needed. With a root before it,
    `signed_by_before` and `lacking_before` tell the same of the holders of that one."""

    version: int
    expires: datetime
    roles: Mapping[str, RoleKeys]
    sha256: str
    signed_by: tuple[str, ...]
    still_lacking: int
    signed_by_before: tuple[str, ...] = ()
    lacking_before: int = 0


def view_root(content: bytes, before: bytes | None = None) -> RootView:
    """What `content` says and who signed it. Raises `InputError` (`invalid_root`, `unsupported_key_type`)."""
    root = read_root(content)
    roles = {name: _role(root.signed, name) for name in ROLES}
    signers = find_signers(root, root)
    old = None if before is None else read_root(before)
    old_signers = () if old is None else find_signers(root, old)
    return RootView(
        root.signed.version,
        root.signed.expires,
        roles,
        signed_digest(root),
        signers,
        max(0, roles["root"].threshold - len(signers)),
        old_signers,
        0 if old is None else max(0, old.signed.roles["root"].threshold - len(old_signers)),
    )


def make_root(plan: RootPlan, before: bytes | None) -> bytes:
    """The unsigned root of a plan: the first, or the one after `before`. Raises `InputError` (`invalid_root`)."""
    version = 1 if before is None else read_root(before).signed.version + 1
    return build_root(plan.roles, version=version, expires=plan.expires)


def install(folder: Path, content: bytes) -> int:
    """Put a root into a repository; its version. Raises as `install_root` does, and `UnavailableError`."""
    try:
        return install_root(folder, content)
    except OSError as error:
        raise UnavailableError(
            "The folder of the registry cannot be written.", code="registry_not_written"
        ) from error


@dataclass(frozen=True, slots=True)
class RootHolder:
    """Somebody who holds keys of a registry, and signs roots with them."""

    keys: KeyManager

    def make_key(self) -> str:
        """A new key, as Multikey."""
        return make_role_key(self.keys)

    def sign(self, content: bytes, *, sha256: str, before: bytes | None = None) -> bytes:
        """The root with the signatures of all keys here that it, or the root `before` it, names as holders.

        `sha256` is the digest that the holders agreed on. Raises `ConflictError` (`root_changed`) for another root,
        `NotFoundError` (`no_root_key`) where no such key is here, and what signers raise.
        """
        root = read_root(content)
        if signed_digest(root) != sha256:
            raise ConflictError("The root is not the one that was agreed on.", code="root_changed")
        judges = [root, *([] if before is None else [read_root(before)])]
        signed = content
        found = False
        for multikey in dict.fromkeys(key for judge in judges for key in _holders(judge)):
            try:
                signer = self.keys.get_signer(role_key_name(multikey), multikey)
            except NotFoundError:
                continue
            signed, found = sign_root(signed, signer), True
        if not found:
            raise NotFoundError("No key of a holder of this root is here.", code="no_root_key")
        return signed


def _holders(root: Metadata[Root]) -> list[str]:
    return [key.to_multikey() for key in _role(root.signed, "root").keys]


def _role(root: Root, name: str) -> RoleKeys:
    role = root.roles[name]
    try:
        keys = tuple(public_key_of(root.keys[keyid]) for keyid in role.keyids)
    except KeyError as error:
        raise InputError("The root names a key that it does not have.", code="invalid_root") from error
    return RoleKeys(keys, role.threshold)
