"""Status lists as evidence: found, verified as any secured document is, decoded, and remembered while sound.

The list is asked for by its own address, which many credentials share; nothing tells which one is looked at (I14).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol, TypeVar

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.model.outcomes import EvidenceKind, EvidenceReference, Outcome, StepResult
from skillcred.securing import ASSERTION, NOT_REQUESTED, ProofRequest
from skillcred.securing.jose.status_list_token import (
    STATUS_LIST_TOKEN,
    needs_issuer_anchors,
    peek_status_list_controllers,
    verify_status_list_token,
)
from skillcred.status import (
    DatesReading,
    ListKind,
    ListReading,
    ReadPast,
    StatusEntry,
    StatusList,
    check_status,
)
from skillcred.status.bitstring_status_list import parse_list_credential
from skillcred.status.revocation_dates import RevocationDates, parse_dates
from skillcred.status.token_status_list import parse_claims
from skillcred.verification.evidence import Evidence, EvidenceReader
from skillcred.verification.integrity import controller_documents, issuer_anchors
from skillcred.verification.policy import DEFAULT_POLICY, VerificationPolicy
from skillcred.verification.statements import Checked, check_document, check_remembered, find_holdings

LIST_CREDENTIAL: Final = "application/vc"
T = TypeVar("T", covariant=True)


def check_credential_status(
    document: JsonObject, issuer_id: str, reader: EvidenceReader, policy: VerificationPolicy, at: datetime
) -> StepResult:
    """The status of verified claims, by the lists in evidence."""

    def read_list(entry: StatusEntry) -> ListReading:
        return read_status_list(entry.list_uri, entry.kind, reader, policy, at)

    def read_dates(entry: StatusEntry) -> DatesReading:
        return read_revocation_dates(entry.list_uri, reader, policy, at)

    def read_list_then(entry: StatusEntry) -> ListReading:
        reference = past_list_reference(entry.list_uri, at)
        return _read(reference, entry.kind, reader, policy, at)

    past = ReadPast(read_dates, read_list_then)
    return check_status(document, issuer_id, read_list, at=at, past=past)


def past_list_reference(uri: str, at: datetime) -> EvidenceReference:
    """Names the version of a list that held at `at`, as Token Status List does for historical resolution."""
    separator = "&" if "?" in uri else "?"
    return EvidenceReference(EvidenceKind.PAST_STATUS_LIST, f"{uri}{separator}time={int(at.timestamp())}")


def find_status_list(uri: str, kind: ListKind, *, evidence: Evidence, at: datetime) -> ListReading:
    """The list at `uri`, as every verification would read it from `evidence` under the default policy."""
    return read_status_list(uri, kind, EvidenceReader(evidence), DEFAULT_POLICY, at)


def read_status_list(
    uri: str, kind: ListKind, reader: EvidenceReader, policy: VerificationPolicy, at: datetime
) -> ListReading:
    """The list that is published at `uri`, if it is in evidence and verifies."""
    return _read(EvidenceReference(EvidenceKind.STATUS_LIST, uri), kind, reader, policy, at)


def read_revocation_dates(
    uri: str, reader: EvidenceReader, policy: VerificationPolicy, at: datetime
) -> DatesReading:
    """Since when the revoked entries of the list at `uri` are revoked, if that is in evidence and verifies.

    Dates that cannot be read are no dates: without them less can be told, and nothing turns out better.
    """
    reference = EvidenceReference(EvidenceKind.REVOCATION_DATES, uri)
    item = reader.read(reference)
    if item is None:
        return DatesReading(None, (reference,))
    content = item.content
    if content is None:
        return DatesReading(None)
    moment = max(at, item.retrieved_at)

    def check(tracing: EvidenceReader) -> Checked[RevocationDates]:
        return _check_token(content, tracing, policy, moment, parse_dates)

    try:
        checked = check_remembered(
            EvidenceKind.REVOCATION_DATES.value, content, STATUS_LIST_TOKEN, reader, policy, moment, check
        )
    except InputError:
        return DatesReading(None)
    return DatesReading(checked.value, checked.needs)


def _read(
    reference: EvidenceReference,
    kind: ListKind,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
) -> ListReading:
    item = reader.read(reference)
    if item is None:
        return ListReading(None, detail="not_requested", needs=(reference,))
    if item.content is None:
        rolled_back = item.unavailable == "status_list_rolled_back"
        code = "status_list_rolled_back" if rolled_back else "status_list_unavailable"
        return ListReading(None, item.retrieved_at, code, item.unavailable or "no_content")
    # a list that was fetched after the instant asked about was signed after it, too
    moment = max(at, item.retrieved_at)
    try:
        checked = _check(item.content, kind, reader, policy, moment)
    except InputError as error:
        return ListReading(None, item.retrieved_at, _list_code(error.code), error.message)
    if checked.value is None:
        return ListReading(None, item.retrieved_at, "status_list_not_verified", checked.code, checked.needs)
    return ListReading(checked.value, item.retrieved_at)


def _check(
    content: bytes,
    kind: ListKind,
    reader: EvidenceReader,
    policy: VerificationPolicy,
    at: datetime,
) -> Checked[StatusList]:
    def check(tracing: EvidenceReader) -> Checked[StatusList]:
        if kind is ListKind.JWT:
            checked = _check_token(content, tracing, policy, at, parse_claims)
        else:
            checked = check_document(content, LIST_CREDENTIAL, tracing, policy, at, parse_list_credential)
        return checked if checked.value is None else _with_size(checked)

    media_type = STATUS_LIST_TOKEN if kind is ListKind.JWT else LIST_CREDENTIAL
    return check_remembered(kind.value, content, media_type, reader, policy, at, check)


class _ParseToken(Protocol[T]):
    def __call__(self, claims: JsonObject, *, issuer: str) -> T: ...


def _check_token(
    content: bytes, reader: EvidenceReader, policy: VerificationPolicy, at: datetime, parse: _ParseToken[T]
) -> Checked[T]:
    token = content.strip()
    controllers = controller_documents(peek_status_list_controllers(token), reader)
    anchors = issuer_anchors(reader) if needs_issuer_anchors(token) else NOT_REQUESTED
    request = ProofRequest(ASSERTION, at, controllers, policy.contexts, trust_anchors=anchors)
    findings = verify_status_list_token(token, request)
    verified = findings.verified
    if verified is None or findings.result.outcome is not Outcome.PASSED:
        return Checked(None, findings.result.code, findings.result.needs)
    parsed = parse(verified.document, issuer=verified.proofs[0].controller)
    return Checked(parsed, findings.result.code, holdings=find_holdings(verified))


def _with_size(checked: Checked[StatusList]) -> Checked[StatusList]:
    size = 0 if checked.value is None else len(checked.value.data)
    return Checked(checked.value, checked.code, checked.needs, checked.holdings, size)


def _list_code(code: str) -> str:
    """The codes of lists are reason codes of the step; whatever else is wrong with the bytes makes no list."""
    return code if code.startswith("status_") else "status_list_malformed"
