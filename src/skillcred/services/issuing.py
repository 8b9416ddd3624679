"""The issuing machine: prepare → reserve (committed) → sign → verify with our own verifier → store → release.

Nothing is signed without a durable record of the exact bytes, nothing is issued twice, and what was handed
out is handed out again for the same request (SECURITY I1 to I4). Whoever signs holds a lease on the
reservation; when it has run out, because a process died, the next request (or `reconcile_issuances`) goes on
with the same bytes. A reservation is given up, with its identifiers, if its key is no longer active or the
result fails our own check.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject, as_list
from skillcred.errors import AuthorisationError, ConflictError, InputError, UnavailableError
from skillcred.issuance import (
    PreparedCredential,
    build_options,
    encode_prepared,
    find_problems,
    prepare_credential,
    prepare_second_proof,
)
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.own_certificates import build_x5c
from skillcred.model.conformance import BASE_CONTEXT_1
from skillcred.model.outcomes import Problem
from skillcred.securing import EXPERIMENTAL_NAMES, MECHANISM_NAMES, WALLET_NAMES, key_algorithms
from skillcred.services.allocate_status_entry import (
    AllocateStatusEntry,
    Allocation,
    build_status_claim,
    build_status_members,
)
from skillcred.services.finishing import FinishIssuance
from skillcred.services.identities import new_id, new_url
from skillcred.services.ports import (
    Clock,
    CommitUnknownError,
    CrashPoint,
    Hold,
    UnitOfWork,
    UnitOfWorkFactory,
)
from skillcred.services.records import (
    Actor,
    AuditEntry,
    Issuance,
    IssuancePurpose,
    IssuanceState,
    SigningKey,
    StoredCredential,
)
from skillcred.services.renewing import check_renewal
from skillcred.services.transactions import in_transaction

MAX_ROUNDS: Final = 5
"""How often a request starts over because another one, or a key rotation, was faster."""
DEFAULT_MECHANISM: Final = "eddsa-rdfc-2022"

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


class NotConformingError(InputError):
    """The credential that would come out does not conform to VCDM 2.0. `problems` has what and where."""

    default_code = "credential_not_conforming"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("The credential would not conform to the Verifiable Credentials Data Model.")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """A further copy of the credential of an order, for another key of the holder."""

    build: Callable[[str, datetime], JsonObject]
    holder_key: JsonObject | None


@dataclass(frozen=True, slots=True)
class IssuingOrder:
    """What to issue. `request` is what the caller sent, for telling a repeat from another request; `build`
    makes what is secured, without a status, for an identifier and an instant. A `revocable` one gets an entry of a
    status list. `holder_key` is the JWK of the holder, for mechanisms that name it; `second_mechanism` an experimental
    cryptosuite for a proof beside the first.
    `renews` is the credential that it takes the place of. With further `copies`, each has an identifier and an entry of
    its own, and times of signing tell the day only, so that nothing about them shows that they belong together."""

    actor: Actor
    purpose: IssuancePurpose
    idempotency_key: str
    request: JsonObject
    profile: str
    profile_sha256: str
    mechanism: str
    path: str
    build: Callable[[str, datetime], JsonObject]
    revocable: bool = False
    holder_key: JsonObject | None = None
    second_mechanism: str | None = None
    renews: str | None = None
    copies: tuple[CopyOrder, ...] = ()

    @property
    def request_sha256(self) -> str:
        """Digest of the request in canonical form, with what kind of request it was."""
        canonical = encode_jcs({"purpose": self.purpose.value, "request": self.request})
        return hashlib.sha256(canonical).hexdigest()


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The active key that one proof will be made with."""

    key: SigningKey
    algorithm: Algorithm


@dataclass(frozen=True, slots=True)
class IssuingMachine:
    """Carries out one order. `lease` is how long one attempt may take before another may take over."""

    base_url: str
    units: UnitOfWorkFactory
    clock: Clock
    finish: FinishIssuance
    allocate_status_entry: AllocateStatusEntry
    crash_point: CrashPoint
    lease: timedelta

    def __call__(self, order: IssuingOrder) -> StoredCredential:
        """The signed credential; for a repeated request the same bytes as before.

        Raises `ConflictError` (`idempotency_key_reused`, `issuance_in_progress`), `AuthorisationError`
        (`no_active_key`), `InputError` for what cannot be issued, `UnavailableError`, `IntegrityError`.
        """
        if not _IDEMPOTENCY_KEY.fullmatch(order.idempotency_key):
            raise InputError(
                "An idempotency key has 1 to 255 printable ASCII characters without spaces.",
                code="invalid_idempotency_key",
            )
        if order.mechanism not in (*MECHANISM_NAMES, *WALLET_NAMES):
            raise InputError(
                "There is no such securing mechanism.",
                code="unsupported_mechanism",
                pointer="/securing_mechanism",
            )
        if order.second_mechanism is not None and order.second_mechanism not in EXPERIMENTAL_NAMES:
            raise InputError(
                "There is no such mechanism for a second proof.",
                code="unsupported_mechanism",
                pointer="/second_mechanism",
            )
        digest = order.request_sha256
        for _ in range(MAX_ROUNDS):
            issuance = self._find(order)
            if issuance is None:
                issuance = self._reserve(order, digest)
            elif issuance.request_sha256 != digest:
                raise ConflictError(
                    "This idempotency key was used for another request.", code="idempotency_key_reused"
                )
            elif issuance.state is IssuanceState.RESERVED and not self.finish.take_over(issuance):
                raise ConflictError(
                    "The same request is being worked on; try again in a moment.", code="issuance_in_progress"
                )
            stored = None if issuance is None else self.finish(issuance)
            if stored is not None:
                return stored
        raise UnavailableError("Too many requests or key changes at once.", code="issuance_contended")

    def _find(self, order: IssuingOrder) -> Issuance | None:
        with self.units(writes=False) as unit:
            return unit.issuances.find(order.actor.organisation.id, order.idempotency_key)

    def _reserve(self, order: IssuingOrder, digest: str) -> Issuance | None:
        """Prepare, and commit the reservation. `None` where another request or a rotation was faster."""
        organisation_id = order.actor.organisation.id
        mechanisms = [name for name in (order.mechanism, order.second_mechanism) if name is not None]
        with self.units(writes=False) as unit:
            chosen = [_choose_key(unit, organisation_id, name) for name in mechanisms]
        key = chosen[0].key
        now = self.clock.now()
        prepared = self._prepare(order, chosen, now)
        issuance = Issuance(
            id=new_id(),
            organisation_id=organisation_id,
            purpose=order.purpose,
            idempotency_key=order.idempotency_key,
            request_sha256=digest,
            credential_id=prepared.credential_id,
            profile=order.profile,
            profile_sha256=order.profile_sha256,
            mechanism=order.mechanism,
            key_id=key.id,
            prepared=encode_prepared(prepared),
            to_be_signed_sha256=prepared.to_be_signed_sha256,
            state=IssuanceState.RESERVED,
            reserved_at=now,
            lease_until=now + self.lease,
            actor=order.actor.api_key_id,
            renews=order.renews,
        )

        def reserve(unit: UnitOfWork) -> bool:
            for each in chosen:
                algorithm = each.algorithm.value
                held = unit.signing_keys.find_active(organisation_id, algorithm, hold=Hold.SHARED)
                if held is None or held.id != each.key.id:
                    return False
            if order.renews is not None:
                check_renewal(unit, organisation_id, order.renews, revocable=order.revocable)
            unit.issuances.reserve(issuance)
            unit.audit.add(_audit(issuance, now))
            return True

        if not self._commit_reservation(issuance, reserve):
            return None
        self.crash_point("after-reserve-commit")
        return issuance

    def _commit_reservation(self, issuance: Issuance, reserve: Callable[[UnitOfWork], bool]) -> bool:
        """Whether exactly this reservation is recorded."""
        for _ in range(2):
            try:
                return in_transaction(self.units, reserve)
            except ConflictError as error:
                if error.code != "issuance_taken":
                    raise
                # another request has the idempotency key, or an earlier commit of ours came through after all
                return self._is_recorded(issuance)
            except CommitUnknownError:
                if self._is_recorded(issuance):
                    return True
        raise UnavailableError(
            "It is not known whether the reservation was recorded.", code="reservation_unknown"
        )

    def _is_recorded(self, issuance: Issuance) -> bool:
        with self.units(writes=False) as unit:
            found = unit.issuances.find(issuance.organisation_id, issuance.idempotency_key)
        return found is not None and found.id == issuance.id

    def _prepare(self, order: IssuingOrder, chosen: Sequence[_Chosen], now: datetime) -> PreparedCredential:
        first, *others = chosen
        created = now if not order.copies else max(_day_of(now), first.key.activated_at)
        wanted = (CopyOrder(order.build, order.holder_key), *order.copies)
        kept = first.key.certificates
        certificates = () if kept is None else build_x5c(kept, now)
        ids = [new_url(self.base_url, order.path) for _ in wanted]
        unsigned = [
            copy.build(own_id, created.replace(microsecond=0))
            for copy, own_id in zip(wanted, ids, strict=True)
        ]
        for document in unsigned:
            _refuse_problems(document, order.mechanism)
        if order.revocable:
            entries = self._allocate(order.actor.organisation.id, ids[0], len(order.copies))
            unsigned = [_add_status(self.base_url, *item) for item in zip(unsigned, entries, strict=True)]
            for document in unsigned:
                _refuse_problems(document, order.mechanism)
        prepared, *copies = (
            prepare_credential(
                document,
                mechanism=order.mechanism,
                verification_method=first.key.id,
                algorithm=first.algorithm,
                created=created,
                options=build_options(document, order.mechanism, copy.holder_key, certificates),
            )
            for document, copy in zip(unsigned, wanted, strict=True)
        )
        if order.second_mechanism is None:
            return replace(prepared, copies=tuple(copies))
        return prepare_second_proof(
            prepared,
            mechanism=order.second_mechanism,
            verification_method=others[0].key.id,
            algorithm=others[0].algorithm,
            created=created,
        )

    def _allocate(self, organisation_id: str, credential_id: str, copies: int) -> list[Allocation]:
        given = [self.allocate_status_entry.allocate(organisation_id, credential_id)]
        if copies:
            given += self.allocate_status_entry.allocate_copies(organisation_id, credential_id, copies)
        return given


def _add_status(base_url: str, unsigned: JsonObject, given: Allocation) -> JsonObject:
    if "vct" in unsigned:
        return {**unsigned, "status": build_status_claim(base_url, given.slot)}
    members = build_status_members(base_url, given.slot, given.scheme)
    if as_list(unsigned.get("@context", []))[:1] == [BASE_CONTEXT_1]:
        # One entry is all that wallets read in VCDM 1.1 (section 4.9): that for revocation. The token list tells of
        # suspensions, too.
        return {
            **unsigned,
            "credentialStatus": members[0],
            "status": build_status_claim(base_url, given.slot),
        }
    return {**unsigned, "credentialStatus": [*members]}


def _day_of(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def _choose_key(unit: UnitOfWork, organisation_id: str, mechanism: str) -> _Chosen:
    """The organisation's active key for `mechanism`, of the kind that the mechanism likes best. Raises
    `AuthorisationError` (`no_active_key`)."""
    for algorithm in key_algorithms(mechanism):
        key = unit.signing_keys.find_active(organisation_id, algorithm.value)
        if key is not None:
            return _Chosen(key, algorithm)
    raise AuthorisationError("The organisation has no active key to sign with.", code="no_active_key")


def _refuse_problems(unsigned: JsonObject, mechanism: str) -> None:
    problems = find_problems(unsigned, mechanism)
    if problems:
        raise NotConformingError(problems)


def _audit(issuance: Issuance, now: datetime) -> AuditEntry:
    action = f"reserve_{issuance.purpose.value}"
    return AuditEntry(now, issuance.actor, issuance.organisation_id, action, issuance.credential_id)
