"""Pages in a real Chromium: a service that serves a small registry, and a visitor who notes what must not happen."""

from __future__ import annotations

import io
import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page, Request, sync_playwright

from conftest import missing
from skillcred.web.app import create_app
from worlds.application import DemoRegistry, build_demo_registry

CHROMIUM = (
    os.environ.get("SKILLCRED_TEST_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
)
PHONE = {"width": 375, "height": 700}
DESK = {"width": 1280, "height": 900}


@contextmanager
def served_registry(folder: Path) -> Iterator[tuple[DemoRegistry, str]]:
    """A demo registry in `folder`, and the address at which a real server serves it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    found = build_demo_registry(folder, base_url=address, verifications_per_minute=10_000)
    app = create_app(found.application, log_stream=io.StringIO())
    server = uvicorn.Server(
        uvicorn.Config(app, port=port, access_log=False, log_level="warning", server_header=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield found, address
    server.should_exit = True
    thread.join(10)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium, or the reason why there is none."""
    if CHROMIUM is None:
        missing("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


class Visit:
    """A page with everything noted that must not happen."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.dialogs: list[str] = []
        self.foreign: list[str] = []
        self.complaints: list[str] = []
        page.on("dialog", self._note_dialog)
        page.on("request", self._note_request)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith(self.address + "/"):
            self.foreign.append(request.url)

    def hand_in(self, content: bytes) -> None:
        """Choose a file and send the form."""
        self.page.goto(f"{self.address}/verify")
        self.page.set_input_files(
            "#file", {"name": "x.json", "mimeType": "application/json", "buffer": content}
        )
        self.page.click("button[type=submit]")
        self.page.wait_for_selector("#verdict")

    def assert_calm(self) -> None:
        """No dialog, no request to anywhere else, nothing that the content policy had to stop."""
        assert (self.dialogs, self.foreign, self.complaints) == ([], [], [])


def visit(browser: Browser, address: str, **options: Any) -> Visit:
    """A new visitor, on a desktop unless `options` say otherwise."""
    context = browser.new_context(**{"viewport": DESK, "locale": "en-GB", **options})
    return Visit(context.new_page(), address)
