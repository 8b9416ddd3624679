"""Addresses that a wallet talks to: TLS always, but for a developer's own machine when that is wanted."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from skillcred.exchange.holder.errors import WalletMessageError

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1"})
MAX_ADDRESS_CHARACTERS: Final = 2048
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9.-]{1,253}", re.ASCII)
_REST = re.compile(r"[!$-;=?-Z_a-z~]*", re.ASCII)
"""Characters of paths and queries: no space, quote, bracket, backslash, or fragment (RFC 3986)."""


def check_address(address: str, *, local: bool, what: str = "address") -> str:
    """`address`, if a wallet may talk to it: https with a lower-case host name and no user or fragment; with `local`
    also http on this machine. Raises `WalletMessageError` (`address_not_secure`)."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise _refused(what) from error
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    secure = parts.scheme == "https" and host not in LOOPBACK_HOSTS
    here = local and host in LOOPBACK_HOSTS and parts.scheme in _DEFAULT_PORTS
    plain = address.startswith(f"{parts.scheme}://{parts.netloc}") and _HOST.fullmatch(host) is not None
    if not (secure or here) or not plain or len(address) > MAX_ADDRESS_CHARACTERS:
        raise _refused(what)
    if not _REST.fullmatch(address[len(parts.scheme) + 3 + len(parts.netloc) :]):
        raise _refused(what)
    return address


def origin_of(address: str) -> str:
    """Scheme, host and port of an address that was checked: what a person is shown (SECURITY V-14)."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def same_origin(first: str, second: str) -> bool:
    """Whether two checked addresses have scheme, host and port in common (RFC 6454 section 5)."""
    return _triple(first) == _triple(second)


def host_of(address: str) -> str:
    """The host name of a checked address."""
    return urlsplit(address).hostname or ""


def well_known_address(identifier: str, name: str) -> str:
    """Where metadata of `identifier` is: inserted between host and path (OID4VCI 1.0 section 12.2.2; RFC 8414
    section 3.1, which takes a slash at the end away)."""
    origin = origin_of(identifier)
    return f"{origin}/.well-known/{name}{identifier[len(origin) :].removesuffix('/')}"


def _triple(address: str) -> tuple[str, str, int]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)


def _refused(what: str) -> WalletMessageError:
    return WalletMessageError(
        f"The {what} is not a plain https address. Addresses of this machine are for development and need --local.",
        code="address_not_secure",
    )
