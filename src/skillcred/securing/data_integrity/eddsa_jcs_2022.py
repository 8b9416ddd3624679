"""`eddsa-jcs-2022`: JCS, SHA-256, Ed25519, base58btc (EdDSA Cryptosuites 1.0, section 3.3).

The signature covers the JSON text itself; the list of contexts is checked all the same, because a reader who
takes the document as linked data must not find other meanings than the signer had.
"""

from __future__ import annotations

from typing import Final

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.json_types import JsonObject
from skillcred.keys.public_key import Algorithm
from skillcred.linkeddata import ContextStore
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite


def _canonicalise(value: JsonObject, contexts: ContextStore) -> bytes:
    del contexts  # the mechanism checks the list of contexts before it gets here
    return encode_jcs(value)


EDDSA_JCS_2022: Final = Cryptosuite(
    name="eddsa-jcs-2022",
    canonicalise=_canonicalise,
    hash_names={Algorithm.ED25519: "sha256"},
    signature_header="z",
    context_in_proof=True,
)
