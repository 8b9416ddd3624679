"""The way out of a wallet: what `EgressDoor` is for verifiers, with methods, headers and bodies.

`https:` to public addresses; with `local` also this machine, with or without TLS. No redirect is followed and no
proxy of the environment is used. Nothing is sent that the protocols do not ask for.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpcore2

from skillcred.adapters.fetch.address_policy import AddressPolicy, IPAddress, is_public_address
from skillcred.adapters.fetch.egress_door import MAX_BODY_BYTES, USER_AGENT, Fetched
from skillcred.adapters.fetch.fetch_error import Deadline, FetchError
from skillcred.adapters.fetch.pinned_network import PinnedNetwork
from skillcred.adapters.fetch.resolver import Resolver, resolve_host
from skillcred.exchange.holder.addresses import LOOPBACK_HOSTS, check_address
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.services.wallet_ports import IncomingResponse, OutgoingRequest

MAX_SECONDS: Final = 30.0
"""Seconds for everything: an issuer may sign a batch before it answers."""
_PORTS: Final = {"https": 443, "http": 80}


def is_loopback(address: IPAddress) -> bool:
    """Whether `address` is this machine."""
    return address.is_loopback


@dataclass(frozen=True, slots=True)
class OutboundDoor:
    """See `HolderDoor`."""

    tls: ssl.SSLContext
    local: bool = False
    resolver: Resolver = resolve_host
    policy: AddressPolicy = is_public_address
    max_seconds: float = MAX_SECONDS

    @classmethod
    def to_the_internet(cls, *, local: bool) -> OutboundDoor:
        """The door with the certificate authorities of this machine."""
        context = httpcore2.default_ssl_context()
        context.check_hostname = True
        context.verify_mode = ssl.CERT_REQUIRED
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return cls(context, local)

    def send(self, request: OutgoingRequest) -> IncomingResponse:
        """See `HolderDoor`. Raises `FetchError`."""
        try:
            check_address(request.url, local=self.local)
        except WalletMessageError as error:
            raise FetchError(error.message, code="invalid_url") from error
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        port = parts.port or _PORTS[parts.scheme]
        policy = is_loopback if host in LOOPBACK_HOSTS else self.policy
        network = PinnedNetwork(Deadline(self.max_seconds), self.resolver, policy)
        origin = httpcore2.Origin(parts.scheme.encode(), host.encode(), port)
        connection = httpcore2.HTTPConnection(
            origin, ssl_context=self.tls if parts.scheme == "https" else None, network_backend=network
        )
        target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        headers = {
            "Host": parts.netloc if port != _PORTS[parts.scheme] else host,
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **request.headers,
        }
        if request.method != "GET":
            headers["Content-Length"] = str(len(request.body))
        try:
            response = connection.handle_request(
                httpcore2.Request(
                    request.method,
                    httpcore2.URL(
                        scheme=parts.scheme.encode(),
                        host=host.encode(),
                        port=port,
                        target=target.encode("ascii"),
                    ),
                    headers=list(headers.items()),
                    content=request.body,
                )
            )
            return _read(response, request.max_bytes)
        except (httpcore2.ProtocolError, httpcore2.NetworkError) as error:
            raise FetchError("The answer is not HTTP.", code="connection_failed") from error
        finally:
            connection.close()

    def fetch(self, url: str, *, accept: Sequence[str], max_bytes: int = MAX_BODY_BYTES) -> Fetched:
        """A document, as `EgressDoor.fetch` fetches it. Raises `FetchError`."""
        response = self.send(OutgoingRequest("GET", url, {"Accept": ", ".join(accept)}, max_bytes=max_bytes))
        if response.status != 200:
            code = "not_found" if response.status in (404, 410) else "http_status"
            raise FetchError("There is no such document.", code=code)
        if response.media_type not in accept:
            raise FetchError("The document is of another type.", code="wrong_media_type")
        return Fetched(response.content, response.media_type)


def _read(response: httpcore2.Response, max_bytes: int) -> IncomingResponse:
    headers: dict[str, str] = {}
    for name, value in response.headers:
        text = name.decode("ascii", "replace").lower()
        if text in headers and text in ("content-type", "content-length", "dpop-nonce"):
            raise FetchError("A header of the answer is there twice.", code="connection_failed")
        headers[text] = value.decode("latin-1")
    if headers.get("content-encoding", "identity") != "identity":
        raise FetchError("The answer is compressed.", code="content_encoding_refused")
    content = bytearray()
    for part in response.iter_stream():
        content += part
        if len(content) > max_bytes:
            raise FetchError(f"The answer is larger than {max_bytes} bytes.", code="too_large")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return IncomingResponse(response.status, media_type, headers, bytes(content))
