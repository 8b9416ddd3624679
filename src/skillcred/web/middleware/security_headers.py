"""Headers that every answer carries (SECURITY W-24, W-28, PR-16). Routes may state their own cache rules,
content policy and cross-origin rules; whatever they leave unsaid is filled in with the strictest value."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from starlette.types import Message

NOTHING_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For everything that is not a page: nothing may be loaded, run, framed or posted."""
PAGE_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""For pages: our own style sheet, script and pictures, no inline code, forms only to us."""
LIVE_POLICY: Final = PAGE_POLICY + "; connect-src 'self'"
"""For pages whose script looks whether something has changed."""

DEFAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Cache-Control": "no-store",
        "Content-Security-Policy": NOTHING_POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), browsing-topics=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
HSTS: Final = "max-age=63072000; includeSubDomains"
"""Two years; sent only where the service is configured to be reached by https."""

PUBLIC_ARTEFACT_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
)
"""For what any verifier's web page must be able to read: DID documents, schemas, contexts."""


class RawHeaders(NamedTuple):
    """Headers as ASGI has them: names in lower case, everything bytes."""

    pairs: tuple[tuple[bytes, bytes], ...]
    names: frozenset[bytes]


def build_default_headers(*, https: bool) -> RawHeaders:
    """The defaults."""
    defaults = {**DEFAULTS, **({"Strict-Transport-Security": HSTS} if https else {})}
    pairs = tuple((name.lower().encode("ascii"), value.encode("ascii")) for name, value in defaults.items())
    return RawHeaders(pairs, frozenset(name for name, _ in pairs))


def fill_in(message: Message, defaults: RawHeaders) -> None:
    """Add what the start of a response does not state itself."""
    headers = list(message.get("headers", ()))
    stated = defaults.names.intersection([name for name, _ in headers])
    headers += [pair for pair in defaults.pairs if pair[0] not in stated] if stated else defaults.pairs
    message["headers"] = headers
