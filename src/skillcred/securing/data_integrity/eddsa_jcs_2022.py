"""`eddsa-jcs-2022`: JCS, SHA-256, Ed25519, base58btc (EdDSA Cryptosuites 1.0, section 3.3)."""

from __future__ import annotations

from typing import Final

from skillcred.keys.public_key import Algorithm
from skillcred.securing.data_integrity.canonical_forms import canonicalise_jcs
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.whole_document import WholeDocument

EDDSA_JCS_2022: Final = Cryptosuite(
    name="eddsa-jcs-2022",
    hash_names={Algorithm.ED25519: "sha256"},
    procedures=WholeDocument(canonicalise_jcs, context_in_proof=True),
)
