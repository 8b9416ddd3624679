"""The primitives that selective disclosure suites share: selection by pointer, labels, statements, groups."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from skillcred.linkeddata import BUNDLED_CONTEXTS, V2
from skillcred.linkeddata.errors import LinkedDataError
from skillcred.securing import SecuringError
from skillcred.securing.data_integrity.selective_disclosure import (
    MAX_POINTERS,
    GroupedStatements,
    SelectionError,
    canonicalise_and_group,
    hmac_label_map,
    known_label_map,
    label_statements,
    parse_pointers,
    select_json_ld,
)
from worlds.pure_world import PureWorld

DOCUMENT: dict[str, Any] = {
    "@context": [V2],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:example:issuer", "name": {"@value": "Issuer", "@language": "en"}},
    "credentialSubject": [
        {"id": "did:example:a", "name": "A"},
        {"type": "https://schema.org/Person", "name": "B", "description": "second"},
        {"name": "C"},
    ],
}
KEY = bytes(range(32))


def group(document: dict[str, Any], *pointers: str) -> GroupedStatements:
    return canonicalise_and_group(document, hmac_label_map(KEY), {"group": pointers}, BUNDLED_CONTEXTS)


def lines(document: dict[str, Any], *pointers: str) -> list[str]:
    grouped = group(document, *pointers)
    return [grouped.statements[index] for index in grouped.selections["group"].indexes]


@pytest.mark.parametrize(
    ("pointers", "expected"),
    [
        pytest.param(["/issuer/name"], {"issuer": DOCUMENT["issuer"]}, id="the-way-keeps-id"),
        pytest.param(["/issuer"], {"issuer": DOCUMENT["issuer"]}, id="whole-object"),
        pytest.param(
            ["/credentialSubject/1/name"],
            {"credentialSubject": [{"type": "https://schema.org/Person", "name": "B"}]},
            id="the-way-keeps-type-and-arrays-become-dense",
        ),
        pytest.param(
            ["/credentialSubject/2", "/credentialSubject/0"],
            {"credentialSubject": [{"id": "did:example:a", "name": "A"}, {"name": "C"}]},
            id="in-the-order-of-the-document",
        ),
        pytest.param(
            ["/credentialSubject/1/name", "/credentialSubject/1"],
            {"credentialSubject": [DOCUMENT["credentialSubject"][1]]},
            id="a-part-and-the-whole",
        ),
        pytest.param(
            ["/credentialSubject", "/credentialSubject/1/name"],
            {"credentialSubject": DOCUMENT["credentialSubject"]},
            id="the-whole-and-a-part",
        ),
        pytest.param(["/id"], {}, id="what-is-there-anyway"),
        pytest.param(["/@context/0", "/type/0"], {}, id="into-what-is-there-anyway"),
    ],
)
def test_selection(pointers: list[str], expected: dict[str, Any]) -> None:
    always = {"@context": [V2], "id": "urn:uuid:1", "type": ["VerifiableCredential"]}
    assert select_json_ld(DOCUMENT, pointers) == always | expected


def test_contexts_and_types_are_never_shown_in_part() -> None:
    document = {"@context": [V2, "https://e.example/v1"], "type": ["A", "B"], "name": "x"}
    assert select_json_ld(document, ["/@context/1", "/type/0"]) == {
        "@context": document["@context"],
        "type": document["type"],
    }


def test_no_pointer_selects_nothing_and_the_empty_one_everything() -> None:
    assert select_json_ld(DOCUMENT, []) is None
    assert select_json_ld(DOCUMENT, [""]) == DOCUMENT
    assert select_json_ld(DOCUMENT, ["", "/id"]) == DOCUMENT


def test_a_selection_shares_nothing_with_the_document() -> None:
    before = copy.deepcopy(DOCUMENT)
    selected = select_json_ld(DOCUMENT, ["/issuer/name", "/credentialSubject"])
    assert selected is not None
    selected["credentialSubject"][0]["name"] = selected["issuer"]["name"]["@value"] = "changed"  # type: ignore[index,call-overload]
    selected["@context"].append("x")  # type: ignore[union-attr]
    assert before == DOCUMENT


def test_pointers_are_unescaped() -> None:
    assert select_json_ld({"a/b": {"c~d": 1, "e": 2}}, ["/a~1b/c~0d"]) == {"a/b": {"c~d": 1}}
    assert select_json_ld({"~1": 1, "/": 2}, ["/~01"]) == {"~1": 1}


@pytest.mark.parametrize(
    "pointer",
    [
        "/nothing",
        "/issuer/nothing",
        "/credentialSubject/3",
        "/credentialSubject/-",
        "/credentialSubject/01",
        "/credentialSubject/name",
        "/id/0",
        "/issuer/id/x",
        "/",
        "/credentialSubject/99999999999999999999",
        "/credentialSubject/١",
    ],
)
def test_a_pointer_to_nothing_is_refused(pointer: str) -> None:
    with pytest.raises(SelectionError) as caught:
        select_json_ld(DOCUMENT, [pointer])
    assert caught.value.code == "pointer_not_found"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, "invalid_pointer"),
        ("/issuer", "invalid_pointer"),
        ({"/issuer": 1}, "invalid_pointer"),
        (["issuer"], "invalid_pointer"),
        (["#/issuer"], "invalid_pointer"),
        (["/a~2"], "invalid_pointer"),
        (["/a~"], "invalid_pointer"),
        ([1], "invalid_pointer"),
        (["/" + "a" * 3000], "invalid_pointer"),
        (["/issuer"] * (MAX_POINTERS + 1), "too_many_pointers"),
    ],
)
def test_what_is_no_list_of_pointers_is_refused(value: Any, code: str) -> None:
    with pytest.raises(SelectionError) as caught:
        parse_pointers(value)
    assert caught.value.code == code
    assert isinstance(caught.value, SecuringError)


def test_the_statements_of_a_selection_are_statements_of_the_whole() -> None:
    whole = lines(DOCUMENT, "")
    assert set(lines(DOCUMENT, "/issuer", "/credentialSubject/1/name")) < set(whole)
    assert lines(DOCUMENT) == []
    assert whole == list(group(DOCUMENT).statements) == sorted(whole)


def test_twins_are_told_apart_by_the_pointer() -> None:
    """Two nodes that look alike from where the pointer leads are two nodes in the whole."""
    document = copy.deepcopy(DOCUMENT)
    document["credentialSubject"] = [{"name": "A", "description": "x"}, {"name": "A", "description": "y"}]
    first, second = lines(document, "/credentialSubject/0/name"), lines(document, "/credentialSubject/1/name")
    assert len(first) == len(second)
    assert first != second


def test_a_verifier_finds_the_labels_that_were_signed() -> None:
    grouped = group(DOCUMENT, "/credentialSubject/1/name", "/credentialSubject/2")
    selection = grouped.selections["group"]
    assert selection.document is not None
    found = label_statements(selection.document, known_label_map(selection.verifier_labels), BUNDLED_CONTEXTS)
    assert list(found) == [grouped.statements[index] for index in selection.indexes]


def test_a_text_that_looks_like_a_label_stays_what_it_is() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["credentialSubject"][1]["name"] = 'quoted " _:c14n0 .'
    document["credentialSubject"][1]["description"] = {"@value": "\\ _:c14n1", "@language": "en"}
    grouped = group(document, "")
    assert sum("_:c14n" in line for line in grouped.statements) == 2
    [selection] = grouped.selections.values()
    assert selection.document is not None
    labels = known_label_map(selection.verifier_labels)
    assert label_statements(selection.document, labels, BUNDLED_CONTEXTS) == grouped.statements


def test_labels_depend_on_the_key() -> None:
    other = canonicalise_and_group(DOCUMENT, hmac_label_map(bytes(32)), {}, BUNDLED_CONTEXTS)
    mine = group(DOCUMENT)
    assert not set(other.labels.values()) & set(mine.labels.values())
    assert other.labels.keys() == mine.labels.keys()


@pytest.mark.parametrize("pointer", ["/issuer/name/@value", "/issuer/name/@language"])
def test_a_value_is_not_split(pointer: str) -> None:
    """Without its language a text is another statement, which was never signed; without its text it is nothing."""
    with pytest.raises((SelectionError, LinkedDataError)):
        group(DOCUMENT, pointer)


def test_a_json_literal_is_not_split() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["credentialSubject"] = {"type": "JsonSchema", "jsonSchema": {"properties": {"a": 1, "b": 2}}}
    assert any("JSON" in line for line in lines(document, "/credentialSubject/jsonSchema"))
    with pytest.raises(SelectionError) as caught:
        group(document, "/credentialSubject/jsonSchema/properties/a")
    assert caught.value.code == "pointer_splits_statement"


def test_a_graph_cannot_be_shown_in_part() -> None:
    presentation = {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [{key: value for key, value in DOCUMENT.items() if key != "@context"}],
    }
    with pytest.raises((SelectionError, LinkedDataError)):
        group(presentation, "/verifiableCredential")


def test_an_identifier_that_imitates_a_blank_node_is_refused() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["credentialSubject"][0]["id"] = "urn:bnid:b0"
    with pytest.raises(SelectionError) as caught:
        group(document, "/issuer")
    assert caught.value.code == "not_selectable"


def test_what_would_not_be_signed_is_refused() -> None:
    """SECURITY X-04."""
    document = copy.deepcopy(DOCUMENT)
    document["credentialSubject"][1]["licenceNumber"] = "1"
    with pytest.raises(LinkedDataError) as caught:
        group(document, "/issuer")
    assert caught.value.code == "undefined_term"


def test_a_skill_credential_can_be_selected_member_by_member() -> None:
    document = PureWorld().unsigned()
    whole = set(lines(document, ""))
    parts: set[str] = set()
    for name in document:
        parts |= set(lines(document, f"/{name}"))
    assert parts == whole
