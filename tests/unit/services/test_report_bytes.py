"""Reports as bytes say what the report says, whatever stands in the claims."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic_core import to_json

from skillcred.services.report_bytes import encode_report
from skillcred.verification import build_report_json
from worlds.pure_world import NOW, PureWorld


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        2**63,
        10**40,
        1.5,
        1e-7,
        1e22,
        5e-324,
        True,
        None,
        "",
        'é\u2028\u0000\x7f"\\/😀',
        [],
        {},
        [[{"": []}]],
    ],
)
def test_values_come_through(value: Any) -> None:
    world = PureWorld()
    report = world.verify(world.credential())._replace(claims={"a": value, "ü": [value]})
    content = encode_report(report)
    assert content == to_json(build_report_json(report))
    assert json.loads(content) == json.loads(json.dumps(build_report_json(report)))
    assert type(json.loads(content)["claims"]["a"]) is type(value)
    assert b": " not in content.partition(b'"summary"')[0].replace(b'sentence":', b"")
    assert NOW.year == 2026


def test_numbers_are_as_exact_as_they_were() -> None:
    world = PureWorld()
    report = world.verify(world.credential())
    for value in (0.1, 1 / 3, 123456789.123456789, 1.7976931348623157e308, 2.5e-8):
        content = encode_report(report._replace(claims={"a": value}))
        assert json.loads(content)["claims"]["a"] == value


def test_steps_are_written_as_the_report_has_them() -> None:
    world = PureWorld()
    good = world.credential()
    for document in (good, good[:-1], good.replace(b"validFrom", b"validfrom"), b"[]", b"{}"):
        report = world.verify(document)
        for each in (report, report._replace(steps=()), report._replace(evidence_used=(), diagnostics={})):
            assert encode_report(each) == to_json(build_report_json(each))
