"""Whether an accreditation is signed by a key that is recorded of its signer, and by nothing else: no document is
fetched, so the answer is the same on a machine without a network."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from skillcred.identifiers import build_did_document
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.services.ports import UnitOfWork
from skillcred.services.registry_evidence import find_key_history
from skillcred.trust import ExtractedAccreditation, KeyHistory, RegisteredKey, StatementCheck
from skillcred.verification import Evidence, EvidenceItem
from skillcred.verification.evidence import EvidenceReader
from skillcred.verification.policy import DEFAULT_POLICY
from skillcred.verification.statements import check_statement

RECORDED_KEYS: Final = "recorded keys"
"""Where the documents come from that recorded keys stand in for."""


def is_active(key: RegisteredKey, at: datetime) -> bool:
    """Whether the key is in use at `at`, as far as the registry was told."""
    return key.activated_at <= at and key.retired_at is None and key.compromised_at is None


def list_active_keys(unit: UnitOfWork, did: str, at: datetime) -> tuple[RegisteredKey, ...]:
    """The keys that `did` signs with now."""
    return tuple(key for key in find_key_history(unit, did).keys if is_active(key, at))


def check_by_recorded_keys(
    item: ExtractedAccreditation, keys: Mapping[str, Sequence[RegisteredKey]], at: datetime
) -> StatementCheck:
    """What the accreditation says, if one of `keys` of its signer made it in its time, or why it does not count.

    `no_recorded_key` where nothing is recorded of the signer. Raises `InputError` for bytes that cannot be read, or for
    a credential that is sound and no accreditation.
    """
    items = [
        EvidenceItem(
            EvidenceReference(EvidenceKind.DID_DOCUMENT, did), at, RECORDED_KEYS, _document(did, recorded)
        )
        for did, recorded in keys.items()
    ]
    histories = tuple(KeyHistory(did, tuple(recorded)) for did, recorded in keys.items())
    check = check_statement(item, EvidenceReader(Evidence(items)), DEFAULT_POLICY, at, histories)
    if check.statement is not None and not keys.get(check.statement.body_did):
        return StatementCheck(None, "no_recorded_key")
    return check


def _document(did: str, keys: Sequence[RegisteredKey]) -> bytes:
    methods = [
        (key.verification_method, key.public_key_multibase) for key in keys if key.compromised_at is None
    ]
    return json.dumps(build_did_document(did, methods)).encode("utf-8")
