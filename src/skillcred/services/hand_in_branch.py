"""A body that keeps its keys elsewhere hands in its branch of the published registry (SECURITY T-05, T-09).

Only the signed metadata comes in. The files that it is about are made here from what is recorded, and must be the ones
that were signed: so a branch can bring nothing into the registry that two people of the body have not agreed on.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import AuthorisationError, ConflictError, InputError, NotFoundError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import PublicKey
from skillcred.model.datetimes import format_instant
from skillcred.services.branch_ports import (
    BRANCH_LIFETIME,
    BranchError,
    BranchFiles,
    BranchFormat,
    BranchHeader,
    HandedInBranch,
)
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.permissions import require_keys_elsewhere, require_role
from skillcred.services.ports import Clock, Hold, UnitOfWork, UnitOfWorkFactory
from skillcred.services.prepare_branch import next_version
from skillcred.services.published_branches import build_branch_files, read_registry
from skillcred.services.recorded_keys import list_active_keys
from skillcred.services.records import Actor, AuditEntry, Role
from skillcred.services.registry_log import log_change
from skillcred.services.transactions import in_transaction
from skillcred.trust import RegisteredKey
from skillcred.trust.published import parse_branch

CLOCKS_APART: Final = timedelta(days=1)
"""How far the clock of whoever prepared a branch may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class HandInBranch:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    branch_format: BranchFormat
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(self, actor: Actor, body_did: str, signed: bytes) -> HandedInBranch:
        """Keep the branch; the next publication uses it byte for byte.

        Raises `AuthorisationError` (`body_not_enrolled`, `four_eyes_required`), `NotFoundError` for another body's,
        `BranchError` (`invalid_branch`, `branch_expired`, `branch_lifetime`, `branch_not_signed`), `ConflictError`
        (`keys_kept_here`, `branch_rolled_back`, `branch_version`, `branch_outdated`), or a strict JSON error.
        """
        require_role(actor, Role.BODY_ADMIN)
        self.four_eyes.refuse_alone()
        return in_transaction(self.units, lambda unit: self.apply(unit, actor, body_did, signed))

    def check(
        self, unit: UnitOfWork, actor: Actor, body_did: str, signed: bytes, *, hold: Hold | None = None
    ) -> HandedInBranch:
        """The record that it would become, if it could be taken now. Raises as `__call__` does."""
        require_role(actor, Role.BODY_ADMIN)
        if body_did != actor.organisation.did:
            raise NotFoundError("There is no such body.")
        require_keys_elsewhere(actor.organisation)
        if unit.registry.find_body(body_did, hold=hold) is None:
            raise AuthorisationError("The organisation is not an enrolled body.", code="body_not_enrolled")
        now = self.clock.now()
        header = self.branch_format.read(signed)
        _check_header(header, next_version(unit.branches.find_latest(body_did)), now)
        signer = self._signer(unit, body_did, signed, now)
        files = self._files(unit, body_did, signed)
        return HandedInBranch(
            body_did,
            header.version,
            signed,
            files.statements,
            files.credentials,
            signer.verification_method,
            header.expires,
            now,
            actor.api_key_id,
        )

    def apply(self, unit: UnitOfWork, actor: Actor, body_did: str, signed: bytes) -> HandedInBranch:
        """Keep it, in `unit`. Raises as `__call__` does."""
        branch = self.check(unit, actor, body_did, signed, hold=Hold.EXCLUSIVE)
        unit.branches.add(branch)
        organisation = actor.organisation
        subject = f"{body_did} {branch.version}"
        unit.audit.add(
            AuditEntry(branch.recorded_at, actor.api_key_id, organisation.id, "hand_in_branch", subject)
        )
        log_change(
            unit,
            at=branch.recorded_at,
            actor=actor.api_key_id,
            organisation_did=organisation.did,
            action="branch_handed_in",
            subject=body_did,
            content=describe_branch(branch),
        )
        return branch

    def _signer(self, unit: UnitOfWork, body_did: str, signed: bytes, now: datetime) -> RegisteredKey:
        """The recorded key that signed."""
        keys = {
            public_key: key for key in list_active_keys(unit, body_did, now) for public_key in _usable(key)
        }
        found = self.branch_format.find_signer(signed, body_did, list(keys))
        if found is None:
            raise BranchError(
                "The branch is not signed by an active key of the body, and by that alone.",
                code="branch_not_signed",
            )
        return keys[found]

    def _files(self, unit: UnitOfWork, body_did: str, signed: bytes) -> BranchFiles:
        """What is recorded now, which must be what was signed."""
        files = build_branch_files(read_registry(unit, below=body_did), body_did)
        if not self.branch_format.covers(signed, body_did, files):
            raise ConflictError(
                "The branch is not what is recorded of the body by now; prepare it again.",
                code="branch_outdated",
            )
        parse_branch(files.statements, body_did=body_did)
        return files


def describe_branch(branch: HandedInBranch) -> JsonObject:
    """What the log keeps of it: the digests of the files are in the signed metadata."""
    return {
        "version": branch.version,
        "sha256": hashlib.sha256(branch.signed).hexdigest(),
        "signed_with": branch.signed_with,
        "expires_at": format_instant(branch.expires_at),
    }


def _check_header(header: BranchHeader, expected: int, now: datetime) -> None:
    if header.version < expected:
        raise ConflictError(
            f"That version was handed in before; the next is {expected}.", code="branch_rolled_back"
        )
    if header.version > expected:
        raise ConflictError(f"The next version is {expected}.", code="branch_version")
    if header.expires <= now:
        raise BranchError("The signature has run out.", code="branch_expired")
    if header.expires > now + BRANCH_LIFETIME + CLOCKS_APART:
        raise BranchError(
            f"A branch is signed for {BRANCH_LIFETIME.days} days at most.", code="branch_lifetime"
        )


def _usable(key: RegisteredKey) -> tuple[PublicKey, ...]:
    """The key, if it can sign a registry."""
    try:
        public_key = PublicKey.from_multikey(key.public_key_multibase)
    except InputError:
        return ()
    return (public_key,) if public_key.algorithm is Algorithm.ED25519 else ()
