"""Whether the contexts of a document define all that it says, for documents of which the text is signed.

Where quads are signed, canonicalisation finds that out. A signature over the text covers a member without a definition
as well, but nobody can say what the member means, and the document does not conform: VCDM 2.0 section 5.2 wants the
context of undefined terms (`https://www.w3.org/ns/credentials/undefined-terms/v2`) at the end of the list instead.
"""

from __future__ import annotations

from typing import Any, Final

from skillcred.encoding.json_types import JsonObject
from skillcred.linkeddata.canonical import canonicalise
from skillcred.linkeddata.context_policy import context_list
from skillcred.linkeddata.context_store import BUNDLED_CONTEXTS, ContextStore
from skillcred.linkeddata.errors import LinkedDataError, LinkedDataLimitError
from skillcred.linkeddata.expansion import expand_document

_REFUSED: Final = frozenset({"undefined_term", "undefined_type", "context_not_allowed", "json_ld_error"})


def check_terms(document: JsonObject, *, contexts: ContextStore = BUNDLED_CONTEXTS) -> None:
    """Raises `LinkedDataError` for a `document` without proof some member or type of which the contexts do not define
    (`undefined_term`, `undefined_type`), for contexts that are not known, and for what is not JSON-LD;
    `LinkedDataLimitError` for one that is too large or too deep.

    What only a signature over quads cannot carry is let pass: base directions, empty values, numbers with a fraction,
    nameless objects that are too many to be told apart.
    """
    try:
        canonicalise(document, contexts=contexts)
    except LinkedDataError as error:
        if error.code in _REFUSED:
            raise
    except LinkedDataLimitError as error:
        if error.code != LinkedDataLimitError.default_code:
            raise
    else:
        return
    # something else was in the way, behind which there may be a member without a definition
    members = {name: value for name, value in document.items() if name != "@context"}
    _check_types(expand_document(members, context_list(document, contexts), contexts))


def _check_types(value: Any) -> None:
    """Every type in an expanded document is an absolute IRI (there is no base that could make it one)."""
    if isinstance(value, list):
        for item in value:
            _check_types(item)
    elif isinstance(value, dict) and "@value" not in value:
        for entry in value.get("@type", []):
            if ":" not in entry:
                raise LinkedDataError("A type is not defined by the contexts.", code="undefined_type")
        for name, item in value.items():
            if name != "@type":
                _check_types(item)
