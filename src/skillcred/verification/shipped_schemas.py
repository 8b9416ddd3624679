"""The schemas that are known by address without anything being fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.profiles.check import ENDORSEMENT_SCHEMA, OPEN_BADGE_SCHEMA
from skillcred.profiles.profile import SCHEMA_BASE
from skillcred.profiles.schemas import schema_names
from skillcred.shipped import shipped_path

_ONE_EDTECH: Final = "https://purl.imsglobal.org/spec/ob/v3p0/schema/"

STAND_INS: Final[Mapping[str, str]] = MappingProxyType(
    {
        _ONE_EDTECH + "json/ob_v3p0_achievementcredential_schema.json": OPEN_BADGE_SCHEMA,
        _ONE_EDTECH + "json/ob_v3p0_endorsementcredential_schema.json": ENDORSEMENT_SCHEMA,
        _ONE_EDTECH + "achievementcredential.json": OPEN_BADGE_SCHEMA,
        _ONE_EDTECH + "endorsementcredential.json": ENDORSEMENT_SCHEMA,
    }
)
"""Addresses of 1EdTech's schemas for Open Badges 3.0, and our own schemas of the same data model that stand in for
them (docs/divergences.md)."""


@dataclass(frozen=True, slots=True)
class ShippedSchema:
    """A schema of ours: its name for `validate`, its exact bytes, and whether it only stands in for another."""

    name: str
    content: bytes
    stand_in: bool


def _all() -> Iterator[tuple[str, ShippedSchema]]:
    for name in schema_names():
        yield SCHEMA_BASE + name, ShippedSchema(name, _content(name), stand_in=False)
    for address, name in STAND_INS.items():
        yield address, ShippedSchema(name, _content(name), stand_in=True)


def _content(name: str) -> bytes:
    return shipped_path(f"schemas/{name}").read_bytes()


SHIPPED_SCHEMAS: Final[Mapping[str, ShippedSchema]] = MappingProxyType(dict(_all()))
"""Shipped schemas by the address that `credentialSchema` names."""
