"""Does a presentation come from the one whom its credentials are about?

VCDM 2.0 sections "Verifiable Presentations" and 4.10 "Holder"; SD-JWT VC section "Holder Binding"; SECURITY D-16. Two
questions: whether the presenting key belongs to the `holder` that the presentation names, and whether that holder is
the subject of each credential, or has the key that its issuer confirmed (`cnf`, RFC 7800).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.identifiers import did_of
from skillcred.keys.public_key import PublicKey
from skillcred.model.findings import items_of
from skillcred.model.outcomes import (
    CRYPTOGRAPHIC_SECURITY_ERROR,
    Outcome,
    Problem,
    Step,
    StepResult,
)
from skillcred.securing import DocumentKind, VerifiedDocument, VerifiedProof


class HolderState(StrEnum):
    """What is known about one credential and whoever presents it."""

    PROVEN = "proven"
    NOT_PROVEN = "not_proven"
    MISMATCH = "mismatch"


@dataclass(frozen=True, slots=True)
class Presenter:
    """Who made a verified presentation: the identifier, and the proofs by it."""

    id: str
    proofs: tuple[VerifiedProof, ...]


def holder_id(document: JsonObject) -> str | None:
    """The `holder` that a presentation names: a URL, or an object with an id."""
    holder = document.get("holder")
    value = holder.get("id") if isinstance(holder, dict) else holder
    return value if isinstance(value, str) else None


def find_presenter(verified: VerifiedDocument) -> Presenter | None:
    """The presenter, or `None` if no proof is by the holder that the presentation names.

    Where it names none, the one whose keys made all proofs; with proofs of several there is no telling.
    """
    named = holder_id(verified.document)
    controllers = tuple(dict.fromkeys(proof.controller for proof in verified.proofs))
    if "holder" not in verified.document and len(controllers) == 1:
        named = controllers[0]
    proofs = tuple(proof for proof in verified.proofs if named is not None and proof.controller == named)
    return Presenter(proofs[0].controller, proofs) if proofs else None


def compare_with_holder(credential: VerifiedDocument | None, presenter: Presenter | None) -> HolderState:
    """Whether `presenter` is the one whom a verified credential is about.

    A key that the issuer confirmed counts more than an identifier. A credential that says neither can be
    presented by anybody who has a copy.
    """
    if credential is None or presenter is None:
        return HolderState.NOT_PROVEN
    if credential.confirmation is not None:
        return _compare_confirmation(credential.confirmation, presenter)
    subjects = _subject_ids(credential)
    if not subjects:
        return HolderState.NOT_PROVEN
    return HolderState.PROVEN if presenter.id in subjects else HolderState.MISMATCH


def conclude_holder(verified: VerifiedDocument | None, states: Sequence[HolderState]) -> StepResult:
    """The step `holder_binding`. Codes: `holder_proven`, `holder_not_proven`, `holder_mismatch`."""
    if verified is None:
        return StepResult(Step.HOLDER_BINDING, Outcome.INDETERMINATE, "holder_not_proven")
    if find_presenter(verified) is None:
        problem = Problem(
            "holder_key_mismatch",
            "No proof was made with a key of the holder that is named.",
            "/holder",
            CRYPTOGRAPHIC_SECURITY_ERROR,
        )
        return StepResult(Step.HOLDER_BINDING, Outcome.FAILED, "holder_mismatch", (problem,))
    problems = tuple(
        Problem(f"holder_{state.value}", _MESSAGES[state], f"/verifiableCredential/{index}")
        for index, state in enumerate(states)
        if state is not HolderState.PROVEN
    )
    if HolderState.MISMATCH in states:
        return StepResult(Step.HOLDER_BINDING, Outcome.FAILED, "holder_mismatch", problems)
    if HolderState.NOT_PROVEN in states:
        return StepResult(Step.HOLDER_BINDING, Outcome.INDETERMINATE, "holder_not_proven", problems)
    return StepResult(Step.HOLDER_BINDING, Outcome.PASSED, "holder_proven", warnings=_freshness(verified))


def judge_key_binding(verified: VerifiedDocument) -> tuple[StepResult, str | None]:
    """The step `holder_binding` of an SD-JWT with a key binding that is right, and the holder's DID if the issuer
    confirmed the key by one. Only who named himself and asked a question learns who is there (RFC 9901 section 7.3)."""
    key_id = (verified.confirmation or {}).get("kid")
    presenter = did_of(key_id) if isinstance(key_id, str) else None
    if verified.holder_bound:
        return StepResult(Step.HOLDER_BINDING, Outcome.PASSED, "holder_proven"), presenter
    result = StepResult(
        Step.HOLDER_BINDING, Outcome.INDETERMINATE, "holder_not_proven", warnings=(NOT_FRESH,)
    )
    return result, presenter


_MESSAGES = {
    HolderState.NOT_PROVEN: "The credential does not tell whom it is about, or was not verified.",
    HolderState.MISMATCH: "The credential is about somebody else.",
}


def _freshness(verified: VerifiedDocument) -> tuple[Problem, ...]:
    """A presentation that answers no challenge may have been made for another verifier, long ago."""
    if any(proof.challenge is not None for proof in verified.proofs):
        return ()
    return (NOT_FRESH,)


NOT_FRESH = Problem(
    "presentation_not_fresh",
    "The presentation answers no request, so it may be a copy of one made for somebody else.",
)
"""For a presentation that nobody asked for."""


def _compare_confirmation(confirmation: JsonObject, presenter: Presenter) -> HolderState:
    """RFC 7800 section 3: `jwk` is the key itself, `kid` its name. Other members are not understood."""
    if "jwk" in confirmation:
        jwk = confirmation["jwk"]
        try:
            key = PublicKey.from_jwk(jwk if isinstance(jwk, dict) else {})
        except InputError:
            return HolderState.NOT_PROVEN
        found = key.to_multikey() in {proof.public_key_multibase for proof in presenter.proofs}
    elif "kid" in confirmation:
        found = confirmation["kid"] in {proof.verification_method for proof in presenter.proofs}
    else:
        return HolderState.NOT_PROVEN
    return HolderState.PROVEN if found else HolderState.MISMATCH


def _subject_ids(credential: VerifiedDocument) -> set[str]:
    if credential.kind is DocumentKind.SD_JWT_VC:
        subject = credential.document.get("sub")
        return {subject} if isinstance(subject, str) else set()
    found: set[str] = set()
    for subject, _ in items_of(credential.document.get("credentialSubject"), ""):
        identifier = subject.get("id") if isinstance(subject, dict) else None
        if isinstance(identifier, str):
            found.add(identifier)
    return found
