"""Whether the library can do ML-DSA-44 (FIPS 204).

The wheels of `cryptography` bring an OpenSSL that can; one that was built against an older library may not.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey


def _is_available() -> bool:
    """Tried with a key that is used for nothing else."""
    try:
        MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    except UnsupportedAlgorithm:
        return False
    return True


ML_DSA_AVAILABLE: Final = _is_available()
"""Asked once, when the process starts. Where it is false, keys of this kind are refused (`unsupported_key_type`) and
the cryptosuites that use them are not registered."""
