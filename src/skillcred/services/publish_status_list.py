"""A status list is published: the fold of its events, signed, as the next version.

Whoever needs a list calls this; it signs only where the last version lacks an event or is about to run out, so a
publisher that is killed loses nothing: the next call sees the same events. Two at once cannot both write one
version, and a version that tells of fewer events than the one before it is never written (SECURITY S-08, S-18).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.errors import ConflictError, IntegrityError, NotFoundError, UnavailableError
from skillcred.issuance import prepare_credential, sign_prepared
from skillcred.keys.algorithms import Algorithm
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.securing import key_algorithms, secured_media_type
from skillcred.services.allocate_status_entry import status_list_url
from skillcred.services.organisation_document import DID_WEB, build_organisation_document
from skillcred.services.ports import (
    Clock,
    CommitUnknownError,
    CrashPoint,
    Hold,
    SignerSource,
    UnitOfWork,
    UnitOfWorkFactory,
)
from skillcred.services.records import (
    KeyState,
    Organisation,
    SigningKey,
    StatusEventKind,
    StatusListRecord,
    StatusPublication,
    StatusView,
)
from skillcred.services.transactions import in_transaction
from skillcred.status import ListKind
from skillcred.status.bitstring_status_list import build_list_credential, decode_list, encode_list
from skillcred.verification import Evidence, EvidenceItem
from skillcred.verification.status_lists import find_status_list

LIST_MECHANISM: Final = "eddsa-rdfc-2022"
VALID_FOR: Final = timedelta(hours=24)
"""How long a published list may be relied on."""
RENEW_BEFORE: Final = timedelta(hours=12)
"""A list that ends sooner than this is published again, although nothing happened."""
TTL: Final = timedelta(seconds=60)
"""How long verifiers need not look again, so that a revocation is seen everywhere soon after (S-10)."""
MAX_ROUNDS: Final = 5

_SET_BY: Final = {
    StatusView.REVOCATION: StatusEventKind.REVOKED,
    StatusView.SUSPENSION: StatusEventKind.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """One consistent state of a list."""

    record: StatusListRecord
    organisation: Organisation
    keys: tuple[SigningKey, ...]
    latest: StatusPublication | None
    events: int
    states: Mapping[int, StatusEventKind]


@dataclass(frozen=True, slots=True)
class PublishStatusList:
    """The use case."""

    base_url: str
    units: UnitOfWorkFactory
    key_manager: SignerSource
    clock: Clock
    crash_point: CrashPoint

    def __call__(self, list_id: str, view: StatusView) -> StatusPublication:
        """The current version, made now if need be.

        Raises `NotFoundError`, `UnavailableError` (`no_active_key` where the organisation cannot sign), and
        `IntegrityError` if what we signed does not verify.
        """
        for _ in range(MAX_ROUNDS):
            snapshot = self._read(list_id, view)
            now = self.clock.now()
            if snapshot.latest is not None and _is_current(snapshot.latest, snapshot.events, now):
                return snapshot.latest
            publication = self._make(snapshot, view, now)
            self.crash_point("after-sign-before-publish")
            try:
                if in_transaction(self.units, lambda unit, new=publication: _store(unit, new)):  # type: ignore[misc]
                    self.crash_point("after-publish-commit")
                    return publication
            except (ConflictError, CommitUnknownError):
                continue  # another process was faster, or our commit went through after all: look again
        raise UnavailableError("The list changes too fast to be published.", code="status_list_contended")

    def _read(self, list_id: str, view: StatusView) -> _Snapshot:
        with self.units(writes=False) as unit:
            record = unit.statuses.find_list(list_id)
            if record is None:
                raise NotFoundError("There is no such status list.")
            return _Snapshot(
                record=record,
                organisation=unit.organisations.get(record.organisation_id),
                keys=tuple(unit.signing_keys.list_for(record.organisation_id)),
                latest=unit.statuses.find_publication(list_id, view),
                events=unit.statuses.count_events(list_id),
                states=unit.statuses.list_states(list_id),
            )

    def _make(self, snapshot: _Snapshot, view: StatusView, now: datetime) -> StatusPublication:
        """Build, sign and check the next version. A clock that stepped back does not move a list back."""
        latest = snapshot.latest
        published_at = (now if latest is None else max(now, latest.published_at)).replace(microsecond=0)
        valid_until = published_at + VALID_FOR
        algorithm, key = _signing_key(snapshot)
        uri = status_list_url(self.base_url, snapshot.record.id, view)
        set_bits = {index: 1 for index, state in snapshot.states.items() if state is _SET_BY[view]}
        encoded = encode_list(snapshot.record.length, 1, set_bits)
        prepared = prepare_credential(
            build_list_credential(
                uri=uri,
                issuer=snapshot.organisation.did,
                purpose=view.value,
                encoded_list=encoded,
                valid_from=published_at,
                valid_until=valid_until,
                ttl=TTL,
            ),
            mechanism=LIST_MECHANISM,
            verification_method=key.id,
            algorithm=algorithm,
            created=published_at,
        )
        self.crash_point("before-sign-list")
        content = sign_prepared(prepared, self.key_manager.get_signer(key.id, key.public_key_multibase))
        self._check(content, snapshot, uri, decode_list(encoded), published_at)
        return StatusPublication(
            list_id=snapshot.record.id,
            view=view,
            version=1 if latest is None else latest.version + 1,
            events=snapshot.events,
            content=content,
            media_type=secured_media_type(LIST_MECHANISM),
            published_at=published_at,
            valid_until=valid_until,
        )

    def _check(self, content: bytes, snapshot: _Snapshot, uri: str, data: bytes, at: datetime) -> None:
        """Our own verifier reads what we hand out, and finds the bits that were meant (SECURITY F-14)."""
        organisation = snapshot.organisation
        items = [EvidenceItem(EvidenceReference(EvidenceKind.STATUS_LIST, uri), at, "own", content)]
        if organisation.did.startswith(DID_WEB):
            document = json.dumps(build_organisation_document(organisation, snapshot.keys)).encode("utf-8")
            reference = EvidenceReference(EvidenceKind.DID_DOCUMENT, organisation.did)
            items.append(EvidenceItem(reference, at, "own", document))
        reading = find_status_list(uri, ListKind.BITSTRING, evidence=Evidence(items), at=at)
        found = reading.status_list
        if found is None or (found.issuer, found.uri, found.data) != (organisation.did, uri, data):
            raise IntegrityError(
                f"Our own verifier refuses the list: {reading.detail}.", code="self_check_failed"
            )


def _is_current(latest: StatusPublication, events: int, now: datetime) -> bool:
    return latest.events >= events and latest.valid_until - now > RENEW_BEFORE


def _signing_key(snapshot: _Snapshot) -> tuple[Algorithm, SigningKey]:
    for algorithm in key_algorithms(LIST_MECHANISM):
        for key in snapshot.keys:
            if key.algorithm == algorithm.value and key.state is KeyState.ACTIVE:
                return algorithm, key
    raise UnavailableError("The organisation has no active key to sign lists with.", code="no_active_key")


def _store(unit: UnitOfWork, publication: StatusPublication) -> bool:
    """Record the version if it is the next one and tells of no fewer events than the last."""
    unit.statuses.find_list(publication.list_id, hold=Hold.EXCLUSIVE)
    latest = unit.statuses.find_publication(publication.list_id, publication.view)
    if latest is not None and (
        latest.version + 1 != publication.version or latest.events > publication.events
    ):
        return False
    unit.statuses.add_publication(publication)
    return True
