"""Sign what was prepared, and nothing else."""

from __future__ import annotations

from skillcred.errors import IntegrityError
from skillcred.issuance.prepare import PreparedCredential
from skillcred.keys.signer import Signer
from skillcred.securing import attach_proof


def sign_prepared(prepared: PreparedCredential, signer: Signer) -> bytes:
    """The signed credential as bytes, of the media type that `secured_media_type` gives for its mechanism.

    Raises `IntegrityError` if the signer is not the prepared one or gives a signature that its own public key
    does not accept, so that a broken signer leaves no trace (SECURITY F-14, K-15).
    """
    if signer.verification_method != prepared.verification_method:
        raise IntegrityError("The key is not the one this credential was prepared for.", code="wrong_signer")
    signature = signer.sign(prepared.to_be_signed)
    if not signer.public_key.verify(signature, prepared.to_be_signed):
        raise IntegrityError(
            "The signing key gave a signature that does not verify.", code="signature_broken"
        )
    return attach_proof(prepared.proof, signature)
