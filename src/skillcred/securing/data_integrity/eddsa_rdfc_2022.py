"""`eddsa-rdfc-2022`: RDFC-1.0, SHA-256, Ed25519, base58btc (EdDSA Cryptosuites 1.0, section 3.2)."""

from __future__ import annotations

from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import ContextStore, canonicalise
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite


def _canonicalise(value: JsonObject, contexts: ContextStore) -> bytes:
    return canonicalise(value, contexts=contexts).nquads


EDDSA_RDFC_2022: Final = Cryptosuite(
    name="eddsa-rdfc-2022",
    canonicalise=_canonicalise,
    hash_names={Algorithm.ED25519: "sha256"},
    signature_header="z",
    context_in_proof=False,
)
