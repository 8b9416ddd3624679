"""What was presented is verified, judged against the query, and forgotten; the result is kept.

The answer is stored, sealed, before anything is verified: whoever is killed in between leaves a request that any
process can finish. Two that do it at once reach the same, and one of them records it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import IntegrityError
from skillcred.exchange.oid4vp.dcql import DcqlQuery
from skillcred.exchange.oid4vp.matching import is_satisfied
from skillcred.exchange.oid4vp.presented import (
    JudgedPresentation,
    encode_presentation,
    judge_presentation,
    without_claims,
)
from skillcred.exchange.oid4vp.responses import MAX_RESPONSE_BYTES, VpToken
from skillcred.exchange.sealing import seal, unseal
from skillcred.model.datetimes import format_instant
from skillcred.model.outcomes import Verdict
from skillcred.services.offer_forms import SecretSource
from skillcred.services.ports import Clock, CrashPoint, UnitOfWorkFactory
from skillcred.services.presentation_messages import read_query
from skillcred.services.presentation_records import PresentationRequest, PresentationState
from skillcred.services.transactions import in_transaction
from skillcred.services.verify_document import VerifyDocument
from skillcred.verification import build_presentation_report_json

RESULT_FORMAT: Final = "skillcred-presentation-result-1"
LEASE: Final = timedelta(seconds=60)
"""How long others leave an answer alone: verifying may fetch for some seconds."""
MAX_STORED_BYTES: Final = 4 * MAX_RESPONSE_BYTES
"""Longest stored answer: written anew, an answer may have become a little longer than it came."""
_PRESENTATION: Final = "presentation"


@dataclass(frozen=True, slots=True)
class FinishPresentation:
    """A step of receiving a presentation, and of looking at a request whose answer was left behind."""

    units: UnitOfWorkFactory
    clock: Clock
    verify_document: VerifyDocument
    secret: SecretSource
    crash_point: CrashPoint

    def seal(self, token: VpToken, request_id: str) -> bytes:
        """The presentations, to be stored for a moment."""
        content = {name: list(values) for name, values in token.presentations.items()}
        text = json.dumps(content, ensure_ascii=False).encode("utf-8")
        return seal(self.secret(), text, _PRESENTATION, request_id)

    def __call__(
        self, request: PresentationRequest, *, response_code_sha256: str | None = None
    ) -> PresentationRequest:
        """The request at its end. Raises what verifying raises, `IntegrityError`, `UnavailableError`."""
        if request.presentation is None:
            raise IntegrityError("An answered request has no answer.", code="presentation_missing")
        opened = unseal(self.secret(), request.presentation, _PRESENTATION, request.id)
        token = parse_json_object(opened, max_bytes=MAX_STORED_BYTES)
        query = read_query(request)
        at = self.clock.now()
        judged = self._judge(request, query, token, at)
        answered = {each.query_id for each in judged if each.reason is None}
        reason = next((each.reason for each in judged if each.reason is not None), None)
        if reason is None and not is_satisfied(query, answered):
            reason = "query_not_met"
        self.crash_point("before-presentation-end")
        ended = replace(
            request,
            state=PresentationState.VERIFIED if reason is None else PresentationState.REFUSED,
            encryption_key=None,
            presentation=None,
            lease_until=None,
            response_code_sha256=response_code_sha256,
            result=_build_result(judged, reason, at),
            reason=reason,
        )

        return self._record(ended)

    def _record(self, ended: PresentationRequest) -> PresentationRequest:
        """`ended`, or what another process has recorded before."""
        return in_transaction(
            self.units,
            lambda unit: (
                ended
                if unit.presentations.replace(ended, expected=[PresentationState.ANSWERED])
                else unit.presentations.find(ended.id) or ended
            ),
        )

    def _judge(
        self, request: PresentationRequest, query: DcqlQuery, token: JsonObject, at: datetime
    ) -> list[JudgedPresentation]:
        judged: list[JudgedPresentation] = []
        for name, presentations in token.items():
            each = query.find(name)
            if each is None or not isinstance(presentations, list):
                raise IntegrityError("A stored answer is not what was recorded.", code="presentation_damaged")
            for presentation in presentations:
                if not isinstance(presentation, str | dict):
                    raise IntegrityError(
                        "A stored answer is not what was recorded.", code="presentation_damaged"
                    )
                content, media_type = encode_presentation(each, presentation)
                found = self.verify_document.presentation(
                    content,
                    media_type=media_type,
                    at=at,
                    challenge=request.nonce,
                    domain=request.client_id,
                    shown_now=True,
                )
                judged.append(judge_presentation(each, found.report))
        return judged


def _build_result(judged: Sequence[JudgedPresentation], reason: str | None, at: datetime) -> bytes:
    """The result as JSON. Of a refused answer only why: what it shows was not what was asked for, or not proved."""
    verdict = _verdict([each.report.verdict for each in judged], refused=reason is not None)
    presentations: list[JsonValue] = [
        {
            "query_id": each.query_id,
            "reason": each.reason,
            "report": build_presentation_report_json(
                each.report if reason is None else without_claims(each.report)
            ),
        }
        for each in judged
    ]
    result: JsonObject = {
        "format": RESULT_FORMAT,
        "verdict": verdict.value,
        "reason": reason,
        "evaluated_at": format_instant(at),
        "presentations": presentations,
    }
    return json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _verdict(verdicts: Sequence[Verdict], *, refused: bool) -> Verdict:
    """The worst one."""
    if refused or Verdict.INVALID in verdicts:
        return Verdict.INVALID
    return Verdict.INDETERMINATE if Verdict.INDETERMINATE in verdicts or not verdicts else Verdict.VALID
