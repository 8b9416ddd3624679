"""RDF Dataset Canonicalization 1.0 (W3C Recommendation), with a limit on work.

The algorithm is exponential for graphs made to be symmetrical; section 7.1 of the Recommendation obliges
implementations to defend themselves. Real credentials stay far below the limits: a blank node costs more than
one hash only if it looks exactly like another one. Section numbers below are those of the Recommendation."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from types import MappingProxyType
from typing import Final

from skillcred.linkeddata.errors import LinkedDataLimitError
from skillcred.linkeddata.nquads import Quad, encode_line, encode_nquads, is_blank

MAX_QUADS: Final = 20_000
"""Most quads of one dataset. A credential of 1 MiB with only short claims has about as many."""
MAX_BLANK_NODES: Final = 5_000
"""Most blank nodes of one dataset (SECURITY L-15, L-16); a credential with 200 achievements has about
1,200."""
MAX_WORK: Final = 40_000
"""Most steps (related hashes and places in permutations) of Hash N-Degree Quads for one dataset; about 0.1
s."""
LABELS_PER_STEP: Final = 64
"""How many issued labels can be copied in the time of one step."""
MAX_RECURSION: Final = 120
"""Deepest recursion of Hash N-Degree Quads; it follows chains of blank nodes that look alike."""


Related = tuple[str, str, str]
"""A neighbour of a blank node: position in the quad (`s`, `o` or `g`), predicate, label of the neighbour."""
HashFunction = Callable[[bytes], "hashlib._Hash"]
_HASHES: Final[Mapping[str, HashFunction]] = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}


@dataclass(frozen=True, slots=True)
class CanonicalDataset:
    """The canonical N-Quads and which blank node label became which canonical label (without `_:`)."""

    nquads: bytes
    labels: Mapping[str, str]


def canonicalise_quads(quads: Iterable[Quad], *, hash_name: str = "sha256") -> CanonicalDataset:
    """The canonical form of `quads` by RDFC-1.0 section 4.4.3, hashing with SHA-256 or SHA-384.

    Raises `LinkedDataLimitError` (`canonicalization_limit`) if the dataset needs more work than is allowed.
    """
    return _Canonicalisation(quads, hash_name).run()


def issue_labels(
    first_degree: Mapping[str, str],
    related: Callable[[str], Sequence[Related]],
    digest: HashFunction,
    *,
    max_work: int = MAX_WORK,
    max_recursion: int = MAX_RECURSION,
) -> dict[str, str]:
    """Blank node → canonical label, in the order of issue (section 4.4.3 steps 3 to 5).

    `first_degree`: blank node → hash of its first degree quads; `related`: the neighbours of a blank node. Raises
    `LinkedDataLimitError` (`canonicalization_limit`).
    """
    return _Labelling(first_degree, related, digest, max_work, max_recursion).run()


def hash_function(name: str) -> HashFunction:
    """The hash function `sha256` or `sha384`. Raises `ValueError` for others: a mistake of the caller."""
    try:
        return _HASHES[name]
    except KeyError:
        raise ValueError(f"RDFC-1.0 is defined with sha256 and sha384, not {name}") from None


class _Issuer:
    """Identifier Issuer (section 4.5): labels in order of first request."""

    __slots__ = ("issued", "prefix")

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = issued if issued is not None else {}

    def issue(self, label: str) -> str:
        return self.issued.setdefault(label, f"{self.prefix}{len(self.issued)}")

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, dict(self.issued))


class _Canonicalisation:
    """The canonicalization state (section 4.2) of a dataset: its quads by blank node."""

    def __init__(self, quads: Iterable[Quad], hash_name: str) -> None:
        self._digest = hash_function(hash_name)
        self._quads = list(dict.fromkeys(quads))
        self._of_blank: dict[str, list[Quad]] = defaultdict(list)
        for quad in self._quads:
            for label in {term for term in (quad.subject, quad.object, quad.graph) if is_blank(term)}:
                self._of_blank[label].append(quad)
        if len(self._quads) > MAX_QUADS or len(self._of_blank) > MAX_BLANK_NODES:
            raise LinkedDataLimitError("The document holds more statements than are canonicalised.")

    def run(self) -> CanonicalDataset:
        """Section 4.4.3, steps 3 to 6; step 2, the index from blank node to quads, is already made."""
        first_degree = {label: self._hash_first_degree(label) for label in self._of_blank}
        issued = issue_labels(first_degree, self._related, self._digest)
        relabelled = (
            Quad(issued.get(s, s), predicate, issued.get(o, o), issued.get(g, g))
            for s, predicate, o, g in self._quads
        )
        labels_map = {label[2:]: canonical[2:] for label, canonical in issued.items()}
        return CanonicalDataset(encode_nquads(relabelled), MappingProxyType(labels_map))

    def _related(self, label: str) -> list[Related]:
        return [
            (position, quad.predicate, term)
            for quad in self._of_blank[label]
            for position, term in (("s", quad.subject), ("o", quad.object), ("g", quad.graph))
            if is_blank(term) and term != label
        ]

    def _hash_first_degree(self, label: str) -> str:
        """Section 4.6.3: what the quads around `label` say, with every other blank node made alike."""

        def mask(term: str) -> str:
            if not is_blank(term):
                return term
            return "_:a" if term == label else "_:z"

        lines = sorted(encode_line(mask(s), p, mask(o), mask(g)) for s, p, o, g in self._of_blank[label])
        return self._digest("".join(lines).encode("utf-8")).hexdigest()


def _orders(terms: list[str]) -> Iterator[tuple[str, ...]]:
    """The different orders of `terms`, each once.

    A node in a named graph is related to the name of that graph by each of its quads, and orders that differ only
    in which of these comes first give the same path; there may be very many of them.
    """
    kinds = list(dict.fromkeys(terms))
    if len(kinds) == len(terms):
        yield from permutations(terms)
        return
    rank_of = {kind: rank for rank, kind in enumerate(kinds)}
    ranks = sorted(rank_of[term] for term in terms)
    while True:
        yield tuple(kinds[rank] for rank in ranks)
        pivot = next((i for i in reversed(range(len(ranks) - 1)) if ranks[i] < ranks[i + 1]), None)
        if pivot is None:
            return
        other = next(i for i in reversed(range(len(ranks))) if ranks[i] > ranks[pivot])
        ranks[pivot], ranks[other] = ranks[other], ranks[pivot]
        ranks[pivot + 1 :] = reversed(ranks[pivot + 1 :])


class _Labelling:
    """Sections 4.4.3 steps 4 and 5, 4.7 and 4.8: from first degree hashes to canonical labels."""

    def __init__(
        self,
        first_degree: Mapping[str, str],
        related: Callable[[str], Sequence[Related]],
        digest: HashFunction,
        max_work: int,
        max_recursion: int,
    ) -> None:
        self._first_degree = first_degree
        self._find_related = related
        self._digest = digest
        self._max_work = max_work
        self._max_recursion = max_recursion
        self._related: dict[str, Sequence[Related]] = {}
        self._canonical = _Issuer("_:c14n")
        self._work = 0

    def run(self) -> dict[str, str]:
        by_hash: dict[str, list[str]] = defaultdict(list)
        for label, digest in self._first_degree.items():
            by_hash[digest].append(label)
        shared = []
        for digest in sorted(by_hash):
            labels = by_hash[digest]
            if len(labels) == 1:
                self._canonical.issue(labels[0])
            else:
                shared.append(labels)
        for labels in shared:
            results = []
            for label in labels:
                if label not in self._canonical.issued:
                    issuer = _Issuer("_:b")
                    issuer.issue(label)
                    results.append(self._hash_n_degree(label, issuer, 1))
            for _, issuer in sorted(results, key=lambda result: result[0]):
                for label in issuer.issued:
                    self._canonical.issue(label)
        return self._canonical.issued

    def _hash(self, text: str) -> str:
        return self._digest(text.encode("utf-8")).hexdigest()

    def _hash_related(self, related: str, predicate: str, issuer: _Issuer, position: str) -> str:
        """Section 4.7.3: how `related` hangs on the node under work."""
        identifier = (
            self._canonical.issued.get(related) or issuer.issued.get(related) or self._first_degree[related]
        )
        return self._hash(f"{position}{'' if position == 'g' else predicate}{identifier}")

    def _hash_n_degree(self, label: str, issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Section 4.8.3: tells nodes apart that look alike, by the paths that lead away from them."""
        if depth > self._max_recursion:
            raise LinkedDataLimitError("The document holds long chains of anonymous nodes that look alike.")
        related_by_hash: dict[str, list[str]] = defaultdict(list)
        related = self._related.get(label)
        if related is None:
            related = self._related[label] = self._find_related(label)
        for position, predicate, term in related:
            self._spend(1)
            related_by_hash[self._hash_related(term, predicate, issuer, position)].append(term)
        data = []
        for digest in sorted(related_by_hash):
            path, issuer = self._shortest_path(related_by_hash[digest], issuer, depth)
            data += [digest, path]
        return self._hash("".join(data)), issuer

    def _shortest_path(self, related: list[str], issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Section 4.8.3 step 5: the least path over all orders of `related`, and the labels it issued."""
        chosen_path = ""
        chosen_issuer = issuer
        for order in _orders(related):
            self._spend(len(issuer.issued) // LABELS_PER_STEP)
            path, order_issuer = self._path(order, issuer.copy(), chosen_path, depth)
            if path is not None and (not chosen_path or path < chosen_path):
                chosen_path, chosen_issuer = path, order_issuer
        return chosen_path, chosen_issuer

    def _path(
        self, order: tuple[str, ...], issuer: _Issuer, chosen: str, depth: int
    ) -> tuple[str | None, _Issuer]:
        """The path of one order, or None once it cannot become less than `chosen`."""
        path = ""
        unvisited = []
        for term in order:
            self._spend(1)
            canonical = self._canonical.issued.get(term)
            if canonical is not None:
                path += canonical
            else:
                if term not in issuer.issued:
                    unvisited.append(term)
                path += issuer.issue(term)
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None, issuer
        for term in unvisited:
            digest, result_issuer = self._hash_n_degree(term, issuer, depth + 1)
            path += f"{issuer.issue(term)}<{digest}>"
            issuer = result_issuer
            if chosen and len(path) >= len(chosen) and path > chosen:
                return None, issuer
        return path, issuer

    def _spend(self, steps: int) -> None:
        self._work += steps
        if self._work > self._max_work:
            raise LinkedDataLimitError(
                "The document holds anonymous nodes that cannot be told apart in time."
            )
