"""Somebody of a provider's staff with a browser that runs no scripts, called in process."""

from __future__ import annotations

import html
import re
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
TRAINING = {
    "person": "Amina Yusuf",
    "title": "Welding, basic course",
    "kind": "CertificateOfCompletion",
    "description": "Fillet and butt welds in plate.",
    "criteria": "Welded four test pieces.",
    "hours": "120",
    "field": "0715",
    "start": "2026-01-12",
    "end": "2026-03-20",
    "awarded": "2026-03-28",
    "country": "KE",
    "language": "en",
    "with_code": "yes",
    "lifetime": "3600",
}


class StaffBrowser:
    """Keeps cookies and fills in forms. `token` is that of its session, once it was needed."""

    def __init__(self, app: FastAPI, base_url: str = "http://127.0.0.1:8000", lang: str = "en") -> None:
        headers = {"Accept": "text/html", "Accept-Language": lang}
        self.token: str | None = None
        self.http = TestClient(app, base_url=base_url, headers=headers, raise_server_exceptions=False)

    def get(self, path: str, **headers: str) -> Any:
        """A page, and after redirects the one behind them."""
        return self.http.get(path, headers=headers)

    def hidden(self, path: str) -> dict[str, str]:
        """What the forms of a page bring along without being filled in."""
        return {name: html.unescape(value) for name, value in HIDDEN.findall(self.get(path).text)}

    def send(self, path: str, page: str | None = None, *, follow: bool = True, **filled: str) -> Any:
        """Fill in the form at `page` (`path` unless given) and send it to `path`."""
        data = {**self.hidden(page or path), **filled}
        return self.http.post(path, data=data, follow_redirects=follow)

    def sign_in(self, secret: str) -> Any:
        """With the text of an API key."""
        self.token = None
        return self.send("/sign-in", follow=False, api_key=secret)

    def offer_training(self, **changes: str) -> Any:
        """An offer by the form, which is not looked at before."""
        if self.token is None:
            self.token = self.hidden("/sign-in")["form_token"]
        filled = {"form_token": self.token, **TRAINING, **changes}
        return self.http.post("/offers/new", data=filled)

    def make_offer(self, **changes: str) -> str:
        """The path of a new offer."""
        response = self.offer_training(**changes)
        assert response.status_code == 200, response.text
        path: str = response.url.path
        return path
