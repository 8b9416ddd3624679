"""Writing to a terminal. Text from credentials is never trusted: nothing in it can move the cursor, change a
colour, hide or reorder other text (SECURITY W-29), and rich's markup is switched off."""

from __future__ import annotations

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from skillcred.encoding.json_types import JsonValue

MAX_SHOWN_CHARACTERS: Final = 2000
"""Longest untrusted text that is shown in one place; the JSON form has all of it."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width joiner and non-joiner: Persian, Sinhala and others cannot be written without them."""
_HARMFUL: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NOT_PRINTABLE = re.compile(
    "[\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """`text` with every character that is not plainly visible written as `\\u{…}`, cut after a stated length."""
    shown = text if len(text) <= MAX_SHOWN_CHARACTERS else text[:MAX_SHOWN_CHARACTERS] + "…"
    return "".join(
        f"\\u{{{ord(character):x}}}"
        if unicodedata.category(character) in _HARMFUL and character not in _JOINERS
        else character
        for character in shown
    )


def wrap(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns, broken at spaces only: an identifier is never torn apart."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if line and cell_len(longer) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line or not lines else lines


def make_console(*, stderr: bool = False) -> Console:
    """A console that colours only on a terminal and reads no markup in what it prints."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Print (text, style) pairs to standard output."""
    console = make_console()
    for text, style in lines:
        console.print(Text(text, style=style))


def print_line(text: str, style: str = "") -> None:
    """Print one line to standard output."""
    print_lines([(text, style)])


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns, two spaces apart, every cell made `visible`."""
    table = [tuple(headings), *(tuple(visible(cell) for cell in row) for row in rows)]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*table, strict=True)]
    for number, row in enumerate(table):
        padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        print_line("  ".join(padded).rstrip(), "bold" if number == 0 else "")


def encode_output_json(value: JsonValue) -> bytes:
    """`value` as indented UTF-8 JSON; characters that could act on a terminal are escaped, letters are not."""
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    return (_NOT_PRINTABLE.sub(_escape, text) + "\n").encode("utf-8", "backslashreplace")


def print_bytes(content: bytes) -> None:
    """Write bytes to standard output as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def print_json(value: JsonValue) -> None:
    """Write `value` to standard output as JSON."""
    print_bytes(encode_output_json(value))


def print_fault(code: str, message: str) -> None:
    """One plain line on standard error: the stable code and the sentence."""
    make_console(stderr=True).print(Text(f"skillcred: {code}: {visible(message)}"))


def _escape(match: re.Match[str]) -> str:
    encoded = match[0].encode("utf-16-be")
    return "".join(f"\\u{encoded[i] << 8 | encoded[i + 1]:04x}" for i in range(0, len(encoded), 2))
