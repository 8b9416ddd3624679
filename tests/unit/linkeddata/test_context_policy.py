"""Which `@context` a document may have, with no byte sent anywhere (SECURITY L-06 to L-09, L-12)."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from skillcred.linkeddata import (
    OB_3_0_3,
    OWN_CONTEXT_SKILL,
    OWN_CONTEXT_TRUST,
    V1,
    V2,
    LinkedDataError,
    canonicalise,
    check_context_list,
)
from skillcred.linkeddata.context_table import (
    DATA_INTEGRITY_V1,
    DATA_INTEGRITY_V2,
    ED25519_2020,
    OB_3_0_1,
    OB_3_0_2,
    OB_EXTENSIONS,
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.mark.parametrize(
    "urls",
    [
        (V2,),
        (V2, DATA_INTEGRITY_V2),
        (V2, OB_3_0_3),
        (V2, OB_3_0_2, DATA_INTEGRITY_V2),
        (V2, OB_3_0_3, OB_EXTENSIONS),
        (V2, OB_3_0_3, OWN_CONTEXT_SKILL),
        (V2, OB_3_0_3, OWN_CONTEXT_SKILL, DATA_INTEGRITY_V2),
        (V2, OWN_CONTEXT_TRUST),
        (V1,),
        (V1, DATA_INTEGRITY_V1),
        (V1, OB_3_0_1, DATA_INTEGRITY_V1),
        (V1, OB_3_0_1, OB_EXTENSIONS, ED25519_2020),
    ],
)
def test_allowed_lists(urls: tuple[str, ...]) -> None:
    check_context_list({"@context": list(urls), "id": "a:b"})


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        pytest.param(V2, "/@context", id="L-06-string"),
        pytest.param(None, "/@context", id="L-06-null"),
        pytest.param([], "/@context", id="L-06-empty"),
        pytest.param({"@vocab": "https://e.example/"}, "/@context", id="L-06-object"),
        pytest.param([V2, {"@vocab": "https://e.example/"}], "/@context/1", id="L-06-vocab"),
        pytest.param([V2, {"identifier": "@id"}], "/@context/1", id="L-06-alias"),
        pytest.param([V2, {"issuer": "https://e.example/"}], "/@context/1", id="L-06-redefinition"),
        pytest.param([V2, {"@protected": False}], "/@context/1", id="L-06-unprotected"),
        pytest.param([V2, {"@base": "https://e.example/"}], "/@context/1", id="L-06-base"),
        pytest.param([V2, {"@import": V1}], "/@context/1", id="L-06-import"),
        pytest.param([V2, {"@propagate": False}], "/@context/1", id="L-06-propagate"),
        pytest.param([V2, None], "/@context/1", id="L-06-null-item"),
        pytest.param([V2, [OB_3_0_3]], "/@context/1", id="L-06-array-item"),
        pytest.param([V2, 1], "/@context/1", id="L-06-number"),
        pytest.param([V2, "https://evil.example/context"], "/@context/1", id="L-08-remote"),
        pytest.param([V2, "http://127.0.0.1:8000/ctx"], "/@context/1", id="L-08-loopback"),
        pytest.param([V2, "file:///etc/passwd"], "/@context/1", id="L-08-file"),
        pytest.param([V2, "data:application/ld+json,{}"], "/@context/1", id="L-08-data"),
        pytest.param([f"{V2}#x"], "/@context/0", id="L-08-fragment"),
        pytest.param([f"{V2}/"], "/@context/0", id="L-08-trailing-slash"),
        pytest.param(["https://WWW.w3.org/ns/credentials/v2"], "/@context/0", id="L-08-upper-case"),
        pytest.param([OB_3_0_3, V2], "/@context", id="L-09-swapped"),
        pytest.param([V2, V2], "/@context", id="L-09-repeated"),
        pytest.param([V1, V2], "/@context", id="L-09-both-versions"),
        pytest.param([V2, OB_3_0_1], "/@context", id="L-09-not-together"),
        pytest.param([V2, OWN_CONTEXT_SKILL], "/@context", id="L-09-missing-between"),
        pytest.param([V2, OB_3_0_3, "https://e.example/c"], "/@context/2", id="L-12-appended"),
        pytest.param([V2, OB_3_0_3, OWN_CONTEXT_TRUST], "/@context", id="L-12-known-one-appended"),
    ],
)
def test_other_lists_are_refused(value: Any, pointer: str) -> None:
    document = {"@context": value, "id": "a:b", "name": "x"}
    for check in (check_context_list, canonicalise):
        with pytest.raises(LinkedDataError) as refused:
            check(document)
        assert (refused.value.code, refused.value.pointer) == ("context_not_allowed", pointer)


def test_no_context_at_all_is_refused() -> None:
    with pytest.raises(LinkedDataError) as refused:
        check_context_list({"id": "a:b"})
    assert refused.value.code == "context_not_allowed"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        pytest.param(
            {"credentialSubject": {"@context": [V2]}}, "/credentialSubject/@context", id="L-07-subject"
        ),
        pytest.param({"evidence": [{"a": {"@context": None}}]}, "/evidence/0/a/@context", id="L-07-item"),
        pytest.param({"proof": {"@context": {}}}, "/proof/@context", id="L-07-proof"),
        pytest.param({"a/b": {"@context": V2}}, "/a~1b/@context", id="L-07-escaped"),
    ],
)
def test_nested_contexts_are_refused_for_every_suite(members: dict[str, Any], pointer: str) -> None:
    with pytest.raises(LinkedDataError) as refused:
        check_context_list({"@context": [V2], **members})
    assert (refused.value.code, refused.value.pointer) == ("nested_context", pointer)


def test_depth_does_not_matter_to_the_search() -> None:
    value: dict[str, Any] = {"@context": V2}
    for _ in range(5000):
        value = {"a": value}
    with pytest.raises(LinkedDataError):
        check_context_list({"@context": [V2], "a": value})
