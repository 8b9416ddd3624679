"""DCQL: reading, and the rules for selecting claims and credentials (OID4VP 1.0 section 6)."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from skillcred.encoding.json_types import JsonObject
from skillcred.exchange.oid4vp.dcql import DcqlQuery, check_supported, parse_dcql_query
from skillcred.exchange.oid4vp.errors import DcqlError
from skillcred.exchange.oid4vp.matching import (
    Candidate,
    choose_queries,
    is_satisfied,
    match_credential,
    match_credentials,
)

PID = "https://credentials.example.com/identity_credential"


def query(**changes: Any) -> JsonObject:
    member = {"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": [PID]}} | changes
    return {"credentials": [{name: value for name, value in member.items() if value is not None}]}


def parsed(**changes: Any) -> DcqlQuery:
    return parse_dcql_query(query(**changes))


def candidate(claims: JsonObject, **changes: Any) -> Candidate:
    return Candidate(**({"format": "dc+sd-jwt", "claims": claims, "vct": PID} | changes))


def chosen(found: DcqlQuery, held: Candidate) -> list[Any] | None:
    match = match_credential(found.credentials[0], held)
    return None if match is None else [claim.value for claim in match.claims]


def example_files(shared_dir: Path) -> list[Path]:
    folder = shared_dir / "vectors" / "openid4vp-1.0"
    return [
        *sorted((folder / "query_lang").glob("*.json")),
        *sorted((folder / "request").glob("dcql_*.json")),
    ]


def test_the_examples_of_the_specification_are_read_and_written_alike(shared_dir: Path) -> None:
    files = example_files(shared_dir)
    assert len(files) == 9
    for file in files:
        document = json.loads(file.read_text())
        found = parse_dcql_query(document)
        if "mso_mdoc" in file.read_text():
            assert all(each.format == "mso_mdoc" or each.vct_values for each in found.credentials)
            continue
        assert found.build() == document, file.name


def test_unknown_members_are_ignored_everywhere() -> None:
    document = query(claims=[{"path": ["a"], "new": 1}], new={})
    document["new"] = [1]
    assert parse_dcql_query(document) == parsed(claims=[{"path": ["a"]}])


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"id": ""}, "/credentials/0/id"),
    ({"id": "a b"}, "/credentials/0/id"),
    ({"id": None}, "/credentials/0/id"),
    ({"format": None}, "/credentials/0/format"),
    ({"meta": None}, "/credentials/0/meta"),
    ({"meta": {"vct_values": []}}, "/credentials/0/meta/vct_values"),
    ({"meta": {"vct_values": [1]}}, "/credentials/0/meta/vct_values"),
    ({"meta": {"type_values": ["A"]}}, "/credentials/0/meta/type_values/0/types"),
    ({"multiple": "yes"}, "/credentials/0/multiple"),
    ({"require_cryptographic_holder_binding": 1}, "/credentials/0/require_cryptographic_holder_binding"),
    ({"claims": []}, "/credentials/0/claims"),
    ({"claims": [{"path": []}]}, "/credentials/0/claims/0/path"),
    ({"claims": [{"path": ["a", -1]}]}, "/credentials/0/claims/0/path"),
    ({"claims": [{"path": ["a"], "values": []}]}, "/credentials/0/claims/0/values"),
    ({"claims": [{"path": ["a"], "values": [1.5]}]}, "/credentials/0/claims/0/values/0"),
    ({"claims": [{"path": ["a"], "values": [None]}]}, "/credentials/0/claims/0/values/0"),
    ({"claims": [{"id": "x", "path": ["a"]}, {"id": "x", "path": ["b"]}]}, "/credentials/0/claims"),
    ({"claim_sets": [["x"]]}, "/credentials/0/claim_sets"),
    ({"claims": [{"path": ["a"]}], "claim_sets": [["x"]]}, "/credentials/0/claim_sets"),
    ({"claims": [{"id": "x", "path": ["a"]}], "claim_sets": [["y"]]}, "/credentials/0/claim_sets/0"),
    ({"claims": [{"id": "x", "path": ["a"]}], "claim_sets": [[]]}, "/credentials/0/claim_sets/0/claim_sets"),
    ({"trusted_authorities": []}, "/credentials/0/trusted_authorities"),
    ({"trusted_authorities": [{"type": "aki"}]}, "/credentials/0/trusted_authorities/0/values"),
]


@pytest.mark.parametrize(("changes", "pointer"), MALFORMED, ids=[pointer for _, pointer in MALFORMED])
def test_a_malformed_query_is_refused_where_it_is(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(DcqlError) as caught:
        parsed(**changes)
    assert (caught.value.code, caught.value.pointer) == ("invalid_dcql_query", pointer)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"credentials": []},
        {"credentials": query()["credentials"] * 2},  # type: ignore[operator]
        {**query(), "credential_sets": []},
        {**query(), "credential_sets": [{"options": []}]},
        {**query(), "credential_sets": [{"options": [[]]}]},
        {**query(), "credential_sets": [{"options": [["other"]]}]},
        {**query(), "credential_sets": [{"options": [["pid"]], "required": "no"}]},
        {"credentials": [{**query()["credentials"][0], "id": f"q{n}"} for n in range(33)]},  # type: ignore[index, call-overload, dict-item]
    ],
)
def test_a_malformed_set_of_queries_is_refused(document: Any) -> None:
    with pytest.raises(DcqlError):
        parse_dcql_query(copy.deepcopy(document))


def test_we_ask_only_for_what_we_can_check() -> None:
    check_supported(parsed(claims=[{"path": ["a"]}]))
    asked = [
        (parsed(format="mso_mdoc", meta={"doctype_value": "org.iso.18013.5.1.mDL"}), "unsupported_format"),
        (parsed(trusted_authorities=[{"type": "aki", "values": ["x"]}]), "unsupported_trusted_authorities"),
        (parsed(require_cryptographic_holder_binding=False), "unsupported_holder_binding"),
        (parsed(meta={}), "invalid_dcql_query"),
        (parsed(format="ldp_vc"), "invalid_dcql_query"),
        (parsed(claims=[{"path": ["a"]}, {"path": ["a"]}]), "invalid_dcql_query"),
    ]
    for found, code in asked:
        with pytest.raises(DcqlError) as caught:
            check_supported(found)
        assert caught.value.code == code


def test_the_preferred_claim_set_that_is_there_is_chosen(shared_dir: Path) -> None:
    file = shared_dir / "vectors" / "openid4vp-1.0" / "query_lang" / "claims_alternatives.json"
    found = parse_dcql_query(json.loads(file.read_text()))
    person: JsonObject = {"family_name": "Doe", "locality": "L", "region": "R", "date_of_birth": "B"}
    first = match_credential(found.credentials[0], candidate({**person, "postal_code": "P"}))
    assert first is not None
    assert (first.claim_set, len(first.claims)) == (0, 4)
    second = match_credential(
        found.credentials[0], candidate({"family_name": "Doe", "postal_code": "P", "date_of_birth": "B"})
    )
    assert second is not None
    assert second.claim_set == 1
    assert [claim.value for claim in second.claims] == ["Doe", "P", "B"]
    assert match_credential(found.credentials[0], candidate({"family_name": "Doe"})) is None


def test_values_match_by_type_and_value() -> None:
    found = parsed(claims=[{"path": ["a"], "values": [1, "x", True]}])
    assert chosen(found, candidate({"a": 1})) == [1]
    assert chosen(found, candidate({"a": True})) == [True]
    for other in (1.0, "1", False, None, ["x"]):
        assert chosen(found, candidate({"a": other})) is None  # type: ignore[dict-item]
    listed = parsed(claims=[{"path": ["a", None], "values": ["x"]}])
    assert chosen(listed, candidate({"a": ["y", "x"]})) == ["x"]


def test_type_binding_and_authority_have_to_fit() -> None:
    found = parsed()
    assert chosen(found, candidate({"a": 1})) == []
    assert chosen(found, candidate({"a": 1}, vct="https://other.example")) is None
    assert chosen(found, candidate({}, format="vc+sd-jwt")) is None
    assert chosen(found, candidate({}, holder_bindable=False)) is None
    unbound = parsed(require_cryptographic_holder_binding=False)
    assert chosen(unbound, candidate({}, holder_bindable=False)) == []
    trusted = parsed(trusted_authorities=[{"type": "aki", "values": ["k"]}])
    assert chosen(trusted, candidate({})) is None
    assert chosen(trusted, candidate({}, authorities={"aki": frozenset({"k", "l"})})) == []
    assert chosen(trusted, candidate({}, authorities={"etsi_tl": frozenset({"k"})})) is None


def test_every_type_of_one_alternative_must_be_there() -> None:
    found = parsed(format="ldp_vc", meta={"type_values": [["A", "B"], ["C"]]})
    for types, meets in (({"A", "B", "X"}, True), ({"C"}, True), ({"A"}, False), (set(), False)):
        held = Candidate("ldp_vc", {}, types=frozenset(types))
        assert (match_credential(found.credentials[0], held) is not None) is meets


def test_credentials_without_sets_are_all_wanted() -> None:
    document = {"credentials": [{**query()["credentials"][0], "id": name} for name in "ab"]}  # type: ignore[index, call-overload, dict-item]
    found = parse_dcql_query(document)  # type: ignore[arg-type]
    assert choose_queries(found, ["a"]) is None
    assert choose_queries(found, ["b", "a"]) == ("a", "b")


def test_sets_are_satisfied_by_the_first_option_that_is_held(shared_dir: Path) -> None:
    file = shared_dir / "vectors" / "openid4vp-1.0" / "query_lang" / "credentials_alternatives.json"
    found = parse_dcql_query(json.loads(file.read_text()))
    assert choose_queries(found, ["other_pid", "pid"]) == ("pid",)
    assert choose_queries(found, ["pid_reduced_cred_1", "pid_reduced_cred_2"]) == (
        "pid_reduced_cred_1",
        "pid_reduced_cred_2",
    )
    assert choose_queries(found, ["pid_reduced_cred_1", "nice_to_have"]) is None
    assert choose_queries(found, ["pid", "nice_to_have"], optional=True) == ("pid", "nice_to_have")
    assert is_satisfied(found, ["pid"])
    assert not is_satisfied(found, ["nice_to_have"])


def test_all_that_is_held_is_looked_at() -> None:
    matches = match_credentials(parsed(claims=[{"path": ["a"]}]), [candidate({"b": 1}), candidate({"a": 1})])
    assert {name: sorted(found) for name, found in matches.items()} == {"pid": [1]}
