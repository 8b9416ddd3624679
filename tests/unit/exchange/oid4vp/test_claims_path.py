"""Claims path pointers, with the examples of OID4VP 1.0 section 7.3."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.exchange.oid4vp.claims_path import ClaimsPath, is_claims_path, keep_claims, select_claims

ARTHUR: dict[str, Any] = {
    "name": "Arthur Dent",
    "address": {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"},
    "degrees": [
        {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
        {"type": "Master of Science", "university": "University of Betelgeuse"},
        {"university": "none"},
    ],
    "nationalities": ["British", "Betelgeusian"],
}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (("name",), ["Arthur Dent"]),
        (("address",), [ARTHUR["address"]]),
        (("address", "street_address"), ["42 Market Street"]),
        (("degrees", None, "type"), ["Bachelor of Science", "Master of Science"]),
        (("nationalities", 1), ["Betelgeusian"]),
        (("nationalities", None), ["British", "Betelgeusian"]),
        (("nationalities", 2), []),
        (("nationalities", "0"), []),
        (("address", 0), []),
        (("address", None), []),
        (("name", "first"), []),
        (("unknown",), []),
        (("degrees", None, "type", "x"), []),
    ],
)
def test_elements_are_selected(path: ClaimsPath, values: list[Any]) -> None:
    assert [claim.value for claim in select_claims(path, ARTHUR)] == values


def test_places_say_where_exactly() -> None:
    found = select_claims(("degrees", None, "type"), ARTHUR)
    assert [claim.place for claim in found] == [("degrees", 0, "type"), ("degrees", 1, "type")]


def test_one_element_of_a_wrong_kind_ends_the_processing() -> None:
    assert select_claims(("a", None, "b"), {"a": [{"b": 1}, "text"]}) == ()
    assert select_claims(("a", None, 0), {"a": [["x"], {"b": 1}]}) == ()


@pytest.mark.parametrize("value", [[], "name", [-1], [True], [1.0], [{}], ["a"] * 33, None])
def test_what_is_no_path_is_told(value: Any) -> None:
    assert not is_claims_path(value)


def test_nothing_is_kept_but_what_is_named() -> None:
    kept = keep_claims(ARTHUR, [("name",), ("degrees", 1, "type"), ("nationalities", 1), ("address", "x")])
    assert kept == {
        "name": "Arthur Dent",
        "address": {},
        "degrees": [{"type": "Master of Science"}],
        "nationalities": ["Betelgeusian"],
    }
    assert keep_claims(ARTHUR, [("address",), ("address", "locality")])["address"] == ARTHUR["address"]
    assert keep_claims(ARTHUR, [("address", "locality"), ("address",)])["address"] == ARTHUR["address"]
    assert keep_claims(ARTHUR, []) == {}


JSON = st.recursive(
    st.sampled_from([None, True, 0, 1, "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
PATHS = st.lists(st.sampled_from(["a", "b", "c", None, 0, 1]), min_size=1, max_size=4).map(tuple)


@given(st.dictionaries(st.sampled_from("abc"), JSON, max_size=3), PATHS)
def test_what_is_kept_is_selected_again(document: dict[str, Any], path: ClaimsPath) -> None:
    """Nothing is kept that no path names, and what is kept has the values that it had."""
    found = select_claims(path, document)
    for claim in found:
        value: Any = document
        for component in claim.place:
            value = value[component]
        assert value == claim.value
    kept = keep_claims(document, [claim.place for claim in found])
    wild = tuple(None if isinstance(component, int) else component for component in path)
    assert [claim.value for claim in select_claims(wild, kept)] == [claim.value for claim in found]
