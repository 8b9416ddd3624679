"""The two roads of linked data: the fast one takes nothing that the general one refuses, and they agree (L-01 to L-20).

The general road is PyLD with guards; so these are also tests against PyLD."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillcred.linkeddata import BUNDLED_CONTEXTS
from skillcred.linkeddata.compiled_contexts import compiled_list
from skillcred.linkeddata.iris import is_absolute_iri
from worlds.road_documents import (
    Document,
    compare_roads,
    mutated_example,
    mutated_table_document,
    table_document,
)

RANDOM = st.randoms(use_true_random=False)
SEEDS = st.integers(0, 2**63).map(random.Random)
COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MAKERS = pytest.mark.parametrize(
    "make",
    [
        pytest.param(table_document, id="from-term-tables"),
        pytest.param(mutated_table_document, id="from-term-tables-then-mutated"),
        pytest.param(mutated_example, id="mutated-examples"),
    ],
)

BEGINNINGS = (
    "http://",
    "https://",
    "did:",
    "did:web:",
    "urn:",
    "urn:uuid:",
    "mailto:",
    "name:",
    "HTTP://",
    "",
)
PIECES = st.sampled_from(
    [*"a9Z.-_~@:/?#=&%[ü \n", "%3A", "%zz", ":80", "e.example", "127.0.0.1:8123", "#key-1", "name"]
)
IRIS = st.builds(
    lambda beginning, pieces: beginning + "".join(pieces),
    st.sampled_from(BEGINNINGS),
    st.lists(PIECES, max_size=7),
)


@given(st.lists(st.one_of(IRIS, st.just("https://e.example/a"), st.none()), max_size=4))
@settings(COMMON, max_examples=500)
def test_what_is_quickly_taken_for_iris_is_what_the_grammar_takes(values: list[str | None]) -> None:
    compiled = compiled_list(BUNDLED_CONTEXTS, ("https://www.w3.org/ns/credentials/v2",))

    def is_iri(value: str | None) -> bool:
        return (
            value is not None
            and is_absolute_iri(value)
            and value not in compiled.term_iris
            and value.partition(":")[0] not in compiled.names
        )

    assert compiled.are_iris(values) is all(map(is_iri, values))
    for value in values:
        assert value is None or compiled.is_iri(value) is is_iri(value)


@MAKERS
@given(rng=SEEDS)
@settings(COMMON, max_examples=300)
def test_the_roads_agree(make: Callable[[random.Random], Document], rng: random.Random) -> None:
    compare_roads(make(rng))


@pytest.mark.nightly
@MAKERS
@given(rng=SEEDS)
@settings(COMMON, max_examples=10_000)
def test_the_roads_agree_on_many_documents(
    make: Callable[[random.Random], Document], rng: random.Random
) -> None:
    compare_roads(make(rng))


@given(RANDOM)
@settings(COMMON, max_examples=100)
def test_a_disagreement_can_be_made_small(rng: random.Random) -> None:
    """The same with a random source that Hypothesis can shrink."""
    compare_roads(mutated_example(rng))


def test_the_documents_that_are_compared_are_good_ones_too() -> None:
    """The tests above would say nothing if the fast road declined everything."""
    outcomes = Counter(compare_roads(table_document(random.Random(seed))) for seed in range(300))
    assert outcomes[True, True] > 150
    assert outcomes[False, True] < 60
    assert outcomes[False, False] > 10
