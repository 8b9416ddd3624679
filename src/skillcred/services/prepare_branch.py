"""The branch that a body which keeps its keys elsewhere has to sign next, with all that is recorded of it now."""

from __future__ import annotations

from dataclasses import dataclass

from skillcred.errors import NotFoundError
from skillcred.services.branch_packages import BranchPackage, encode_package
from skillcred.services.branch_ports import BRANCH_LIFETIME, BranchFormat, BranchHeader, HandedInBranch
from skillcred.services.permissions import is_operator, require_keys_elsewhere, require_role
from skillcred.services.ports import Clock, UnitOfWorkFactory
from skillcred.services.published_branches import build_branch_files, read_registry
from skillcred.services.records import Actor, Role


@dataclass(frozen=True, slots=True)
class PreparedBranch:
    """The file for the body, what it says of itself, how many statements are in it, and the ids of accreditations that
    were left out because they cannot be read, with a code why."""

    package: bytes
    header: BranchHeader
    statements: int
    left_out: dict[str, str]


@dataclass(frozen=True, slots=True)
class PrepareBranch:
    """The use case. It changes nothing."""

    units: UnitOfWorkFactory
    clock: Clock
    branch_format: BranchFormat

    def __call__(self, actor: Actor, body_did: str) -> PreparedBranch:
        """For the operator, and for the body itself.

        Raises `AuthorisationError`, `NotFoundError` also for another body's, `ConflictError` (`keys_kept_here`).
        """
        if not is_operator(actor):
            require_role(actor, Role.BODY_ADMIN)
        now = self.clock.now()
        with self.units(writes=False) as unit:
            hidden = not is_operator(actor) and actor.organisation.did != body_did
            if hidden or unit.registry.find_body(body_did) is None:
                raise NotFoundError("There is no such body.")
            organisation = unit.organisations.find_by_did(body_did)
            if organisation is not None:
                require_keys_elsewhere(organisation)
            records = read_registry(unit, below=body_did)
            version = next_version(unit.branches.find_latest(body_did))
        files = build_branch_files(records, body_did)
        metadata = self.branch_format.build(body_did, files, version=version, expires=now + BRANCH_LIFETIME)
        return PreparedBranch(
            encode_package(BranchPackage(body_did, metadata, files)),
            self.branch_format.read(metadata),
            len(records.statements),
            dict(records.unreadable),
        )


def next_version(latest: HandedInBranch | None) -> int:
    """The version that follows."""
    return 1 if latest is None else latest.version + 1
