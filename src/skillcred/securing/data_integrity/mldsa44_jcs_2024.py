"""`mldsa44-jcs-2024`: JCS, SHA-256, ML-DSA-44, base64url (Quantum-Resistant Cryptosuites 1.0, section 3.2).

The draft of 16 June 2026 says of itself that it is not for production, so the suite is experimental: see
`Cryptosuite.experimental` and docs/adr/0006-post-quantum-second-proof.md.
"""

from __future__ import annotations

from typing import Final

from skillcred.keys.public_key import Algorithm
from skillcred.securing.data_integrity.canonical_forms import canonicalise_jcs
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.whole_document import WholeDocument

MLDSA44_JCS_2024: Final = Cryptosuite(
    name="mldsa44-jcs-2024",
    hash_names={Algorithm.MLDSA44: "sha256"},
    procedures=WholeDocument(canonicalise_jcs, context_in_proof=True, signature_header="u"),
    experimental=True,
)
