"""Whether what an issuer sent is what was asked for: genuine, of this time, not revoked, and bound to the holder's
keys. Nothing else gets into a wallet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.holder.held_credentials import HeldClaims, read_held
from skillcred.exchange.holder.proofs import holder_id
from skillcred.exchange.oid4vp.dcql import PresentationFormat
from skillcred.keys.public_key import InvalidKeyError, PublicKey
from skillcred.model.outcomes import Outcome, Step
from skillcred.services.verify_document import VerifyDocument
from skillcred.verification import VerificationReport

MEDIA_TYPES: Final = {
    PresentationFormat.SD_JWT_VC: "application/dc+sd-jwt",
    PresentationFormat.VC_SD_JWT: "application/vc+sd-jwt",
    PresentationFormat.JWT_VC_JSON: "application/jwt",
    PresentationFormat.LDP_VC: "application/vc",
}
MUST_PASS: Final = (Step.PARSE, Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE, Step.VALIDITY)
"""What has to be shown. Whether the issuer is recognised is for whoever relies on it, with a registry of his own; a
status that cannot be had now is said, and is looked up again whenever the credential is verified."""


@dataclass(frozen=True, slots=True)
class JudgeReceived:
    """The decision on one copy."""

    verify: VerifyDocument

    def __call__(
        self, format_name: str, content: bytes, key: PublicKey | None, binding_method: str | None
    ) -> VerificationReport:
        """The report on `content`, which must be bound to `key`. Raises `WalletMessageError`
        (`credential_not_acceptable`), whose message names the check."""
        held = read_held(format_name, content)
        if key is not None and not _is_bound(held, key, binding_method):
            raise WalletMessageError(
                "The credential is bound to another key than was proven.", code="credential_not_acceptable"
            )
        report = self.verify(content, media_type=MEDIA_TYPES[held.format]).report
        for step in report.steps:
            missing = step.step in MUST_PASS and step.outcome not in (
                Outcome.PASSED,
                Outcome.NOT_APPLICABLE,
            )
            if missing or (step.outcome is Outcome.FAILED and step.step is not Step.TRUST):
                raise WalletMessageError(
                    f"The credential is not acceptable: {step.step.value}, {step.code}.",
                    code="credential_not_acceptable",
                )
        return report


def unchecked(report: VerificationReport) -> Sequence[str]:
    """The checks that could not be made, by step and reason: what a holder is told."""
    return tuple(
        f"{step.step.value}: {step.code}" for step in report.steps if step.outcome is Outcome.INDETERMINATE
    )


def _is_bound(held: HeldClaims, key: PublicKey, binding_method: str | None) -> bool:
    """By the key in `cnf`, or by the DID of the key as the one subject."""
    confirmation = held.confirmation
    did = holder_id(key, binding_method or "")
    if confirmation is not None:
        jwk, kid = confirmation.get("jwk"), confirmation.get("kid")
        if isinstance(jwk, dict):
            try:
                return PublicKey.from_jwk(jwk) == key
            except InvalidKeyError:
                return False
        return did is not None and isinstance(kid, str) and kid.startswith(f"{did}#")
    return did is not None and held.subject_ids == (did,)
