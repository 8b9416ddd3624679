"""Forty ways to change a secured document, each made from a seed, for the mutation oracle (SECURITY D-18, L-20).

A mutator takes a random source and the document's bytes and gives other bytes, or `None` where it does not apply.
Mutators of JSON work on the document itself, or on header or payload inside an envelope, which is put together
again around the old signature.
"""

from __future__ import annotations

import base64
import copy
import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, Final

Mutator = Callable[[random.Random, bytes], bytes | None]
Path = tuple[str | int, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every member and element of a JSON value."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def at(value: Any, path: Path) -> Any:
    """What stands at `path`."""
    for step in path:
        value = value[step]
    return value


# --- bytes ---------------------------------------------------------------------------------------------------


def flip_bit(rng: random.Random, content: bytes) -> bytes:
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def delete_byte(rng: random.Random, content: bytes) -> bytes:
    position = rng.randrange(len(content))
    return content[:position] + content[position + 1 :]


def insert_byte(rng: random.Random, content: bytes) -> bytes:
    position = rng.randrange(len(content) + 1)
    return content[:position] + bytes([rng.randrange(256)]) + content[position:]


def swap_neighbours(rng: random.Random, content: bytes) -> bytes:
    position = rng.randrange(len(content) - 1)
    pair = content[position : position + 2]
    return content[:position] + pair[::-1] + content[position + 2 :]


def truncate(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content))]


def append_bytes(rng: random.Random, content: bytes) -> bytes:
    return content + rng.randbytes(rng.randrange(1, 20))


def append_itself(_: random.Random, content: bytes) -> bytes:
    return content + content


def repeat_slice(rng: random.Random, content: bytes) -> bytes:
    start = rng.randrange(len(content))
    end = min(len(content), start + rng.randrange(1, 40))
    return content[:end] + content[start:end] + content[end:]


def other_case(rng: random.Random, content: bytes) -> bytes | None:
    letters = [index for index, byte in enumerate(content) if chr(byte).isascii() and chr(byte).isalpha()]
    changed = bytearray(content)
    changed[rng.choice(letters)] ^= 0x20
    return bytes(changed)


def other_digit(rng: random.Random, content: bytes) -> bytes | None:
    digits = [index for index, byte in enumerate(content) if 0x30 <= byte <= 0x39]
    changed = bytearray(content)
    position = rng.choice(digits)
    changed[position] = 0x30 + (changed[position] - 0x30 + rng.randrange(1, 10)) % 10
    return bytes(changed)


def byte_order_mark(_: random.Random, content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content


def white_space(rng: random.Random, content: bytes) -> bytes:
    position = rng.randrange(len(content) + 1)
    return (
        content[:position]
        + rng.choice([b" ", b"\n", b"\t", b"\r", b"\x0b", b"\xc2\xa0"])
        + content[position:]
    )


def nul_byte(rng: random.Random, content: bytes) -> bytes:
    position = rng.randrange(len(content) + 1)
    return content[:position] + b"\x00" + content[position:]


# --- JSON ----------------------------------------------------------------------------------------------------


def _strings(value: Any) -> list[Path]:
    return [path for path in places(value) if isinstance(at(value, path), str)]


def _of(value: Any, kind: type) -> list[Path]:
    return [path for path in places(value) if isinstance(at(value, path), kind)]


def _put(value: Any, path: Path, new: Any) -> None:
    at(value, path[:-1])[path[-1]] = new


def delete_member(rng: random.Random, value: Any) -> bool:
    path = rng.choice(list(places(value)))
    del at(value, path[:-1])[path[-1]]
    return True


def rename_member(rng: random.Random, value: Any) -> bool:
    path = rng.choice([path for path in places(value) if isinstance(path[-1], str)])
    parent = at(value, path[:-1])
    name = rng.choice(
        ["name", "id", "type", "description", f"{path[-1]} ", f"@{path[-1]}", path[-1].upper(), "𝒾𝒹"]
    )
    if name in parent:
        return False
    parent[name] = parent.pop(path[-1])
    return True


def add_unknown_member(rng: random.Random, value: Any) -> bool:
    objects = [(), *_of(value, dict)]
    at(value, rng.choice(objects))[rng.choice(["licenceNumber", "toString", "__proto__", "urn:x:y", ""])] = (
        "x"
    )
    return True


def add_known_member(rng: random.Random, value: Any) -> bool:
    target = at(value, rng.choice([(), *_of(value, dict)]))
    name, new = rng.choice(
        [
            ("validUntil", "2099-01-01T00:00:00Z"),
            ("name", "Doctor of Medicine"),
            ("id", "did:example:attacker"),
            ("type", ["AchievementCredential"]),
            ("evidence", []),
            ("credentialStatus", None),
            ("holder", "did:example:attacker"),
            ("iss", "did:example:attacker"),
            ("vct", "https://attacker.example"),
        ]
    )
    if name in target:
        return False
    target[name] = new
    return True


def add_keyword(rng: random.Random, value: Any) -> bool:
    target = at(value, rng.choice([(), *_of(value, dict)]))
    name, new = rng.choice(
        [
            ("@id", "did:example:attacker"),
            ("@type", "Surgeon"),
            ("@context", {"name": "https://schema.org/alternateName"}),
            ("@graph", [{"name": "x"}]),
            ("@included", [{"id": "did:example:a", "name": "x"}]),
            ("@reverse", {"issuer": "did:example:a"}),
            ("@nest", {"name": "x"}),
            ("@base", "https://attacker.example/"),
            ("@index", "x"),
        ]
    )
    if name in target:
        return False
    target[name] = new
    return True


def swap_values(rng: random.Random, value: Any) -> bool:
    paths = _strings(value)
    one, two = rng.sample(paths, 2)
    first, second = at(value, one), at(value, two)
    _put(value, one, second)
    _put(value, two, first)
    return bool(first != second)


def _replaced_by(*choices: Any) -> Callable[[random.Random, Any], bool]:
    def mutate(rng: random.Random, value: Any) -> bool:
        path = rng.choice(list(places(value)))
        new = copy.deepcopy(rng.choice(choices))
        old = at(value, path)
        _put(value, path, new)
        return bool(old != new or type(old) is not type(new))

    return mutate


def wrap_in_array(rng: random.Random, value: Any) -> bool:
    path = rng.choice(list(places(value)))
    _put(value, path, [at(value, path)])
    return True


def unwrap_array(rng: random.Random, value: Any) -> bool:
    paths = [path for path in _of(value, list) if at(value, path)]
    if not paths:
        return False
    path = rng.choice(paths)
    _put(value, path, at(value, path)[0])
    return True


def shuffle_array(rng: random.Random, value: Any) -> bool:
    paths = [path for path in _of(value, list) if len(at(value, path)) > 1]
    if not paths:
        return False
    rng.shuffle(at(value, rng.choice(paths)))
    return True


def repeat_element(rng: random.Random, value: Any) -> bool:
    paths = [path for path in _of(value, list) if at(value, path)]
    if not paths:
        return False
    array = at(value, rng.choice(paths))
    array.append(copy.deepcopy(rng.choice(array)))
    return True


def drop_element(rng: random.Random, value: Any) -> bool:
    paths = [path for path in _of(value, list) if at(value, path)]
    if not paths:
        return False
    array = at(value, rng.choice(paths))
    del array[rng.randrange(len(array))]
    return True


def _on_string(change: Callable[[random.Random, str], str]) -> Callable[[random.Random, Any], bool]:
    def mutate(rng: random.Random, value: Any) -> bool:
        path = rng.choice(_strings(value))
        old = at(value, path)
        new = change(rng, old)
        _put(value, path, new)
        return new != old

    return mutate


def member_to_parent(rng: random.Random, value: Any) -> bool:
    paths = [
        path
        for path in places(value)
        if len(path) > 1 and isinstance(path[-1], str) and isinstance(path[-2], str)
    ]
    if not paths:
        return False
    path = rng.choice(paths)
    grand = at(value, path[:-2])
    if path[-1] in grand:
        return False
    grand[path[-1]] = at(value, path[:-1]).pop(path[-1])
    return True


def member_to_sibling(rng: random.Random, value: Any) -> bool:
    one, two = (rng.choice(_of(value, dict) or [()]) for _ in range(2))
    source, target = at(value, one), at(value, two)
    names = [name for name in source if name not in target]
    if source is target or not names or one[: len(two)] == two or two[: len(one)] == one:
        return False
    name = rng.choice(names)
    target[name] = source.pop(name)
    return True


def change_context(rng: random.Random, value: Any) -> bool:
    context = value.get("@context")
    if not isinstance(context, list):
        return False
    kind = rng.randrange(4)
    if kind == 0:
        context.append({"@vocab": "https://attacker.example/#"})
    elif kind == 1:
        context.append("https://www.w3.org/ns/credentials/examples/v2")
    elif kind == 2:
        context.pop()
    else:
        context.reverse()
    return True


def change_proof(rng: random.Random, value: Any) -> bool:
    proof = value.get("proof")
    if not isinstance(proof, dict):
        return False
    name, new = rng.choice(
        [
            ("created", "2001-01-01T00:00:00Z"),
            ("expires", "2099-01-01T00:00:00Z"),
            ("domain", "attacker.example"),
            ("challenge", "x"),
            ("nonce", "x"),
            ("id", "urn:uuid:7c4c1d1c-35f1-4d1c-8f83-1f5b8f8f9a01"),
            ("previousProof", "urn:x"),
            ("proofPurpose", "authentication"),
            ("cryptosuite", "eddsa-jcs-2022"),
            ("cryptosuite", "ecdsa-sd-2023"),
            ("type", "Ed25519Signature2020"),
        ]
    )
    if proof.get(name) == new:
        return False
    proof[name] = new
    return True


def double_proof(rng: random.Random, value: Any) -> bool:
    if "proof" not in value:
        return False
    extra = rng.choice([None, {}, "x", [], copy.deepcopy(value["proof"])])
    value["proof"] = [value["proof"], extra]
    return True


def nest_proof(_: random.Random, value: Any) -> bool:
    if "proof" not in value or "credentialSubject" not in value:
        return False
    value["credentialSubject"]["proof"] = value.pop("proof")
    return True


_JSON_MUTATORS: Final[dict[str, Callable[[random.Random, Any], bool]]] = {
    "delete_member": delete_member,
    "rename_member": rename_member,
    "add_unknown_member": add_unknown_member,
    "add_known_member": add_known_member,
    "add_keyword": add_keyword,
    "swap_values": swap_values,
    "to_null": _replaced_by(None),
    "to_empty": _replaced_by("", [], {}),
    "to_boolean": _replaced_by(True, False),
    "to_number": _replaced_by(0, 1, 1.5, 10**20),
    "to_object": _replaced_by({"id": "did:example:attacker"}, {"@value": "x"}, {"@id": "urn:x"}),
    "wrap_in_array": wrap_in_array,
    "unwrap_array": unwrap_array,
    "shuffle_array": shuffle_array,
    "repeat_element": repeat_element,
    "drop_element": drop_element,
    "append_letter": _on_string(lambda rng, text: text + rng.choice(["x", " ", "\u200b", "/", "#", "."])),
    "prepend_letter": _on_string(lambda rng, text: rng.choice(["x", " ", "\u202e", "_:"]) + text),
    "decompose": _on_string(lambda _, text: unicodedata.normalize("NFD", text + "é")),
    "homoglyph": _on_string(lambda _, text: text.replace("a", "\u0430").replace("e", "\u0435")),
    "percent_encode": _on_string(lambda _, text: text.replace("e", "%65", 1)),
    "member_to_parent": member_to_parent,
    "member_to_sibling": member_to_sibling,
    "change_context": change_context,
    "change_proof": change_proof,
    "double_proof": double_proof,
    "nest_proof": nest_proof,
}


def _decode(part: bytes) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))


def _encode(value: Any) -> bytes:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def _json_mutator(mutate: Callable[[random.Random, Any], bool]) -> Mutator:
    def on_bytes(rng: random.Random, content: bytes) -> bytes | None:
        if content.lstrip().startswith(b"{"):
            value = json.loads(content)
            return json.dumps(value, ensure_ascii=False).encode() if mutate(rng, value) else None
        try:
            token, *rest = content.split(b"~")
            parts = token.split(b".")
            position = rng.choice([0, 1, 1, 1])
            value = _decode(parts[position])
        except (ValueError, IndexError):
            return None  # COSE: its bytes are tried by the mutators of bytes
        if not mutate(rng, value):
            return None
        parts[position] = _encode(value)
        return b"~".join([b".".join(parts), *rest])

    def guarded(rng: random.Random, content: bytes) -> bytes | None:
        try:
            return on_bytes(rng, content)
        except (IndexError, ValueError):
            return None  # nothing of that kind in this document

    return guarded


MUTATORS: Final[dict[str, Mutator]] = {
    "flip_bit": flip_bit,
    "delete_byte": delete_byte,
    "insert_byte": insert_byte,
    "swap_neighbours": swap_neighbours,
    "truncate": truncate,
    "append_bytes": append_bytes,
    "append_itself": append_itself,
    "repeat_slice": repeat_slice,
    "other_case": other_case,
    "other_digit": other_digit,
    "byte_order_mark": byte_order_mark,
    "white_space": white_space,
    "nul_byte": nul_byte,
    **{name: _json_mutator(mutate) for name, mutate in _JSON_MUTATORS.items()},
}
