"""Taking claims out of sight: RFC 9901 section 6.1, the inverse of `processing`."""

from __future__ import annotations

import copy
import re
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.securing.mechanism import SecuringError
from skillcred.securing.sd_jwt.compact import MAX_DISCLOSURES
from skillcred.securing.sd_jwt.disclosure import (
    DEFAULT_HASH,
    ELLIPSIS,
    RESERVED_NAMES,
    SD,
    SD_ALG,
    encode_disclosure,
    hash_text,
    is_without_digests,
    write_disclosure,
)

SALT_BYTES: Final = 16
"""128 bits of the system's randomness in every salt (RFC 9901 section 9.3 recommends at least that many)."""
MAX_DECOYS: Final = 64
"""Most decoy digests for one object or array."""

RandomBytes = Callable[[int], bytes]
Container: TypeAlias = "JsonObject | list[JsonValue]"
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ConcealedClaims:
    """`payload` has digests where claims were; `disclosures` bring them back."""

    payload: JsonObject
    disclosures: tuple[str, ...]


def conceal_claims(
    claims: JsonObject,
    pointers: Sequence[str],
    *,
    always_disclosed: Collection[str] = (),
    decoys: int = 0,
    random_bytes: RandomBytes = secrets.token_bytes,
) -> ConcealedClaims:
    """Make what the JSON pointers (RFC 6901) name selectively disclosable. `claims` is not changed.

    A pointer to a claim or array element below another pointer makes a recursive disclosure (section 4.2.6).
    `decoys` are added to every object and array in which something is concealed (section 4.2.5). `_sd` is sorted,
    which with random salts tells nothing about the order of the claims (section 4.2.4.1).
    Raises `SecuringError`: `reserved_claim_name`, `no_such_claim`, `claim_not_disclosable`,
    `too_many_disclosures`; for claims that are not JSON, as `encode_json`.
    """
    if len(pointers) > MAX_DISCLOSURES or not 0 <= decoys <= MAX_DECOYS:
        raise SecuringError(
            "More is to be concealed than a verifier would take.", code="too_many_disclosures"
        )
    groups: dict[tuple[str, ...], list[str]] = {}
    for pointer in pointers:
        *parent, name = _split(pointer)
        names = groups.setdefault(tuple(parent), [])
        if name in names:
            raise SecuringError("A claim is to be concealed twice.", code="no_such_claim", pointer=pointer)
        if (parent or [name])[0] in always_disclosed:
            raise SecuringError(
                "This claim must always be visible.", code="claim_not_disclosable", pointer=pointer
            )
        names.append(name)
    whole = any(groups)  # something inside a claim is concealed, so that our own digests will stand in others
    at_top = () if whole else groups.get((), ())
    _refuse_reserved_names(claims, passed_over=at_top)
    payload = _copy_on_the_way(claims, groups)
    disclosures: list[str] = []
    # What lies deepest first, so that a disclosure holds the digests of those below it.
    for parent_path in sorted(groups, key=len, reverse=True):
        container = _find(payload, parent_path)
        names = groups[parent_path]
        if isinstance(container, dict):
            disclosures += _conceal_members(container, names, decoys, random_bytes, checked=whole)
        else:
            disclosures += _conceal_elements(container, names, decoys, random_bytes)
    if disclosures:
        payload[SD_ALG] = DEFAULT_HASH
    return ConcealedClaims(payload, tuple(disclosures))


def _conceal_members(
    container: JsonObject, names: list[str], decoys: int, random_bytes: RandomBytes, *, checked: bool
) -> list[str]:
    """`checked`: no reserved name stands in the values. Else their text is looked at, and they only where it may."""
    disclosures: list[str] = []
    for name in names:
        if name not in container:
            raise _no_such_claim()
        value = container.pop(name)
        text = write_disclosure(_salt(random_bytes), value, name=name)
        if not checked and not is_without_digests(text, 0):
            _refuse_reserved_names({name: value})
        disclosures.append(encode_base64url(text))
    digests = [hash_text(disclosure, DEFAULT_HASH) for disclosure in disclosures]
    digests += [_decoy(random_bytes) for _ in range(decoys)]
    container[SD] = [*sorted(digests)]
    return disclosures


def _conceal_elements(
    container: list[JsonValue], names: list[str], decoys: int, random_bytes: RandomBytes
) -> list[str]:
    disclosures: list[str] = []
    for name in names:
        if not _INDEX.fullmatch(name) or int(name) >= len(container):
            raise _no_such_claim()
        disclosure = encode_disclosure(_salt(random_bytes), container[int(name)])
        disclosures.append(disclosure)
        container[int(name)] = {ELLIPSIS: hash_text(disclosure, DEFAULT_HASH)}
    for _ in range(decoys):
        place = int.from_bytes(random_bytes(8)) % (len(container) + 1)
        container.insert(place, {ELLIPSIS: _decoy(random_bytes)})
    return disclosures


def _salt(random_bytes: RandomBytes) -> str:
    return encode_base64url(random_bytes(SALT_BYTES))


def _decoy(random_bytes: RandomBytes) -> str:
    """A digest of nothing that anybody has (section 4.2.5)."""
    return hash_text(encode_base64url(random_bytes(2 * SALT_BYTES)), DEFAULT_HASH)


def _find(payload: Container, path: tuple[str, ...]) -> Container:
    value: JsonValue = payload
    for name in path:
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and _INDEX.fullmatch(name) and int(name) < len(value):
            value = value[int(name)]
        else:
            raise _no_such_claim()
    if not isinstance(value, (dict, list)):
        raise _no_such_claim()
    return value


def _no_such_claim() -> SecuringError:
    return SecuringError("A claim that is to be concealed is not there.", code="no_such_claim")


def _split(pointer: str) -> list[str]:
    """The reference tokens of an RFC 6901 JSON pointer; the whole document cannot be concealed."""
    if not pointer.startswith("/"):
        raise SecuringError("A claim to conceal is named by a JSON pointer.", code="no_such_claim")
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def _copy_on_the_way(claims: JsonObject, paths: Collection[tuple[str, ...]]) -> JsonObject:
    """`claims` with copies of the objects and arrays in which something will be concealed, and of those around them."""
    payload: JsonObject = dict(claims)
    copies: dict[tuple[str, ...], Container] = {(): payload}
    for path in paths:
        for end in range(1, len(path) + 1):
            if path[:end] in copies:
                continue
            around, name = copies[path[: end - 1]], path[end - 1]
            inner = copy.copy(_find(around, (name,)))
            copies[path[:end]] = inner
            if isinstance(around, dict):
                around[name] = inner
            else:
                around[int(name)] = inner
    return payload


def _refuse_reserved_names(claims: JsonObject, *, passed_over: Collection[str] = ()) -> None:
    """RFC 9901 section 4.1: claims with these names would be read as digests. What is inside the claims of
    `passed_over` is not looked at."""
    if not RESERVED_NAMES.isdisjoint(claims):
        raise _reserved_name(claims, "")
    pending: list[Container] = [
        value for name, value in claims.items() if isinstance(value, (dict, list)) and name not in passed_over
    ]
    while pending:
        container = pending.pop()
        if isinstance(container, dict):
            if not RESERVED_NAMES.isdisjoint(container):
                raise _reserved_name(claims, "")
            container = list(container.values())
        # most values are texts, and this is the quickest way to pass them over
        pending += [v for v in container if v.__class__ is not str and isinstance(v, (dict, list))]


def _reserved_name(value: JsonValue, pointer: str) -> SecuringError:
    """Where the first reserved name stands in `value`, in which there is one."""
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for name, member in members:
        place = f"{pointer}/{pointer_token(name)}"
        if name in RESERVED_NAMES and isinstance(value, dict):
            return SecuringError("A claim has a reserved name.", code="reserved_claim_name", pointer=place)
        found = _reserved_name(member, place)
        if found.pointer is not None:
            return found
    return SecuringError("A claim has a reserved name.", code="reserved_claim_name")
