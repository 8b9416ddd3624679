"""JSONTestSuite and the JCS test data through our own entry points."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.strict_json import parse_json
from skillcred.errors import InputError


def test_every_must_case_of_jsontestsuite(shared_dir: Path) -> None:
    wrong: list[str] = []
    counted = {"y": 0, "n": 0, "i": 0}
    for path in sorted((shared_dir / "vectors/json-test-suite/test_parsing").glob("*.json")):
        kind = path.name[0]
        counted[kind] += 1
        try:
            parse_json(path.read_bytes())
            accepted = True
        except InputError:
            accepted = False
        # Duplicate members are valid JSON; SECURITY P-01 has us refuse them.
        expected = kind == "y" and not path.stem.startswith("y_object_duplicated_key")
        if kind in "yn" and accepted != expected:
            wrong.append(path.name)
    assert wrong == []
    assert counted["y"] >= 95
    assert counted["n"] >= 188


def test_jcs_files(shared_dir: Path) -> None:
    folder = shared_dir / "vectors/jcs"
    names = sorted(path.stem for path in (folder / "input").glob("*.json"))
    assert len(names) == 6
    for name in names:
        value = json.loads((folder / f"input/{name}.json").read_bytes())
        wanted = bytes.fromhex("".join((folder / f"outhex/{name}.txt").read_text().split()))
        assert encode_jcs(value) == wanted, name


def test_jcs_numbers(shared_dir: Path) -> None:
    lines = (shared_dir / "vectors/jcs/es6-numbers-10000.txt").read_text().splitlines()
    assert len(lines) == 10_000
    for line in lines:
        bits, text = line.split(",")
        (number,) = struct.unpack(">d", bytes.fromhex(bits.zfill(16)))
        assert encode_jcs(number).decode() == text, line


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf")])
def test_jcs_refuses_what_it_cannot_keep(value: float) -> None:
    with pytest.raises(InputError):
        encode_jcs(value)
