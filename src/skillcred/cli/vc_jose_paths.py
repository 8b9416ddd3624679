"""Disclosure paths of the vc-jose-cose test suite (`credentialSubject.phoneNumbers[0]`) as JSON pointers."""

from __future__ import annotations

import re

from skillcred.encoding.json_types import pointer_token
from skillcred.encoding.strict_json import parse_json
from skillcred.errors import InputError

_STEP = re.compile(r"([^.\[\]]+)((?:\[\d{1,6}\])*)(?:\.|$)")


class DisclosurePathError(InputError):
    """What stands after `--sd` is not a JSON array of paths."""

    default_code = "invalid_disclosure_path"


def parse_disclosure_paths(text: str) -> list[str]:
    """JSON pointers to what may be withheld. Raises `DisclosurePathError`, `StrictJsonError`."""
    paths = parse_json(text.encode("utf-8"))
    if not isinstance(paths, list):
        raise DisclosurePathError("The paths are not a JSON array.")
    return [_pointer(path) for path in paths]


def _pointer(path: object) -> str:
    if not isinstance(path, str) or not path or path.endswith("."):
        raise DisclosurePathError("A path is not text of the form name.name[0].")
    tokens: list[str] = []
    position = 0
    while position < len(path):
        step = _STEP.match(path, position)
        if step is None:
            raise DisclosurePathError("A path is not text of the form name.name[0].")
        tokens += [pointer_token(step[1]), *re.findall(r"\d+", step[2])]
        position = step.end()
    return "".join(f"/{token}" for token in tokens)
