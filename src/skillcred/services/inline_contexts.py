"""Documents whose `@context` holds definitions instead of an address, as the examples of specifications do.

Only the interoperability surface takes them. JSON-LD 1.1 (section 4.1.2) treats a definition that stands in the list
and the same one behind an address alike, so each gets a name made of its digest and becomes a context of a store
for this one document; all guards of that store apply to it. What a signature over quads covers is the same either
way. A signature over the JSON text (jcs suites, envelopes) would not be, so such documents are left as they are, and
are refused like everywhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import ConfigurationError
from skillcred.linkeddata import ContextStore, LinkedDataError
from skillcred.linkeddata.context_features import iterate_scopes
from skillcred.linkeddata.context_store import ContextList

NAME_PREFIX: Final = "urn:skillcred:inline-context:"
MAX_INLINE_CONTEXTS: Final = 32
"""Most definitions in one document, those of embedded credentials included."""


@dataclass(frozen=True, slots=True)
class Named:
    """A document whose contexts all have names, the store that knows them, and what each name stands for."""

    document: JsonObject
    contexts: ContextStore
    definitions: Mapping[str, JsonValue] = field(default_factory=dict)

    def restore(self, content: bytes) -> bytes:
        """JSON `content` made from `document`, with the definitions back in their places."""
        if not self.definitions:
            return content
        restored = _rewrite(json.loads(content), lambda entry: self.definitions.get(str(entry), entry))
        return json.dumps(restored, ensure_ascii=False, indent=2).encode("utf-8")


def name_contexts(document: JsonObject, contexts: ContextStore, mechanism: str | None = None) -> Named:
    """`document` with a name for each definition in its contexts, and in those of the credentials inside it.

    `mechanism` is what it is going to be secured with; without one its proofs tell. Raises `LinkedDataError`
    (`context_not_allowed`) for definitions that cannot be accounted for.
    """
    definitions: dict[str, JsonValue] = {}

    def name(entry: JsonValue) -> JsonValue:
        if not isinstance(entry, dict):
            return entry
        url = NAME_PREFIX + hashlib.sha256(encode_jcs(entry)).hexdigest()
        definitions[url] = entry
        return url

    if not _over_quads(document, mechanism):
        return Named(document, contexts)
    named = _rewrite(document, name)
    if not definitions:
        return Named(document, contexts)
    if len(definitions) > MAX_INLINE_CONTEXTS:
        raise _refused("There are too many definitions in the contexts.")
    return Named(named, _extended(contexts, definitions, _lists(named)), definitions)


def _rewrite(document: JsonObject, change: Callable[[JsonValue], JsonValue]) -> JsonObject:
    """`document` with `change` applied to each entry of its contexts, and of those of the credentials inside."""
    written = dict(document)
    if isinstance(written.get("@context"), list):
        written["@context"] = [change(entry) for entry in as_list(written["@context"])]
    inside = written.get("verifiableCredential")
    if isinstance(inside, list):
        written["verifiableCredential"] = [_rewrite_inside(item, change) for item in inside]
    elif inside is not None:
        written["verifiableCredential"] = _rewrite_inside(inside, change)
    return written


def _rewrite_inside(item: JsonValue, change: Callable[[JsonValue], JsonValue]) -> JsonValue:
    return _rewrite(item, change) if isinstance(item, dict) else item


def _over_quads(document: JsonObject, mechanism: str | None) -> bool:
    names = (
        [mechanism] if mechanism is not None else [_suite(proof) for proof in as_list(document.get("proof"))]
    )
    return all("jcs" not in name and "+" not in name for name in names)


def _suite(proof: JsonValue) -> str:
    return str(proof.get("cryptosuite", "")) if isinstance(proof, dict) else ""


def _extended(
    contexts: ContextStore, definitions: Mapping[str, JsonValue], lists: frozenset[ContextList]
) -> ContextStore:
    contents = {}
    for url, definition in definitions.items():
        wrapped = isinstance(definition, dict) and definition.keys() == {"@context"}
        contents[url] = encode_jcs(definition if wrapped else {"@context": definition})
        scopes = iterate_scopes(definition)
        if any(not isinstance(scope.get("@vocab", ""), str) for scope in scopes):
            raise _refused("A context forgets the vocabulary of those before it.")
    known = contexts.contents.keys() | contents.keys()
    allowed = {urls for urls in lists if set(urls) <= known and not urls[0].startswith(NAME_PREFIX)}
    try:
        return contexts.extended(contents, allowed)
    except ConfigurationError as error:
        raise _refused("A definition in the contexts uses a feature that cannot be accounted for.") from error


def _lists(document: JsonObject) -> frozenset[ContextList]:
    found: set[ContextList] = set()

    def note(value: JsonValue) -> None:
        if isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
            found.add(tuple(str(entry) for entry in value))

    note(document.get("@context"))
    for item in as_list(document.get("verifiableCredential", [])):
        if isinstance(item, dict):
            note(item.get("@context"))
    return frozenset(found)


def _refused(message: str) -> LinkedDataError:
    return LinkedDataError(message, code="context_not_allowed", pointer="/@context")
