"""The one way out (SECURITY K-07 to K-09): `https:` to public addresses, small answers, and soon.

No redirect is followed: a DID document has one address, and a redirect is a second chance to choose where we
connect to. Proxies of the environment are not used, since the proxy and not this door would then choose the
address. Nothing is sent that tells which credential is looked at or who looks.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import httpcore2

from skillcred.adapters.fetch.address_policy import AddressPolicy, is_public_address
from skillcred.adapters.fetch.fetch_error import Deadline, FetchError
from skillcred.adapters.fetch.pinned_network import PinnedNetwork
from skillcred.adapters.fetch.resolver import Resolver, resolve_host

MAX_BODY_BYTES: Final = 64 * 1024
"""Largest body accepted, in bytes (SECURITY K-08)."""
MAX_SECONDS: Final = 3.0
"""Seconds for everything: name, connection, TLS and the last byte of the body (SECURITY K-08)."""
USER_AGENT: Final = "skillcred"

_HTTPS_PORT: Final = 443
_URL = re.compile(r"https://([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?(/[!$-;=?-Z_a-z~]{0,1900})", re.ASCII)
"""Narrower than RFC 3986: no user, no fragment, no backslash, no quotes, no upper-case or bracketed host."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, byte for byte. `media_type` is in lower case and without parameters."""

    content: bytes
    media_type: str


class Door(Protocol):
    """Whatever documents are fetched through."""

    def fetch(self, url: str, *, accept: Sequence[str], max_bytes: int = MAX_BODY_BYTES) -> Fetched:
        """See `EgressDoor.fetch`."""
        ...


@dataclass(frozen=True, slots=True)
class EgressDoor:
    """Fetches documents. Only tests give it another resolver, policy or set of certificate authorities."""

    tls: ssl.SSLContext
    resolver: Resolver = resolve_host
    policy: AddressPolicy = is_public_address
    max_seconds: float = MAX_SECONDS

    @classmethod
    def to_the_internet(cls) -> EgressDoor:
        """The door with the certificate authorities of this machine."""
        return cls(httpcore2.default_ssl_context())

    def __post_init__(self) -> None:
        self.tls.check_hostname = True
        self.tls.verify_mode = ssl.CERT_REQUIRED
        self.tls.minimum_version = ssl.TLSVersion.TLSv1_2

    def fetch(self, url: str, *, accept: Sequence[str], max_bytes: int = MAX_BODY_BYTES) -> Fetched:
        """The document at `url`, of at most `max_bytes`, whose media type must be one of `accept`.

        Raises `FetchError`.
        """
        match = _URL.fullmatch(url)
        port = int(match[2] or _HTTPS_PORT) if match else 0
        if match is None or port > 65535:
            raise FetchError("The address is not one that is fetched from.", code="invalid_url")
        deadline = Deadline(self.max_seconds)
        connection = httpcore2.HTTPConnection(
            httpcore2.Origin(b"https", match[1].encode(), port),
            ssl_context=self.tls,
            network_backend=PinnedNetwork(deadline, self.resolver, self.policy),
        )
        host = match[1] if port == _HTTPS_PORT else f"{match[1]}:{port}"
        request = httpcore2.Request(
            "GET",
            httpcore2.URL(scheme=b"https", host=match[1].encode(), port=port, target=match[3].encode()),
            headers=[
                ("Host", host),
                ("User-Agent", USER_AGENT),
                ("Accept", ", ".join(accept)),
                ("Accept-Encoding", "identity"),
                ("Connection", "close"),
            ],
        )
        try:
            return _read(connection.handle_request(request), accept, max_bytes)
        except (httpcore2.ProtocolError, httpcore2.NetworkError) as error:
            raise FetchError("The answer is not HTTP.", code="connection_failed") from error
        finally:
            connection.close()


def _read(response: httpcore2.Response, accept: Sequence[str], max_bytes: int) -> Fetched:
    _check_status(response.status)
    headers: dict[bytes, list[bytes]] = {}
    for name, value in response.headers:
        headers.setdefault(name.lower(), []).append(value)
    if headers.get(b"content-encoding", [b"identity"]) != [b"identity"]:
        raise FetchError("The document is compressed.", code="content_encoding_refused")
    media_type = _media_type(headers.get(b"content-type", []))
    if media_type not in accept:
        raise FetchError("The document is of another type.", code="wrong_media_type")
    declared = headers.get(b"content-length", [b"0"])[0]
    content = bytearray()
    if not declared.isdigit() or int(declared[:20]) > max_bytes:
        raise FetchError(f"The document is larger than {max_bytes} bytes.", code="too_large")
    for part in response.iter_stream():
        content += part
        if len(content) > max_bytes:
            raise FetchError(f"The document is larger than {max_bytes} bytes.", code="too_large")
    return Fetched(bytes(content), media_type)


def _check_status(status: int) -> None:
    if status == 200:
        return
    if 300 <= status < 400:
        raise FetchError("The host sends us elsewhere.", code="redirect_refused")
    if status in (404, 410):
        raise FetchError("There is no such document.", code="not_found")
    raise FetchError("The host does not give the document out now.", code="http_status")


def _media_type(values: Sequence[bytes]) -> str:
    """The one media type, or nothing: two headers would let two readers disagree."""
    if len(values) != 1:
        return ""
    return values[0].partition(b";")[0].strip().lower().decode("ascii", "replace")
