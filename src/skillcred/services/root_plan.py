"""What the holders of a registry's root agree on: until when it holds, whose keys sign what, and how many of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.errors import InputError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.public_key import PublicKey
from skillcred.services.forms import Form, FormError

ROLES: Final = ("root", "targets", "snapshot", "timestamp")
MIN_ROOT_THRESHOLD: Final = 2
"""Fewest holders who must sign a root: one stolen key must not be enough (SECURITY T-06)."""


@dataclass(frozen=True, slots=True)
class RoleKeys:
    """The keys of a role, and how many of them must sign."""

    keys: tuple[PublicKey, ...]
    threshold: int = 1


@dataclass(frozen=True, slots=True)
class RootPlan:
    """The whole of it."""

    expires: datetime
    roles: Mapping[str, RoleKeys]


def read_root_plan(value: JsonObject) -> RootPlan:
    """The plan in a mapping as people write it: `expires`, and for each of `ROLES` its `keys` (Multikeys) and
    `threshold`. Raises `FormError` and `InputError` (`unsupported_key_type`)."""
    form = Form(value)
    expires = form.instant("expires")
    roles = {name: form.required(name, _read_role) for name in ROLES}
    form.finish()
    if roles["root"].threshold < MIN_ROOT_THRESHOLD:
        raise FormError("At least two holders sign a root.", pointer="/root")
    return RootPlan(expires, roles)


def _read_role(value: JsonValue, pointer: str) -> RoleKeys:
    form = Form(value, pointer)
    keys = form.items("keys", _read_key)
    threshold = form.required("threshold", _read_threshold)
    form.finish()
    if len(set(keys)) != len(keys) or not 1 <= threshold <= len(keys):
        raise FormError(
            "A role has keys that all differ, and no fewer of them than must sign.", pointer=pointer
        )
    return RoleKeys(keys, threshold)


def _read_key(value: JsonValue, pointer: str) -> PublicKey:
    if not isinstance(value, str):
        raise FormError("A public key is written as Multikey.", pointer=pointer)
    try:
        key = PublicKey.from_multikey(value)
    except InputError as error:
        raise FormError("A public key is written as Multikey.", pointer=pointer) from error
    if key.algorithm is not Algorithm.ED25519:
        raise FormError("A registry is signed with Ed25519 keys.", pointer=pointer)
    return key


def _read_threshold(value: JsonValue, pointer: str) -> int:
    """A number, or a text of digits, since YAML is read as texts."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= 3:
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise FormError("A number is expected.", pointer=pointer)
