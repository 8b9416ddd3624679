"""Every text that goes into `error_description` is of the characters that may stand there (SECURITY V-20)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import skillcred.exchange

ROOM = Path(skillcred.exchange.__file__).parent
ALLOWED = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")
RAISERS = {"OAuthError", "DpopError", "CredentialRequestError", "NotificationError", "_invalid"} | {
    "AuthorizationRequestError",
    "AuthorizationResponseError",
    "_malformed",
}
MODULES = [ROOM / name for name in ("pkce.py", "dpop.py", "forms.py")] + [
    path for path in sorted((ROOM / "oid4vci").glob("*.py")) if path.name != "identifiers.py"
]
MODULES += [path for path in sorted((ROOM / "oid4vp").glob("*.py")) if path.name != "dcql.py"]


def messages(path: Path) -> list[ast.expr]:
    return [
        node.args[0]
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in RAISERS
        and node.args
    ]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_texts_are_fixed_and_of_the_allowed_characters(path: Path) -> None:
    """A text put together from what was sent would be no constant. `_invalid` hands its own text on."""
    for message in messages(path):
        if isinstance(message, ast.Name) and message.id == "message":
            continue
        assert isinstance(message, ast.Constant), ast.unparse(message)
        assert ALLOWED.fullmatch(message.value), message.value


def test_there_are_texts_to_look_at() -> None:
    assert sum(len(messages(path)) for path in MODULES) > 40
