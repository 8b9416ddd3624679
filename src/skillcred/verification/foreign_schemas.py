"""JSON Schemas of others: read strictly, bounded before they are run, and never followed to other addresses.

Verifiable Credentials JSON Schema Specification, sections "JSON Schema Specifications" and "Processing". A schema
is a program of its author: it may refer to itself, multiply work by nesting, and hold regular expressions. So the
work is measured beforehand, references may only point into the schema itself, and expressions run in linear time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import unquote

import jsonschema_rs

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError, LimitError
from skillcred.model.findings import is_url, walk
from skillcred.model.outcomes import Problem
from skillcred.profiles.schemas import find_schema_problems

MAX_SCHEMA_BYTES: Final = 256 * 1024
"""Largest schema, or schema credential, that is read, in bytes. The schema of Open Badges 3.0 has 50 kB."""
MAX_SCHEMA_NODES: Final = 5_000
"""Most schemas inside one schema."""
MAX_EVALUATIONS: Final = 2_000_000
"""Most evaluations of a schema on a value of the document, by the upper bound below; about a second."""
MAX_PATTERNS: Final = 200
"""Most regular expressions in one schema."""
MAX_PATTERN_SIZE: Final = 64 * 1024
"""Largest regular expression when compiled, in bytes."""

DIALECTS: Final[Mapping[str, type[jsonschema_rs.Validator]]] = MappingProxyType(
    {
        "https://json-schema.org/draft/2020-12/schema": jsonschema_rs.Draft202012Validator,
        "https://json-schema.org/draft/2019-09/schema": jsonschema_rs.Draft201909Validator,
        "http://json-schema.org/draft-07/schema#": jsonschema_rs.Draft7Validator,
        "http://json-schema.org/draft-07/schema": jsonschema_rs.Draft7Validator,
        "https://json-schema.org/draft-07/schema#": jsonschema_rs.Draft7Validator,
    }
)
"""The versions of the specification's table by `$schema`; the W3C suite writes draft 7 with `https`."""

_DRAFT_7: Final = "http://json-schema.org/draft-07/schema#"
_SAME_VALUE_LISTS: Final = ("allOf", "anyOf", "oneOf")
_SAME_VALUE: Final = ("not", "if", "then", "else")
_SAME_VALUE_MAPS: Final = ("dependentSchemas", "dependencies")
_INNER: Final = (
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "additionalItems",
    "unevaluatedItems",
    "contains",
)
_INNER_MAPS: Final = ("properties", "patternProperties")
_INNER_LISTS: Final = ("prefixItems", "items")
_KEPT_MAPS: Final = ("$defs", "definitions")
"""Where schemas stand that are applied only where something refers to them."""
_ANYTHING: Final[JsonObject] = {}
_NOT_FOLLOWED: Final = ("$dynamicRef", "$recursiveRef")


class SchemaMalformedError(InputError):
    """The schema lacks what the specification demands of every schema. The message says what."""

    default_code = "schema_malformed"


class SchemaNotUsableError(LimitError):
    """The schema cannot be run here. Codes: `schema_version_unknown`, `schema_not_compiled`,
    `schema_reference_foreign`, `schema_too_complex`."""

    default_code = "schema_too_complex"


def check_against_schema(
    document: JsonObject, schema: JsonObject, identifier: str, *, identified: bool = True
) -> tuple[Problem, ...]:
    """The problems of `document` under `schema`, which was named as `identifier`.

    With `identified`, `$id` must be there and be `identifier` (sections "$id" and, for the latter, the suite of
    the W3C). `$schema` is always demanded. `format` annotates and does not assert, as the two newer versions
    have it. Raises `SchemaMalformedError` and `SchemaNotUsableError`.
    """
    if identified and schema.get("$id") != identifier:
        raise SchemaMalformedError("The $id of the schema is not the address under which it was named.")
    version = schema.get("$schema")
    if not isinstance(version, str) or not is_url(version):
        raise SchemaMalformedError("The schema does not say its version ($schema).")
    dialect = DIALECTS.get(version)
    if dialect is None:
        raise SchemaNotUsableError("The version of the schema is not known.", code="schema_version_unknown")
    values, depth = _measure(document)
    if _count_evaluations(schema, depth) * values > MAX_EVALUATIONS:
        raise SchemaNotUsableError("The schema would take too long to check.")
    try:
        validator = dialect(
            {**schema, "$schema": _DRAFT_7} if dialect is jsonschema_rs.Draft7Validator else schema,
            offline=True,
            validate_formats=False,
            pattern_options=jsonschema_rs.RegexOptions(size_limit=MAX_PATTERN_SIZE),
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise SchemaNotUsableError(
            "The schema is not one, or uses expressions that are not safe.", code="schema_not_compiled"
        ) from error
    return find_schema_problems(document, validator)


@dataclass(slots=True)
class _Node:
    """A schema inside the schema: which others it applies to the same value, and which to values inside."""

    same: list[int]
    inner: list[int]


def _measure(document: JsonObject) -> tuple[int, int]:
    """How many values there are in a document, and how deep it is."""
    values = depth = 0
    for _, pointer in walk(document, frozenset()):
        values += 1
        depth = max(depth, pointer.count("/"))
    return values, depth


def _count_evaluations(schema: JsonObject, depth: int) -> int:
    """An upper bound for how often schemas are applied to one value and to those on one way down from it.

    Counted level by level from the innermost values, so that what refers to itself ends with the document.
    """
    nodes = _collect_nodes(schema)
    order = _innermost_first(nodes)
    below = dict.fromkeys(nodes, 0)
    for _ in range(depth + 1):
        here: dict[int, int] = {}
        for name in order:
            node = nodes[name]
            total = 1 + sum(here[other] for other in node.same) + sum(below[other] for other in node.inner)
            here[name] = min(total, MAX_EVALUATIONS + 1)
        below = here
    return below[id(schema)]


def _collect_nodes(root: JsonObject) -> dict[int, _Node]:
    nodes: dict[int, _Node] = {}
    pending: list[JsonObject] = [root]
    anchors = _collect_anchors(root)
    patterns = 0
    while pending:
        schema = pending.pop()
        if id(schema) in nodes:
            continue
        if len(nodes) >= MAX_SCHEMA_NODES:
            raise SchemaNotUsableError("The schema has too many parts.")
        _refuse_foreign_parts(schema, root)
        patterns += ("pattern" in schema) + len(_mapping(schema.get("patternProperties")))
        same, inner = list(_on_same_value(schema)), list(_on_inner_values(schema))
        if "$ref" in schema:
            same.append(_resolve(schema["$ref"], root, anchors))
        nodes[id(schema)] = _Node([id(other) for other in same], [id(other) for other in inner])
        pending += [*same, *inner]
    if patterns > MAX_PATTERNS:
        raise SchemaNotUsableError("The schema has too many regular expressions.")
    return nodes


def _collect_anchors(root: JsonObject) -> dict[str, JsonObject]:
    """The schemas inside `root` that have a name (`$anchor`, JSON Schema 2019-09 section 8.2.3), wherever one can
    stand. Two of one name are refused: libraries differ in which of them is meant."""
    anchors: dict[str, JsonObject] = {}
    pending: list[JsonObject] = [root]
    for count, schema in enumerate(pending):  # grows on the way
        if count >= MAX_SCHEMA_NODES:
            raise SchemaNotUsableError("The schema has too many parts.")
        name = schema.get("$anchor")
        if isinstance(name, str) and anchors.setdefault(name, schema) is not schema:
            raise SchemaNotUsableError("Two parts of the schema have one name.")
        pending += _on_same_value(schema)
        pending += _on_inner_values(schema)
        pending += _objects([part for kept in _KEPT_MAPS for part in _mapping(schema.get(kept)).values()])
    return anchors


def _refuse_foreign_parts(schema: JsonObject, root: JsonObject) -> None:
    if schema is not root and ("$id" in schema or "$schema" in schema):
        raise SchemaNotUsableError(
            "The schema holds another one with an address of its own.", code="schema_reference_foreign"
        )
    if any(name in schema for name in _NOT_FOLLOWED):
        raise SchemaNotUsableError(
            "The schema has references that only show when it runs.", code="schema_reference_foreign"
        )


def _on_same_value(schema: JsonObject) -> Iterator[JsonObject]:
    for name in _SAME_VALUE_LISTS:
        yield from _objects(schema.get(name))
    for name in _SAME_VALUE:
        yield from _objects([schema.get(name)])
    for name in _SAME_VALUE_MAPS:
        yield from _objects(list(_mapping(schema.get(name)).values()))


def _on_inner_values(schema: JsonObject) -> Iterator[JsonObject]:
    for name in _INNER:
        yield from _objects([schema.get(name)])
    for name in _INNER_MAPS:
        yield from _objects(list(_mapping(schema.get(name)).values()))
    for name in _INNER_LISTS:
        value = schema.get(name)
        yield from _objects(value if isinstance(value, list) else [value])


def _resolve(reference: JsonValue, root: JsonObject, anchors: Mapping[str, JsonObject]) -> JsonObject:
    """What a `$ref` into the same schema points to; a boolean schema counts as an empty one."""
    text = reference if isinstance(reference, str) else ""
    base, mark, fragment = text.partition("#")
    own = base in ("", root.get("$id"))
    if own and fragment in anchors:
        return anchors[fragment]
    if not own or not (mark or base) or fragment[:1] not in ("", "/"):
        raise SchemaNotUsableError(
            "The schema refers to something outside itself.", code="schema_reference_foreign"
        )
    found: JsonValue = root
    for token in unquote(fragment).split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and name in found:
            found = found[name]
        elif isinstance(found, list) and name.isdecimal() and name.isascii() and int(name) < len(found):
            found = found[int(name)]
        else:
            raise SchemaNotUsableError("The schema refers to nothing.", code="schema_reference_foreign")
    return found if isinstance(found, dict) else _ANYTHING


def _innermost_first(nodes: Mapping[int, _Node]) -> list[int]:
    """An order in which a schema comes after all that it applies to the same value. Raises for circles."""
    order: list[int] = []
    state: dict[int, bool] = {}
    for start in nodes:
        pending: list[tuple[int, bool]] = [(start, False)]
        while pending:
            name, finished = pending.pop()
            if finished:
                state[name] = True
                order.append(name)
            elif name not in state:
                state[name] = False
                pending.append((name, True))
                for other in nodes[name].same:
                    if state.get(other) is False:
                        raise SchemaNotUsableError("The schema refers to itself without end.")
                    if other not in state:
                        pending.append((other, False))
    return order


def _objects(value: JsonValue) -> Iterator[JsonObject]:
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict):
            yield item


def _mapping(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
