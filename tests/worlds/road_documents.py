"""Documents to compare the two roads of linked data: drawn from real term tables, and mutations of real ones."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from skillcred.linkeddata import (
    BUNDLED_CONTEXTS,
    OB_3_0_3,
    OWN_CONTEXT_SKILL,
    OWN_CONTEXT_TRUST,
    V1,
    V2,
    CanonicalDocument,
    LinkedDataError,
    LinkedDataLimitError,
)
from skillcred.linkeddata.canonical import canonicalise_generally
from skillcred.linkeddata.compiled_contexts import CompiledList, UnsupportedError, compiled_list
from skillcred.linkeddata.compiled_form import canonicalise_compiled
from skillcred.linkeddata.compiled_terms import Kind, Table, Term
from skillcred.linkeddata.context_features import iterate_scopes
from skillcred.linkeddata.context_policy import context_list
from skillcred.linkeddata.context_store import ContextStore
from skillcred.profiles import PROFILES, build_credential
from skillcred.shipped import shipped_path

Document = dict[str, Any]
Place = tuple[str | int, ...]

LISTS = sorted(BUNDLED_CONTEXTS.allowed_lists)
USUAL_LISTS = [(V2, OB_3_0_3, OWN_CONTEXT_SKILL), (V2, OWN_CONTEXT_TRUST), (V1, OB_3_0_3)]
TERMS = sorted(
    {
        name
        for url in BUNDLED_CONTEXTS.urls()
        for scope in iterate_scopes(BUNDLED_CONTEXTS.document(url)["@context"])
        for name in scope
        if not name.startswith("@")
    }
)
TERM_IRIS = sorted({iri for urls in LISTS for iri in BUNDLED_CONTEXTS.vocabulary(urls).term_iris})
TEXTS = [
    *(
        "",
        "x",
        "1",
        "true",
        "false",
        "-0",
        "42",
        "4.2",
        "007",
        "name",
        "id",
        "type",
        "@id",
        "@none",
        "en",
        "ar-EG",
    ),
    *("Profile", "Achievement", "assertionMethod", "a\u00a0b", "a\nb", "a\tb", "a\x00b", "a\x7fb", "a\x85b"),
    *("\ud800", 'q"uote', "back\\slash", "بكالوريوس", "\u2028", "\U0001f600", "e\u0301", "a\rb"),
]
IRIS = [
    *("did:example:issuer", "urn:uuid:0", "_:b0", "https://e.example/a", "https://e.example/a b", "http://"),
    *(
        "https://e.example/%zz",
        "https:e",
        "cred:x",
        "xsd:y",
        "sec:z",
        "mailto:a@b.c",
        "URN:x:y",
        "urn:x",
        "urn::a",
    ),
    *("did:a:", "did:key:z6Mk\u202e", "https://[::1]/x", "tel:+1", "data:image/png;base64,AAA=", "//host/x"),
    *("https://host:80/p?q=1#f", "https://e.example/a?b?c", "https://e.example#a#b", "http://e.example?x"),
    *(
        "https://e_x/",
        "did:web:a%3A80:b",
        "https://ü.example/ä",
        "name:x",
        "#f",
        "../x",
        "https://e.example/\n",
    ),
]
GOOD_IRIS = [
    "did:example:s",
    "urn:uuid:1",
    "https://e.example/x?y=1#z",
    "mailto:a@b.c",
    "https://ü.example/ä",
]
NUMBERS = [None, True, False, 0, 1, -1, 1.5, 2**53, 2**53 - 1, -(2**53), 1.0, 42]
TAGS = ["am", "ar-EG", "EN", "en", "de-AT-1996", "type", "id"]
BAD_TAGS = ["en_US", "", "@none", "e", "en--x"]


def fast_road(document: Document, contexts: ContextStore = BUNDLED_CONTEXTS) -> CanonicalDocument | None:
    """What the fast road makes of `document`; None where it declines."""
    try:
        urls = context_list(document, contexts)
        return canonicalise_compiled(document, compiled_list(contexts, urls), "sha256")
    except (LinkedDataError, UnsupportedError):
        return None


def general_road(document: Document, contexts: ContextStore = BUNDLED_CONTEXTS) -> CanonicalDocument | None:
    """What the general road makes of `document`; None where it refuses."""
    try:
        return canonicalise_generally(document, contexts=contexts)
    except (LinkedDataError, LinkedDataLimitError):
        return None


def compare_roads(document: Document, contexts: ContextStore = BUNDLED_CONTEXTS) -> tuple[bool, bool]:
    """Whether the fast and the general road take `document`. Fails if the fast road takes what the general road
    refuses, or if they differ, or if the walk changes the document."""
    before = copy.deepcopy(document)
    fast, general = fast_road(document, contexts), general_road(document, contexts)
    assert document == before
    if fast is not None:
        assert fast.road == "fast"
        assert general is not None, "the fast road takes what the general road refuses"
        assert fast.nquads == general.nquads
        assert sorted(fast.labels.values()) == sorted(general.labels.values())
        assert len(set(fast.labels)) == len(fast.labels)
    return fast is not None, general is not None


@cache
def example_credentials() -> tuple[Document, ...]:
    """The examples of all profiles as credentials, and the golden documents of the unit tests."""
    documents = []
    for profile in sorted(PROFILES):
        claims = json.loads(shipped_path(f"schemas/examples/{profile}.json").read_bytes())
        documents.append(
            build_credential(
                profile,
                claims,
                credential_id="urn:uuid:3f1c2b1e-9d53-4a0c-8d0e-0d7b2c1d9a11",
                issuer={"id": "did:web:example.org", "type": ["Profile"], "name": "University"},
                at=datetime(2026, 3, 1, tzinfo=UTC),
            )
        )
    golden = Path(__file__).parents[1] / "unit" / "linkeddata" / "golden"
    documents += [json.loads(path.read_text(encoding="utf-8")) for path in sorted(golden.glob("*.json"))]
    return tuple(documents)


# Documents from term tables


def table_document(rng: random.Random) -> Document:
    """A document whose terms and types fit one of the allowed lists, mostly without a fault."""
    urls = rng.choice(USUAL_LISTS if rng.random() < 0.9 else LISTS)
    compiled = compiled_list(BUNDLED_CONTEXTS, urls)
    document = _table_node(rng, compiled, compiled.root, 0)
    return {"@context": list(urls), **document}


def _table_node(rng: random.Random, compiled: CompiledList, table: Table, depth: int) -> Document:
    node: Document = {}
    if rng.random() < 0.4:
        node["id"] = f"urn:uuid:{rng.randrange(10_000)}" if rng.random() < 0.9 else rng.choice(GOOD_IRIS)
    if table.has_type and rng.random() < 0.9:
        scoped = [name for name in table.type_lines if table.active["mappings"][name].get("@context")]
        names = scoped if scoped and rng.random() < 0.8 else list(table.type_lines)
        types = rng.sample(names, min(len(names), rng.choice([1, 1, 1, 2, 3])))
        if rng.random() < 0.05:
            types.append("https://e.example/Type")
        node["type"] = types[0] if len(types) == 1 and rng.random() < 0.5 else types
        try:
            key = types[0] if len(types) == 1 else tuple(types)
            table = compiled.step(table, key)[0]
        except UnsupportedError:
            return node
    names = [name for name in table.terms if name not in ("id", "type")]
    for name in rng.sample(names, min(len(names), rng.randrange(1, 6))):
        node[name] = _table_value(rng, compiled, table, name, depth)
    return node


def _table_value(rng: random.Random, compiled: CompiledList, table: Table, name: str, depth: int) -> Any:
    term = Term(*table.terms[name])
    if rng.random() < 0.015:
        return random_value(rng)
    if rng.random() < 0.2 and term.kind != Kind.JSON:
        count = rng.randrange(1, 4)
        return [_table_item(rng, compiled, table, term, name, depth) for _ in range(count)]
    return _table_item(rng, compiled, table, term, name, depth)


def _table_item(
    rng: random.Random, compiled: CompiledList, table: Table, term: Term, name: str, depth: int
) -> Any:
    kind = term.kind
    if kind == Kind.LIST and term.inner is not None:
        return _table_item(rng, compiled, table, Term(*term.inner), name, depth)
    if kind == Kind.LANGUAGE:
        tags = rng.sample(TAGS, rng.randrange(1, 4))
        return {tag: _text(rng) if rng.random() < 0.8 else [_text(rng), _text(rng)] for tag in tags}
    if kind == Kind.JSON:
        return {_text(rng): rng.choice([1, _text(rng), [True, None], {"a": _text(rng)}, 1.5])}
    if depth < 6 and rng.random() < 0.35:
        try:
            inner = compiled.scope(table, term.scoped)[1] if term.scoped else table.plain or table
        except UnsupportedError:
            return _text(rng)
        return _table_node(rng, compiled, inner, depth + 1)
    if kind == Kind.IRI:
        return rng.choice(GOOD_IRIS)
    if kind == Kind.NUMBER:
        return rng.choice([1, -7, 2**53 - 1, "4.5", "x"])
    if kind == Kind.BOOLEAN:
        return rng.choice([True, False, "yes"])
    if kind == Kind.VOCABULARY:
        return rng.choice(["assertionMethod", "authentication", "urn:x:y"])
    if kind == Kind.PLAIN and rng.random() < 0.2:
        return rng.choice([{"@value": _text(rng), "@language": rng.choice(TAGS)}, True, 5])
    return _text(rng)


def _text(rng: random.Random) -> str:
    if rng.random() < 0.15:
        return rng.choice(['q"uote', "back\\slash", "a\nb", "a\u00a0b", "بكالوريوس", "\U0001f600", ""])
    return f"text {rng.randrange(1_000_000)}"


# Faulty values and mutations


def random_scalar(rng: random.Random) -> Any:
    """A text, IRI, term or number, good or bad."""
    return rng.choice(rng.choice([TEXTS, TEXTS, IRIS, IRIS, TERM_IRIS, TERMS, NUMBERS]))


def random_value(rng: random.Random, depth: int = 0) -> Any:
    """Any JSON value, in the shapes that JSON-LD treats specially."""
    kind = rng.random()
    if kind < 0.45 or depth > 3:
        return random_scalar(rng)
    if kind < 0.6:
        return [random_value(rng, depth + 1) for _ in range(rng.randrange(4))]
    if kind < 0.68:
        return {"@value": random_scalar(rng), "@language": rng.choice(TAGS + BAD_TAGS)}
    if kind < 0.72:
        keywords = ["@value", "@language", "@direction", "@type", "@list", "@set", "@id", "@graph", "@none"]
        return {rng.choice(keywords): random_scalar(rng) for _ in range(rng.randrange(1, 4))}
    if kind < 0.78:
        return {rng.choice(TAGS + BAD_TAGS): random_value(rng, depth + 1) for _ in range(rng.randrange(3))}
    return random_node(rng, depth + 1)


def random_node(rng: random.Random, depth: int = 0) -> Document:
    """An object of random terms."""
    node: Document = {}
    if rng.random() < 0.4:
        node["id"] = rng.choice(["urn:uuid:0", "did:example:s"]) if rng.random() < 0.8 else random_scalar(rng)
    if rng.random() < 0.7:
        node["type"] = [rng.choice(TERMS) for _ in range(rng.randrange(3))]
    for _ in range(rng.randrange(4)):
        node[rng.choice(TERMS)] = random_value(rng, depth + 1)
    return node


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Every place below the top but the contexts."""
    steps: list[str | int] = []
    if isinstance(value, dict):
        steps = [name for name in value if name != "@context"]
    elif isinstance(value, list):
        steps = list(range(len(value)))
    for step in steps:
        yield (*path, step)
        yield from places(value[step], (*path, step))


def at(document: Any, path: Place) -> Any:
    """What stands at `path`."""
    for step in path:
        document = document[step]
    return document


def mutate(document: Document, rng: random.Random) -> None:
    """One change of the JSON, of a kind that attackers have used or that a mistake makes."""
    paths = list(places(document))
    if not paths:
        return
    path = rng.choice(paths)
    parent, last = at(document, path[:-1]), path[-1]
    value = parent[last]
    kind = rng.randrange(14)
    if kind == 0:
        parent[last] = random_value(rng)
    elif kind == 1:
        del parent[last]
    elif kind == 2:
        parent[last] = [value, copy.deepcopy(value)]
    elif kind == 3:
        parent[last] = [value]
    elif kind == 4 and isinstance(parent, dict):
        parent[rng.choice([*TERMS, "@id", "@type", "x", "@context"])] = parent.pop(last)
    elif kind == 5 and isinstance(value, str):
        spoilt = [
            f" {value}",
            f"{value} ",
            value.swapcase(),
            f"{value}\n",
            f'{value}"',
            f"{value}\\",
            f"{value}\x01",
        ]
        parent[last] = rng.choice(spoilt)
    elif kind == 6:
        parent[last] = random_scalar(rng)
    elif kind == 7 and isinstance(value, list) and value:
        value.append(copy.deepcopy(rng.choice(value)))
    elif kind == 8 and isinstance(value, dict):
        value[rng.choice(TERMS)] = random_value(rng)
    elif kind == 9 and isinstance(value, dict):
        value["id"] = rng.choice(["urn:uuid:0", "did:web:example.org", "did:example:s"])
    elif kind == 10 and isinstance(value, dict):
        value["type"] = [rng.choice(TERMS) for _ in range(rng.randrange(3))]
    else:
        _move(document, rng, path, rng.choice(paths), kind)


def _move(document: Document, rng: random.Random, path: Place, other: Place, kind: int) -> None:
    if path == other[: len(path)] or other == path[: len(other)]:
        return
    parent, target = at(document, path[:-1]), at(document, other[:-1])
    value = parent[path[-1]]
    if kind == 11:
        parent[path[-1]], target[other[-1]] = target[other[-1]], value
    elif kind == 12:
        target[other[-1]] = copy.deepcopy(value)
    elif isinstance(target, dict):
        target[str(path[-1])] = copy.deepcopy(value)


def mutated_example(rng: random.Random) -> Document:
    """A real credential with up to three changes, sometimes under other contexts."""
    document = copy.deepcopy(rng.choice(example_credentials()))
    if rng.random() < 0.25:
        document["@context"] = list(rng.choice(LISTS))
    for _ in range(rng.choice([0, 1, 1, 1, 2, 3])):
        mutate(document, rng)
    return document


def mutated_table_document(rng: random.Random) -> Document:
    """A document from the term tables with one or two changes."""
    document = table_document(rng)
    for _ in range(rng.randrange(1, 3)):
        mutate(document, rng)
    return document
