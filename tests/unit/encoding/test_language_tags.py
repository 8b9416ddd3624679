"""Language tags: SECURITY M3, L-04, P-17."""

from __future__ import annotations

import time

import pytest

from skillcred.encoding.language_tags import is_language_tag


@pytest.mark.parametrize(
    "tag",
    [
        "en", "am", "ar", "my", "fil", "EN-us", "zh-Hant-TW", "zh-min-nan", "de-CH-1996", "sl-rozaj-1994",
        "es-419", "hy-arevela", "x-whatever", "en-x-twain", "de-a-value", "i-klingon", "und",
    ],
)  # fmt: skip
def test_language_tag_accepted(tag: str) -> None:
    assert is_language_tag(tag)


@pytest.mark.parametrize(
    "tag",
    [
        "",
        "e",
        "en_US",
        "en-",
        "-en",
        "en--us",
        "abcdefghi",
        "en us",
        "en .\n<did:x>",
        "en-u",
        "ع",
        "en\n",
        "1en",
        "én",
        "ｅｎ",
        "123",
        "x",
        "en-x",
    ],
)
def test_language_tag_refused(tag: str) -> None:
    assert not is_language_tag(tag)


def test_p_17_language_tag_takes_linear_time() -> None:
    started = time.thread_time()
    for hostile in ("a" * 1_000_000, "a-" * 500_000, "en-" + "a1b2c-" * 200_000, "x-" + "a-" * 500_000):
        assert not is_language_tag(hostile)
    assert time.thread_time() - started < 10
