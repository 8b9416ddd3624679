"""How a pre-authorised code is redeemed (OID4VCI 1.0 section 6): once, in time, with the right transaction code.

A pure decision over what is stored; whoever stores the grant that comes back has to do so only if the stored one is
still the one that was decided on, so that of two requests at once only one is answered with a token.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from skillcred.encoding.base64url import encode_base64url
from skillcred.errors import ConfigurationError
from skillcred.exchange.errors import OAuthError

MAX_TX_CODE_ATTEMPTS: Final = 5
"""Wrong transaction codes after which the code is dead (SECURITY V-02)."""
CODE_BYTES: Final = 32
"""Random bytes in a pre-authorised code."""
TX_CODE_DIGITS: Final = 6
"""Digits of a transaction code: five tries guess one in 200,000."""
_TX_CODE_ENTROPY: Final = 16
"""Random bytes that a transaction code is made of; so many that every code is as likely as any other."""
MAX_TX_CODE_CHARACTERS: Final = 64
"""Longest transaction code that is looked at."""


class OfferState(StrEnum):
    """What the provider sees of an offer."""

    UNCLAIMED = "unclaimed"
    CLAIMED = "claimed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class PreAuthorisedGrant:
    """What is kept of an offer's code: digests only. Good in the half-open time before `expires_at`."""

    code_digest: str
    expires_at: datetime
    tx_code_digest: str | None = None
    wrong_attempts: int = 0
    claimed_at: datetime | None = None
    withdrawn_at: datetime | None = None

    def state_at(self, at: datetime) -> OfferState:
        """Where the offer stands. What has happened to it counts before what the clock says."""
        if self.claimed_at is not None:
            return OfferState.CLAIMED
        if self.withdrawn_at is not None:
            return OfferState.WITHDRAWN
        if self.wrong_attempts >= MAX_TX_CODE_ATTEMPTS:
            return OfferState.BLOCKED
        return OfferState.EXPIRED if at >= self.expires_at else OfferState.UNCLAIMED


@dataclass(frozen=True, slots=True)
class Redemption:
    """What is to be stored, and why no token is given; without an `error` one is."""

    grant: PreAuthorisedGrant
    error: OAuthError | None = None


def redeem(grant: PreAuthorisedGrant, tx_code: str | None, pepper: bytes, at: datetime) -> Redemption:
    """Decide on a token request with the code of `grant`.

    A code that is used, withdrawn, expired or dead is answered alike (`invalid_grant`), whatever else the request says.
    A transaction code that is missing, or that nobody asked for, is `invalid_request` and no attempt; a wrong one is an
    attempt (OID4VCI 1.0 section 6.3; SECURITY V-02, V-03).
    """
    if grant.state_at(at) is not OfferState.UNCLAIMED:
        return Redemption(grant, OAuthError("The code is not valid.", code="invalid_grant"))
    if grant.tx_code_digest is None:
        if tx_code is not None:
            return Redemption(grant, OAuthError("This code needs no transaction code."))
        return Redemption(replace(grant, claimed_at=at))
    if tx_code is None:
        return Redemption(grant, OAuthError("This code needs a transaction code."))
    given = digest_tx_code(tx_code, grant.code_digest, pepper)
    if len(tx_code) > MAX_TX_CODE_CHARACTERS or not hmac.compare_digest(given, grant.tx_code_digest):
        failed = replace(grant, wrong_attempts=grant.wrong_attempts + 1)
        return Redemption(failed, OAuthError("The transaction code is wrong.", code="invalid_grant"))
    return Redemption(replace(grant, claimed_at=at))


def authorise(grant: PreAuthorisedGrant, tx_code: str | None, pepper: bytes, at: datetime) -> Redemption:
    """Decide whether whoever has the link of the offer, and `tx_code`, is its holder: by the same rules and counting
    the same attempts as `redeem`, but the offer is claimed only when the authorization code is exchanged."""
    decided = redeem(grant, tx_code, pepper, at)
    if decided.error is not None:
        return decided
    return Redemption(replace(decided.grant, claimed_at=None))


def withdraw(grant: PreAuthorisedGrant, at: datetime) -> PreAuthorisedGrant:
    """The grant after the provider took the offer back; one that was claimed or withdrawn stays as it is."""
    if grant.claimed_at is not None or grant.withdrawn_at is not None:
        return grant
    return replace(grant, withdrawn_at=at)


def build_code(entropy: bytes) -> str:
    """The pre-authorised code made of 32 fresh random bytes."""
    if len(entropy) != CODE_BYTES:
        raise ConfigurationError("A code is made of 32 random bytes.", code="code_entropy")
    return encode_base64url(entropy)


def build_tx_code(entropy: bytes) -> str:
    """The transaction code made of 16 fresh random bytes."""
    if len(entropy) != _TX_CODE_ENTROPY:
        raise ConfigurationError("A transaction code is made of 16 random bytes.", code="code_entropy")
    return f"{int.from_bytes(entropy) % 10**TX_CODE_DIGITS:0{TX_CODE_DIGITS}}"


def digest_code(code: str) -> str:
    """What a code is stored and found by: SHA-256 in hexadecimal. It cannot be guessed, so that no secret is needed."""
    return hashlib.sha256(code.encode("utf-8")).hexdigest()


def digest_tx_code(tx_code: str, code_digest: str, pepper: bytes) -> str:
    """What a transaction code is stored as. Six digits can be guessed, so that the digest takes a secret key."""
    content = b"tx_code\0" + code_digest.encode("ascii") + b"\0" + tx_code.encode("utf-8")
    return hmac.digest(pepper, content, "sha256").hex()
