"""The part of `check_storage` that reads what is kept for recognition: cases, imported tables, what bodies vouch for, a
classification of skills."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import IntegrityError, SkillcredError
from skillcred.recognition.load import load_shipped_data
from skillcred.recognition.progress import read_progress
from skillcred.recognition.questions import read_question
from skillcred.recognition.workflow import CaseState
from skillcred.services.fsck_ports import CaseRead, StorageInspection
from skillcred.services.ports import UnitOfWork
from skillcred.services.recognition_tables import read_stored_table
from skillcred.services.records import StatusEventKind

if TYPE_CHECKING:
    from skillcred.services.check_storage import Findings

RECOGNITION_CHECKS: Final = {
    "cases_readable": "Every case before an authority can be read, and its state is that of its progress.",
    "case_documents_unchanged": "Every document of a case has the digest that was recorded, or was erased.",
    "case_statements_agree": "What was signed of a case says what was decided, and is revoked if that was set aside.",
    "tables_unchanged": "Every imported table has the digest that was recorded, and all of its rows can be taken.",
    "vouchings_unchanged": "Everything in which a body vouches for rules has the digest that was recorded.",
    "classification_whole": "The classification of skills has as many occupations and skills as were imported.",
}


def check_recognition(unit: UnitOfWork, findings: Findings) -> None:
    """Check all of it. A shipped record that changed since a table was imported is found here, too."""
    _check_cases(unit.inspection, findings)
    _check_tables(unit, findings)
    vouchings = findings["vouchings_unchanged"]
    for item in unit.recognition_data.list_vouchings():
        vouchings.look(_digest(item.content) == item.sha256, f"vouching {item.sha256}: other bytes")
    release = unit.classification.find_release()
    if release is not None:
        stated, counted = (release.occupations, release.skills), unit.inspection.count_concepts()
        findings["classification_whole"].look(
            stated == counted,
            f"release {release.version}: says {stated} occupations and skills, has {counted}",
        )


def _check_cases(inspection: StorageInspection, findings: Findings) -> None:
    readable, agree = findings["cases_readable"], findings["case_statements_agree"]
    for case in inspection.stream_cases():
        fault = _find_case_fault(case)
        readable.look(fault is None, f"case {case.case_id}: {fault}")
        if case.statement_id is not None:
            agree.look(
                _says_what_was_decided(case), f"case {case.case_id}: {case.statement_id} says something else"
            )
        if case.state == CaseState.ANNULLED and case.statement_id is not None:
            agree.look(
                case.signed_state is StatusEventKind.REVOKED,
                f"case {case.case_id}: annulled, and {case.statement_id} is not revoked",
            )
    unchanged = findings["case_documents_unchanged"]
    for document in inspection.stream_case_documents():
        good = document.is_erased or _digest(document.content) == document.sha256
        unchanged.look(good, f"case {document.case_id} document {document.sha256}: other bytes")


def _find_case_fault(case: CaseRead) -> str | None:
    try:
        progress = read_progress(json.loads(case.progress))
        read_question(json.loads(case.question))
        json.loads(case.prepared)["outcome"]
    except (SkillcredError, KeyError, TypeError, ValueError, AttributeError) as fault:
        return f"cannot be read ({type(fault).__name__})"
    if progress.state.value != case.state:
        return f"is {case.state}, its progress says {progress.state.value}"
    return None


def _says_what_was_decided(case: CaseRead) -> bool:
    """Whether what was signed is there, and is what was decided. After a provisional statement and until the final one
    is signed, it says what was decided before."""
    if case.signed is None or case.statement is None:
        return False
    if case.state == CaseState.DECIDED:
        return True
    try:
        subject = parse_json_object(case.signed).get("credentialSubject")
    except SkillcredError:
        return False
    return encode_jcs(subject) == case.statement.encode("utf-8")


def _check_tables(unit: UnitOfWork, findings: Findings) -> None:
    check, data = findings["tables_unchanged"], load_shipped_data()
    for table in unit.recognition_data.list_tables():
        fault: str | None = None
        try:
            read = read_stored_table(table, data)
        except IntegrityError as error:
            fault = error.message
        else:
            if read.problems:
                fault = f"row {read.problems[0].row}: {read.problems[0].code}"
        check.look(fault is None, f"table {table.label}: {fault}")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
