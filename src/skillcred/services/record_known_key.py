"""Records a key of a body or provider elsewhere, with the time in which it was used (SECURITY K-11, T-13).

The operator may do so for anybody, a body for itself and for those whom it accredited. The keys of organisations of
this deployment are kept here anyway and cannot be told otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.errors import AuthorisationError, ConflictError, InputError, NotFoundError
from skillcred.keys.public_key import PublicKey
from skillcred.services.four_eyes import NOT_REQUIRED, FourEyes
from skillcred.services.permissions import ROLE_OF_KIND, is_operator
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.records import Actor, AuditEntry, KnownKey, Role
from skillcred.services.registrable import check_registrable_did
from skillcred.services.registry_log import log_change
from skillcred.services.transactions import in_transaction
from skillcred.trust import RegisteredKey
from skillcred.trust.records import write_key

MAX_METHOD_CHARACTERS: Final = 2000
MAX_MULTIKEY_CHARACTERS: Final = 4000
"""Long enough for an ML-DSA key."""


@dataclass(frozen=True, slots=True)
class RecordKnownKey:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock
    four_eyes: FourEyes = NOT_REQUIRED

    def __call__(self, actor: Actor, entity_did: str, key: RegisteredKey) -> KnownKey:
        """Record the key, or new times of a recorded one.

        Raises `AuthorisationError` (`four_eyes_required` where somebody else has to approve), `NotFoundError` for an
        entity outside the body's branch, `InputError` (`invalid_key`, `invalid_key_times`), `ConflictError`
        (`key_conflict`, `keys_kept_here`, `key_compromised` where a compromise would be taken back).
        """
        _require_recorder(actor)
        self.four_eyes.refuse_alone()
        return in_transaction(self.units, lambda unit: self.apply(unit, actor, entity_did, key))

    def check(self, unit: UnitOfWork, actor: Actor, entity_did: str, key: RegisteredKey) -> None:
        """That the key could be recorded now. Raises as `__call__` does."""
        _require_recorder(actor)
        if not is_operator(actor) and entity_did != actor.organisation.did:
            own = unit.registry.list_accreditations(provider_did=entity_did, body_did=actor.organisation.did)
            if not own:
                raise NotFoundError("There is no such entity.")
        check_registrable_did(entity_did, unit, pointer="/entity_did")
        local = unit.organisations.find_by_did(entity_did)
        if local is not None and not local.keys_elsewhere:
            raise ConflictError("The keys of that organisation are kept here.", code="keys_kept_here")
        check_key(entity_did, key)
        for known in unit.registry.list_known_keys(entity_did):
            if known.key.verification_method == key.verification_method:
                _check_same(known.key, key)

    def apply(self, unit: UnitOfWork, actor: Actor, entity_did: str, key: RegisteredKey) -> KnownKey:
        """Record the key in `unit`. Raises as `__call__` does."""
        self.check(unit, actor, entity_did, key)
        now = self.clock.now()
        known = KnownKey(entity_did, key, now, actor.api_key_id)
        unit.registry.put_known_key(known)
        unit.audit.add(
            AuditEntry(now, actor.api_key_id, actor.organisation.id, "record_key", key.verification_method)
        )
        log_change(
            unit,
            at=now,
            actor=actor.api_key_id,
            organisation_did=actor.organisation.did,
            action="key_recorded",
            subject=entity_did,
            content=write_key(key),
        )
        return known


def check_key(entity_did: str, key: RegisteredKey) -> None:
    """That `key` can be a key of `entity_did`. Raises `InputError` (`invalid_key`, `invalid_key_times`)."""
    method, multikey = key.verification_method, key.public_key_multibase
    if (
        not method.startswith(f"{entity_did}#")
        or not len(entity_did) + 1 < len(method) <= MAX_METHOD_CHARACTERS
    ):
        raise InputError(
            "The key is not named under the DID.", code="invalid_key", pointer="/verification_method"
        )
    try:
        if len(multikey) > MAX_MULTIKEY_CHARACTERS:
            raise InputError("The key is too long.")
        PublicKey.from_multikey(multikey)
    except InputError as error:
        raise InputError(
            "The public key is not a Multikey that we know.",
            code="invalid_key",
            pointer="/public_key_multibase",
        ) from error
    instants = (key.activated_at, key.retired_at, key.compromised_at)
    if any(instant is not None and instant.tzinfo is None for instant in instants):
        raise InputError("An instant needs an offset.", code="invalid_key_times", pointer="/activated_at")
    if key.retired_at is not None and key.retired_at < key.activated_at:
        raise InputError(
            "A key is retired after it was activated.", code="invalid_key_times", pointer="/retired_at"
        )


def _check_same(recorded: RegisteredKey, key: RegisteredKey) -> None:
    if recorded.public_key_multibase != key.public_key_multibase:
        raise ConflictError("Another key is recorded under that name.", code="key_conflict")
    if recorded.compromised_at is not None and (
        key.compromised_at is None or key.compromised_at > recorded.compromised_at
    ):
        raise ConflictError("A compromise is not taken back.", code="key_compromised")


def _require_recorder(actor: Actor) -> None:
    if actor.role not in (Role.OPERATOR, Role.BODY_ADMIN) or (
        ROLE_OF_KIND[actor.organisation.kind] is not actor.role
    ):
        raise AuthorisationError("This API key does not allow that.")
