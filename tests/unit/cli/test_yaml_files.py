"""YAML that people write, and YAML that nobody should."""

from __future__ import annotations

import pytest

from skillcred.cli.yaml_files import MAX_YAML_BYTES, YamlError, parse_yaml_object
from skillcred.errors import SkillcredError


def test_every_scalar_is_a_text() -> None:
    content = b"country: NO\nheld_on: 2026-11-24\nlevel: 6\nlist: [a, 'b']\nnested:\n  on: yes\nempty:\n"
    assert parse_yaml_object(content) == {
        "country": "NO",
        "held_on": "2026-11-24",
        "level": "6",
        "list": ["a", "b"],
        "nested": {"on": "yes"},
        "empty": "",
    }


def test_json_is_read_strictly() -> None:
    assert parse_yaml_object(b' {"a": null}') == {"a": None}
    with pytest.raises(SkillcredError) as fault:
        parse_yaml_object(b'{"a": 1, "a": 2}')
    assert fault.value.code == "duplicate_member"


@pytest.mark.parametrize(
    "content",
    [
        b"a: 1\na: 2",
        b"a: &x 1\nb: *x",
        b"a: !!python/object/apply:os.system ['true']",
        b"a: !!str 1",
        b"a: 1\n---\nb: 2",
        b"- a",
        b"",
        b"# nothing",
        b"a: [",
        b"a: \xff",
        b"? [a]\n: b",
        b"a: " + b"[" * 5000,
        b"a: " + b"[" * 40 + b"]" * 40,
        b"a: " + b"x" * MAX_YAML_BYTES,
        b"<<: {a: 1}\n<<: {b: 2}",
    ],
    ids=lambda value: value[:20].decode("latin-1"),
)
def test_what_is_refused(content: bytes) -> None:
    with pytest.raises(YamlError):
        parse_yaml_object(content)
