"""The fast road: what it takes, what it leaves to the general road, and that neither costs much."""

from __future__ import annotations

import copy
import json
import threading
from typing import Any

import pytest

from skillcred.linkeddata import (
    BUNDLED_CONTEXTS,
    OB_3_0_3,
    OWN_CONTEXT_SKILL,
    V2,
    ContextStore,
    LinkedDataLimitError,
    canonicalise,
    compiled_contexts,
    compiled_walk,
)
from skillcred.linkeddata.canonical import canonicalise_generally
from skillcred.linkeddata.compiled_contexts import CompiledList, UnsupportedError, compiled_list
from skillcred.linkeddata.compiled_form import canonicalise_compiled
from worlds.road_documents import compare_roads, example_credentials, fast_road

BASE = [V2, OB_3_0_3, OWN_CONTEXT_SKILL]
TAKEN = (True, True)
LEFT = (False, True)
REFUSED = (False, False)


def credential(**members: Any) -> dict[str, Any]:
    return {
        "@context": BASE,
        "id": "urn:uuid:1",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"id": "did:example:subject"},
        **members,
    }


@pytest.mark.parametrize("document", example_credentials(), ids=lambda document: str(document["type"]))
def test_real_credentials_take_the_fast_road(document: dict[str, Any]) -> None:
    assert canonicalise(document).road == "fast"
    assert compare_roads(document) == TAKEN


@pytest.mark.parametrize(
    ("members", "outcome"),
    [
        pytest.param({"name": 'q"\\\n\t\r\u00a0\u2028'}, TAKEN, id="escapes"),
        pytest.param({"name": {"@value": "x", "@language": "de-AT"}}, TAKEN, id="language-value"),
        pytest.param({"name": ["a", {"@value": "a", "@language": "en"}, True, 7]}, TAKEN, id="mixed-values"),
        pytest.param({"nameTranslations": {"en": ["a", "b"], "id": "c"}}, TAKEN, id="language-map"),
        pytest.param({"evidence": [{"type": "Evidence"}, {"type": "Evidence"}]}, TAKEN, id="twins"),
        pytest.param({"evidence": {"type": ["Evidence", "urn:x:y"]}}, TAKEN, id="iri-as-type"),
        pytest.param({"termsOfUse": [{"id": "a:b"}, {"id": "a:c"}]}, TAKEN, id="bare-references"),
        pytest.param(
            {"evidence": [{"id": "a:b", "name": "c"}], "termsOfUse": {"id": "a:b", "name": "c"}},
            TAKEN,
            id="L-13-equal-objects",
        ),
        pytest.param(
            {
                "evidence": [{"id": "a:b", "endorsement": {"name": "c"}}],
                "termsOfUse": {"id": "a:b", "endorsement": {"name": "c"}},
            },
            LEFT,
            id="L-13-equal-objects-that-hold-anonymous-ones",
        ),
        pytest.param({"proof": {"type": "DataIntegrityProof"}}, LEFT, id="graph-container"),
        pytest.param({"issuer": 5}, LEFT, id="number-for-an-identifier"),
        pytest.param({"validFrom": {"@value": "x", "@language": "en"}}, LEFT, id="language-value-for-a-date"),
        pytest.param({"type": None}, REFUSED, id="L-05-null-type"),
        pytest.param({"type": []}, REFUSED, id="L-05-no-types"),
        pytest.param({"id": None}, REFUSED, id="L-05-null-id"),
        pytest.param({"evidence": [{"type": "Evidence", "id": None}]}, REFUSED, id="L-05-null-id-inside"),
        pytest.param(
            {"nameTranslations": {"@value": "a", "@language": "en"}}, REFUSED, id="L-04-value-for-a-map"
        ),
        pytest.param({"nameTranslations": {"en": []}}, REFUSED, id="L-05-language-without-text"),
        pytest.param({"termsOfUse": [{"id": "a:b"}, {"id": "a:b"}]}, REFUSED, id="M9-reference-twice"),
        pytest.param(
            {"evidence": [{"id": "a:b", "name": True}, {"id": "a:b", "name": 1}]},
            REFUSED,
            id="L-13-true-is-not-1",
        ),
        pytest.param(
            {"evidence": {"id": "a:b", "evidence": {"id": "a:b"}}}, REFUSED, id="L-13-inside-itself"
        ),
        pytest.param({"issuer": "name:x"}, LEFT, id="a-term-that-is-no-prefix-but-might-be"),
    ],
)
def test_which_road_takes_what(members: dict[str, Any], outcome: tuple[bool, bool]) -> None:
    assert compare_roads(credential(**members)) == outcome


def test_sha384_gives_the_same_form_on_both_roads() -> None:
    for document in example_credentials():
        fast = canonicalise(document, hash_name="sha384")
        general = canonicalise_generally(document, hash_name="sha384")
        assert (fast.road, general.road) == ("fast", "general")
        assert fast.nquads == general.nquads


def chain(length: int, name: str = "x") -> dict[str, Any]:
    node: dict[str, Any] = {"type": "Evidence", "name": name}
    for _ in range(length):
        node = {"type": "Evidence", "endorsement": node}
    return node


@pytest.mark.parametrize("width", [1, 2, 7, 40])
@pytest.mark.parametrize("length", [0, 1, 5, 11])
def test_graphs_of_twins_have_one_form(width: int, length: int) -> None:
    assert compare_roads(credential(evidence=[chain(length) for _ in range(width)]))[1]


def test_symmetry_that_costs_much_is_left_to_the_general_road() -> None:
    many = credential(evidence=[chain(11, f"n{number % 40}") for number in range(400)])
    fast = fast_road(many)
    try:
        general = canonicalise_generally(many)
    except LinkedDataLimitError:
        assert fast is None
    else:
        assert fast is None or fast.nquads == general.nquads


def test_the_document_is_not_changed_and_the_labels_cannot_be() -> None:
    document = credential(evidence=[{"type": "Evidence", "name": "a"}])
    before = copy.deepcopy(document)
    canonical = canonicalise(document)
    assert document == before
    assert dict(canonical.labels) == {"b0": "c14n0"}
    with pytest.raises(TypeError):
        canonical.labels["b0"] = "c14n1"  # type: ignore[index]


def extended(context: dict[str, Any]) -> ContextStore:
    url = "https://e.example/context"
    content = json.dumps({"@context": context}).encode()
    return BUNDLED_CONTEXTS.extended({url: content}, [(url,), (V2, url)])


ALIASES = {"id": "@id", "type": "@type"}


@pytest.mark.parametrize(
    ("context", "document", "taken"),
    [
        pytest.param({**ALIASES, "@vocab": "urn:v:"}, {"anything": "x"}, False, id="vocab"),
        pytest.param({**ALIASES, "https": "urn:h:", "a": "urn:a"}, {"a": "x"}, False, id="scheme-as-prefix"),
        pytest.param(
            {**ALIASES, "p": "urn:p:", "a": {"@id": "p:a", "@type": "@id"}},
            {"a": "p:x"},
            False,
            id="compact-iri",
        ),
        pytest.param({**ALIASES, "a": "urn:a", "b": None}, {"a": "x", "b": "y"}, False, id="nullified-term"),
        pytest.param(
            {**ALIASES, "a": {"@id": "urn:a", "@context": None}},
            {"a": {"a": "x"}},
            False,
            id="context-cleared",
        ),
        pytest.param(
            {**ALIASES, "a": {"@id": "urn:a", "@context": {"a": "urn:b", "c": "urn:c"}}},
            {"a": {"a": "x"}},
            False,
            id="context-redefines-its-own-term",
        ),
        pytest.param(
            {**ALIASES, "a": {"@id": "urn:a", "@context": {"c": "urn:c"}}},
            {"a": {"c": {"c": "x"}}},
            True,
            id="propagates",
        ),
        pytest.param(
            {**ALIASES, "T": {"@id": "urn:T", "@context": {"c": "urn:c"}}, "a": "urn:a"},
            {"type": "T", "c": "x", "a": {"a": "y"}},
            True,
            id="type-scoped",
        ),
        pytest.param(
            {**ALIASES, "T": {"@id": "urn:T", "@context": {"c": "urn:c"}}, "a": "urn:a"},
            {"type": "T", "a": {"c": "y"}},
            False,
            id="type-scoped-does-not-propagate",
        ),
        pytest.param(
            {**ALIASES, "l": {"@id": "urn:l", "@container": "@list"}}, {"l": ["x", "x"]}, True, id="list"
        ),
        pytest.param(
            {**ALIASES, "l": {"@id": "urn:l", "@container": "@list", "@type": "@id"}},
            {"l": ["a:b", {"id": "a:c"}, {"l": "a:d"}]},
            True,
            id="list-of-objects",
        ),
        pytest.param(
            {**ALIASES, "d": {"@id": "urn:d", "@type": "http://www.w3.org/2001/XMLSchema#double"}},
            {"d": 1},
            False,
            id="double",
        ),
        pytest.param({"a": "urn:a"}, {"id": "urn:x", "a": "x"}, False, id="no-alias-for-id"),
        pytest.param({"a": "urn:a"}, {"a": "x"}, True, id="no-aliases-needed"),
    ],
)
def test_features_of_contexts(context: dict[str, Any], document: dict[str, Any], taken: bool) -> None:
    store = extended(context)
    fast, _ = compare_roads({"@context": ["https://e.example/context"], **document}, store)
    assert fast is taken


def test_each_store_has_its_own_tables() -> None:
    """L-21."""
    first, second = extended({"a": "urn:first"}), extended({"a": "urn:second"})
    document: dict[str, Any] = {"@context": ["https://e.example/context"], "a": "x"}
    assert b"urn:first" in canonicalise(document, contexts=first).nquads
    assert b"urn:second" in canonicalise(document, contexts=second).nquads


def type_combinations(count: int) -> list[dict[str, Any]]:
    names = ["Achievement", "Address", "Alignment", "Evidence", "Image", "Profile", "Related", "Result"]
    return [
        {"type": [name for bit, name in enumerate(names) if number >> bit & 1]}
        for number in range(1, count + 1)
    ]


def test_a_document_cannot_make_us_work_out_many_contexts() -> None:
    compiled = CompiledList(BUNDLED_CONTEXTS, tuple(BASE))
    document = credential(evidence=type_combinations(200))
    with pytest.raises(UnsupportedError):
        canonicalise_compiled(document, compiled, "sha256")
    assert compiled._steps <= compiled_walk.MAX_NEW


def test_full_tables_are_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    store = BUNDLED_CONTEXTS.extended({}, [])
    monkeypatch.setattr(compiled_contexts, "MAX_PROCESSED", 10)
    first = compiled_list(store, tuple(BASE))
    for _ in range(3):
        for number in range(8):
            document = credential(evidence=type_combinations(60)[number * 7 : number * 7 + 7])
            assert canonicalise(document, contexts=store).nquads == canonicalise_generally(document).nquads
    assert compiled_list(store, tuple(BASE)) is not first


def test_many_threads_compile_at_once() -> None:
    store = BUNDLED_CONTEXTS.extended({}, [])
    documents = [document for document in example_credentials() if len(document["@context"]) > 1]
    expected = [canonicalise_generally(document).nquads for document in documents]
    outcomes: list[bool] = []

    def work() -> None:
        for document, form in zip(documents, expected, strict=True):
            outcomes.append(canonicalise(document, contexts=store).nquads == form)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * (8 * len(documents))
