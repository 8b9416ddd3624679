"""Nothing in a credential can act on a terminal (SECURITY W-29)."""

from __future__ import annotations

import json
import unicodedata

import pytest

from skillcred.cli.terminal import (
    MAX_SHOWN_CHARACTERS,
    encode_output_json,
    print_fault,
    print_table,
    visible,
    wrap,
)

HOSTILE = [
    pytest.param("\x1b[2J", "\\u{1b}[2J", id="W-29-ansi"),
    pytest.param("\x9b31m", "\\u{9b}31m", id="W-29-c1-csi"),
    pytest.param("a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c", id="W-29-line-breaks"),
    pytest.param("a\u202etxt", "a\\u{202e}txt", id="W-29-right-to-left-override"),
    pytest.param("a\u2066b\u2069", "a\\u{2066}b\\u{2069}", id="W-29-isolates"),
    pytest.param("a\u2028b", "a\\u{2028}b", id="W-29-line-separator"),
    pytest.param("a\u200bb", "a\\u{200b}b", id="W-29-zero-width-space"),
    pytest.param("\ud800", "\\u{d800}", id="W-29-surrogate"),
    pytest.param("\U000e0041", "\\u{e0041}", id="W-29-tag-letter"),
    pytest.param("[bold]x[/bold]", "[bold]x[/bold]", id="W-29-rich-markup-stays-text"),
]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_what_cannot_be_seen_is_spelt_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "name", ["مريم الأنصاري", "አበበ ቢቂላ", "မြန်မာ", "می‌خواهم", "ශ්‍රී ලංකා", "Nguyễn", "王小明"]
)
def test_letters_of_every_script_stay_as_they_are(name: str) -> None:
    assert visible(name) == name
    assert json.loads(encode_output_json({"name": name})) == {"name": name}


def test_long_text_is_cut() -> None:
    assert len(visible("a" * 100_000)) == MAX_SHOWN_CHARACTERS + 1


@pytest.mark.parametrize(
    "text", [parameter.values[0] for parameter in HOSTILE if parameter.id != "W-29-surrogate"]
)
def test_json_says_the_same_and_acts_on_nothing(text: str) -> None:
    encoded = encode_output_json({"x": text})
    assert json.loads(encoded) == {"x": text}
    shown = encoded.decode("utf-8")
    assert all(
        unicodedata.category(letter) not in {"Cc", "Cf", "Zl", "Zp"} for letter in shown if letter != "\n"
    )


def test_json_keeps_what_a_script_needs() -> None:
    assert "می‌خواهم" in encode_output_json({"x": "می‌خواهم"}).decode()


def test_lines_break_at_spaces_only_and_count_columns() -> None:
    identifier = "did:web:" + "x" * 120
    assert wrap(f"a {identifier} b", 20) == ["a", identifier, "b"]
    assert wrap("王小明 王小明", 7) == ["王小明", "王小明"]
    assert wrap("", 20) == [""]


def test_table_is_aligned_and_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(("name", "did"), [("王小明", "did:a"), ("x\x1b[31m", "did:b")])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("name")
    assert "\x1b" not in "".join(lines)
    assert "\\u{1b}" in lines[2]


def test_fault_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    print_fault("some_code", "It has [red]markup[/red]\nand two lines.")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "skillcred: some_code: It has [red]markup[/red]\\u{a}and two lines.\n"
