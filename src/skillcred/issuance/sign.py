"""Sign what was prepared, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import IntegrityError
from skillcred.issuance.prepare import MAX_PREPARED_BYTES, PreparedCredential
from skillcred.keys.signer import Signer
from skillcred.securing import attach_proof


def sign_prepared(prepared: PreparedCredential, signer: Signer, second_signer: Signer | None = None) -> bytes:
    """The signed credential as bytes, of the media type that `secured_media_type` gives for its mechanism.

    `second_signer` is for the second proof, where one was prepared. Copies are signed one by one, as what they are:
    prepared credentials. Raises what `sign_bytes` raises.
    """
    signature = sign_bytes(prepared.to_be_signed, prepared.verification_method, signer)
    content = attach_proof(prepared.proof, signature)
    second = prepared.second
    if second is None:
        return content
    if second_signer is None:
        raise IntegrityError("The second proof that was prepared has no signer.", code="wrong_signer")
    signature = sign_bytes(second.proof.to_be_signed, second.verification_method, second_signer)
    secured = parse_json_object(content, max_bytes=MAX_PREPARED_BYTES)
    return attach_proof(replace(second.proof, document=secured), signature)


def sign_bytes(to_be_signed: bytes, verification_method: str, signer: Signer) -> bytes:
    """The signature of the key named `verification_method`.

    Raises `IntegrityError` if the signer is not the prepared one or gives a signature that its own public key
    does not accept, so that a broken signer leaves no trace (SECURITY F-14, K-15).
    """
    if signer.verification_method != verification_method:
        raise IntegrityError("The key is not the one that this was prepared for.", code="wrong_signer")
    signature = signer.sign(to_be_signed)
    if not signer.public_key.verify(signature, to_be_signed):
        raise IntegrityError(
            "The signing key gave a signature that does not verify.", code="signature_broken"
        )
    return signature
