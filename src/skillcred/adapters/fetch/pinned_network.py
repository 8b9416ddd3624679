"""Connections to addresses that were looked at, by a deadline (SECURITY K-08, K-09).

The name is resolved once; every address it has must be allowed; the connection goes to one of just these, and
the address at the other end of the open socket is compared once more. TLS is then spoken with the name, so
that the certificate still has to be that of the host.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Any, Final

import httpcore2

from skillcred.adapters.fetch.address_policy import AddressPolicy, IPAddress
from skillcred.adapters.fetch.fetch_error import Deadline, FetchError
from skillcred.adapters.fetch.resolver import Resolver

MAX_ADDRESSES: Final = 4
"""Addresses of one host that are tried, in the resolver's order."""
MAX_CONNECT_SECONDS: Final = 1.0
"""Seconds for one address, so that one that does not answer leaves time for the next."""


@dataclass(frozen=True, slots=True)
class PinnedNetwork(httpcore2.NetworkBackend):
    """Opens connections for one fetch."""

    deadline: Deadline
    resolver: Resolver
    policy: AddressPolicy

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to a vetted address of `host`. Raises `FetchError`."""
        del timeout, local_address, socket_options  # the deadline decides; nobody sets the others
        for address in self._vetted(host)[:MAX_ADDRESSES]:
            connection = self._connect(address, port)
            if connection is not None:
                return DeadlineStream(connection, self.deadline)
        self.deadline.remaining()
        raise FetchError("The host does not accept connections.", code="connection_failed")

    def _vetted(self, host: str) -> Sequence[IPAddress]:
        addresses = self.resolver(host, self.deadline)
        if not addresses:
            raise FetchError("The name does not resolve.", code="dns_failed")
        if not all(self.policy(address) for address in addresses):
            raise FetchError("The name leads to an address that is not public.", code="address_refused")
        return addresses

    def _connect(self, address: IPAddress, port: int) -> socket.socket | None:
        """The open connection, or None where this address does not answer."""
        family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
        connection = socket.socket(family, socket.SOCK_STREAM)
        try:
            connection.settimeout(min(MAX_CONNECT_SECONDS, self.deadline.remaining()))
            connection.connect((str(address), port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connected = ip_address(connection.getpeername()[0])
            if connected != address or not self.policy(connected):
                raise FetchError("The connection went to another address.", code="address_refused")
        except OSError:
            connection.close()
            return None
        except FetchError:
            connection.close()
            raise
        return connection


class DeadlineStream(httpcore2.NetworkStream):
    """A socket whose every operation ends by the deadline, so that a slow drip does not help."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Up to `max_bytes`, or nothing at the end. Raises `FetchError`."""
        del timeout
        try:
            self._connection.settimeout(self._deadline.remaining())
            return self._connection.recv(max_bytes)
        except OSError as error:
            raise _fault(error) from error

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """All of `buffer`. Raises `FetchError`."""
        del timeout
        try:
            self._connection.settimeout(self._deadline.remaining())
            self._connection.sendall(buffer)
        except OSError as error:
            raise _fault(error) from error

    def close(self) -> None:
        """Close the socket."""
        self._connection.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The stream inside TLS with `server_hostname`. Raises `FetchError` (`tls_failed`)."""
        del timeout
        try:
            self._connection.settimeout(self._deadline.remaining())
            secured = ssl_context.wrap_socket(self._connection, server_hostname=server_hostname)
        except ssl.SSLError as error:
            self.close()
            raise FetchError("The host did not prove its identity.", code="tls_failed") from error
        except OSError as error:
            self.close()
            raise _fault(error) from error
        except FetchError:
            self.close()
            raise
        return DeadlineStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the protocol layer asks for: the TLS object, to see what was negotiated."""
        if info == "ssl_object" and isinstance(self._connection, ssl.SSLSocket):
            return self._connection
        return None


def _fault(error: OSError) -> FetchError:
    if isinstance(error, TimeoutError):
        return FetchError("The other side took too long.", code="timeout")
    return FetchError("The connection broke.", code="connection_failed")
