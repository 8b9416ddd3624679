"""The operator signs how far the log of the registry has come, to be kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.errors import ConflictError, IntegrityError
from skillcred.keys.public_key import Algorithm
from skillcred.services.checkpoints import sign_checkpoint
from skillcred.services.governance_records import Checkpoint
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, SignerSource, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, Role, SigningKey
from skillcred.services.verify_registry_log import verify_log

_ALGORITHMS: Final = (Algorithm.ED25519, Algorithm.P256, Algorithm.P384)
"""Algorithms of the keys that sign checkpoints, the preferred one first."""


@dataclass(frozen=True, slots=True)
class MakeCheckpoint:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    signers: SignerSource

    def __call__(self, actor: Actor) -> Checkpoint:
        """A checkpoint of the last entry. The whole log is verified first: nothing broken is signed.

        Raises `AuthorisationError`, `ConflictError` (`log_empty`, `no_active_key`), `IntegrityError` (`log_broken`),
        `UnavailableError`.
        """
        require_role(actor, Role.OPERATOR)
        with self.units(writes=False) as unit:
            found = verify_log(unit)
            key = _active_key(unit, actor)
        if found.faults:
            raise IntegrityError("The log of the registry is broken.", code="log_broken")
        if found.last_sha256 is None:
            raise ConflictError("The log of the registry is empty.", code="log_empty")
        draft = Checkpoint(
            number=found.entries,
            sha256=found.last_sha256,
            at=self.clock.now(),
            operator_did=actor.organisation.did,
            verification_method=key.id,
            public_key_multibase=key.public_key_multibase,
            signature="",
        )
        return sign_checkpoint(draft, self.signers.get_signer(key.id, key.public_key_multibase))


def _active_key(unit: UnitOfWork, actor: Actor) -> SigningKey:
    for algorithm in _ALGORITHMS:
        key = unit.signing_keys.find_active(actor.organisation.id, algorithm.value)
        if key is not None:
            return key
    raise ConflictError("The operator has no active key that signs checkpoints.", code="no_active_key")
