"""What the case directories of the conformance tests take for granted: the provider, and large inputs by recipe."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any, Final

from skillcred.keys.algorithms import Algorithm
from worlds.pure_world import PureWorld, SoftSigner

WEB_DID: Final = "did:web:provider.example"


class WebSigner(SoftSigner):
    """A signer whose identifier is a did:web, with the key `#k`."""

    def __init__(self, seed: int, did: str = WEB_DID) -> None:
        super().__init__(seed)
        self.did = did

    @property
    def verification_method(self) -> str:
        return f"{self.did}#k"


@functools.cache
def case_world(provider: str) -> PureWorld:
    """The pure world with a provider who has a key of the kind `provider`, or is a did:web."""
    signer = WebSigner(2) if provider == WEB_DID else SoftSigner(2, Algorithm(provider))
    return PureWorld(provider=signer)


def build_input(path: Path) -> bytes:
    """The bytes of an input or of evidence; those that are large are made by a recipe: a document of this case or of
    another, a list in it, and how many items it shall have. `@@` in the item becomes its number."""
    if not path.name.endswith(".recipe.json"):
        return path.read_bytes()
    recipe = json.loads(path.read_bytes())
    document = json.loads((path.parent / recipe["document"]).read_bytes())
    item = json.dumps(recipe["item"] if "item" in recipe else _first(document[recipe["list"]]))
    document[recipe["list"]] = [json.loads(item.replace("@@", str(n))) for n in range(recipe["count"])]
    return json.dumps(document).encode()


def _first(value: Any) -> Any:
    return copy.deepcopy(value[0] if isinstance(value, list) else value)
