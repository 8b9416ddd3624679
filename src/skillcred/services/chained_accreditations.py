"""An accreditation in a file that leads to an enrolled body: then it counts, and is no listed entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.errors import InputError, SkillcredError
from skillcred.keys.certificates import TrustAnchors
from skillcred.keys.public_key import PublicKey
from skillcred.securing.jose.claims import identifier_of
from skillcred.services.authority import may_accredit
from skillcred.services.ebsi_accreditations import open_accreditation
from skillcred.services.hand_in_accreditation import (
    HandInAccreditation,
    read_signed_elsewhere,
    verify_signed_elsewhere,
)
from skillcred.services.listed_records import RowProblem
from skillcred.services.ports import UnitOfWork
from skillcred.services.records import Accreditation, Actor


@dataclass(frozen=True, slots=True)
class ChainedAccreditation:
    """What a file by somebody who may accredit here holds: the record that it would become, or why it cannot; with
    neither, it does not verify by a key that is recorded of its issuer, and `note` says so."""

    accreditation: Accreditation | None = None
    problem: RowProblem | None = None
    note: str | None = None


def find_chained(
    unit: UnitOfWork,
    actor: Actor,
    content: bytes,
    key: PublicKey | TrustAnchors | None,
    hand_in: HandInAccreditation,
    at: datetime,
) -> ChainedAccreditation | None:
    """What the file holds if its issuer may accredit here; `None` if it may not. A `key` that was given is used too.

    Raises as `open_accreditation` does.
    """
    document, _ = open_accreditation(content.strip(), at, key)
    issuer = identifier_of(document.get("issuer"))
    if not issuer or not may_accredit(unit, issuer, at):
        return None
    try:
        text = content.decode("utf-8")
        check = verify_signed_elsewhere(unit, read_signed_elsewhere(text), at)
        if check.statement is None:
            note = (
                "The issuer may accredit here, but this does not verify by an active key that is recorded of it "
                f"({check.code}): whoever is named is listed, and it counts for nothing."
            )
            return ChainedAccreditation(note=note)
        return ChainedAccreditation(hand_in.check(unit, actor, text))
    except UnicodeDecodeError as error:
        raise InputError("The file is not UTF-8.", code="list_not_text") from error
    except SkillcredError as error:
        return ChainedAccreditation(problem=RowProblem(1, error.code, error.message))
