"""Publishes the registry as files that any static file server can give out: each body's branch signed by that body, who
is enrolled and that all belongs together by the operator (SECURITY T-05 to T-09)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.signer import Signer
from skillcred.services.checkpoints import encode_checkpoint, parse_checkpoint
from skillcred.services.make_checkpoint import MakeCheckpoint
from skillcred.services.outside_branches import OutsideBranch, OutsideState, choose_branch
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, SignerSource, UnitOfWork, UnitOfWorkFactory
from skillcred.services.publication_ports import (
    OpenPublication,
    OperatorSigners,
    PublishedBranch,
    RegistryContent,
    RegistryPublication,
    SignedElsewhere,
)
from skillcred.services.published_branches import build_branch_files, list_branch, read_registry
from skillcred.services.records import Actor, Organisation, Role
from skillcred.services.role_keys import role_key_name
from skillcred.trust.published import encode_bodies, parse_branch

MIN_KEEP: Final = timedelta(days=3)
"""A timestamp lasts that long, and until then somebody in between may hand it out: what it leads to must be there."""
DEFAULT_KEEP: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did: the roles that were signed anew or came signed, how many statements are published, the
    ids of accreditations and DIDs of bodies that were left out, with a code why, the bodies whose branch is published
    as they signed it although something about it wants doing, with a code what, and how many old files were removed."""

    signed: tuple[str, ...]
    statements: int
    left_out: Mapping[str, str]
    kept: Mapping[str, str]
    removed: int


@dataclass(slots=True)
class _Plan:
    """What will be published, and what there is to tell of it."""

    left_out: dict[str, str]
    kept: dict[str, str] = field(default_factory=dict)
    branches: list[PublishedBranch] = field(default_factory=list)
    signed_elsewhere: list[SignedElsewhere] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)
    statements: set[str] = field(default_factory=set)

    def add_outside(self, body_did: str, chosen: OutsideBranch) -> None:
        if chosen.branch is not None:
            self.signed_elsewhere.append(chosen.branch)
            branch = parse_branch(chosen.branch.files.statements, body_did=body_did)
            self.statements.update(one.edge.statement.credential_id for one in branch.statements)
        if chosen.kept is not None:
            self.kept[body_did] = chosen.kept
        if chosen.left_out is not None:
            self.left_out[body_did] = chosen.left_out
        if chosen.withdrawn:
            self.withdrawn.add(body_did)


@dataclass(frozen=True, slots=True)
class PublishRegistry:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    signers: SignerSource
    make_checkpoint: MakeCheckpoint
    open_publication: OpenPublication

    def __call__(self, actor: Actor, folder: Path, *, keep: timedelta = DEFAULT_KEEP) -> Published:
        """Bring what is published in `folder` up to date. What has not changed is neither signed nor written again;
        files that the registry has not named for longer than `keep` are removed.

        Raises `AuthorisationError`, `InputError` (`kept_too_short`), `ConfigurationError` (`registry_root_missing`,
        `registry_root_expired`, `registry_keys_not_in_root`), `IntegrityError` (`log_broken`), `UnavailableError`.
        """
        require_role(actor, Role.OPERATOR)
        if keep < MIN_KEEP:
            raise InputError("Old files are kept for at least three days.", code="kept_too_short")
        publication = self.open_publication(folder)
        operator = self._operator_signers(publication)
        now = self.clock.now()
        with self.units(writes=False) as unit:
            records = read_registry(unit)
            keys = {body.did: _publishing_key(unit, body.did) for body in records.bodies}
            outside = {
                body.did: unit.branches.find_latest(body.did)
                for body in records.bodies
                if _signs_elsewhere(unit, body.did)
            }
            last = unit.registry_log.find_last()
        plan = _Plan(dict(records.unreadable))
        for body in records.bodies:
            files = build_branch_files(records, body.did)
            key = keys[body.did]
            if body.did in outside:
                published = publication.find_branch(body.did)
                recorded = records.keys.get(body.did, ())
                empty = body.did not in records.given_by
                state = OutsideState(outside[body.did], published, files, empty, recorded)
                plan.add_outside(body.did, choose_branch(state, now))
            elif key is not None:
                signer = self.signers.get_signer(*key)
                plan.branches.append(PublishedBranch(body.did, files.statements, files.credentials, signer))
                plan.statements.update(one.id for one in list_branch(records, body.did))
            elif body.did in records.given_by:
                plan.left_out[body.did] = "no_ed25519_key"
        number = 0 if last is None else last.number
        content = RegistryContent(
            encode_bodies(records.bodies),
            plan.branches,
            self._checkpoint(actor, publication, number),
            plan.signed_elsewhere,
            frozenset(plan.withdrawn),
        )
        signed = publication.publish(content, operator, at=now)
        removed = publication.prune(at=now, keep=keep)
        return Published(signed, len(plan.statements), plan.left_out, plan.kept, removed)

    def _operator_signers(self, publication: RegistryPublication) -> OperatorSigners:
        """Of the keys that the root names for each role, those that are kept here."""
        signers = {role: self._at_hand(keys) for role, keys in publication.role_keys().items()}
        return OperatorSigners(signers["targets"], signers["snapshot"], signers["timestamp"])

    def _at_hand(self, multikeys: Sequence[str]) -> list[Signer]:
        found = []
        for multikey in multikeys:
            try:
                found.append(self.signers.get_signer(role_key_name(multikey), multikey))
            except NotFoundError:
                continue
        return found

    def _checkpoint(self, actor: Actor, publication: RegistryPublication, last: int) -> bytes | None:
        """How far the log had come; the one that is published already, if it has come no further."""
        if last == 0:
            return None
        published = publication.find_checkpoint()
        if published is not None and _number(published) == last:
            return published
        try:
            return encode_checkpoint(self.make_checkpoint(actor))
        except ConflictError as error:
            if error.code != "no_active_key":
                raise
            return published


def _publishing_key(unit: UnitOfWork, body_did: str) -> tuple[str, str] | None:
    """Name and public part of the key with which a body of this deployment signs what it publishes."""
    organisation: Organisation | None = unit.organisations.find_by_did(body_did)
    if organisation is None:
        return None
    key = unit.signing_keys.find_active(organisation.id, Algorithm.ED25519.value)
    return None if key is None else (key.id, key.public_key_multibase)


def _signs_elsewhere(unit: UnitOfWork, body_did: str) -> bool:
    organisation = unit.organisations.find_by_did(body_did)
    return organisation is None or organisation.keys_elsewhere


def _number(checkpoint: bytes) -> int | None:
    """The entry that a published checkpoint is about; `None` for a damaged one, in whose place a new one is put."""
    try:
        return parse_checkpoint(checkpoint).number
    except InputError:
        return None
