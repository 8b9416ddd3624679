"""The work limit: hostile graphs end soon, graphs as credentials have them end well (SECURITY L-15, M6)."""

from __future__ import annotations

import time
from itertools import permutations

import pytest

from skillcred.linkeddata.errors import LinkedDataLimitError
from skillcred.linkeddata.nquads import Quad, encode_nquads, iri_term, literal_term
from skillcred.linkeddata.rdfc10 import MAX_BLANK_NODES, MAX_QUADS, _orders, canonicalise_quads

SECONDS = 2.5
P = "<urn:p>"


def clique(size: int) -> list[Quad]:
    return [Quad(f"_:n{i}", P, f"_:n{j}") for i in range(size) for j in range(size) if i != j]


def cycle(size: int) -> list[Quad]:
    return [Quad(f"_:n{i}", P, f"_:n{(i + 1) % size}") for i in range(size)]


def ladder(size: int) -> list[Quad]:
    sides = [Quad(f"_:{side}{i}", P, f"_:{side}{(i + 1) % size}") for i in range(size) for side in "ab"]
    return sides + [Quad(f"_:a{i}", P, f"_:b{i}") for i in range(size)]


def stars(centres: int, points: int) -> list[Quad]:
    return [Quad(f"_:c{c}", P, f"_:n{n}") for c in range(centres) for n in range(points)]


def tree(depth: int) -> list[Quad]:
    return [Quad(f"_:n{i}", P, f"_:n{2 * i + k}") for i in range(1, 2**depth) for k in (0, 1)]


def cube(dimensions: int) -> list[Quad]:
    return [Quad(f"_:n{i}", P, f"_:n{i ^ (1 << d)}") for i in range(2**dimensions) for d in range(dimensions)]


def alike(count: int) -> list[Quad]:
    return [Quad(f"_:n{i}", P, '"x"') for i in range(count)]


@pytest.mark.parametrize(
    "quads",
    [
        *(pytest.param(clique(size), id=f"L-15-clique-{size}") for size in range(6, 13)),
        pytest.param(cycle(200), id="L-15-cycle"),
        pytest.param(ladder(400), id="L-15-ladder"),
        pytest.param(stars(2, 12), id="L-15-two-centres"),
        pytest.param(tree(10), id="L-15-tree"),
        pytest.param(cube(6), id="L-15-cube"),
        pytest.param(alike(MAX_BLANK_NODES + 1), id="L-15-too-many-blank-nodes"),
        pytest.param([Quad(f"<urn:{n}>", P, '"x"') for n in range(MAX_QUADS + 1)], id="L-15-too-many-quads"),
    ],
)
def test_poison_is_refused_in_time(quads: list[Quad]) -> None:
    start = time.process_time()
    with pytest.raises(LinkedDataLimitError) as refused:
        canonicalise_quads(quads)
    assert refused.value.code == "canonicalization_limit"
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize(
    "quads",
    [
        pytest.param(clique(5), id="clique-5"),
        pytest.param(cycle(30), id="cycle"),
        pytest.param(ladder(12), id="ladder"),
        pytest.param(stars(1, 1000), id="one-centre"),
        pytest.param(tree(4), id="tree"),
        pytest.param(alike(5000), id="L-15-5000-plain-blank-nodes"),
    ],
)
def test_symmetrical_graphs_of_modest_size_are_canonicalised_whatever_their_labels(quads: list[Quad]) -> None:
    start = time.process_time()
    canonical = canonicalise_quads(quads)
    assert time.process_time() - start < SECONDS
    turned = [Quad(*(f"_:x{hash(t) % 10**12}" if t.startswith("_:") else t for t in quad)) for quad in quads]
    assert canonicalise_quads(reversed(turned)).nquads == canonical.nquads
    assert sorted(canonical.labels.values()) == sorted(f"c14n{n}" for n in range(len(canonical.labels)))


def test_a_statement_counts_once() -> None:
    quad = Quad("_:a", P, '"x"')
    assert canonicalise_quads([quad, quad]).nquads == b'_:c14n0 <urn:p> "x" .\n'


def test_no_statements_have_an_empty_form() -> None:
    assert canonicalise_quads([]).nquads == b""


@pytest.mark.parametrize(
    ("text", "term"),
    [
        pytest.param("", '""', id="empty"),
        pytest.param('a"b\\c', '"a\\"b\\\\c"', id="quote-backslash"),
        pytest.param("\t\n\r\b\f", '"\\t\\n\\r\\b\\f"', id="named"),
        pytest.param("\x00\x0b\x1f\x7f", '"\\u0000\\u000B\\u001F\\u007F"', id="M5-P-09-controls"),
        pytest.param("\x80\x85\u2028é𝔘", '"\x80\x85\u2028é𝔘"', id="native"),
    ],
)
def test_literals_are_escaped_in_one_way(text: str, term: str) -> None:
    assert literal_term(text) == term


def test_literals_name_their_datatype_or_language() -> None:
    assert literal_term("x", "http://www.w3.org/2001/XMLSchema#string") == '"x"'
    assert literal_term("1", "urn:d") == '"1"^^<urn:d>'
    assert literal_term("x", language="am") == '"x"@am'


def test_lines_are_sorted_by_code_point_and_graphs_come_last() -> None:
    quads = [
        Quad(iri_term(name), P, '"x"', graph) for name, graph in (("urn:𝔘", ""), ("urn:\uffee", "<urn:g>"))
    ]
    assert encode_nquads(quads).decode() == '<urn:\uffee> <urn:p> "x" <urn:g> .\n<urn:𝔘> <urn:p> "x" .\n'


@pytest.mark.parametrize("terms", ["", "a", "aa", "ab", "aab", "aba", "abab", "abcb", "aabbc", "aaaaaab"])
def test_orders_of_terms_that_repeat_are_the_different_permutations(terms: str) -> None:
    assert sorted(_orders(list(terms))) == sorted(set(permutations(terms)))


def test_a_node_with_many_quads_in_an_anonymous_graph_costs_no_permutations() -> None:
    """Two graphs that share the shape of a node: each of its quads relates it to the name of its graph."""
    quads = [
        Quad(f"_:n{graph}", f"<urn:p:{number}>", '"x"', f"_:g{graph}")
        for graph in range(2)
        for number in range(40)
    ]
    quads += [Quad(f"<urn:s:{graph}>", "<urn:p:in>", f"_:g{graph}", "") for graph in range(2)]
    canonical = canonicalise_quads(quads)
    assert len(canonical.labels) == 4
    relabelled = [
        Quad(
            q.subject.replace("_:n", "_:m"),
            q.predicate,
            q.object.replace("_:g", "_:h"),
            q.graph.replace("_:g", "_:h"),
        )
        for q in reversed(quads)
    ]
    assert canonicalise_quads(relabelled).nquads == canonical.nquads
