"""What a verifier says about itself in a request (OID4VP 1.0 sections 5.1, 8.3, 11.1 and appendix B)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.exchange.encryption import ContentEncryption
from skillcred.exchange.oid4vp.dcql import PresentationFormat
from skillcred.keys.public_key import Algorithm
from skillcred.securing.jose.envelope import SIGNATURE_ALGORITHMS

CRYPTOSUITES: Final = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019")
"""The cryptosuites that holders present with and issuers sign with. Those of selective disclosure are verified, too;
they are left out because a derived proof cannot be asked for here."""
PROOF_TYPES: Final = ("DataIntegrityProof",)


def build_client_metadata(
    client_name: str,
    formats: Collection[PresentationFormat],
    encryption_key: JsonObject | None,
    *,
    purpose: str | None = None,
) -> JsonObject:
    """The metadata for a request that asks for `formats`. `encryption_key` is the public JWK of this request alone,
    where the answer is to be encrypted. `client_name` is what the wallet may show: it is our word only. So is
    `purpose`, a sentence for the holder, which no specification has a place for; wallets ignore what they do not know
    (section 11.1)."""
    supported: JsonObject = {
        value.value: _FORMATS[value]() for value in PresentationFormat if value in formats
    }
    metadata: JsonObject = {"client_name": client_name, "vp_formats_supported": supported}
    if purpose is not None:
        metadata["purpose"] = purpose
    if encryption_key is not None:
        metadata["jwks"] = {"keys": [encryption_key]}
        metadata["encrypted_response_enc_values_supported"] = [each.value for each in ContentEncryption]
    return metadata


def find_encryption_key(metadata: JsonObject) -> JsonObject | None:
    """The first key in `metadata` that answers can be encrypted to here (section 8.3): on P-256, for ECDH-ES."""
    jwks = metadata.get("jwks")
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    for key in keys if isinstance(keys, list) else []:
        if isinstance(key, dict) and key.get("alg") == "ECDH-ES" and key.get("crv") == "P-256":
            return key
    return None


def choose_content_encryption(metadata: JsonObject) -> ContentEncryption | None:
    """The strongest way of encrypting content that the verifier takes; A128GCM where it says nothing (section 8.3)."""
    offered = metadata.get("encrypted_response_enc_values_supported", [ContentEncryption.A128GCM.value])
    accepted = offered if isinstance(offered, list) else []
    preferred = (ContentEncryption.A256GCM, ContentEncryption.A128GCM, ContentEncryption.A128CBC_HS256)
    return next((each for each in preferred if each.value in accepted), None)


def _algorithms() -> list[JsonValue]:
    kinds = (Algorithm.P256, Algorithm.ED25519, Algorithm.P384)
    return [name for kind in kinds for name in SIGNATURE_ALGORITHMS[kind]]


def _sd_jwt() -> JsonObject:
    return {"sd-jwt_alg_values": _algorithms(), "kb-jwt_alg_values": _algorithms()}


def _jwt() -> JsonObject:
    return {"alg_values": _algorithms()}


def _ldp() -> JsonObject:
    return {"proof_type_values": list(PROOF_TYPES), "cryptosuite_values": list(CRYPTOSUITES)}


_FORMATS: Final = {
    PresentationFormat.SD_JWT_VC: _sd_jwt,
    PresentationFormat.VC_SD_JWT: _sd_jwt,
    PresentationFormat.JWT_VC_JSON: _jwt,
    PresentationFormat.LDP_VC: _ldp,
}
