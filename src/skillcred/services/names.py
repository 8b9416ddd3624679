"""Names of organisations and national bodies that nobody can mistake for another's (SECURITY P-12).

Two defences after UTS #39, small enough to read. First, a name is refused if it holds characters that cannot
be seen, that turn the direction of text, or that mix scripts. Second, every name has a *skeleton*, equal for
names that look alike, which is unique in the database for organisations and for enrolled bodies; for providers
elsewhere see `provider_names`.

What the skeleton covers: case, accents, full-width and other compatibility forms, punctuation and spaces, the
letters of Cyrillic and Greek that look like Latin ones, and 0/o, 1/l/i, m/rn, w/vv. What it does not cover:
look-alikes between or within other scripts, for instance Armenian, Cherokee, Arabic or Han; there only equal
letters collide. Python has no script property, so a letter's script is read from its Unicode name.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from skillcred.errors import InputError

MAX_NAME_CHARACTERS: Final = 200
MAX_MARKS_IN_A_ROW: Final = 4
"""Most non-spacing marks on one letter (UTS #39 section 5.4 allows four)."""

_CATEGORIES: Final = frozenset(
    {"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Pc"}
)
_OTHER_CHARACTERS: Final = frozenset(" +")
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | frozenset(
    chr(code) for first, last in ((0xFE00, 0xFE0F), (0xE0100, 0xE01EF)) for code in range(first, last + 1)
)
_STYLED: Final = ("<wide>", "<narrow>", "<font>", "<circle>", "<square>", "<small>", "<vertical>")
_SHAPED: Final = ("<initial>", "<medial>", "<final>", "<isolated>")
_TOGETHER: Final = (
    frozenset({"CJK", "HIRAGANA", "KATAKANA", "LATIN"}),
    frozenset({"CJK", "BOPOMOFO", "LATIN"}),
    frozenset({"CJK", "HANGUL", "LATIN"}),
)
"""Scripts that one language writes together (UTS #39 section 5.2, highly restrictive)."""

_MARKS_DROPPED_AFTER: Final = frozenset({"LATIN", "GREEK", "CYRILLIC"})
_CYRILLIC: Final = ("авекмнорстухѕіјһԛԝӏьԁԍ", "abekmhopctyxsijhqwlbdg")
_GREEK: Final = ("αβεζηικμνορτυχωγϳ", "abezhikmvoptyxwyj")
_PLAIN_LATIN: Final = ("ıłøđħŧɑɡɩ", "ilodhtagi")
"""Lower-case letters, and the Latin letters that they, or their capitals, look like."""
_LOOK_ALIKES: Final = {
    ord(letter): like
    for letters, likes in (_CYRILLIC, _GREEK, _PLAIN_LATIN)
    for letter, like in zip(letters, likes, strict=True)
}
_LAST_FOLD: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "m": "rn", "w": "vv"})


class UnsafeNameError(InputError):
    """The name cannot be used. Codes: `name_empty`, `name_too_long`, `name_character`, `name_mixed_scripts`,
    `name_mixed_digits`, `name_too_many_marks`."""

    default_code = "name_character"


def check_name(name: str, *, pointer: str = "/name") -> str:
    """`name` in NFC, without space around it. Raises `UnsafeNameError` if it could deceive a reader."""
    text = unicodedata.normalize("NFC", name).strip(" ")
    if len(name) > 4 * MAX_NAME_CHARACTERS or len(text) > MAX_NAME_CHARACTERS:
        raise UnsafeNameError(
            f"The name is longer than {MAX_NAME_CHARACTERS} characters.",
            code="name_too_long",
            pointer=pointer,
        )
    for character in text:
        if not _is_accepted(character):
            raise UnsafeNameError(
                "The name holds a character that cannot be seen, changes the direction of the text, or is a "
                "styled form of an ordinary one.",
                pointer=pointer,
            )
    if not any(unicodedata.category(character).startswith("L") for character in text):
        raise UnsafeNameError("The name has no letter.", code="name_empty", pointer=pointer)
    _refuse_mixtures(text, pointer)
    _refuse_piles(text, pointer)
    return text


def build_skeleton(name: str) -> str:
    """What `name` looks like: equal for names that a reader could take for each other."""
    text = unicodedata.normalize("NFKC", name).casefold()
    letters: list[str] = []
    script = ""
    for character in unicodedata.normalize("NFD", text):
        category = unicodedata.category(character)
        if category.startswith("L"):
            script = _script(character)
            letters.append(character)
        elif category.startswith("N") or (category.startswith("M") and script not in _MARKS_DROPPED_AFTER):
            letters.append(character)
    return "".join(letters).translate(_LOOK_ALIKES).translate(_LAST_FOLD)


def fold_name(name: str) -> str:
    """`name` without what does not tell two names apart: case, spaces, punctuation and forms of letters. Names that
    look alike and are not equal so are written with other letters."""
    text = unicodedata.normalize("NFKC", name).casefold()
    kept = (
        letter for letter in unicodedata.normalize("NFD", text) if unicodedata.category(letter)[0] in "LMN"
    )
    return unicodedata.normalize("NFC", "".join(kept))


def _is_accepted(character: str) -> bool:
    if character in _OTHER_CHARACTERS:
        return True
    if unicodedata.category(character) not in _CATEGORIES or character in _INVISIBLE:
        return False
    return not unicodedata.decomposition(character).startswith(_STYLED + _SHAPED)


def _script(character: str) -> str:
    letter = unicodedata.normalize("NFKC", character)[0]
    return unicodedata.name(letter, "UNKNOWN").split(" ")[0].split("-")[0]


def _refuse_mixtures(text: str, pointer: str) -> None:
    scripts = {
        _script(character)
        for character in text
        if unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lo"}
    }
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        raise UnsafeNameError(
            "The name mixes letters of several scripts.", code="name_mixed_scripts", pointer=pointer
        )
    zeros = {ord(digit) - unicodedata.digit(digit) for digit in text if unicodedata.category(digit) == "Nd"}
    if len(zeros) > 1:
        raise UnsafeNameError(
            "The name mixes digits of several scripts.", code="name_mixed_digits", pointer=pointer
        )


def _refuse_piles(text: str, pointer: str) -> None:
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if run > MAX_MARKS_IN_A_ROW:
            raise UnsafeNameError(
                "The name piles too many marks on one letter.", code="name_too_many_marks", pointer=pointer
            )
