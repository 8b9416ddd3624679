"""did:web (W3C CCG): a DID that names an HTTPS address, and the address that it names (SECURITY K-07, P-16).

Narrower than the method: lower-case ASCII host names with at least two labels, no IP addresses, no
percent-encoding but `%3A` before a port of 1024 or more, path segments of letters, digits, `.`, `_` and `-`.
So one document has one name, and no spelling means something else to another URL parser. What a host name
resolves to is the egress door's to check.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from skillcred.identifiers.did import DidError, split_did

MAX_HOST_CHARACTERS: Final = 253
"""RFC 1035 section 2.3.4, without the trailing dot."""
MIN_PORT: Final = 1024
"""Lowest port that a DID may name; lower ones belong to other protocols."""
MAX_PORT: Final = 65535
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1"})
"""Hosts of a development machine, which may stand in our own DIDs and are never fetched from."""

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_TOP_LABEL = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
"""The last label starts with a letter, so that `127.1` and `0x7f.1` cannot be taken for a host name."""
_NOT_PUBLIC: Final = frozenset({"localhost", "local", "internal", "arpa", "onion"})
"""Top labels that never name a host on the public Internet (RFC 6761, RFC 6762, RFC 7686, RFC 8375)."""
_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_SEGMENT = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)


def check_did_web(did: str) -> None:
    """Refuse a did:web that is not well-formed. The DIDs of a development machine pass. Raises `DidError`."""
    _parse(did, local=True)


def did_web_url(did: str) -> str:
    """The HTTPS URL of the document of a did:web. Raises `DidError`."""
    return _url(*_parse(did, local=False))


def local_did_web_url(did: str) -> str:
    """The same, and for the DIDs of a development machine the address there, without TLS. Only for programs that were
    told to talk to services on this machine. Raises `DidError`."""
    return _url(*_parse(did, local=True))


def did_web_address(did: str) -> str:
    """The address that a did:web stands for: its host, port and path, as issuers named by a URL have them. It is as
    much its owner's as the document is, which is published below it. Raises `DidError`."""
    host, port, segments = _parse(did, local=True)
    scheme = "http" if host in LOCAL_HOSTS else "https"
    return f"{scheme}://" + "/".join((host if port is None else f"{host}:{port}", *segments))


def _url(host: str, port: str | None, segments: list[str]) -> str:
    scheme = "http" if host in LOCAL_HOSTS else "https"
    authority = host if port is None else f"{host}:{port}"
    path = "/".join(segments) if segments else ".well-known"
    return f"{scheme}://{authority}/{path}/did.json"


def build_did_web(base_url: str, *segments: str) -> str:
    """The did:web of a service at `base_url`, with more path `segments`.

    `http:` is allowed for the hosts of a development machine only. Raises `DidError`.
    """
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise DidError("The base URL is not a URL.") from error
    if (parts.scheme, port) == ("https", 443):
        port = None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOCAL_HOSTS)
    plain = parts.netloc in (host, f"{host}:{parts.port}")
    if not secure or not plain or "?" in base_url or "#" in base_url:
        raise DidError("A did:web needs an https base URL without user, query and fragment.")
    authority = host if port is None else f"{host}%3A{port}"
    path = [segment for segment in parts.path.split("/") if segment] + list(segments)
    if any(":" in segment for segment in path):
        raise DidError("A path segment of the did:web is not allowed.")
    did = ":".join(["did:web", authority, *path])
    _parse(did, local=True)
    return did


def _parse(did: str, *, local: bool) -> tuple[str, str | None, list[str]]:
    method, identifier = split_did(did)
    if method != "web":
        raise DidError("This is not a did:web.", code="unsupported_did_method")
    authority, *segments = identifier.split(":")
    host, colon, port = authority.partition("%3A")
    if not (_is_host_name(host) or (local and host in LOCAL_HOSTS)):
        raise DidError("The did:web does not name a public host.")
    if colon and not (_PORT.fullmatch(port) and MIN_PORT <= int(port) <= MAX_PORT):
        raise DidError(f"The port of the did:web is not between {MIN_PORT} and {MAX_PORT}.")
    for segment in segments:
        if not _SEGMENT.fullmatch(segment) or segment.strip(".") == "":
            raise DidError("A path segment of the did:web is not allowed.")
    return host, port if colon else None, segments


def _is_host_name(host: str) -> bool:
    if len(host) > MAX_HOST_CHARACTERS:
        return False
    labels = host.split(".")
    return (
        len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and _TOP_LABEL.fullmatch(labels[-1]) is not None
        and labels[-1] not in _NOT_PUBLIC
    )
