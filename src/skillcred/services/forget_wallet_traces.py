"""What wallets left behind and nobody needs any more is forgotten: proofs and nonces that ended, tokens and requests
that are over, and what the credential of an offer would have said, once nothing can be issued of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from skillcred.services.ports import Clock, UnitOfWork, UnitOfWorkFactory
from skillcred.services.transactions import in_transaction
from skillcred.services.wallet_tokens import BOUND_LIFETIME, DEFERRED_LIFETIME

KEPT_AFTER_END: Final = timedelta(days=1)
"""How long ended tokens and requests are kept, so that a code that is used again is recognised (SECURITY V-16)."""
KEPT_AFTER_CLAIM: Final = BOUND_LIFETIME
"""How long claims are kept after a wallet claimed them: as long as its token is good."""
KEPT_AFTER_RELEASE: Final = DEFERRED_LIFETIME
"""The same for those that wait for their release: a wallet comes back with a token that lasts longer."""


@dataclass(frozen=True, slots=True)
class ForgetWalletTraces:
    """The use case. May run in every process."""

    units: UnitOfWorkFactory
    clock: Clock

    def __call__(self) -> int:
        """How many things were forgotten. Raises what the storage raises."""
        now = self.clock.now()

        def work(unit: UnitOfWork) -> int:
            removed = unit.wallet_access.remove_expired(before=now - KEPT_AFTER_END)
            return removed + unit.offers.erase_claims(
                expired_before=now,
                claimed_before=now - KEPT_AFTER_CLAIM,
                released_before=now - KEPT_AFTER_RELEASE,
            )

        return in_transaction(self.units, work)
