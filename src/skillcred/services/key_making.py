"""Makes key pairs and finds them their names.

The key manager stores a key before the database knows of it. If the process dies between the two, the key
stays unused under its name and the next one gets the next number; a key never gets a second name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.errors import ConflictError, InputError, UnavailableError
from skillcred.identifiers import DID_KEY_ALGORITHMS, build_did_key
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.services.identities import new_id
from skillcred.services.ports import KeyManager
from skillcred.services.records import KeyState, SigningKey

DEFAULT_ALGORITHM: Final = Algorithm.ED25519.value
MADE_ALGORITHMS: Final = frozenset(known.value for known in Algorithm if known is not Algorithm.P521)
"""P-521 is for tokens of others and for `skillcred vc-jose` (docs/adr/0022-p521-for-tokens.md)."""
FRAGMENT: Final = "key-"
MAX_UNUSED_NUMBERS: Final = 100
"""Most names that are tried beyond the recorded ones."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key that the key manager holds and the database does not know yet."""

    id: str
    did: str
    algorithm: str
    public_key_multibase: str

    def record(self, organisation_id: str, activated_at: datetime) -> SigningKey:
        """It as the active key of an organisation."""
        return SigningKey(
            id=self.id,
            organisation_id=organisation_id,
            algorithm=self.algorithm,
            public_key_multibase=self.public_key_multibase,
            state=KeyState.ACTIVE,
            activated_at=activated_at,
        )


@dataclass(frozen=True, slots=True)
class KeyMaker:
    """Makes keys in the key manager."""

    key_manager: KeyManager

    def make(self, algorithm: str, *, did: str | None, recorded: int = 0) -> MadeKey:
        """A new key of `did`, which has `recorded` keys already, or, without `did`, a new did:key with its
        key.

        Raises `InputError` (`unknown_algorithm`), `UnavailableError`.
        """
        if algorithm not in MADE_ALGORITHMS:
            raise InputError("There is no such algorithm.", code="unknown_algorithm", pointer="/algorithm")
        if did is None and algorithm not in DID_KEY_ALGORITHMS:
            raise InputError(
                "A key of this algorithm needs a did:web.", code="unsupported_key_type", pointer="/algorithm"
            )
        if did is None:
            return self._make_did_key(algorithm)
        for number in range(recorded + 1, recorded + 1 + MAX_UNUSED_NUMBERS):
            key_id = f"{did}#{FRAGMENT}{number}"
            try:
                return MadeKey(key_id, did, algorithm, self.key_manager.create_key(key_id, algorithm))
            except ConflictError:
                continue  # made before, in an attempt that never reached the database
        raise UnavailableError(
            "The keystore has too many unused keys of this name.", code="key_names_used_up"
        )

    def _make_did_key(self, algorithm: str) -> MadeKey:
        provisional = f"urn:skillcred:provisional:{new_id()}"
        multikey = self.key_manager.create_key(provisional, algorithm)
        did = build_did_key(PublicKey.from_multikey(multikey))
        key_id = f"{did}#{multikey}"
        self.key_manager.adopt_key(provisional, key_id)
        return MadeKey(key_id, did, algorithm, multikey)
