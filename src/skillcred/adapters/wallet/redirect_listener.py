"""Where the browser of a holder comes back to after an authorization: a port of this machine (RFC 8252 section
7.3)."""

from __future__ import annotations

import html
import secrets
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final

from skillcred.errors import UnavailableError

MAX_WAIT_SECONDS: Final = 300.0
"""How long the holder may take to log in and agree."""
_DONE: Final = "You can close this page and go back to your wallet."


class RedirectListener:
    """Listens on 127.0.0.1, on a port and a path that nobody can foresee, for one request."""

    def __init__(self, open_browser: Callable[[str], None], *, max_seconds: float = MAX_WAIT_SECONDS) -> None:
        self._open_browser = open_browser
        self._max_seconds = max_seconds
        self._path = f"/{secrets.token_urlsafe(12)}"
        self._found: str | None = None
        self._arrived = threading.Event()
        try:
            self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        except OSError as error:
            raise UnavailableError("No port of this machine is free.", code="redirect_port") from error
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)
        self._thread.start()

    @property
    def redirect_uri(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self._server.server_port}{self._path}"

    def wait(self, url: str) -> str:
        """Open `url` in the browser and wait until it comes back; the address that it came back to. Raises
        `UnavailableError` (`authorization_timeout`)."""
        self._open_browser(url)
        if not self._arrived.wait(self._max_seconds) or self._found is None:
            raise UnavailableError("Nobody came back from the issuer's page.", code="authorization_timeout")
        return self._found

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            """Takes the first request to the path, and nothing else."""

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                if path != listener._path or listener._arrived.is_set():
                    self.send_error(404)
                    return
                listener._found = f"http://127.0.0.1:{listener._server.server_port}{self.path}"
                page = f"<!doctype html><title>Done</title><p>{html.escape(_DONE)}</p>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Referrer-Policy", "no-referrer")
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)
                listener._arrived.set()

            def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002 - addresses hold codes
                return

        return Handler
