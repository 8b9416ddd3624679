"""What a publication does with the branch of a body that signs elsewhere.

The last branch that the body signed is published as it is, whatever has happened since; only the body itself can put
another in its place. What does not fit is told, never mended and never dropped in silence. Only a branch that somebody
with a stolen key can have signed is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.keys.public_key import PublicKey
from skillcred.services.branch_ports import BRANCH_LIFETIME, BranchFiles, HandedInBranch
from skillcred.services.publication_ports import PublishedMetadata, SignedElsewhere
from skillcred.trust import RegisteredKey

RENEWED_BEFORE: Final = BRANCH_LIFETIME / 2
"""When less than this is left, the body is asked to sign again, as branches that are signed here are."""


@dataclass(frozen=True, slots=True)
class OutsideBranch:
    """What is to be published, if anything is; the code to tell beside it (`kept`) or instead of it (`left_out`); and
    whether what is published already is taken away."""

    branch: SignedElsewhere | None = None
    kept: str | None = None
    left_out: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class OutsideState:
    """What is known of such a branch: the last that was handed in, the metadata that are published, the files that the
    records would make, whether there is anything in them, and the keys of the body."""

    handed_in: HandedInBranch | None
    published: PublishedMetadata | None
    recorded: BranchFiles
    empty: bool
    keys: tuple[RegisteredKey, ...]


def choose_branch(state: OutsideState, at: datetime) -> OutsideBranch:
    """What to do at `at`. The codes are told in docs/registry.md."""
    handed_in, published = state.handed_in, state.published
    if handed_in is None:
        if published is not None:
            return OutsideBranch(kept="branch_later_published")
        return OutsideBranch(left_out=None if state.empty else "branch_not_handed_in")
    key = next((key for key in state.keys if key.verification_method == handed_in.signed_with), None)
    stolen = key is None or (key.compromised_at is not None and key.compromised_at <= handed_in.recorded_at)
    if key is None or stolen:
        return OutsideBranch(left_out="branch_key_compromised", withdrawn=True)
    is_published = published is not None and published.content == handed_in.signed
    if published is not None and not is_published and published.version >= handed_in.version:
        return OutsideBranch(kept="branch_later_published")
    if handed_in.expires_at <= at:
        return OutsideBranch(_publish(handed_in, key) if is_published else None, left_out="branch_expired")
    return OutsideBranch(_publish(handed_in, key), kept=_find_note(handed_in, key, state.recorded, at))


def _find_note(
    handed_in: HandedInBranch, key: RegisteredKey, recorded: BranchFiles, at: datetime
) -> str | None:
    if handed_in.files != recorded:
        return "branch_outdated"
    if key.retired_at is not None or key.compromised_at is not None:
        return "branch_key_replaced"
    return "branch_expires_soon" if handed_in.expires_at - at < RENEWED_BEFORE else None


def _publish(handed_in: HandedInBranch, key: RegisteredKey) -> SignedElsewhere:
    public_key = PublicKey.from_multikey(key.public_key_multibase)
    return SignedElsewhere(handed_in.body_did, handed_in.signed, handed_in.files, public_key)
