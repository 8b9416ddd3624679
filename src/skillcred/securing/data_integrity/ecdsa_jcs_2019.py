"""`ecdsa-jcs-2019`: JCS, P-256 with SHA-256 or P-384 with SHA-384 (ECDSA Cryptosuites 1.0, section 3.3).

The key alone decides the curve, and with it every hash: of the proof options, of the document, inside the
signature. An ECDSA signature has a second form that verifies as well (the other s), so the
proof value is never used to tell documents apart.
"""

from __future__ import annotations

from typing import Final

from skillcred.keys.public_key import Algorithm
from skillcred.securing.data_integrity.canonical_forms import canonicalise_jcs
from skillcred.securing.data_integrity.cryptosuite import Cryptosuite
from skillcred.securing.data_integrity.whole_document import WholeDocument

ECDSA_JCS_2019: Final = Cryptosuite(
    name="ecdsa-jcs-2019",
    hash_names={Algorithm.P256: "sha256", Algorithm.P384: "sha384"},
    procedures=WholeDocument(canonicalise_jcs, context_in_proof=True),
)
