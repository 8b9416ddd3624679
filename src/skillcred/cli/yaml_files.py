"""Reads YAML that people write: mappings, lists and texts, and nothing that YAML can do beyond that.

Every scalar is a text, so that the country NO is not `false` and a date stays as it was written. Duplicate keys,
anchors, aliases, tags and a second document are refused; size and depth are bounded before anything is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import MAX_DEPTH, parse_json_object
from skillcred.errors import InputError

MAX_YAML_BYTES: Final = 65_536


class YamlError(InputError):
    """The file is not YAML as we accept it. Code `invalid_yaml`."""

    default_code = "invalid_yaml"


def parse_yaml_object(content: bytes) -> JsonObject:
    """The mapping that `content` holds, as YAML or, where it begins with a brace, as strict JSON.

    Raises `YamlError` and strict JSON errors."""
    if len(content) > MAX_YAML_BYTES:
        raise YamlError(f"The file is larger than {MAX_YAML_BYTES} bytes.")
    if content.lstrip().startswith(b"{"):
        return parse_json_object(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise YamlError("The file is not UTF-8.") from error
    try:
        value = _read_document(iter(yaml.parse(text, Loader=yaml.BaseLoader)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (line {mark.line + 1})" if mark is not None else ""
        raise YamlError(f"The file is not YAML{place}.") from error
    if not isinstance(value, dict):
        raise YamlError("The file does not hold a mapping.")
    return value


def _read_document(events: Iterator[Any]) -> JsonValue:
    first = next(events)
    while isinstance(first, yaml.StreamStartEvent | yaml.DocumentStartEvent):
        first = next(events)
    if isinstance(first, yaml.StreamEndEvent):
        raise YamlError("The file is empty.")
    value = _read(first, events, 1)
    if not isinstance(next(events), yaml.DocumentEndEvent) or not isinstance(
        next(events), yaml.StreamEndEvent
    ):
        raise YamlError("The file holds more than one document.")
    return value


def _read(event: Any, events: Iterator[Any], depth: int) -> JsonValue:
    line = f" (line {event.start_mark.line + 1})"
    if depth > MAX_DEPTH:
        raise YamlError(f"The file is nested too deeply{line}.")
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
        raise YamlError(f"Anchors, aliases and tags are not accepted{line}.")
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[JsonValue] = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(_read(item, events, depth + 1))
        return items
    members: JsonObject = {}
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        name = _read(key, events, depth + 1)
        if not isinstance(name, str) or name in members:
            raise YamlError(f"A key is not a text, or there twice (line {key.start_mark.line + 1}).")
        members[name] = _read(next(events), events, depth + 1)
    return members
