"""Whether contexts define all that a document says, also where something else is in the way of its quads."""

from __future__ import annotations

from typing import Any

import pytest

from skillcred.linkeddata import V2, LinkedDataError, check_terms
from skillcred.linkeddata.interop_contexts import INTEROP_CONTEXTS, UNDEFINED_TERMS_V2

GOOD: dict[str, Any] = {
    "@context": [V2],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:a",
    "credentialSubject": {"id": "did:example:b"},
}
ALIKE: Any = {"type": "VerifiableCredential"}
for _ in range(3):
    ALIKE = {"type": "VerifiableCredential", "evidence": [ALIKE] * 6}
NOT_FOR_QUADS: list[dict[str, Any]] = [
    {},
    {"evidence": ALIKE},
    {"evidence": []},
    {"name": {"@value": "x", "@language": "ar", "@direction": "rtl"}},
]


@pytest.mark.parametrize(
    "beside", NOT_FOR_QUADS, ids=["nothing", "many alike", "an empty list", "a direction"]
)
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"x": "y"}, "undefined_term"),
        ({"x": None}, "undefined_term"),
        ({"credentialSubject": {"id": "did:example:b", "x": {"y": []}}}, "undefined_term"),
        ({"credentialSubject": {"id": "did:example:b", "type": "X"}}, "undefined_type"),
        ({"@foo": "y"}, None),
        ({"@graph": [{"x": 1}]}, None),
    ],
)
def test_what_is_not_defined_is_found(
    beside: dict[str, Any], changes: dict[str, Any], code: str | None
) -> None:
    check_terms({**GOOD, **beside})
    with pytest.raises(LinkedDataError) as refused:
        check_terms({**GOOD, **beside, **changes})
    assert code in (None, refused.value.code)


def test_the_context_of_undefined_terms_defines_them() -> None:
    document = {**GOOD, "@context": [V2, UNDEFINED_TERMS_V2], "type": ["VerifiableCredential", "X"], "x": []}
    check_terms(document, contexts=INTEROP_CONTEXTS)
    for wrong in (
        [UNDEFINED_TERMS_V2, V2],
        [V2, UNDEFINED_TERMS_V2, V2],
        [V2, "https://example.com/unknown"],
    ):
        with pytest.raises(LinkedDataError) as refused:
            check_terms({**document, "@context": wrong}, contexts=INTEROP_CONTEXTS)
        assert refused.value.code == "context_not_allowed"
