"""Documents of a shape that was learned: the fast road still takes only what the general road takes, and agrees."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from skillcred.linkeddata import BUNDLED_CONTEXTS, canonicalise
from skillcred.linkeddata.compiled_contexts import compiled_list
from skillcred.linkeddata.compiled_shapes import MAX_ALTERNATIVES, MAX_REMEMBERED_PARTS, ShapeMemory
from skillcred.linkeddata.compiled_walk import Walk
from worlds.road_documents import (
    Document,
    at,
    compare_roads,
    example_credentials,
    fast_road,
    mutate,
    places,
    random_scalar,
    table_document,
)

SEEDS = st.integers(0, 2**63).map(random.Random)
COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MAKERS = pytest.mark.parametrize(
    "make",
    [
        pytest.param(table_document, id="from-term-tables"),
        pytest.param(lambda rng: copy.deepcopy(rng.choice(example_credentials())), id="examples"),
    ],
)


def learn(document: Document) -> bool:
    """Have the shape of `document` learned, if there is one; whether it was."""
    urls = tuple(document["@context"])
    memory = compiled_list(BUNDLED_CONTEXTS, urls).shapes
    before = memory.find(tuple(document))
    # other documents may have counted at this top, and learning is due at powers of two
    for _ in range(64):
        if fast_road(document) is None:
            return False
        if memory.find(tuple(document)) != before:
            return True
    return bool(before)


def vary(document: Document, rng: random.Random) -> Document:
    """Another document, mostly of the same shape: some texts, identifiers and other leaves are new."""
    varied = copy.deepcopy(document)
    for path in list(places(varied)):
        value = at(varied, path)
        if not isinstance(value, str) or "type" in path or rng.random() < 0.4:
            continue
        parent: Any = at(varied, path[:-1])
        if ":" in value:
            new = [f"urn:uuid:{rng.randrange(10_000)}", f"https://e.example/{rng.randrange(1_000)}", value]
        else:
            new = [f"text {rng.randrange(1_000)}", "بكالوريوس", "naïve – text", "", value]
        if rng.random() < 0.04:
            new = [f'{value}"', f"{value}\\", f"{value}\n", f"{value}\x7f", f"{value} ", random_scalar(rng)]
        parent[path[-1]] = rng.choice(new)
    return varied


def check_variations(make: Callable[[random.Random], Document], rng: random.Random) -> None:
    document = make(rng)
    learn(document)
    for _ in range(3):
        varied = vary(document, rng)
        compare_roads(varied)
        mutate(varied, rng)
        compare_roads(varied)


@MAKERS
@given(rng=SEEDS)
@settings(COMMON, max_examples=25)
def test_what_a_shape_makes_of_documents_is_what_the_general_road_makes(
    make: Callable[[random.Random], Document], rng: random.Random
) -> None:
    check_variations(make, rng)


@pytest.mark.nightly
@MAKERS
@given(rng=SEEDS)
@settings(COMMON, max_examples=2_000)
def test_what_a_shape_makes_of_many_documents_is_what_the_general_road_makes(
    make: Callable[[random.Random], Document], rng: random.Random
) -> None:
    check_variations(make, rng)


def test_most_documents_of_the_tables_have_a_shape() -> None:
    """The tests above would say nothing if no shape were ever learned."""
    learned = sum(learn(table_document(random.Random(seed))) for seed in range(60))
    assert learned > 5


BADGE: Document = {
    "@context": [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ],
    "id": "urn:uuid:6a1c8a3e-51a4-4a6f-9d0e-7f6f9f2f5d01",
    "type": ["VerifiableCredential", "OpenBadgeCredential"],
    "issuer": {"id": "did:web:example.org", "type": ["Profile"], "name": "College"},
    "validFrom": "2026-03-01T00:00:00Z",
    "credentialSubject": {
        "type": ["AchievementSubject"],
        "achievement": {
            "id": "urn:uuid:6a1c8a3e-51a4-4a6f-9d0e-7f6f9f2f5d02",
            "type": ["Achievement"],
            "name": "Welding",
            "criteria": {"narrative": "A test."},
            "alignment": [
                {"type": ["Alignment"], "targetName": "A", "targetUrl": "https://e.example/a"},
                {"type": ["Alignment"], "targetName": "B", "targetUrl": "https://e.example/b"},
            ],
        },
    },
}


def change(document: Document, path: tuple[str | int, ...], value: Any) -> Document:
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


ACHIEVEMENT = ("credentialSubject", "achievement")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param((*ACHIEVEMENT, "name"), 'Say "hello"', id="quotes"),
        pytest.param((*ACHIEVEMENT, "name"), "a\\b", id="backslash"),
        pytest.param((*ACHIEVEMENT, "name"), "a\tb", id="control"),
        pytest.param((*ACHIEVEMENT, "name"), "a\u2028b", id="not-printable"),
        pytest.param((*ACHIEVEMENT, "name"), "Schweißen", id="not-ascii"),
        pytest.param((*ACHIEVEMENT, "name"), 5, id="number"),
        pytest.param((*ACHIEVEMENT, "name"), True, id="boolean"),
        pytest.param((*ACHIEVEMENT, "name"), None, id="null"),
        pytest.param((*ACHIEVEMENT, "name"), ["Welding"], id="array"),
        pytest.param((*ACHIEVEMENT, "name"), {"@value": "Welding"}, id="value-object"),
        pytest.param((*ACHIEVEMENT, "alignment", 0, "targetUrl"), "/relative", id="relative"),
        pytest.param((*ACHIEVEMENT, "alignment", 0, "targetUrl"), "https://e.example/a b", id="space"),
        pytest.param(
            (*ACHIEVEMENT, "alignment", 0, "targetUrl"), "https://e.example/a\nhttps://e.example/c", id="two"
        ),
        pytest.param(
            (*ACHIEVEMENT, "alignment", 0, "targetUrl"),
            "https://www.w3.org/2018/credentials#issuer",
            id="term",
        ),
        pytest.param((*ACHIEVEMENT, "id"), "did:web:example.org", id="same-identifier"),
        pytest.param((*ACHIEVEMENT, "id"), 5, id="identifier-that-is-a-number"),
        pytest.param((*ACHIEVEMENT, "id"), ["urn:x:y"], id="identifier-that-is-an-array"),
        pytest.param((*ACHIEVEMENT, "type"), ["Achievement", "Alignment"], id="types"),
        pytest.param((*ACHIEVEMENT, "type"), "Achievement", id="type-as-text"),
        pytest.param((*ACHIEVEMENT, "alignment", 1, "targetName"), "A", id="alike-but-for-the-address"),
        pytest.param(
            (*ACHIEVEMENT, "alignment", 1),
            {"type": ["Alignment"], "targetName": "A", "targetUrl": "https://e.example/a"},
            id="twins",
        ),
        pytest.param((*ACHIEVEMENT, "alignment"), [], id="empty"),
        pytest.param(("credentialSubject", "extra"), "x", id="one-more-member"),
    ],
)
def test_what_does_not_fit_a_shape_is_left_to_the_walk(path: tuple[str | int, ...], value: Any) -> None:
    assert learn(BADGE)
    compare_roads(change(BADGE, path, value))


def test_a_document_of_a_known_shape_is_not_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert learn(BADGE)
    other = change(BADGE, (*ACHIEVEMENT, "name"), "Something else, äöü")
    expected = canonicalise(other)

    def refuse(*_: object) -> None:
        raise AssertionError("walked")

    monkeypatch.setattr(Walk, "document", refuse)
    assert canonicalise(other) == expected
    assert b"Something else, \xc3\xa4\xc3\xb6\xc3\xbc" in expected.nquads


def test_shapes_are_learned_seldom_and_remembered_in_bounds() -> None:
    memory = ShapeMemory()
    due = [memory.is_due(("a",)) for _ in range(64)]
    assert [number for number, is_due in enumerate(due, 1) if is_due] == [2, 4, 8, 16, 32, 64]
    assert learn(BADGE)
    urls = tuple(BADGE["@context"])
    shape = compiled_list(BUNDLED_CONTEXTS, urls).shapes.find(tuple(BADGE))[0]
    for _ in range(3 * MAX_ALTERNATIVES):
        memory.add(("a",), shape)
    assert len(memory.find(("a",))) == MAX_ALTERNATIVES
    most = MAX_REMEMBERED_PARTS // shape.size
    for number in range(2 * most):
        memory.add((str(number),), shape)
    assert 0 < sum(bool(memory.find((str(number),))) for number in range(2 * most)) <= most
