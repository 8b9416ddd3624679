"""Whether what an issuer sent is what was asked for: genuine, of this time, not revoked, and bound to the holder's
keys. Nothing else gets into a wallet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from skillcred.encoding.json_types import JsonValue
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
JWK: Final = "jwk"
DID_METHODS: Final = ("did:key", "did:jwk")
MUST_PASS: Final = (Step.PARSE, Step.PROOF, Step.ISSUER_BINDING, Step.CONFORMANCE, Step.VALIDITY)
"""What has to be shown. Whether the issuer is recognised is for whoever relies on it, with a registry of his own; a
status that cannot be had now is said, and is looked up again whenever the credential is verified."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The report on an acceptable credential, and how it names the holder's key, if it is bound to one."""

    report: VerificationReport
    binding_method: str | None


@dataclass(frozen=True, slots=True)
class JudgeReceived:
    """The decision on one copy."""

    verify: VerifyDocument

    def __call__(self, format_name: str, content: bytes, key: PublicKey | None) -> Judged:
        """The report on `content`, which must be bound to `key`, however that is named. Raises `WalletMessageError`
        (`credential_not_acceptable`), whose message names the check."""
        held = read_held(format_name, content)
        method = None if key is None else _find_binding(held, key)
        if key is not None and method is None:
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
        return Judged(report, method)


def unchecked(report: VerificationReport) -> Sequence[str]:
    """The checks that could not be made, by step and reason: what a holder is told."""
    return tuple(
        f"{step.step.value}: {step.code}" for step in report.steps if step.outcome is Outcome.INDETERMINATE
    )


def _find_binding(held: HeldClaims, key: PublicKey) -> str | None:
    """How the credential names the key: by itself in `cnf`, or by a DID that follows from it, in `cnf` or as the one
    subject. A key that was attested has no DID yet, so which one is the issuer's choice. `None` for another key."""
    confirmation = held.confirmation
    if confirmation is None:
        named = held.subject_ids[0] if len(held.subject_ids) == 1 else ""
    elif isinstance(confirmation.get("jwk"), dict):
        return JWK if _is_key(confirmation["jwk"], key) else None
    else:
        kid = confirmation.get("kid")
        named = kid.partition("#")[0] if isinstance(kid, str) else ""
    return next((method for method in DID_METHODS if named and holder_id(key, method) == named), None)


def _is_key(jwk: JsonValue, key: PublicKey) -> bool:
    try:
        return isinstance(jwk, dict) and PublicKey.from_jwk(jwk) == key
    except InvalidKeyError:
        return False
