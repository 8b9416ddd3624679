"""How often one caller may ask for something that costs: a verification, a resolved DID (SECURITY W-19).

Counts live in the memory of this process; an installation with several processes sets its limit at the proxy too.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from starlette.types import Scope

from skillcred.web.client_address import Network, caller_key, find_client_address
from skillcred.web.faults import RateLimitError

MAX_CALLERS: Final = 100_000
"""Most callers that are remembered, some ten megabytes; beyond it those who asked longest ago are forgotten."""
_MINUTE: Final = 60.0


class Allowance:
    """A leaky bucket per caller: as many at once as make a minute's share, then evenly over time.

    Kept for each caller is only the time at which all that it asked for would be paid off (the generic cell rate
    algorithm of ITU-T I.371, in its virtual scheduling form). `clock` gives seconds that never go back.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._each = _MINUTE / per_minute
        self._burst = _MINUTE - self._each / 2  # half of one, so that rounding never costs the last of them
        self._paid_off: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, caller: str) -> float:
        """Count one more. How many seconds the caller has to wait instead, 0 if it was counted."""
        now = self._clock()
        with self._lock:
            paid_off = max(self._paid_off.pop(caller, now), now)
            wait = paid_off - now - self._burst
            self._paid_off[caller] = paid_off if wait > 0 else paid_off + self._each
            if len(self._paid_off) > MAX_CALLERS:
                del self._paid_off[next(iter(self._paid_off))]
        return max(wait, 0.0)


class RequestRateLimit:
    """An allowance per caller, shared by all routes that cost the same. `what` names it in the refusal."""

    def __init__(
        self, per_minute: int, trusted_proxies: Sequence[Network], *, what: str = "verifications"
    ) -> None:
        self._what = what
        self._trusted = tuple(trusted_proxies)
        self._salt = secrets.token_bytes(32)
        self._allowance = Allowance(per_minute)

    def check(self, scope: Scope) -> None:
        """Count this request. Raises `RateLimitError` if the caller has used up its share."""
        client = scope.get("client")
        forwarded = _forwarded_for(scope) if self._trusted else ""
        peer = client[0] if client else None
        caller = caller_key(find_client_address(peer, forwarded, self._trusted), self._salt)
        wait = self._allowance.take(caller)
        if wait > 0:
            raise RateLimitError(
                f"Too many {self._what} were asked for from this network. Please wait a moment.",
                retry_after=math.ceil(wait),
            )


def _forwarded_for(scope: Scope) -> str:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    return ",".join(values)
