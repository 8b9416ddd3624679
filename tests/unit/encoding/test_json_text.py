"""JSON that gets signed is written as the library writes it, by either of its two ways."""

from __future__ import annotations

import json
from json import encoder
from typing import Any

import pytest

from skillcred.encoding import json_text

VALUES: list[Any] = [
    {"b": [1, -2.5, {"a": 'é "\\\n\u2028😀'}], "a": True, "c": None, "": {}},
    "text",
    0,
    1e300,
    [],
    {},
    [[], {}, [{"x": []}]],
]


@pytest.fixture(params=["in C", "in Python"])
def encode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "in Python":
        monkeypatch.setattr(encoder, "c_make_encoder", None)
        monkeypatch.setattr(json_text, "_write", json_text._make_writer())
    return json_text.encode_json


@pytest.mark.parametrize("value", VALUES)
def test_it_writes_what_the_library_writes(encode: Any, value: Any) -> None:
    expected = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    assert encode(value) == expected
    assert json.loads(encode(value)) == value


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": "\ud800"}])
def test_what_is_no_json_is_refused(encode: Any, value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        encode(value)
    with pytest.raises(TypeError):
        encode({"a": object()})


def test_what_is_in_itself_is_refused(encode: Any) -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(RecursionError):
        encode(value)
