"""Keys that sign for the roles of published registries. They belong to no DID: the root of the registry names them."""

from __future__ import annotations

from typing import Final

from skillcred.keys.algorithms import Algorithm
from skillcred.services.identities import new_id
from skillcred.services.ports import KeyManager

ROLE_KEY_PREFIX: Final = "registry-role#"
"""What the name of such a key begins with; its Multikey follows."""


def role_key_name(multikey: str) -> str:
    """The name under which the key manager holds such a key."""
    return ROLE_KEY_PREFIX + multikey


def make_role_key(keys: KeyManager) -> str:
    """A new key, as Multikey. Raises what the key manager raises."""
    provisional = f"urn:skillcred:provisional:{new_id()}"
    multikey = keys.create_key(provisional, Algorithm.ED25519.value)
    keys.adopt_key(provisional, role_key_name(multikey))
    return multikey
