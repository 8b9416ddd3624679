"""Validation with our JSON Schemas: shipped, bound to each other by `$id`, nothing ever fetched."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

import jsonschema_rs

from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.findings import MAX_PROBLEMS, is_instant, walk
from skillcred.model.outcomes import MALFORMED_VALUE_ERROR, PARSING_ERROR, RANGE_ERROR, Problem
from skillcred.model.plain_values import (
    HALF_CHARACTER,
    MAX_EXACT_INTEGER,
    MAX_PLAIN_DEPTH,
    find_objects,
)
from skillcred.profiles.profile import SCHEMA_BASE
from skillcred.shipped import shipped_path

_FOLDERS: Final = ("definitions", "open-badges", "profiles", "statements")

MAX_VALIDATED_DEPTH: Final = MAX_PLAIN_DEPTH
"""Deepest nesting handed to the validator."""

_NOTHING: Final[frozenset[str]] = frozenset()

_KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "required": ("member_missing", "This member is required.", PARSING_ERROR),
    "additionalProperties": ("member_not_allowed", "This member is not allowed here.", MALFORMED_VALUE_ERROR),
    "falseSchema": ("member_not_allowed", "This member is not allowed here.", MALFORMED_VALUE_ERROR),
    "type": ("wrong_type", "The value has the wrong JSON type.", MALFORMED_VALUE_ERROR),
    "const": ("value_not_allowed", "The value is not the one that is required here.", MALFORMED_VALUE_ERROR),
    "enum": ("value_not_allowed", "The value is not one of those allowed here.", MALFORMED_VALUE_ERROR),
    "contains": ("required_value_missing", "An entry that is required is missing.", MALFORMED_VALUE_ERROR),
    "anyOf": ("no_alternative_fits", "None of the allowed forms fits.", MALFORMED_VALUE_ERROR),
    "dependentRequired": ("member_missing", "A member that goes with this one is missing.", PARSING_ERROR),
    "minItems": ("empty_value", "The list has too few entries.", MALFORMED_VALUE_ERROR),
    "maxItems": ("too_many_entries", "The list has too many entries.", RANGE_ERROR),
    "uniqueItems": ("entry_repeated", "An entry is listed twice.", MALFORMED_VALUE_ERROR),
    "minLength": ("empty_value", "The text is too short.", MALFORMED_VALUE_ERROR),
    "maxLength": ("too_long", "The text is too long.", RANGE_ERROR),
    "minProperties": ("empty_value", "The object is empty.", MALFORMED_VALUE_ERROR),
    "maxProperties": ("too_many_entries", "The object has too many members.", RANGE_ERROR),
    "minimum": ("out_of_range", "The number is too small.", RANGE_ERROR),
    "maximum": ("out_of_range", "The number is too large.", RANGE_ERROR),
    "pattern": (
        "malformed_value",
        "The text is not in the form that is required here.",
        MALFORMED_VALUE_ERROR,
    ),
    "format": (
        "malformed_value",
        "The text is not in the form that is required here.",
        MALFORMED_VALUE_ERROR,
    ),
    "propertyNames": ("member_not_allowed", "A name in this object is not allowed.", MALFORMED_VALUE_ERROR),
}
_OTHER: Final = ("schema_violated", "The value does not keep to the schema.", MALFORMED_VALUE_ERROR)


@cache
def load_schema(name: str) -> JsonObject:
    """The shipped schema `name`, such as `profiles/qualification-v1.json`. Raises `ConfigurationError`."""
    return parse_json_object(shipped_path(f"schemas/{name}").read_bytes())


def schema_names() -> tuple[str, ...]:
    """The names of all shipped schemas, sorted."""
    root = shipped_path("schemas")
    return tuple(
        sorted(f"{folder}/{file.name}" for folder in _FOLDERS for file in (root / folder).glob("*.json"))
    )


def validate(document: JsonObject, schema_name: str) -> tuple[Problem, ...]:
    """The problems of `document` under a shipped schema, with pointers and without values of the document."""
    return find_schema_problems(document, _validator(schema_name))


class SchemaChecks:
    """What shipped schemas say of one document, which must not change meanwhile; each schema is asked once.

    `objects` are those of the document, as `find_objects` gives them: from the begin where they are known, at the
    latest when the first schema was asked.
    """

    def __init__(self, document: JsonObject, objects: list[JsonObject] | None = None) -> None:
        self._document = document
        self._found: dict[str, tuple[Problem, ...]] = {}
        self.objects = objects

    def problems(self, schema_name: str) -> tuple[Problem, ...]:
        """As `validate` gives them."""
        found = self._found.get(schema_name)
        if found is None:
            if self.objects is None:
                self.objects = find_objects(self._document)
            found = find_schema_problems(
                self._document, _validator(schema_name), is_fit=self.objects is not None
            )
            self._found[schema_name] = found
        return found


def find_schema_problems(
    document: JsonObject, validator: jsonschema_rs.Validator, *, is_fit: bool = False
) -> tuple[Problem, ...]:
    """The problems that `validator` has with `document`, at most `MAX_PROBLEMS` and in order of their place. `is_fit`
    tells that `find_objects` has looked at it and found nothing amiss."""
    if not is_fit and find_objects(document) is None:
        refused = _refuse_unfit(document)
        if refused:
            return refused
    problems: dict[tuple[str, str | None], Problem] = {}
    for error in validator.iter_errors(document):
        for problem in _describe(error):
            problems.setdefault((problem.code, problem.pointer), problem)
        if len(problems) >= MAX_PROBLEMS:
            break
    if not problems:
        return ()
    return tuple(sorted(problems.values(), key=lambda problem: (problem.pointer or "", problem.code)))


@cache
def _validator(schema_name: str) -> jsonschema_rs.Draft202012Validator:
    registry = jsonschema_rs.Registry([(SCHEMA_BASE + name, load_schema(name)) for name in schema_names()])
    return jsonschema_rs.Draft202012Validator(
        load_schema(schema_name),
        registry=registry,
        offline=True,
        validate_formats=True,
        formats={"date-time": is_instant},
        pattern_options=jsonschema_rs.RegexOptions(),
    )


def _refuse_unfit(document: JsonObject) -> tuple[Problem, ...]:
    """What the validator cannot be given: inexact numbers, half characters, too deep a document."""
    problems: list[Problem] = []
    for value, pointer in walk(document, _NOTHING):
        if pointer.count("/") > MAX_VALIDATED_DEPTH:
            problems.append(Problem("too_deep", "The document is nested too deep.", None, PARSING_ERROR))
            break
        if _is_unfit_number(value):
            problems.append(
                Problem("number_not_exact", "A number is not kept exactly.", pointer, RANGE_ERROR)
            )
        elif _is_unfit_text(value) or (isinstance(value, dict) and any(map(_is_unfit_text, value))):
            problems.append(
                Problem("lone_surrogate", "A text holds half of a character.", pointer, PARSING_ERROR)
            )
    return tuple(problems[:MAX_PROBLEMS])


def _is_unfit_number(value: JsonValue) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > MAX_EXACT_INTEGER


def _is_unfit_text(value: JsonValue) -> bool:
    return isinstance(value, str) and HALF_CHARACTER.search(value) is not None


def _describe(error: jsonschema_rs.ValidationError) -> Iterable[Problem]:
    path = "".join(f"/{pointer_token(part)}" for part in error.instance_path)
    keyword = error.kind.name
    code, message, problem_type = _KINDS.get(keyword, _OTHER)
    for pointer in _places(error, path):
        yield Problem(code, message, pointer, problem_type)


def _places(error: jsonschema_rs.ValidationError, path: str) -> list[str]:
    """Where the fault is: for members that are missing or unexpected the member itself, not its parent."""
    match error.kind:
        case jsonschema_rs.ValidationErrorKind.Required(name):
            return [f"{path}/{pointer_token(str(name))}"]
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(names):
            return [f"{path}/{pointer_token(name)}" for name in names]
        case jsonschema_rs.ValidationErrorKind.PropertyNames(inner):
            return [f"{path}/{pointer_token(str(inner.instance))}"]
        case _:
            return [path]
