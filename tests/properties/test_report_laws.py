"""A report as bytes says what the report says as JSON, whatever it holds; and as JSON it can be changed."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from types import MappingProxyType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from skillcred.model.outcomes import (
    EvidenceKind,
    EvidenceReference,
    Outcome,
    Problem,
    Step,
    StepResult,
    Verdict,
)
from skillcred.services.report_bytes import encode_report
from skillcred.verification import EvidenceItem, VerificationReport, build_report_json
from skillcred.verification.messages import MESSAGES
from worlds.pure_world import PureWorld

WORLD = PureWorld()
REPORT = WORLD.verify(WORLD.credential())
CODES = st.sampled_from(sorted(MESSAGES))
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone(timedelta(hours=9, minutes=30))])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


def _frozen(items: Any) -> Any:
    members = st.dictionaries(st.text(), items, max_size=4)
    return st.lists(items, max_size=4).map(tuple) | members | members.map(MappingProxyType)


def _plain(items: Any) -> Any:
    return st.lists(items, max_size=4) | st.dictionaries(st.text(), items, max_size=4)


DETAILS: Any = st.dictionaries(st.text(), st.recursive(LEAVES, _frozen, max_leaves=8), max_size=4)
CLAIMS: Any = st.dictionaries(st.text(), st.recursive(LEAVES, _plain, max_leaves=8), max_size=4)
PROBLEMS = st.lists(st.builds(Problem, CODES, st.text(), st.none() | st.text(), st.text()), max_size=2).map(
    tuple
)
REFERENCES = st.builds(EvidenceReference, st.sampled_from(EvidenceKind), st.text())
STEPS = st.builds(
    StepResult,
    st.sampled_from(Step),
    st.sampled_from(Outcome),
    CODES,
    PROBLEMS,
    st.lists(REFERENCES, max_size=2).map(tuple),
    PROBLEMS,
    DETAILS | DETAILS.map(MappingProxyType),
)
ITEMS = st.builds(
    EvidenceItem,
    REFERENCES,
    st.datetimes(timezones=ZONES, min_value=REPORT.evaluated_at.replace(tzinfo=None)),
    st.text(),
    st.none() | st.binary(max_size=4),
    st.none() | st.text(),
)
REPORTS = st.builds(
    REPORT.__class__._replace,
    st.just(REPORT),
    verdict=st.sampled_from(Verdict),
    reason=CODES,
    steps=st.lists(STEPS, max_size=4).map(tuple),
    claims=st.none() | CLAIMS,
    facts=st.sampled_from([None, REPORT.facts]),
    vouchers=st.sampled_from([(), REPORT.vouchers]),
    evidence_used=st.lists(ITEMS, max_size=3).map(tuple),
    diagnostics=DETAILS,
)


@given(REPORTS)
def test_a_report_as_bytes_is_what_it_is_as_json(report: VerificationReport) -> None:
    assert encode_report(report) == to_json(build_report_json(report))


@given(REPORTS)
def test_changing_the_json_of_a_report_changes_no_report(report: VerificationReport) -> None:
    before = encode_report(report)
    _spoil(build_report_json(report))
    assert encode_report(report) == before


def _spoil(value: Any) -> None:
    """Empty all lists and objects. What is of another type than JSON has fails."""
    if value is None or isinstance(value, (str, int, float)):
        return
    assert type(value) in (list, dict)
    for item in list(value.values() if isinstance(value, dict) else value):
        _spoil(item)
    value.clear()
