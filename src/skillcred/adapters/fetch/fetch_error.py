"""Why something could not be fetched, and the time there is for it."""

from __future__ import annotations

import time

from skillcred.errors import UnavailableError


class FetchError(UnavailableError):
    """Nothing was fetched. Codes: `invalid_url`, `dns_failed`, `address_refused`, `connection_failed`,
    `tls_failed`, `timeout`, `redirect_refused`, `not_found`, `http_status`, `too_large`, `wrong_media_type`,
    `content_encoding_refused`."""

    default_code = "connection_failed"


class Deadline:
    """The instant by which all of one fetch has to be over, on the clock that never goes back."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Seconds left, more than zero. Raises `FetchError` (`timeout`) when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise FetchError("The other side took too long.", code="timeout")
        return seconds
