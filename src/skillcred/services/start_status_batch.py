"""An issuer starts to revoke or suspend many credentials under one reason: all of a batch with a typo, everything that
a compromised key signed. Here they are only written down; `run_status_batches` does the work."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.model.datetimes import format_instant
from skillcred.profiles import PROFILES
from skillcred.services.batch_records import BatchSelection, BatchState, StatusBatch
from skillcred.services.identities import new_id
from skillcred.services.permissions import require_role
from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.record_status import check_effective, check_reason, parse_kind
from skillcred.services.records import Actor, AuditEntry, KeyState, Role, StatusEventKind
from skillcred.services.transactions import in_transaction

MAX_LISTED: Final = 200_000
"""Most credentials that one batch lists by name."""
_IDEMPOTENCY_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)


@dataclass(frozen=True, slots=True)
class StatusBatchRequest:
    """What is to be changed, why, and since when (now, unless it is retroactive)."""

    kind: StatusEventKind | str
    reason: str
    selection: BatchSelection
    effective_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StartStatusBatch:
    """The use case."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self, actor: Actor, request: StatusBatchRequest, idempotency_key: str) -> StatusBatch:
        """Record the batch with all its credentials, in one transaction; the same one for a repeated request.

        Which credentials it is about is settled now; what is issued afterwards is not among them. Everything signed by
        a key can only be selected once nothing more can be signed with it. Raises `AuthorisationError`, `InputError`
        (`selection_missing`, `selection_ambiguous`, `nothing_selected`, …), `NotFoundError` for an unknown key,
        `ConflictError` (`key_still_active`, `idempotency_key_reused`, `batch_taken` where the same request runs twice
        at once).
        """
        require_role(actor, Role.ISSUER)
        if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
            raise InputError(
                "An idempotency key has 1 to 255 printable ASCII characters without spaces.",
                code="invalid_idempotency_key",
            )
        kind, reason = parse_kind(request.kind), check_reason(request.reason)
        _check_selection(request.selection)
        digest = _digest(kind, reason, request)

        def work(unit: UnitOfWork) -> StatusBatch:
            known = unit.batches.find_by_key(actor.organisation.id, idempotency_key)
            if known is not None:
                if known.request_sha256 != digest:
                    raise ConflictError(
                        "This idempotency key was used for another request.", code="idempotency_key_reused"
                    )
                return known
            _check_key(unit, actor.organisation.id, request.selection.verification_method)
            now = self.clock.now()
            batch = StatusBatch(
                id=new_id(),
                organisation_id=actor.organisation.id,
                idempotency_key=idempotency_key,
                request_sha256=digest,
                kind=kind,
                reason=reason,
                effective_at=check_effective(request.effective_at, now),
                selection=json.dumps(_summary(request.selection), ensure_ascii=False),
                state=BatchState.RUNNING,
                total=0,
                started_at=now,
                started_by=actor.api_key_id,
            )
            return _record(unit, batch, request.selection)

        return in_transaction(self.units, work)


def _record(unit: UnitOfWork, batch: StatusBatch, selection: BatchSelection) -> StatusBatch:
    unit.batches.add(batch)
    if selection.credential_ids:
        total = unit.batches.add_items(batch.id, list(dict.fromkeys(selection.credential_ids)))
    else:
        total = unit.batches.select_items(batch.id, batch.organisation_id, selection)
    if not total:
        raise InputError(
            "No credential meets these conditions.", code="nothing_selected", pointer="/selection"
        )
    batch = replace(batch, total=total)
    unit.batches.update(batch)
    unit.audit.add(
        AuditEntry(
            batch.started_at, batch.started_by, batch.organisation_id, "status_batch_started", batch.id
        )
    )
    return batch


def _check_selection(selection: BatchSelection) -> None:
    if not selection.credential_ids and not selection.is_stated:
        raise InputError("Say which credentials are meant.", code="selection_missing", pointer="/selection")
    if selection.credential_ids and selection.is_stated:
        raise InputError(
            "Either list credentials or state conditions.", code="selection_ambiguous", pointer="/selection"
        )
    if len(selection.credential_ids) > MAX_LISTED:
        raise InputError(
            f"One batch lists at most {MAX_LISTED} credentials.",
            code="selection_too_long",
            pointer="/selection/credential_ids",
        )
    if selection.issued_under == "":
        raise InputError("The name of an issuance batch is empty.", code="selection_missing")
    if selection.profile is not None and selection.profile not in PROFILES:
        raise InputError("There is no such profile.", code="unknown_profile", pointer="/selection/profile")
    for name in ("issued_from", "issued_until"):
        instant: datetime | None = getattr(selection, name)
        if instant is not None and instant.tzinfo is None:
            raise InputError(
                "The instant needs an offset.", code="invalid_datetime", pointer=f"/selection/{name}"
            )


def _check_key(unit: UnitOfWork, organisation_id: str, verification_method: str | None) -> None:
    if verification_method is None:
        return
    keys = {key.id: key for key in unit.signing_keys.list_for(organisation_id)}
    key = keys.get(verification_method)
    if key is None:
        raise NotFoundError("The organisation has no such key.", code="key_not_found")
    if key.state is KeyState.ACTIVE:
        raise ConflictError("The key still signs; rotate or retire it first.", code="key_still_active")


def _summary(selection: BatchSelection) -> JsonObject:
    if selection.credential_ids:
        return {"listed": len(selection.credential_ids)}
    return selection.conditions


def _digest(kind: StatusEventKind, reason: str, request: StatusBatchRequest) -> str:
    effective_at = None if request.effective_at is None else format_instant(request.effective_at)
    content: JsonObject = {
        "kind": kind.value,
        "reason": reason,
        "effective_at": effective_at,
        "selection": request.selection.to_json(),
    }
    return hashlib.sha256(encode_jcs(content)).hexdigest()
