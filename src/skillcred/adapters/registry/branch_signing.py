"""Where a national body signs what is its own: on a machine of its own, without a database and without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.adapters.registry.branches import FrameworkBranches, read_branch, sign_branch
from skillcred.adapters.registry.layout import branch_path, credentials_path
from skillcred.errors import ConflictError, NotFoundError
from skillcred.issuance import prepare_credential, sign_prepared
from skillcred.keys.public_key import PublicKey
from skillcred.keys.signer import Signer
from skillcred.services.accredit_provider import AccreditationRequest, check_scope
from skillcred.services.branch_packages import BranchPackage, check_branch
from skillcred.services.branch_ports import BRANCH_LIFETIME, BranchError, BranchHeader
from skillcred.services.identities import new_id
from skillcred.services.names import check_name
from skillcred.services.ports import KeyManager
from skillcred.services.recorded_keys import is_active
from skillcred.services.role_keys import role_key_name
from skillcred.trust import RegisteredKey, build_accreditation
from skillcred.trust.published import Branch

CLOCKS_APART: Final = timedelta(days=1)
"""How far the clock of whoever prepared a branch may be ahead of ours."""


@dataclass(frozen=True, slots=True)
class BranchView:
    """A branch that is to be signed, after all in it was checked."""

    body_did: str
    header: BranchHeader
    branch: Branch


def view_branch(package: BranchPackage, at: datetime) -> BranchView:
    """What a package asks to be signed. Everything is checked that can be told from the package alone: that the
    metadata are about these files and nothing else, and all that `check_branch` says.

    Raises `BranchError` (`invalid_branch`, `branch_lifetime`, `branch_expired`), and what `check_branch` raises.
    """
    branches = FrameworkBranches()
    header = branches.read(package.metadata)
    if read_branch(package.metadata).signatures:
        raise BranchError("The branch is signed already.")
    if not branches.covers(package.metadata, package.body_did, package.files):
        raise BranchError("The metadata are not about the files beside them, and about nothing else.")
    if header.expires <= at:
        raise BranchError("The branch has run out before it was signed.", code="branch_expired")
    if header.expires > at + BRANCH_LIFETIME + CLOCKS_APART:
        raise BranchError(
            f"A branch is signed for {BRANCH_LIFETIME.days} days at most.", code="branch_lifetime"
        )
    return BranchView(package.body_did, header, check_branch(package.body_did, package.files, at))


@dataclass(frozen=True, slots=True)
class _Renamed:
    """A key under the name that verifiers find it by, whatever the keystore calls it."""

    signer: Signer
    verification_method: str

    @property
    def public_key(self) -> PublicKey:
        return self.signer.public_key

    def sign(self, message: bytes) -> bytes:
        return self.signer.sign(message)


@dataclass(frozen=True, slots=True)
class BodyHolder:
    """Whoever holds the keys of a national body."""

    keys: KeyManager

    def sign_branch(
        self, package: BranchPackage, *, body_did: str, sha256: str, before: bytes | None, at: datetime
    ) -> bytes:
        """The signed metadata, to be handed in.

        `sha256` is the digest that the people of the body agreed on, `before` what they signed last. Raises
        `ConflictError` (`foreign_branch` for another body's, `branch_changed` for another digest, `branch_version`
        where it does not follow `before`), `NotFoundError` (`no_branch_key`), what `view_branch` raises, and what
        signers raise.
        """
        if package.body_did != body_did:
            raise ConflictError("The branch is another body's.", code="foreign_branch")
        view = view_branch(package, at)
        if view.header.sha256 != sha256:
            raise ConflictError("The branch is not the one that was agreed on.", code="branch_changed")
        last = 0 if before is None else _version_of(before, body_did)
        if view.header.version != last + 1:
            raise ConflictError(
                f"The branch has version {view.header.version}; after what was signed before comes {last + 1}.",
                code="branch_version",
            )
        return sign_branch(package.metadata, self._signer(view.branch.keys.get(body_did, ()), at))

    def sign_accreditation(
        self,
        request: AccreditationRequest,
        *,
        body_name: str,
        verification_method: str,
        multikey: str,
        at: datetime,
    ) -> bytes:
        """An accreditation by the body whose key `verification_method` is, to be handed in.

        Raises `NotFoundError` (`no_branch_key`), `InputError` and `AccreditationError` for what cannot be said, and
        what signers raise.
        """
        check_scope(request.scope)
        signer = self._find(verification_method, multikey)
        if signer is None:
            raise _no_key()
        unsigned = build_accreditation(
            credential_id=f"urn:uuid:{new_id()}",
            body_did=verification_method.partition("#")[0],
            body_name=check_name(body_name, pointer="/body_name"),
            provider_did=request.provider_did,
            provider_name=check_name(request.provider_name, pointer="/provider_name"),
            scopes=(request.scope,),
            valid_from=request.valid_from,
            valid_until=request.valid_until,
        )
        prepared = prepare_credential(
            unsigned,
            mechanism=request.mechanism,
            verification_method=verification_method,
            algorithm=signer.public_key.algorithm,
            created=at.replace(microsecond=0),
        )
        return sign_prepared(prepared, signer)

    def _signer(self, keys: Sequence[RegisteredKey], at: datetime) -> Signer:
        """The key at hand that the branch itself has as an active one of the body."""
        for key in keys:
            found = (
                self._find(key.verification_method, key.public_key_multibase) if is_active(key, at) else None
            )
            if found is not None:
                return found
        raise _no_key()

    def _find(self, verification_method: str, multikey: str) -> Signer | None:
        """A key under its own name, or one that was made for the registry."""
        for name in (verification_method, role_key_name(multikey)):
            try:
                return _Renamed(self.keys.get_signer(name, multikey), verification_method)
            except NotFoundError:
                continue
        return None


def _version_of(signed: bytes, body_did: str) -> int:
    """The version of what the body signed before. Raises `BranchError`."""
    last = read_branch(signed).signed
    if last.targets.keys() != {branch_path(body_did), credentials_path(body_did)}:
        raise BranchError("What was signed before is not a branch of the body.")
    return last.version


def _no_key() -> NotFoundError:
    return NotFoundError("No active key of the body is here.", code="no_branch_key")
