"""Code systems that alignments point into: fields, occupations, skills, levels, countries.

The lists are facts carried over from their sources, which each file under `schemas/codes/` names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import ConfigurationError
from skillcred.shipped import shipped_path

COUNTRIES: Final = "iso-3166-1"
"""File name of the list of countries."""

_ESCO_URL: Final = re.compile(r"https?://data\.europa\.eu/esco/(?:skill|occupation)/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """A code system as alignments name it.

    `framework` is what our own credentials write in `targetFramework`; `aliases` are lower-case names that
    others write; `url_base` is what `targetUrl` begins with, and the code follows. `codes_file` is `None`
    where membership is not checked (ESCO: by the shape of the URL).
    """

    framework: str
    aliases: frozenset[str]
    url_base: str | None
    codes_file: str | None


ISCED_F: Final = CodeSystem(
    "ISCED-F 2013",
    frozenset({"isced-f 2013", "isced-f", "isced-f2013", "isced f 2013"}),
    "data.europa.eu/snb/isced-f/",
    "isced-f-2013",
)
ISCO_08: Final = CodeSystem(
    "ISCO-08", frozenset({"isco-08", "isco 08", "isco-2008"}), "data.europa.eu/esco/isco/C", "isco-08"
)
ESCO: Final = CodeSystem("ESCO", frozenset({"esco"}), None, None)
EQF: Final = CodeSystem(
    "EQF",
    frozenset({"eqf", "european qualifications framework", "european qualifications framework (eqf)"}),
    "data.europa.eu/snb/eqf/",
    "eqf",
)
CEFR: Final = CodeSystem("CEFR", frozenset({"cefr"}), None, "cefr")

CODE_SYSTEMS: Final = (ISCED_F, ISCO_08, ESCO, EQF, CEFR)
_BY_ALIAS: Final[Mapping[str, CodeSystem]] = MappingProxyType(
    {alias: system for system in reversed(CODE_SYSTEMS) for alias in system.aliases}
)
_BY_FRAMEWORK: Final[Mapping[str, CodeSystem]] = MappingProxyType(
    {system.framework: _BY_ALIAS[system.framework.lower()] for system in CODE_SYSTEMS}
)
"""What most alignments name, as it stands there."""


@cache
def load_codes(name: str) -> Mapping[str, str]:
    """Codes and English names of one shipped list. Raises `ConfigurationError` if it is not readable."""
    codes = parse_json_object(shipped_path(f"schemas/codes/{name}.json").read_bytes()).get("codes")
    if not isinstance(codes, dict):
        raise ConfigurationError(f"The list of codes {name} is damaged.", code="installation_incomplete")
    return MappingProxyType({code: str(label) for code, label in codes.items()})


def find_code_system(alignment: JsonObject) -> CodeSystem | None:
    """The system an alignment points into, told by its framework name or else by its URL."""
    framework = alignment.get("targetFramework")
    if isinstance(framework, str):
        system = _BY_FRAMEWORK.get(framework) or _BY_ALIAS.get(framework.strip().lower())
        if system is not None:
            return system
    for system in CODE_SYSTEMS:
        if _code_of_url(alignment, system) is not None:
            return system
    return None


def code_of(alignment: JsonObject, system: CodeSystem) -> str | None:
    """The code within `system`: `targetCode`, or what stands at the end of `targetUrl`."""
    code = alignment.get("targetCode")
    return code if isinstance(code, str) and code else _code_of_url(alignment, system)


def find_known_code(alignment: JsonObject, system: CodeSystem) -> str | None:
    """The code within `system`, as `code_of` tells it, if the list of `system` has it or there is no list."""
    code = alignment.get("targetCode")
    if not isinstance(code, str) or not code:
        code = _code_of_url(alignment, system)
    known = code is None or system.codes_file is None or code in load_codes(system.codes_file)
    return code if known else None


def is_known_code(code: str, system: CodeSystem) -> bool:
    """Whether the list of `system` has `code`; true where there is no list."""
    return system.codes_file is None or code in load_codes(system.codes_file)


def is_consistent(alignment: JsonObject, system: CodeSystem) -> bool:
    """Whether code and URL of an alignment into `system` do not contradict each other."""
    if system is ESCO:
        url = alignment.get("targetUrl")
        return isinstance(url, str) and _ESCO_URL.fullmatch(url) is not None
    in_url, code = _code_of_url(alignment, system), alignment.get("targetCode")
    return in_url is None or in_url == code or not isinstance(code, str) or not code


def _code_of_url(alignment: JsonObject, system: CodeSystem) -> str | None:
    url = alignment.get("targetUrl")
    if system.url_base is None or not isinstance(url, str):
        return None
    rest = url.removeprefix("https://").removeprefix("http://")
    return rest.removeprefix(system.url_base) if rest.startswith(system.url_base) else None
