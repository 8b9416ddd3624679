"""Definitions inside `@context`: named for one document, put back afterwards, refused where they cannot be told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from skillcred.linkeddata import BUNDLED_CONTEXTS, V2, LinkedDataError
from skillcred.services.inline_contexts import MAX_INLINE_CONTEXTS, NAME_PREFIX, name_contexts

TERM = {"ExampleCredential": "https://example.org/#ExampleCredential"}


def credential(*contexts: Any, **members: Any) -> dict[str, Any]:
    return {"@context": [V2, *contexts], "type": ["VerifiableCredential"], **members}


def test_nothing_to_name_changes_nothing() -> None:
    document = credential()
    named = name_contexts(document, BUNDLED_CONTEXTS)
    assert named.document is document
    assert named.contexts is BUNDLED_CONTEXTS
    assert named.restore(b"as it was") == b"as it was"


def test_definitions_are_named_and_put_back() -> None:
    document = credential(TERM, verifiableCredential=[credential({"@context": TERM})])
    named = name_contexts(document, BUNDLED_CONTEXTS)
    assert named.document["@context"][1].startswith(NAME_PREFIX)
    assert len(named.definitions) == 2
    assert tuple(named.document["@context"]) in named.contexts.allowed_lists
    assert json.loads(named.restore(json.dumps(named.document).encode())) == document
    assert not set(named.definitions) & set(BUNDLED_CONTEXTS.contents)


@pytest.mark.parametrize("mechanism", ["eddsa-jcs-2022", "ecdsa-jcs-2019", "vc+jwt", "vc+cose", "vc+sd-jwt"])
def test_signatures_over_the_text_take_no_names(mechanism: str) -> None:
    document = credential(TERM)
    assert name_contexts(document, BUNDLED_CONTEXTS, mechanism).document is document
    proofs = [{"cryptosuite": "eddsa-rdfc-2022"}, {"cryptosuite": mechanism}]
    signed = {**document, "proof": proofs}
    assert name_contexts(signed, BUNDLED_CONTEXTS).document is signed


@pytest.mark.parametrize(
    "definition",
    [
        {"@vocab": None},
        {"@base": "https://example.org/"},
        {"@language": "en"},
        {"@import": "https://example.org/context"},
        {"@propagate": False},
        {"type": "https://example.org/#type"},
        {"x": {"@id": "https://example.org/#x", "@reverse": "https://example.org/#y"}},
        {"x": {"@id": "https://example.org/#x", "@nest": "y"}},
        {"x": 1},
        {"x": {"@id": "https://example.org/#x", "@context": {"@vocab": None}}},
    ],
)
def test_what_cannot_be_accounted_for_is_refused(definition: Any) -> None:
    with pytest.raises(LinkedDataError) as refused:
        name_contexts(credential(definition), BUNDLED_CONTEXTS)
    assert refused.value.code == "context_not_allowed"


def test_too_many_definitions_are_refused() -> None:
    many = [{f"T{number}": f"https://example.org/#{number}"} for number in range(MAX_INLINE_CONTEXTS + 1)]
    with pytest.raises(LinkedDataError):
        name_contexts(credential(*many), BUNDLED_CONTEXTS)


def test_a_definition_cannot_stand_first() -> None:
    named = name_contexts({"@context": [TERM, V2]}, BUNDLED_CONTEXTS)
    assert tuple(named.document["@context"]) not in named.contexts.allowed_lists
