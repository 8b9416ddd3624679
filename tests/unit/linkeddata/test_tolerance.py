"""What only the surface for interoperability tests takes: base directions and numbers with a fraction."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld

from skillcred.errors import ConfigurationError
from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, LinkedDataError, canonicalise
from skillcred.linkeddata.expansion import processor_options
from skillcred.linkeddata.interop_contexts import CREDENTIALS_EXAMPLES_V2, INTEROP_CONTEXTS
from skillcred.linkeddata.to_rdf import canonical_double
from skillcred.linkeddata.tolerance import FOR_EXAMPLES, STRICT, Tolerance, is_fraction, tolerated_values
from skillcred.verification.policy import DEFAULT_POLICY, INTEROP_POLICY, POLICIES, VerificationPolicy

XSD = "http://www.w3.org/2001/XMLSchema#"


def credential(**members: Any) -> dict[str, Any]:
    subject = {"id": "did:example:subject", **members.pop("subject", {})}
    return {
        "@context": [V2, CREDENTIALS_EXAMPLES_V2],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": subject,
        **members,
    }


def by_pyld(document: dict[str, Any]) -> str:
    options = {**processor_options(INTEROP_CONTEXTS), "format": "application/n-quads"}
    return str(jsonld.to_rdf(document, options))


def test_only_the_policy_for_test_suites_tolerates_anything() -> None:
    assert {name for name, policy in POLICIES.items() if policy.tolerance != STRICT} == {"interop-1"}
    assert DEFAULT_POLICY.tolerance == DEFAULT_POLICY.contexts.tolerance == STRICT == Tolerance()
    assert INTEROP_POLICY.tolerance == INTEROP_POLICY.contexts.tolerance == FOR_EXAMPLES
    assert BUNDLED_CONTEXTS.extended({}, []).tolerance == STRICT
    assert INTEROP_CONTEXTS.extended({}, []).tolerance == FOR_EXAMPLES


@pytest.mark.parametrize("contexts", [INTEROP_CONTEXTS, BUNDLED_CONTEXTS.tolerating(Tolerance(True, False))])
def test_contexts_cannot_tolerate_more_than_their_policy_says(contexts: Any) -> None:
    with pytest.raises(ConfigurationError):
        VerificationPolicy("default-1", contexts)


@pytest.mark.parametrize(
    "text",
    [
        {"@value": "x", "@language": "ar", "@direction": "rtl"},
        {"@value": "x", "@direction": "ltr"},
    ],
)
def test_a_direction_is_left_out_of_what_is_signed(text: dict[str, str]) -> None:
    quads = canonicalise(credential(name=text), contexts=INTEROP_CONTEXTS)
    assert quads.road == "general"
    language = text.get("@language")
    plain: Any = {"@value": "x", "@language": language} if language else "x"
    assert quads.nquads == canonicalise(credential(name=plain), contexts=INTEROP_CONTEXTS).nquads
    strict = INTEROP_CONTEXTS.tolerating(STRICT)
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(credential(name=text), contexts=strict)
    assert (refused.value.code, refused.value.pointer) == ("direction_not_protected", "/name/@direction")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ({"@value": "x", "@direction": "up"}, "value_object"),
        ({"@value": "x", "@direction": None}, "value_object"),
        ({"@value": 5, "@direction": "ltr"}, "value_object"),
        ({"@value": "x"}, "value_object"),
        ({"@value": "x", "@language": "not a tag", "@direction": "ltr"}, "language_tag"),
        ({"@value": "x", "@type": "https://e.example/t", "@direction": "ltr"}, "value_object"),
        ({"@value": "a\x00b", "@direction": "ltr"}, "control_character"),
    ],
)
def test_nothing_else_is_tolerated_beside_a_direction(text: dict[str, Any], code: str) -> None:
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(credential(name=text), contexts=INTEROP_CONTEXTS)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("number", "lexical"),
    [
        (6.1, "6.1E0"),
        (-6.1, "-6.1E0"),
        (0.1, "1.0E-1"),
        (0.000123, "1.23E-4"),
        (5.3e-10, "5.3E-10"),
        (1234567.5, "1.2345675E6"),
    ],
)
def test_a_fraction_is_a_canonical_double(number: float, lexical: str) -> None:
    assert canonical_double(number) == lexical
    document = credential(subject={"size": number})
    found = canonicalise(document, contexts=INTEROP_CONTEXTS).nquads.decode()
    assert f'"{lexical}"^^<{XSD}double>' in found
    assert f'"{lexical}"^^<{XSD}double>' in by_pyld(document)
    with pytest.raises(LinkedDataError, match="fraction"):
        canonicalise(credential(subject={"size": number}), contexts=INTEROP_CONTEXTS.tolerating(STRICT))


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()))
def test_what_is_signed_is_what_pyld_signs_and_names_the_number_again(number: float) -> None:
    if float(f"{number:.15e}") != number:
        with pytest.raises(LinkedDataError, match="more digits"):
            canonical_double(number)
        return
    text = canonical_double(number)
    assert float(text) == number
    assert f'"{text}"^^<{XSD}double>' in by_pyld(credential(subject={"size": number}))


@pytest.mark.parametrize(
    "number", [7.0, -0.0, 1e3, 1e21, float("inf"), float("nan"), 0.1 + 0.2, 2.0**53], ids=str
)
def test_a_whole_number_or_one_of_too_many_digits_is_refused_all_the_same(number: float) -> None:
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(credential(subject={"size": number}), contexts=INTEROP_CONTEXTS)
    assert refused.value.code == "number_not_exact"
    assert is_fraction(number) is (number == 0.1 + 0.2)


def typed(value: Any, datatype: str) -> bytes:
    url = "https://vocabulary.example/sizes"
    term = f'{{"@context": {{"size": {{"@id": "{url}#size", "@type": "{XSD}{datatype}"}}}}}}'
    contexts = INTEROP_CONTEXTS.extended({url: term.encode()}, [(V2, url)])
    document = {**credential(subject={"size": value}), "@context": [V2, url]}
    return canonicalise(document, contexts=contexts).nquads


def test_a_double_has_one_spelling() -> None:
    assert f'"6.1E0"^^<{XSD}double>'.encode() in typed(6.1, "double")
    with pytest.raises(LinkedDataError) as refused:
        typed("6.1E0", "double")
    assert refused.value.code == "number_not_exact"


@pytest.mark.parametrize("datatype", ["float", "decimal", "integer", "boolean", "date"])
def test_a_fraction_is_no_literal_of_another_type(datatype: str) -> None:
    with pytest.raises(LinkedDataError) as refused:
        typed(6.1, datatype)
    assert refused.value.code == "ambiguous_value"


def test_what_was_tolerated_is_found_in_order() -> None:
    document: Any = {
        "a": {"@value": "x", "@direction": "rtl"},
        "b": [1, 1.5, {"c/d": 2.25}],
        "e": {"@direction": "rtl"},
        "f": 2.0,
    }
    assert list(tolerated_values(document)) == [
        ("/a/@direction", "direction_not_signed"),
        ("/b/1", "fraction_not_exact"),
        ("/b/2/c~1d", "fraction_not_exact"),
    ]
