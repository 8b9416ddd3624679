"""From the lines of a walk to canonical N-Quads: RDFC-1.0 for the trees that documents are.

In a document each blank node is named by at most one line, that of the object it stands in. So the first degree
hash of a blank node (RDFC-1.0 section 4.6) needs its own lines and that one, and nothing has to be indexed.
Only where hashes are shared does the general part of the algorithm (`rdfc10`) take over.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.linkeddata.canonical_document import CanonicalDocument
from skillcred.linkeddata.compiled_contexts import CompiledList, UnsupportedError
from skillcred.linkeddata.compiled_walk import Subject, Walk
from skillcred.linkeddata.errors import LinkedDataLimitError
from skillcred.linkeddata.rdfc10 import (
    MAX_BLANK_NODES,
    MAX_QUADS,
    MAX_RECURSION,
    MAX_WORK,
    HashFunction,
    Related,
    hash_function,
    issue_labels,
)
from skillcred.linkeddata.shape_learning import learn_shape

WORK_SHARE: Final = 4
"""The fast road gives up at this fraction of the work that the general road allows. The work depends a little on
the order in which blank nodes are met, and what the general road refuses must never pass here."""


def canonicalise_compiled(document: JsonObject, compiled: CompiledList, hash_name: str) -> CanonicalDocument:
    """The canonical form of `document`, whose contexts are those of `compiled`. Raises `UnsupportedError`."""
    digest = hash_function(hash_name)
    names = tuple(document)
    for shape in compiled.shapes.find(names):
        known = shape.apply(document, compiled.are_iris, digest)
        if known is not None:
            return known
    canonical = _canonicalise_walking(document, compiled, digest)
    if compiled.shapes.is_due(names):
        _learn(document, compiled, digest, canonical)
    return canonical


def _learn(
    document: JsonObject, compiled: CompiledList, digest: HashFunction, canonical: CanonicalDocument
) -> None:
    """Remembers the shape of `document`, if by it comes out what the walk has made."""
    shape = learn_shape(document, compiled.root)
    form = None if shape is None else shape.apply(document, compiled.are_iris, digest)
    if shape is not None and form is not None and form.nquads == canonical.nquads:
        compiled.shapes.add(tuple(document), shape)


def _canonicalise_walking(
    document: JsonObject, compiled: CompiledList, digest: HashFunction
) -> CanonicalDocument:
    walk = Walk(compiled)
    walk.document(document)
    blocks: dict[str, list[str]] = walk.links
    count = len(walk.ends)
    if count > MAX_BLANK_NODES:
        raise UnsupportedError
    labels = _labels(walk, digest)
    for label, ends, parent in zip(labels, walk.ends, walk.parents, strict=True):
        blocks[label] = ends
        if parent is not None:
            subject, part = parent
            line = f"{part}{label} .\n"
            lines_of_parent = blocks[subject] if isinstance(subject, str) else walk.ends[subject]
            lines_of_parent.append(line)
    lines = []
    quads = 0
    for subject, ends in sorted(blocks.items()):
        if ends:
            ends.sort()
            quads += len(ends)
            lines.append(f"{subject}{subject.join(ends)}")
    if quads > MAX_QUADS:
        raise UnsupportedError
    return CanonicalDocument("".join(lines).encode("utf-8"), labels, "fast")


def _labels(walk: Walk, digest: HashFunction) -> list[str]:
    """The canonical label of each blank node."""
    if len(walk.ends) == 1:
        return ["_:c14n0"]  # whatever its hash is
    hashes: list[str] = []
    for ends, masked, parent in zip(walk.ends, walk.masked, walk.parents, strict=True):
        if masked:
            text = "_:a" + "_:a".join(sorted(ends + masked))
        else:
            ends.sort()
            text = "_:a" + "_:a".join(ends)
        if parent is not None:
            subject, part = parent
            named = f"{part}_:a .\n"
            text = f"{subject}{named}{text}" if subject.__class__ is str else f"{text}_:z{named}"
        hashes.append(digest(text.encode("utf-8")).hexdigest())
    if len(set(hashes)) == len(hashes):
        ranks = {value: f"_:c14n{rank}" for rank, value in enumerate(sorted(hashes))}
        return [ranks[value] for value in hashes]
    return _shared_labels(walk, hashes, digest)


def _shared_labels(walk: Walk, hashes: list[str], digest: HashFunction) -> list[str]:
    """The labels where some first degree hashes are equal."""
    names = [f"_:b{number}" for number in range(len(hashes))]
    children: dict[Subject, list[Related]] = defaultdict(list)
    for number, parent in enumerate(walk.parents):
        if parent is not None:
            children[parent[0]].append(("o", parent[1].strip(), names[number]))

    def related(name: str) -> list[Related]:
        number = int(name[3:])
        parent = walk.parents[number]
        found = children.get(number, [])
        if parent is not None and isinstance(parent[0], int):
            return [*found, ("s", parent[1].strip(), names[parent[0]])]
        return found

    try:
        issued = issue_labels(
            dict(zip(names, hashes, strict=True)),
            related,
            digest,
            max_work=MAX_WORK // WORK_SHARE,
            max_recursion=MAX_RECURSION // WORK_SHARE,
        )
    except LinkedDataLimitError:
        raise UnsupportedError from None
    return [issued[name] for name in names]
