"""The two places below the top where a document may give an `@context`.

A presentation holds whole credentials, each with its own contexts (VCDM 2.0 section 4.13), and a proof of a jcs suite
repeats the contexts of its document (e.g. EdDSA Cryptosuites 1.0 section 3.3.1). Nowhere else may an `@context`
stand, so that nothing inside a document changes the meaning of what the contexts at its top say:

- an object at `/verifiableCredential` or in the array there has an allowed list like a document of its own; one that
  only envelops a credential may give the one URL as text;
- an object at `/proof` of a document or of such a credential may have exactly the contexts of that document. In the
  place where it stands they say what was said already, so the repetition is left out before RDF is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.linkeddata.context_store import ContextList, ContextStore
from skillcred.linkeddata.errors import LinkedDataError

_CREDENTIALS = "verifiableCredential"
_ENVELOPED = ("EnvelopedVerifiableCredential", ["EnvelopedVerifiableCredential"])


@dataclass(frozen=True, slots=True)
class Separated:
    """A document without the `@context` that its proofs repeat, and the contexts of the credentials inside by
    JSON pointer. `bare` is the same without these: any `@context` below its top is one too many."""

    document: JsonObject
    bare: JsonObject
    embedded: Mapping[str, ContextList] = field(default_factory=dict)


def separate_contexts(document: JsonObject, contexts: ContextStore) -> Separated:
    """Takes the allowed contexts inside `document` out. Raises `LinkedDataError` (`context_not_allowed`)."""
    document = _without_repeated(document)
    if _CREDENTIALS not in document:
        return Separated(document, document)
    embedded: dict[str, ContextList] = {}
    items: list[JsonValue] = []
    bare: list[JsonValue] = []
    for pointer, item in _items(document[_CREDENTIALS], f"/{_CREDENTIALS}"):
        if isinstance(item, dict) and "@context" in item:
            embedded[pointer] = _list_of(item, pointer, contexts)
            item = _without_repeated(item)
            bare.append({name: value for name, value in item.items() if name != "@context"})
        else:
            bare.append(item)
        items.append(item)
    if not isinstance(document[_CREDENTIALS], list):
        return Separated({**document, _CREDENTIALS: items[0]}, {**document, _CREDENTIALS: bare[0]}, embedded)
    return Separated({**document, _CREDENTIALS: items}, {**document, _CREDENTIALS: bare}, embedded)


def _without_repeated(document: JsonObject) -> JsonObject:
    """`document` with proofs that do not repeat its contexts. A proof that gives others keeps them, and with them
    is refused."""
    proofs = document.get("proof")
    if not isinstance(proofs, dict | list):
        return document
    plain: list[JsonValue] = [
        {name: value for name, value in proof.items() if name != "@context"}
        if isinstance(proof, dict) and proof.get("@context") == document.get("@context")
        else proof
        for _, proof in _items(proofs, "")
    ]
    return {**document, "proof": plain if isinstance(proofs, list) else plain[0]}


def _list_of(item: JsonObject, pointer: str, contexts: ContextStore) -> ContextList:
    value = item["@context"]
    if isinstance(value, str) and item.get("type") in _ENVELOPED:
        value = [value]
    texts = tuple(str(entry) for entry in value) if isinstance(value, list) else ()
    if not isinstance(value, list) or list(texts) != value or texts not in contexts.allowed_lists:
        raise LinkedDataError(
            "The contexts of an embedded credential are not an accepted list.",
            code="context_not_allowed",
            pointer=f"{pointer}/@context",
        )
    return texts


def _items(value: JsonValue, pointer: str) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, list):
        yield from ((f"{pointer}/{index}", item) for index, item in enumerate(value))
    else:
        yield pointer, value
