"""How often one caller may ask for a verification (SECURITY W-19).

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


class VerificationRateLimit:
    """A moving window per caller, shared by the API route and the page."""

    def __init__(self, per_minute: int, trusted_proxies: Sequence[Network]) -> None:
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
                "Too many verifications were asked for from this network. Please wait a moment.",
                retry_after=self._limit.get_expiry(),
            )
