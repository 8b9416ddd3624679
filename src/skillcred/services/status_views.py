"""What each view of a status list tells, and how it is signed. All views are folds of the same events.

A list counts its events, and a version says how many of them it tells of: nothing else makes a version old but time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.bitstrings import BitOrder, build_bit_string
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import IntegrityError, UnavailableError
from skillcred.issuance import prepare_credential, sign_bytes, sign_prepared
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.signer import Signer
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.securing import key_algorithms, secured_media_type
from skillcred.securing.jose.status_list_token import (
    STATUS_LIST_TOKEN,
    attach_status_list_signature,
    prepare_status_list_token,
)
from skillcred.services.organisation_document import DID_WEB, build_organisation_document
from skillcred.services.records import (
    KeyState,
    Organisation,
    SigningKey,
    StatusEventKind,
    StatusListRecord,
    StatusView,
)
from skillcred.services.status_ports import StatusRepository
from skillcred.status import ListKind
from skillcred.status import bitstring_status_list as bitstring
from skillcred.status import token_status_list as token
from skillcred.status.revocation_dates import build_dates
from skillcred.verification import Evidence, EvidenceItem
from skillcred.verification.status_lists import find_status_list

LIST_MECHANISM: Final = "eddsa-rdfc-2022"
TOKEN_MECHANISM: Final = "dc+sd-jwt"  # noqa: S105 - a securing mechanism
"""Tokens are signed with the key that signs SD-JWT VCs, because wallets look for no other."""
TTL: Final = timedelta(seconds=60)
"""How long verifiers need not look again, so that a revocation is seen everywhere soon after (S-10)."""

Dates = Mapping[int, tuple[datetime, datetime]]

_VALUES: Final[Mapping[StatusView, Mapping[StatusEventKind, int]]] = {
    StatusView.REVOCATION: {StatusEventKind.REVOKED: 1},
    StatusView.SUSPENSION: {StatusEventKind.SUSPENDED: 1},
    StatusView.TOKEN: {
        StatusEventKind.REVOKED: token.INVALID,
        StatusEventKind.SUSPENDED: token.SUSPENDED,
    },
    StatusView.REVOCATION_DATES: {StatusEventKind.REVOKED: 1},
}
"""The value of an entry by what holds there; nothing else counts."""
VALUED_VIEWS: Final = {
    StatusView.MESSAGE: StatusEventKind.MESSAGE,
    StatusView.REFRESH: StatusEventKind.REFRESH,
}
"""The views of which each entry has the last value that was recorded, and not a state."""
_TOKEN_BITS: Final = {StatusView.TOKEN: 2, StatusView.REVOCATION_DATES: 1}


def views_of(record: StatusListRecord) -> Sequence[StatusView]:
    """The views in which a list is published: those of its scheme beside those that every list has."""
    told = {StatusView.MESSAGE: bool(record.scheme.messages), StatusView.REFRESH: record.scheme.refresh}
    return tuple(view for view in StatusView if told.get(view, True))


def list_kind(view: StatusView) -> ListKind:
    """Which specification a view follows."""
    return ListKind.JWT if view in _TOKEN_BITS else ListKind.BITSTRING


def media_type_of(view: StatusView) -> str:
    """The media type of a published view."""
    return STATUS_LIST_TOKEN if view in _TOKEN_BITS else secured_media_type(LIST_MECHANISM)


def fold_view(states: Mapping[int, StatusEventKind], view: StatusView) -> dict[int, int]:
    """The values in a view that are not zero, by index, where `states` hold (see `record_status.fold_events`)."""
    values = _VALUES.get(view, {})
    return {index: values[state] for index, state in states.items() if state in values}


def read_values(statuses: StatusRepository, record: StatusListRecord, view: StatusView) -> dict[int, int]:
    """The values of a list in a view that are not zero, by index, from the storage."""
    kind = VALUED_VIEWS.get(view)
    if kind is not None:
        return {index: value for index, value in statuses.list_values(record.id, kind).items() if value}
    return fold_view(statuses.list_states(record.id), view)


def entry_bits(record: StatusListRecord, view: StatusView) -> int:
    """The size of an entry in a view."""
    return record.scheme.size if view is StatusView.MESSAGE else _TOKEN_BITS.get(view, 1)


def build_view_bits(record: StatusListRecord, view: StatusView, values: Mapping[int, int]) -> bytes:
    """The bits of a view whose values are `values`, zero where there is none."""
    order = BitOrder.LEAST_SIGNIFICANT_FIRST if view in _TOKEN_BITS else BitOrder.MOST_SIGNIFICANT_FIRST
    return build_bit_string(record.length, entry_bits(record, view), order, values).data


def own_evidence(
    organisation: Organisation, keys: Sequence[SigningKey], uri: str, content: bytes, at: datetime
) -> Evidence:
    """What our own verifier needs to read a list of `organisation` called `uri`."""
    items = [EvidenceItem(EvidenceReference(EvidenceKind.STATUS_LIST, uri), at, "own", content)]
    if organisation.did.startswith(DID_WEB):
        document = json.dumps(build_organisation_document(organisation, keys)).encode("utf-8")
        reference = EvidenceReference(EvidenceKind.DID_DOCUMENT, organisation.did)
        items.append(EvidenceItem(reference, at, "own", document))
    return Evidence(items)


@dataclass(frozen=True, slots=True)
class ViewContent:
    """What the next version of a view will tell. `dates`, and the addresses of the lists whose entries they are, are
    for `REVOCATION_DATES` only."""

    view: StatusView
    uri: str
    record: StatusListRecord
    organisation: Organisation
    keys: tuple[SigningKey, ...]
    values: Mapping[int, int]
    dates: Dates
    dated_lists: Sequence[str]
    published_at: datetime
    valid_until: datetime

    def find_key(self) -> tuple[Algorithm, SigningKey]:
        """The key that signs. Raises `UnavailableError` (`no_active_key`)."""
        mechanism = TOKEN_MECHANISM if self.view in _TOKEN_BITS else LIST_MECHANISM
        for algorithm in key_algorithms(mechanism):
            for key in self.keys:
                if key.algorithm == algorithm.value and key.state is KeyState.ACTIVE:
                    return algorithm, key
        raise UnavailableError("The organisation has no active key to sign lists with.", code="no_active_key")

    def sign(self, algorithm: Algorithm, key: SigningKey, signer: Signer) -> bytes:
        """The signed list, checked by our own verifier (SECURITY F-14). Raises `IntegrityError`."""
        sign = self._sign_token if self.view in _TOKEN_BITS else self._sign_credential
        content = sign(algorithm, key, signer)
        self._check(content)
        return content

    def _sign_credential(self, algorithm: Algorithm, key: SigningKey, signer: Signer) -> bytes:
        unsigned = bitstring.build_list_credential(
            uri=self.uri,
            issuer=self.organisation.did,
            purpose=self.view.value,
            encoded_list=bitstring.encode_list(
                self.record.length, entry_bits(self.record, self.view), self.values
            ),
            valid_from=self.published_at,
            valid_until=self.valid_until,
            ttl=TTL,
        )
        prepared = prepare_credential(
            unsigned,
            mechanism=LIST_MECHANISM,
            verification_method=key.id,
            algorithm=algorithm,
            created=self.published_at,
        )
        return sign_prepared(prepared, signer)

    def _sign_token(self, algorithm: Algorithm, key: SigningKey, signer: Signer) -> bytes:
        bits = _TOKEN_BITS[self.view]
        claims: JsonObject = token.build_claims(
            uri=self.uri,
            issuer=self.organisation.did,
            bits=bits,
            lst=token.encode_list(self.record.length, bits, self.values),
            issued_at=self.published_at,
            expires_at=self.valid_until,
            ttl=TTL,
        )
        if self.view is StatusView.REVOCATION_DATES:
            claims |= build_dates(self.dates, self.dated_lists)
        prepared = prepare_status_list_token(claims, verification_method=key.id, algorithm=algorithm)
        return attach_status_list_signature(prepared, sign_bytes(prepared.to_be_signed, key.id, signer))

    def _check(self, content: bytes) -> None:
        organisation, at = self.organisation, self.published_at
        evidence = own_evidence(organisation, self.keys, self.uri, content, at)
        reading = find_status_list(self.uri, list_kind(self.view), evidence=evidence, at=at)
        found = reading.status_list
        meant = build_view_bits(self.record, self.view, self.values)
        if found is None or (found.issuer, found.uri, found.data) != (organisation.did, self.uri, meant):
            raise IntegrityError(
                f"Our own verifier refuses the list: {reading.detail}.", code="self_check_failed"
            )
