"""Names that cannot be mistaken for others (SECURITY P-12)."""

from __future__ import annotations

import pytest

from skillcred.errors import InputError
from skillcred.services.names import build_skeleton, check_name


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("Technical Education and Skills Development Authority (TESDA)", id="latin"),
        pytest.param("AGENCY 12, no. 3 / B & C", id="latin-digits-punctuation"),
        pytest.param("Agência Nacional para a Qualificação", id="latin-accents"),
        pytest.param("Bộ Giáo dục và Đào tạo", id="vietnamese"),
        pytest.param("وزارة التربية والتعليم", id="arabic"),
        pytest.param("وزارة التعليم ٢٠٢٦", id="arabic-with-its-digits"),
        pytest.param("ትምህርት ሚኒስቴር", id="amharic"),
        pytest.param("မြန်မာနိုင်ငံ ပညာရေးဝန်ကြီးဌာန", id="burmese"),
        pytest.param("शिक्षा मंत्रालय", id="hindi"),
        pytest.param("กระทรวงศึกษาธิการ น้ำ", id="thai-sara-am"),
        pytest.param("Министерство просвещения", id="cyrillic"),
        pytest.param("Υπουργείο Παιδείας", id="greek"),
        pytest.param("文部科学省 スキルセンター と ABC", id="japanese"),
        pytest.param("교육부", id="korean"),
        pytest.param("Nº 5 Escuela Técnica", id="ordinal-sign"),
    ],
)
def test_any_one_script_is_accepted(name: str) -> None:
    assert check_name(name) == name
    assert build_skeleton(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        pytest.param("Ministry of Hеalth", "name_mixed_scripts", id="P-12-cyrillic-e"),
        pytest.param("Мinistry", "name_mixed_scripts", id="P-12-cyrillic-M"),
        pytest.param("Μinistry", "name_mixed_scripts", id="P-12-greek-M"),
        pytest.param("School جامعة", "name_mixed_scripts", id="P-12-latin-arabic"),
        pytest.param("Ｍinistry", "name_character", id="P-12-full-width"),
        pytest.param("𝐌inistry", "name_character", id="P-12-mathematical-bold"),
        pytest.param("abc\u202edef", "name_character", id="P-12-bidi-override"),
        pytest.param("abc\u2066def", "name_character", id="P-12-bidi-isolate"),
        pytest.param("Mini\u200dstry", "name_character", id="P-12-zero-width-joiner"),
        pytest.param("Mini\u200bstry", "name_character", id="P-12-zero-width-space"),
        pytest.param("Mini\u00adstry", "name_character", id="P-12-soft-hyphen"),
        pytest.param("Mini\u034fstry", "name_character", id="P-12-grapheme-joiner"),
        pytest.param("Mini\u3164stry", "name_character", id="P-12-hangul-filler"),
        pytest.param("Mini\ufe0fstry", "name_character", id="P-12-variation-selector"),
        pytest.param("Mini\0stry", "name_character", id="M21-nul"),
        pytest.param("Mini\ud800stry", "name_character", id="M21-surrogate"),
        pytest.param("Mini\nstry", "name_character", id="line-end"),
        pytest.param("Mini\u00a0stry", "name_character", id="no-break-space"),
        pytest.param("Ministry \U0001f600", "name_character", id="emoji"),
        pytest.param("\ue000", "name_character", id="private-use"),
        pytest.param("x" + "\u0315" * 5, "name_too_many_marks", id="P-12-pile-of-marks"),
        pytest.param("x" + "\u0315" * 500, "name_too_long", id="P-12-pile-of-500-marks"),
        pytest.param("School 1٢", "name_mixed_digits", id="two-sets-of-digits"),
        pytest.param("x" * 201, "name_too_long", id="too-long"),
        pytest.param("", "name_empty", id="empty"),
        pytest.param("  ", "name_empty", id="spaces"),
        pytest.param("2026-!", "name_empty", id="no-letter"),
    ],
)
def test_deceiving_names_are_refused(name: str, code: str) -> None:
    with pytest.raises(InputError) as fault:
        check_name(name)
    assert (fault.value.code, fault.value.pointer) == (code, "/name")


def test_nfd_becomes_nfc_and_outer_space_goes() -> None:
    assert check_name(" Universite\u0301 ") == "Universit\u00e9"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Universit\u00e9", "Universite\u0301", id="P-12-nfc-nfd"),
        pytest.param("Université", "universite", id="accents-and-case"),
        pytest.param("Board of Skills", "Bоard оf Skills", id="cyrillic-o"),
        pytest.param("TESDA", "ТЕЅDА", id="cyrillic-capitals"),
        pytest.param("OXBOPT", "ОХВОРТ", id="whole-name-in-cyrillic"),
        pytest.param("KATAP", "ΚΑΤΑΡ", id="whole-name-in-greek"),
        pytest.param("Skill Board", "SkiII-Board", id="capital-i-for-l"),
        pytest.param("School 10", "Schoo1 lO", id="digits-for-letters"),
        pytest.param("Modern Academy", "Modem Academy", id="rn-for-m"),
        pytest.param("St. Mary's", "St Marys", id="punctuation"),
        pytest.param("Łódź", "Lodz", id="stroke"),
    ],
)
def test_names_that_look_alike_have_one_skeleton(one: str, other: str) -> None:
    assert one != other
    assert build_skeleton(one) == build_skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Board of Skills", "Board of Schools"),
        ("كلية", "كليات"),
        ("सीखना", "सिखाना"),
        ("School 12", "School 13"),
    ],
)
def test_other_names_have_other_skeletons(one: str, other: str) -> None:
    assert build_skeleton(one) != build_skeleton(other)
