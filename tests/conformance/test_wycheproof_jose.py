"""Project Wycheproof, the JOSE files, through our own reader (SECURITY section 1, J).

Nothing that is `invalid` may verify, and of what is `valid` only that which we do not support may be refused, for that
reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from skillcred.errors import InputError
from skillcred.keys.public_key import PublicKey
from skillcred.securing.jose.envelope import parse_compact_jws, verify_compact_jws
from skillcred.securing.jose.errors import JoseError

FILES = {
    "json_web_signature_test.json": 401,
    "json_web_key_test.json": 26,
    "json_web_crypto_test.json": 83,
}
REASONS = {"alg_not_allowed", "unsupported_alg", "unsupported_key_type"}
"""Secret keys and RSA: what the files have beside ES256."""
VERIFIED = {"json_web_signature_test.json": 2, "json_web_key_test.json": 0, "json_web_crypto_test.json": 1}
STRICTER = {
    ("json_web_signature_test.json", 347): "jwk_conflict",
    ("json_web_signature_test.json", 351): "jwk_conflict",
    ("json_web_signature_test.json", 372): "malformed_jws",
}
"""Valid for readers that do not look at `alg` of a key (it says `ES521`, which is no algorithm), and for those that
skip characters outside the alphabet (RFC 7515 section 2 has none)."""


def load(shared_dir: Path, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    content = json.loads((shared_dir / "vectors" / "wycheproof" / name).read_bytes())
    return [(group, test) for group in content["testGroups"] for test in group["tests"]]


def keys_of(group: dict[str, Any]) -> list[dict[str, Any]]:
    found = group.get("public", group.get("private", {}))
    return list(found.get("keys", [found]))


def verifies(token: Any, keys: list[dict[str, Any]]) -> str:
    """`verified`, or the code of the error that came last."""
    if not isinstance(token, str):
        token = json.dumps(token)
    code = "no key"
    for jwk in keys:
        try:
            jws = parse_compact_jws(token.encode())
            verify_compact_jws(jws, PublicKey.from_jwk(jwk))
        except InputError as error:
            code = error.code
        else:
            return "verified"
    return code


@pytest.mark.parametrize(("name", "count"), FILES.items())
def test_nothing_invalid_verifies(shared_dir: Path, name: str, count: int) -> None:
    cases = load(shared_dir, name)
    assert len(cases) == count
    for group, test in cases:
        if test["result"] == "invalid":
            token = test.get("jws", test.get("jwe"))
            assert verifies(token, keys_of(group)) != "verified", (test["tcId"], test["comment"])


@pytest.mark.parametrize("name", FILES)
def test_what_is_valid_and_ours_verifies(shared_dir: Path, name: str) -> None:
    """The other way round, so that refusing everything would not do."""
    verified: list[int] = []
    refused: dict[int, str] = {}
    for group, test in load(shared_dir, name):
        token = test.get("jws")
        if test["result"] != "valid" or not isinstance(token, str):
            continue
        found = verifies(token, keys_of(group))
        if STRICTER.get((name, test["tcId"])) == found:
            continue
        if found == "verified":
            verified.append(test["tcId"])
        else:
            refused[test["tcId"]] = found
    assert set(refused.values()) <= REASONS, refused
    assert len(verified) == VERIFIED[name], (verified, refused)


def test_all_are_510(shared_dir: Path) -> None:
    assert sum(len(load(shared_dir, name)) for name in FILES) == 510
    with pytest.raises(JoseError):
        parse_compact_jws(b"{}")
