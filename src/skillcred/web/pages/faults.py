"""Who gets a page instead of a JSON problem."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

PAGE_PATHS: Final = frozenset(
    {
        "/",
        "/verify",
        "/registry",
        "/ask",
        "/abroad",
        "/abroad/between",
        "/abroad/map",
        "/abroad/skills",
        "/sign-in",
        "/sign-out",
        "/offers",
        "/offers/new",
        "/offers/new/prepared",
    }
)


def wants_page(request: Request) -> bool:
    """Whether the caller is a browser that was looking at pages. Machine clients never see HTML under `/v1/`."""
    if request.url.path in PAGE_PATHS:
        return True
    if request.url.path.startswith("/issuers/") and request.url.path.endswith("/authorize"):
        return True
    accepts_html = "text/html" in request.headers.get("accept", "")[:1000]
    return accepts_html and not request.url.path.startswith(("/v1/", "/.well-known/", "/issuers/"))
