"""Registry statements whose proof, issuer binding and conformance hold, and whether the keys that made them count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from skillcred.model.outcomes import EvidenceReference
from skillcred.securing import VerifiedProof
from skillcred.trust.accreditation import AccreditationStatement
from skillcred.trust.existence import ProvableTime
from skillcred.trust.extract import ExtractedAccreditation
from skillcred.trust.keys import check_keys
from skillcred.trust.records import KeyHistory

NOT_CHECKED: Final = "An accreditation of the issuer could not be checked."


class SignedStatement(NamedTuple):
    """A well signed statement, the proofs by its signer, and the names of keys that were taken from the registry for
    them."""

    statement: AccreditationStatement
    proofs: tuple[VerifiedProof, ...]
    taken: frozenset[str]


ReadStatement = tuple[SignedStatement | None, str, tuple[EvidenceReference, ...]]
"""What reading one registry statement gave: what it says, or the code of why it does not count and what was lacking."""
StatementReader = Callable[[ExtractedAccreditation], ReadStatement]
"""Reads a registry statement and checks its proof, issuer binding and conformance, one level down. A statement that is
read again is the same object for as long as nothing that it rests on has changed. Raises `SkillcredError` for one that
cannot be read."""


class StatementCheck(NamedTuple):
    """What checking one registry statement gave: what it says if it counts, or why it does not."""

    statement: AccreditationStatement | None
    code: str
    needs: tuple[EvidenceReference, ...] = ()


def find_key_fault(
    signed: SignedStatement, item: ExtractedAccreditation, histories: Sequence[KeyHistory]
) -> str | None:
    """Why the keys that made a statement do not count, by what the registry knows of them, if so.

    That it recorded the statement is proof that this existed then: what a key signed that was compromised later stays
    good (SECURITY K-11, K-13).
    """
    signer = signed.statement.body_did
    known = {
        key.verification_method: key
        for history in histories
        if history.did == signer and history.branch in (None, item.branch)
        for key in history.keys
    }
    recorded = ProvableTime(item.recorded_at, "recorded")
    fault = check_keys(signed.proofs, known, recorded, signed.taken).fault
    return None if fault is None else fault.code
