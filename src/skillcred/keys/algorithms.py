"""The signature algorithms of skillcred and the constants that each registry gives them.

RSA and secp256k1 are left out on purpose (SECURITY K-03): nothing we issue needs them, and each algorithm that is
accepted is one more that has to be right. P-521 is for tokens alone (docs/adr/0022-p521-for-tokens.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from skillcred.errors import InputError


class InvalidKeyError(InputError):
    """The public key is not one that we accept. The message never holds the key.

    Codes: `invalid_key` (length, encoding, not on the curve, not canonical), `small_order_key`,
    `mixed_order_key`, `unsupported_key_type`, `private_key_given`, `jwk_member_not_allowed`, `jwk_conflict`.
    """

    default_code = "invalid_key"


class Algorithm(StrEnum):
    """A key type together with the one way we sign with it."""

    ED25519 = "Ed25519"
    P256 = "P-256"
    P384 = "P-384"
    P521 = "P-521"
    """In JOSE and COSE only: no cryptosuite of Data Integrity has it."""
    BLS12381G2 = "BLS12381G2"
    """BBS over BLS12-381 with SHA-256. What its keys sign is what `encode_signing_input` makes of a header and
    messages (`skillcred.keys.bbs`), and no other bytes. Behind the 80 bytes of the signature a signer hands out its
    public key: both are in a base proof, and neither tells the other."""
    MLDSA44 = "ML-DSA-44"
    """ML-DSA with parameter set 44 (FIPS 204), hedged, with an empty context string. Experimental here
    (docs/adr/0006-post-quantum-second-proof.md): its keys only make proofs beside those of other keys, and whether they
    can be used at all depends on the library (`skillcred.keys.ml_dsa.ML_DSA_AVAILABLE`)."""

    @property
    def public_key_length(self) -> int:
        """Bytes of a public key: Ed25519 as in RFC 8032, ECDSA compressed as in SEC 1, BBS a compressed point of G2,
        ML-DSA as in FIPS 204."""
        return TRAITS[self].public_key_length

    @property
    def signature_length(self) -> int:
        """Bytes of a raw signature."""
        return TRAITS[self].signature_length


@dataclass(frozen=True, slots=True)
class AlgorithmTraits:
    """`multicodec`: code in the multicodec table. `kty`, `crv`: RFC 7518 and 8037. `jwk_algorithms`: the JOSE
    names that may stand in `alg` of such a key; the first is the one that RFC 9864 calls fully specified.
    `coordinate_length`: bytes of one JWK coordinate, and of r and of s in a raw ECDSA signature. Without
    `jwk_algorithms` keys of this type have no JWK here. `multibase`: header of Multikeys."""

    multicodec: int
    public_key_length: int
    signature_length: int
    coordinate_length: int
    kty: str
    crv: str
    jwk_algorithms: tuple[str, ...]
    multibase: str = "z"


@dataclass(frozen=True, slots=True)
class CurveTraits:
    """What ECDSA over one NIST curve needs: the curve, its hash, field prime and group order (FIPS 186-5)."""

    curve: ec.EllipticCurve
    hash: hashes.HashAlgorithm
    prime: int
    order: int


TRAITS: Final[Mapping[Algorithm, AlgorithmTraits]] = MappingProxyType(
    {
        Algorithm.ED25519: AlgorithmTraits(0xED, 32, 64, 32, "OKP", "Ed25519", ("Ed25519", "EdDSA")),
        Algorithm.P256: AlgorithmTraits(0x1200, 33, 64, 32, "EC", "P-256", ("ES256",)),
        Algorithm.P384: AlgorithmTraits(0x1201, 49, 96, 48, "EC", "P-384", ("ES384",)),
        Algorithm.P521: AlgorithmTraits(0x1202, 67, 132, 66, "EC", "P-521", ("ES512",)),
        Algorithm.BLS12381G2: AlgorithmTraits(0xEB, 96, 176, 0, "", "", ()),
        Algorithm.MLDSA44: AlgorithmTraits(0x1210, 1312, 2420, 0, "", "", (), multibase="u"),
    }
)

CURVES: Final[Mapping[Algorithm, CurveTraits]] = MappingProxyType(
    {
        Algorithm.P256: CurveTraits(
            ec.SECP256R1(),
            hashes.SHA256(),
            2**256 - 2**224 + 2**192 + 2**96 - 1,
            0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
        ),
        Algorithm.P384: CurveTraits(
            ec.SECP384R1(),
            hashes.SHA384(),
            2**384 - 2**128 - 2**96 + 2**32 - 1,
            0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
        ),
        Algorithm.P521: CurveTraits(
            ec.SECP521R1(),
            hashes.SHA512(),
            2**521 - 1,
            2**521 - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
        ),
    }
)
