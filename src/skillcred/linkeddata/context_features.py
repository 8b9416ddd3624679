"""What a context may do, so that accounting for every claim stays a matter of counting.

The general road checks that as many values come out of JSON-LD expansion as went in. That proves that none
was lost only if a context cannot make a value out of something else: index maps, reverse properties, @nest,
default languages and aliases of keywords are therefore refused when a context is loaded. No W3C or 1EdTech
context that we ship uses any of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue, as_list
from skillcred.errors import ConfigurationError

_CONTEXT_KEYWORDS: Final = frozenset({"@version", "@protected", "@vocab"})
_TERM_KEYWORDS: Final = frozenset({"@id", "@type", "@container", "@context", "@protected"})
_CONTAINERS: Final = frozenset({"@set", "@list", "@graph", "@language"})
_ALIASES: Final = {"id": "@id", "type": "@type"}
_COERCIONS: Final = frozenset({"@id", "@vocab", "@json", "@none"})


def check_features(context: JsonValue, url: str) -> None:
    """Raises `ConfigurationError` (`context_unsupported`) if `context` uses what the general road cannot
    account for."""
    for scope in iterate_scopes(context):
        for term, definition in scope.items():
            if term.startswith("@"):
                _require(term in _CONTEXT_KEYWORDS, url, term)
            elif isinstance(definition, str):
                _check_mapping(term, definition, url)
            elif isinstance(definition, dict):
                _require(":" not in term, url, term)
                _require(definition.keys() <= _TERM_KEYWORDS, url, term)
                _require(set(as_list(definition.get("@container", []))) <= _CONTAINERS, url, term)
                mapping = definition.get("@id", "")
                _require(isinstance(mapping, str), url, term)
                _check_mapping(term, str(mapping), url)
                coercion = definition.get("@type", "@none")
                _require(isinstance(coercion, str), url, term)
                _require(not str(coercion).startswith("@") or coercion in _COERCIONS, url, term)
            else:
                _require(definition is None, url, term)


def iterate_scopes(context: JsonValue) -> Iterator[JsonObject]:
    """Every context object inside `context`: its own and those scoped to terms and types."""
    for part in as_list(context):
        if isinstance(part, dict):
            yield part
            for definition in part.values():
                if isinstance(definition, dict) and "@context" in definition:
                    yield from iterate_scopes(definition["@context"])


def terms_with(contexts: list[JsonObject], keyword: str, value: str) -> frozenset[str]:
    """The terms whose every definition in `contexts` has `value` under `keyword`, e.g. `@type` `@json`."""
    having: set[str] = set()
    lacking: set[str] = set()
    for context in contexts:
        for scope in iterate_scopes(context.get("@context")):
            for term, definition in scope.items():
                has = isinstance(definition, dict) and value in as_list(definition.get(keyword, []))
                (having if has else lacking).add(term)
    return frozenset(having - lacking)


def term_iris(contexts: list[JsonObject]) -> frozenset[str]:
    """Every absolute IRI for which `contexts` have a term, which is then the only way to write it."""
    found: set[str] = set()
    for context in contexts:
        for scope in iterate_scopes(context.get("@context")):
            for definition in scope.values():
                mapping = definition.get("@id") if isinstance(definition, dict) else definition
                if isinstance(mapping, str):
                    prefix, _, suffix = mapping.partition(":")
                    base = scope.get(prefix)
                    found.add(base + suffix if isinstance(base, str) else mapping)
    return frozenset(found)


def _check_mapping(term: str, mapping: str, url: str) -> None:
    _require(":" not in term, url, term)
    _require(not mapping.startswith("@") or _ALIASES.get(term) == mapping, url, term)
    _require(term not in _ALIASES or _ALIASES[term] == mapping, url, term)


def _require(holds: bool, url: str, term: str) -> None:
    if not holds:
        raise ConfigurationError(
            f"The context {url} uses a feature at {term} that cannot be accounted for.",
            code="context_unsupported",
        )
