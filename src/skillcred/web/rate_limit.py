"""How often one caller may ask for something that costs: a verification, a resolved DID (SECURITY W-19).

Counts live in the memory of this process; an installation with several processes sets its limit at the proxy too.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request

from skillcred.web.client_address import Network, caller_key, find_client_address
from skillcred.web.faults import RateLimitError


class RequestRateLimit:
    """A moving window per caller, shared by all routes that cost the same. `what` names it in the refusal."""

    def __init__(
        self, per_minute: int, trusted_proxies: Sequence[Network], *, what: str = "verifications"
    ) -> None:
        self._what = what
        self._limit = RateLimitItemPerMinute(per_minute)
        self._trusted = tuple(trusted_proxies)
        self._salt = secrets.token_bytes(32)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, request: Request) -> None:
        """Count this request. Raises `RateLimitError` if the caller has used up its share."""
        peer = request.client.host if request.client else None
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        caller = caller_key(find_client_address(peer, forwarded, self._trusted), self._salt)
        if not self._limiter.hit(self._limit, caller):
            raise RateLimitError(
                f"Too many {self._what} were asked for from this network. Please wait a moment.",
                retry_after=self._limit.get_expiry(),
            )
