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
from skillcred.verification.integrity import ControllersAtHand, issuer_anchors
from skillcred.verification.policy import DEFAULT_POLICY, VerificationPolicy
from skillcred.verification.statements import Checked, check_document, check_remembered, find_holdings

LIST_CREDENTIAL: Final = "application/vc"
# In 3.11 looking a member of an enumeration up costs more than a call.
_STATUS_LIST: Final = EvidenceKind.STATUS_LIST
_TOKEN: Final = ListKind.JWT
T = TypeVar("T", covariant=True)


def check_credential_status(
    document: JsonObject, issuer_id: str, reader: EvidenceReader, policy: VerificationPolicy, at: datetime
) -> StepResult:
    """The status of verified claims, by the lists in evidence."""
    lists = _Lists(reader, policy, at)
    return check_status(document, issuer_id, lists.read, at=at, past=lists)


class _Lists(ReadPast):
    """The lists of entries, now and then, and the dates of revocations, as far as they are in evidence."""

    def __init__(self, reader: EvidenceReader, policy: VerificationPolicy, at: datetime) -> None:
        self._reader, self._policy, self._at = reader, policy, at

    def read(self, entry: StatusEntry, version: EvidenceReference | None = None) -> ListReading:
        """The list that is published where the entry says, or another `version` of it, if it is in evidence and
        verifies."""
        name = version or (_STATUS_LIST, entry.list_uri)
        item = self._reader.read(name)
        if item is None:
            return ListReading(None, detail="not_requested", needs=(EvidenceReference(*name),))
        content, retrieved_at, kind, at = item.content, item.retrieved_at, entry.kind, self._at
        if content is None:
            rolled_back = item.unavailable == "status_list_rolled_back"
            code = "status_list_rolled_back" if rolled_back else "status_list_unavailable"
            return ListReading(None, retrieved_at, code, item.unavailable or "no_content")
        # a list that was fetched after the instant asked about was signed after it, too
        moment = retrieved_at if retrieved_at > at else at
        policy = self._policy

        def check(part: EvidenceReader) -> Checked[StatusList]:
            return _check(content, kind, part, policy, moment)

        media_type = STATUS_LIST_TOKEN if kind is _TOKEN else LIST_CREDENTIAL
        try:
            checked = check_remembered(kind, content, media_type, self._reader, policy, moment, check)
        except InputError as error:
            return ListReading(None, retrieved_at, _list_code(error.code), error.message)
        if checked.value is None:
            return ListReading(None, retrieved_at, "status_list_not_verified", checked.code, checked.needs)
        return ListReading(checked.value, retrieved_at)

    def dates(self, entry: StatusEntry, /) -> DatesReading:
        return read_revocation_dates(entry.list_uri, self._reader, self._policy, self._at)

    def list_then(self, entry: StatusEntry, /) -> ListReading:
        return self.read(entry, past_list_reference(entry.list_uri, self._at))


def past_list_reference(uri: str, at: datetime) -> EvidenceReference:
    """Names the version of a list that held at `at`, as Token Status List does for historical resolution."""
    separator = "&" if "?" in uri else "?"
    return EvidenceReference(EvidenceKind.PAST_STATUS_LIST, f"{uri}{separator}time={int(at.timestamp())}")


def find_status_list(uri: str, kind: ListKind, *, evidence: Evidence, at: datetime) -> ListReading:
    """The list at `uri`, as every verification would read it from `evidence` under the default policy."""
    lists = _Lists(EvidenceReader(evidence), DEFAULT_POLICY, at)
    return lists.read(StatusEntry("", kind, uri, 0))


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

    def check(part: EvidenceReader) -> Checked[RevocationDates]:
        return _check_token(content, part, policy, moment, parse_dates)

    try:
        checked = check_remembered(
            EvidenceKind.REVOCATION_DATES.value, content, STATUS_LIST_TOKEN, reader, policy, moment, check
        )
    except InputError:
        return DatesReading(None)
    return DatesReading(checked.value, checked.needs)


def _check(
    content: bytes, kind: ListKind, reader: EvidenceReader, policy: VerificationPolicy, at: datetime
) -> Checked[StatusList]:
    if kind is _TOKEN:
        checked = _check_token(content, reader, policy, at, parse_claims)
    else:
        checked = check_document(content, LIST_CREDENTIAL, reader, policy, at, parse_list_credential)
    return checked if checked.value is None else _with_size(checked)


class _ParseToken(Protocol[T]):
    def __call__(self, claims: JsonObject, *, issuer: str) -> T: ...


def _check_token(
    content: bytes, reader: EvidenceReader, policy: VerificationPolicy, at: datetime, parse: _ParseToken[T]
) -> Checked[T]:
    token = content.strip()
    controllers = ControllersAtHand(peek_status_list_controllers(token), reader)
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
