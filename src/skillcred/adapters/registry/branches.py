"""The metadata of a branch that its body signs elsewhere: the role of The Update Framework that the operator delegates
to that body, made in one place, signed in another, and published as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, TargetFile, Targets

from skillcred.adapters.registry.delegations import build_delegations
from skillcred.adapters.registry.layout import branch_path, credentials_path, role_of
from skillcred.adapters.registry.signers import RegistrySigner
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.keys.public_key import PublicKey
from skillcred.keys.signer import Signer
from skillcred.services.branch_ports import (
    MAX_SIGNED_BRANCH_BYTES,
    BranchError,
    BranchFiles,
    BranchHeader,
)


class FrameworkBranches:
    """`BranchFormat` by the framework."""

    def build(self, body_did: str, files: BranchFiles, *, version: int, expires: datetime) -> bytes:
        """See `BranchFormat`."""
        return Metadata(_targets(body_did, files, version, expires)).to_bytes()

    def read(self, signed: bytes) -> BranchHeader:
        """See `BranchFormat`."""
        metadata = read_branch(signed)
        digest = hashlib.sha256(metadata.signed_bytes).hexdigest()
        return BranchHeader(metadata.signed.version, metadata.signed.expires, digest)

    def covers(self, signed: bytes, body_did: str, files: BranchFiles) -> bool:
        """See `BranchFormat`. The canonical form of all that is signed is compared, so that nothing can stand beside
        what is expected."""
        found = read_branch(signed)
        expected = _targets(body_did, files, found.signed.version, found.signed.expires)
        expected.spec_version = (
            found.signed.spec_version
        )  # the framework here may be newer than where it was signed
        return found.signed_bytes == Metadata(expected).signed_bytes

    def find_signer(self, signed: bytes, body_did: str, keys: Sequence[PublicKey]) -> PublicKey | None:
        """See `BranchFormat`."""
        metadata = read_branch(signed)
        if len(metadata.signatures) != 1:
            return None
        return next((key for key in keys if is_signed_by(metadata, body_did, key)), None)


def sign_branch(unsigned: bytes, signer: Signer) -> bytes:
    """The metadata with the signature of the body. Raises `BranchError`, `InputError` (`unsupported_key_type`), and
    what the signer raises."""
    metadata = read_branch(unsigned)
    metadata.sign(RegistrySigner(signer))
    return metadata.to_bytes()


def is_signed_by(metadata: Metadata[Targets], body_did: str, key: PublicKey) -> bool:
    """Whether verifiers to whom the role of `body_did` is delegated with `key` take it (TUF specification 1.0.34
    section 5.6.3)."""
    try:
        delegations = build_delegations({body_did: key}, [], None)
        Targets(delegations=delegations).verify_delegate(
            role_of(body_did), metadata.signed_bytes, metadata.signatures
        )
    except (RepositoryError, InputError):  # an InputError is a key of a kind that signs no registry
        return False
    return True


def read_branch(content: bytes) -> Metadata[Targets]:
    """The metadata of a role with targets, with whatever signatures. Raises `BranchError` or a strict JSON error: what
    other readers of JSON could take for something else is published nowhere."""
    if len(content) > MAX_SIGNED_BRANCH_BYTES:
        raise BranchError("The metadata of a branch is too large.")
    parse_json_object(content)
    try:
        read = Metadata[Targets].from_bytes(content)
    except (RepositoryError, ValueError) as error:
        raise BranchError("The file is not the metadata of a branch.") from error
    if not isinstance(read.signed, Targets) or read.unrecognized_fields:
        raise BranchError("The file is not the metadata of a branch.")
    return read


def _targets(body_did: str, files: BranchFiles, version: int, expires: datetime) -> Targets:
    contents = {branch_path(body_did): files.statements, credentials_path(body_did): files.credentials}
    infos = {path: TargetFile.from_data(path, content, ["sha256"]) for path, content in contents.items()}
    return Targets(version=version, expires=expires.replace(microsecond=0), targets=infos)
