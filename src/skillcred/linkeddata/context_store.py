"""The contexts that documents may name, from disk and in memory, never from the network (SECURITY L-08, L-10,
L-21).

A store is immutable. The processed forms that the JSON-LD processor keeps belong to one store, so contexts
of another store under the same URL cannot be mistaken for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConfigurationError, IntegrityError
from skillcred.linkeddata.context_features import check_features, iterate_scopes, term_iris, terms_with
from skillcred.linkeddata.context_table import (
    DATA_INTEGRITY_V1,
    DATA_INTEGRITY_V2,
    ED25519_2020,
    OB_3_0_1,
    OB_3_0_2,
    OB_3_0_3,
    OB_EXTENSIONS,
    SHIPPED_CONTEXTS,
    V1,
    V2,
)
from skillcred.linkeddata.own_contexts import (
    OWN_CONTEXT_RECOGNITION,
    OWN_CONTEXT_SKILL,
    OWN_CONTEXT_TRUST,
    OWN_CONTEXT_TRUST_V1,
    OWN_CONTEXTS,
)
from skillcred.linkeddata.tolerance import STRICT, Tolerance
from skillcred.shipped import shipped_path

ContextList = tuple[str, ...]

_FOLDER: Final = Path(__file__).resolve().parent / "contexts"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the guards have to know about a list of contexts: terms whose values are JSON literals, terms
    whose values are language maps, terms whose values are graphs of their own, and the IRIs for which there is a
    term."""

    json_terms: frozenset[str] = frozenset()
    language_terms: frozenset[str] = frozenset()
    graph_terms: frozenset[str] = frozenset()
    term_iris: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class ContextStore:
    """Context URL → exact bytes, and the ordered lists of URLs that a document may give as its `@context`.
    `tolerance` is what may stand in documents beyond what is accepted everywhere.

    Raises `ConfigurationError` or `StrictJsonError` if some content is not a context that can be accounted
    for."""

    contents: Mapping[str, bytes] = field(repr=False)
    allowed_lists: frozenset[ContextList]
    tolerance: Tolerance = STRICT
    compiled: dict[ContextList, Any] = field(default_factory=dict, init=False, repr=False)
    """What `compiled_contexts` makes of each list; here, so that it goes when the store goes."""
    _documents: Mapping[str, JsonObject] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        documents = {}
        for url, content in self.contents.items():
            documents[url] = parse_json_object(content)
            check_features(documents[url].get("@context"), url)
        missing = {url for urls in self.allowed_lists for url in urls} - documents.keys()
        if missing:
            raise ConfigurationError(
                f"A list of contexts names {sorted(missing)[0]}, which is not in the store."
            )
        object.__setattr__(self, "contents", MappingProxyType(dict(self.contents)))
        object.__setattr__(self, "_documents", MappingProxyType(documents))

    def urls(self) -> tuple[str, ...]:
        """The URLs of all contexts, sorted."""
        return tuple(sorted(self.contents))

    def content(self, url: str) -> bytes:
        """The exact bytes of the context at `url`. Raises `KeyError` for a URL that is not in the store."""
        return self.contents[url]

    def document(self, url: str) -> JsonObject:
        """The parsed context at `url`, shared by all callers, so never to be changed. Raises `KeyError`."""
        return self._documents[url]

    def vocabulary(self, urls: ContextList) -> Vocabulary:
        """What is known about the terms of the contexts `urls`, which must be one of `allowed_lists`."""
        return self._vocabularies[urls]

    def embedded_vocabulary(self, outer: ContextList, inner: ContextList) -> Vocabulary:
        """What is known inside a credential with the contexts `inner` that a presentation with `outer` holds.

        VCDM 2.0 forgets the contexts of the presentation there (its `verifiableCredential` has the context `null`),
        VCDM 1.1 adds to them. Both are lists of `allowed_lists`, so there are not many pairs to remember.
        """
        forgets = any(
            isinstance(definition, dict) and "@context" in definition and definition["@context"] is None
            for url in outer
            for scope in iterate_scopes(self.document(url).get("@context"))
            for definition in (scope.get("verifiableCredential"),)
        )
        if forgets:
            return self._vocabularies[inner]
        known = self._joint_vocabularies.get((outer, inner))
        if known is None:
            known = self._joint_vocabularies[outer, inner] = self._build_vocabulary((*outer, *inner))
        return known

    def extended(self, contexts: Mapping[str, bytes], allowed_lists: Iterable[ContextList]) -> ContextStore:
        """A store with more contexts and more lists; for tests against vectors that use example
        vocabularies."""
        lists = self.allowed_lists | frozenset(allowed_lists)
        return ContextStore({**self.contents, **contexts}, lists, self.tolerance)

    def tolerating(self, tolerance: Tolerance) -> ContextStore:
        """The same contexts, for documents in which `tolerance` says what may stand."""
        return ContextStore(self.contents, self.allowed_lists, tolerance)

    @cached_property
    def _vocabularies(self) -> Mapping[ContextList, Vocabulary]:
        return {urls: self._build_vocabulary(urls) for urls in self.allowed_lists}

    @cached_property
    def _joint_vocabularies(self) -> dict[tuple[ContextList, ContextList], Vocabulary]:
        return {}

    def _build_vocabulary(self, urls: ContextList) -> Vocabulary:
        documents = [self._documents[url] for url in urls]
        return Vocabulary(
            terms_with(documents, "@type", "@json"),
            terms_with(documents, "@container", "@language"),
            terms_with(documents, "@container", "@graph"),
            term_iris(documents),
        )


def load_bundled_contexts(folder: Path = _FOLDER) -> ContextStore:
    """The store of everything that is shipped, the contexts of others from `folder`. Raises `IntegrityError`
    (`context_altered`) if a file is not byte for byte the pinned one, `ConfigurationError` if one is
    missing."""
    contents = {}
    for pin in SHIPPED_CONTEXTS:
        contents[pin.url] = read_pinned(folder / pin.file, pin.sha256)
    for url, (relative, sha256) in OWN_CONTEXTS.items():
        contents[url] = read_pinned(shipped_path(relative), sha256)
    return ContextStore(contents, frozenset(_allowed_lists()))


def read_pinned(path: Path, sha256: str) -> bytes:
    """The bytes of the file at `path`, which must have the digest `sha256` (lower-case hex)."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"The installation lacks {path.name}.", code="installation_incomplete"
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise IntegrityError(
            f"The context file {path.name} is not the one that is pinned.", code="context_altered"
        )
    return content


def _allowed_lists() -> Iterator[ContextList]:
    """VCDM 2.0 and 1.1, alone or with a version of Open Badges that JSON-LD can process beside it.

    Open Badges 3.0.1 redefines terms that credentials/v2 protects, so those two cannot go together.
    """
    second: list[ContextList] = [
        (V2,),
        (V2, OB_3_0_3, OWN_CONTEXT_SKILL),
        (V2, OWN_CONTEXT_TRUST_V1),
        (V2, OWN_CONTEXT_TRUST),
        (V2, OWN_CONTEXT_RECOGNITION),
    ]
    second += _with_badges(V2, (OB_3_0_2, OB_3_0_3))
    for urls in second:
        yield from (urls, (*urls, DATA_INTEGRITY_V2), (*urls, ED25519_2020))
    for urls in [(V1,), *_with_badges(V1, (OB_3_0_1, OB_3_0_2, OB_3_0_3))]:
        yield urls
        for suite in (DATA_INTEGRITY_V1, DATA_INTEGRITY_V2, ED25519_2020):
            yield (*urls, suite)


def _with_badges(base: str, versions: tuple[str, ...]) -> list[ContextList]:
    lists: list[ContextList] = [(base, version) for version in versions]
    return lists + [(*urls, OB_EXTENSIONS) for urls in lists]


BUNDLED_CONTEXTS: Final = load_bundled_contexts()
"""Read once when the package is imported: a process with an altered context does not start (SECURITY
L-10)."""
