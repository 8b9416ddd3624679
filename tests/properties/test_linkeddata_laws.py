"""Laws of linked data: three implementations agree, and no change of a document goes unnoticed (L-19, L-20, L-22)."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from skillcred.linkeddata import (
    BUNDLED_CONTEXTS,
    OB_3_0_3,
    OWN_CONTEXT_SKILL,
    V2,
    LinkedDataError,
    canonicalise,
)
from skillcred.linkeddata.nquads import Quad, encode_nquads, literal_term
from skillcred.linkeddata.rdfc10 import canonicalise_quads

Document = dict[str, Any]
Path = tuple[str | int, ...]

BLANKS = st.sampled_from(["_:n0", "_:n1", "_:n2", "_:n3", "_:n4"])
IRIS = st.sampled_from(["<urn:a>", "<urn:b>"])
PREDICATES = st.sampled_from(["<urn:p>", "<urn:q>"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
LITERALS = st.builds(literal_term, TEXT) | st.sampled_from(['"x"@en', '"1"^^<urn:d>'])
QUADS = st.builds(
    Quad, BLANKS | IRIS, PREDICATES, BLANKS | IRIS | LITERALS, st.just("") | BLANKS | st.just("<urn:g>")
)
GRAPHS = st.lists(QUADS, max_size=12)


def oxigraph_form(quads: list[Quad], algorithm: pyoxigraph.CanonicalizationAlgorithm) -> bytes:
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(encode_nquads(quads), pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(algorithm)
    lines = pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS) or b""
    return b"\n".join(sorted(lines.split(b"\n"))).lstrip(b"\n") + b"\n" if lines else b""


@given(GRAPHS)
@settings(max_examples=150, deadline=None)
def test_ours_is_the_form_of_pyld(quads: list[Quad]) -> None:
    assume(not any(pyld_is_known_to_differ(quad) for quad in quads))
    options = {
        "algorithm": "URDNA2015",
        "inputFormat": "application/n-quads",
        "format": "application/n-quads",
    }
    theirs = jsonld.normalize(encode_nquads(quads).decode(), options)
    assert canonicalise_quads(quads).nquads == str(theirs).encode()


def pyld_is_known_to_differ(quad: Quad) -> bool:
    """PyLD does not escape control characters (M5), ends lines where Unicode does, and counts a quad twice that names
    a blank node twice; no JSON document leads to the last, since a document is a tree without labels."""
    blanks = [term for term in quad if term.startswith("_:")]
    odd = ("\\u00", "\\b", "\\t", "\\f", "\x85", "\u2028", "\u2029")
    return len(blanks) != len(set(blanks)) or any(text in quad.object for text in odd)


@given(GRAPHS, st.sampled_from(["sha256", "sha384"]))
@settings(max_examples=150, deadline=None)
def test_ours_names_blank_nodes_as_oxigraph_does(quads: list[Quad], hash_name: str) -> None:
    algorithm = {
        "sha256": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_256,
        "sha384": pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0_SHA_384,
    }[hash_name]
    ours = canonicalise_quads(quads, hash_name=hash_name).nquads
    theirs = oxigraph_form(quads, algorithm)
    assert set(pyoxigraph.parse(ours, pyoxigraph.RdfFormat.N_QUADS)) == set(
        pyoxigraph.parse(theirs, pyoxigraph.RdfFormat.N_QUADS)
    )


@given(GRAPHS, st.permutations(["_:n0", "_:n1", "_:n2", "_:n3", "_:n4"]), st.randoms())
@settings(max_examples=100, deadline=None)
def test_labels_and_order_do_not_matter(quads: list[Quad], labels: list[str], random: Any) -> None:
    renamed = [Quad(*(labels[int(t[3:])] if t.startswith("_:n") else t for t in quad)) for quad in quads]
    random.shuffle(renamed)
    assert canonicalise_quads(renamed).nquads == canonicalise_quads(quads).nquads


# Documents

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
TAGS = st.sampled_from(["am", "ar-EG", "en", "id", "my", "type"])
LANGUAGE_VALUES = st.builds(lambda text, tag: {"@value": text, "@language": tag}, WORDS, TAGS)
ALIGNMENTS = st.builds(
    lambda name, code: {
        "type": ["Alignment"],
        "targetName": name,
        "targetCode": code,
        "targetUrl": "https://e.example/",
    },
    WORDS,
    WORDS,
)
ACHIEVEMENTS = st.fixed_dictionaries(
    {
        "type": st.just(["Achievement"]),
        "name": WORDS,
        "criteria": st.builds(lambda text: {"narrative": text}, WORDS),
    },
    optional={
        "id": st.sampled_from(["urn:uuid:1", "urn:uuid:2"]),
        "alignment": st.lists(ALIGNMENTS, min_size=1, max_size=3),
        "tag": st.lists(WORDS, min_size=1, max_size=3, unique=True),
        "creditsAvailable": st.integers(-(2**53) + 1, 2**53 - 1),
        "nameTranslations": st.dictionaries(TAGS, WORDS, min_size=1, max_size=3),
        "resultDescription": st.lists(WORDS, min_size=1, max_size=4).map(
            lambda values: [{"type": ["ResultDescription"], "name": "Grade", "allowedValue": values}]
        ),
    },
)
CREDENTIALS = st.fixed_dictionaries(
    {
        "@context": st.just([V2, OB_3_0_3, OWN_CONTEXT_SKILL]),
        "id": st.just("urn:uuid:0"),
        "type": st.just(["VerifiableCredential", "OpenBadgeCredential"]),
        "issuer": st.just("did:example:issuer")
        | st.builds(lambda name: {"id": "did:example:issuer", "type": ["Profile"], "name": name}, WORDS),
        "validFrom": st.just("2026-03-01T00:00:00Z"),
        "credentialSubject": st.builds(
            lambda achievement, hashed: {
                "id": "did:example:subject",
                "type": ["AchievementSubject"],
                "identifier": [{"type": "IdentityObject", "hashed": hashed, "identityHash": "x"}],
                "achievement": achievement,
            },
            ACHIEVEMENTS,
            st.booleans(),
        ),
    },
    optional={
        "name": WORDS | LANGUAGE_VALUES,
        "credentialStatus": st.just(
            {"id": "https://e.example/s#1", "type": "BitstringStatusListEntry", "statusListIndex": "1"}
        ),
        "evidence": st.lists(
            st.builds(lambda name: {"type": ["Evidence"], "name": name}, WORDS), min_size=1, max_size=3
        ),
    },
).map(copy.deepcopy)
SLOW = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def load(url: str, _: object) -> Document:
    return {"contextUrl": None, "documentUrl": url, "document": json.loads(BUNDLED_CONTEXTS.content(url))}


@given(CREDENTIALS)
@SLOW
def test_documents_have_the_form_that_pyld_gives_them(document: Document) -> None:
    options = {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}
    assert canonicalise(document).nquads == str(jsonld.normalize(document, options)).encode()


def objects(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all node objects (not of value objects and language maps)."""
    if isinstance(value, dict):
        if "@value" not in value and path[-1:] != ("nameTranslations",):
            yield path
        for name, item in value.items():
            if name != "@context":
                yield from objects(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from objects(item, (*path, index))


def at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


@given(
    CREDENTIALS,
    st.data(),
    st.sampled_from(["licenceNumber", "Id", "validuntil", "name ", "https://schema.org/x", "@id"]),
)
@SLOW
def test_an_undefined_member_is_refused_wherever_it_stands(
    document: Document, data: st.DataObject, name: str
) -> None:
    path = data.draw(st.sampled_from(list(objects(document))))
    at(document, path)[name] = data.draw(
        WORDS | st.integers(0, 9) | st.just({"type": "Profile", "name": "x"})
    )
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in (*path, name))
    with pytest.raises(LinkedDataError) as refused:
        canonicalise(document)
    assert refused.value.code in ("undefined_term", "keyword_not_allowed")
    assert refused.value.pointer == pointer


def reading(node: Document) -> Any:
    """What a reader of the JSON takes from it: one value is an array of one, arrays other than lists are sets,
    an object with nothing but an id is a reference, language tags have no case, a badge has two names."""
    return frozenset((name, members(name, value)) for name, value in node.items() if name != "@context")


def members(name: str, value: Any) -> Any:
    if name == "nameTranslations" and isinstance(value, dict):
        value = [
            {"@value": text, "@language": tag} for tag, texts in value.items() for text in as_tuple(texts)
        ]
    items = [member(item) for item in as_tuple(value)]
    if name == "type":
        items = [
            ("str", "OpenBadgeCredential") if item[1] == "AchievementCredential" else item for item in items
        ]
    return tuple(items) if name == "allowedValue" else frozenset((item, items.count(item)) for item in items)


def member(item: Any) -> Any:
    if isinstance(item, dict) and "@value" in item:
        return ("text", item["@value"], item["@language"].lower())
    if isinstance(item, dict) and item.keys() == {"id"}:
        return ("str", item["id"])
    return ("node", reading(item)) if isinstance(item, dict) else (type(item).__name__, item)


def as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list) else (value,)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place below the top but the contexts."""
    steps: list[str | int] = []
    if isinstance(value, dict):
        steps = [name for name in value if name != "@context"]
    elif isinstance(value, list):
        steps = list(range(len(value)))
    for step in steps:
        yield (*path, step)
        yield from places(value[step], (*path, step))


STRANGE = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        1,
        -1,
        1.5,
        "",
        "x",
        "1",
        "did:example:issuer",
        "urn:uuid:0",
        "_:b0",
        [],
        {},
        [[]],
        ["x"],
    ]
) | st.sampled_from(
    [
        {"id": "did:example:issuer"},
        {"id": "urn:uuid:0", "issuer": "did:example:evil"},
        {"type": "Evidence"},
        {"@value": "x", "@language": "en"},
        {"@value": "x"},
        {"@list": ["x"]},
        {"@id": "did:example:issuer"},
        "Evidence",
        "AchievementCredential",
        "https://purl.imsglobal.org/spec/vc/ob/vocab.html#Achievement",
        "https://schema.org/name",
    ]
)
RENAMED = st.sampled_from(
    [
        "@id",
        "@type",
        "@graph",
        "@included",
        "id",
        "type",
        "name",
        "evidence",
        "termsOfUse",
        "https://schema.org/name",
        "https://www.w3.org/2018/credentials#credentialStatus",
        "https://www.w3.org/2018/credentials#credentialSubject",
        "NAME",
    ]
)


def mutate(document: Document, data: st.DataObject) -> str:
    """One change of the JSON, of a kind that attackers have used."""
    path = data.draw(st.sampled_from(list(places(document))))
    parent, last = at(document, path[:-1]), path[-1]
    value = parent[last]
    kind = data.draw(
        st.sampled_from(
            ["replace", "delete", "double", "wrap", "swap", "rename", "copy", "move", "to_text", "case"]
        )
    )
    if kind == "replace":
        parent[last] = copy.deepcopy(data.draw(STRANGE))
    elif kind == "delete":
        del parent[last]
    elif kind == "double":
        parent[last] = [value, copy.deepcopy(value)]
    elif kind == "wrap":
        parent[last] = [value]
    elif kind == "rename" and isinstance(parent, dict):
        parent[data.draw(RENAMED)] = parent.pop(last)
    elif kind == "to_text" and not isinstance(value, dict | list):
        parent[last] = json.dumps(value) if not isinstance(value, str) else f" {value}"
    elif kind == "case" and isinstance(value, str):
        parent[last] = value.swapcase()
    else:
        other = data.draw(st.sampled_from(list(places(document))))
        assume(path != other[: len(path)] and other != path[: len(other)])
        target = at(document, other[:-1])
        if kind == "swap":
            parent[last], target[other[-1]] = target[other[-1]], value
        elif kind == "copy":
            target[other[-1]] = copy.deepcopy(value)
        elif isinstance(target, dict) and isinstance(parent, dict):
            target[str(last)] = parent.pop(last)
    return kind


@given(CREDENTIALS, st.data())
@settings(SLOW, max_examples=600)
def test_no_change_of_what_a_reader_sees_keeps_the_signed_form(
    document: Document, data: st.DataObject
) -> None:
    signed = canonicalise(document).nquads
    changed = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 2))):
        mutate(changed, data)
    try:
        now = canonicalise(changed).nquads
    except LinkedDataError:
        return
    if now == signed:
        assert reading(changed) == reading(document)
