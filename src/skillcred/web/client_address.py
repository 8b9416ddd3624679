"""Whose request this is, for rate limits only: never logged, never stored (SECURITY W-19).

A forwarding header is believed only as far as it was written by proxies that the operator named.
"""

from __future__ import annotations

import hashlib
import ipaddress
import socket
from collections.abc import Sequence
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

IPV6_PREFIX_BITS: Final = 64
"""One household or office gets at least a /64, so single addresses inside it count as one caller."""
MAX_FORWARDED_HOPS: Final = 20
"""Most entries of X-Forwarded-For that are looked at, from the right."""
UNKNOWN_CALLER: Final = "unknown"


def find_client_address(peer: str | None, forwarded_for: str, trusted: Sequence[Network]) -> Address | None:
    """The address nearest to us that is not one of our proxies.

    `peer` is the address of the TCP connection, `forwarded_for` the joined X-Forwarded-For headers. The list is
    read from the right for as long as the address so far is a trusted proxy; an entry that is not an address
    ends the reading, as nothing further left can be believed.
    """
    address = _parse(peer or "")
    for entry in reversed(forwarded_for.split(",")[-MAX_FORWARDED_HOPS:]):
        if address is None or not any(address in network for network in trusted):
            return address
        previous, address = address, _parse(entry.strip())
        if address is None:
            return previous
    return address


def caller_key(address: Address | None, salt: bytes) -> str:
    """An opaque name for the caller: a salted digest of the IPv4 address or the IPv6 /64."""
    if address is None:
        return UNKNOWN_CALLER
    network = address.packed[: IPV6_PREFIX_BITS // 8]  # all of an IPv4 address, which has 4 bytes
    return hashlib.blake2b(network, key=salt, digest_size=16).hexdigest()


def _parse(text: str) -> Address | None:
    try:
        return ipaddress.IPv4Address(
            socket.inet_pton(socket.AF_INET, text)
        )  # much quicker than from its text
    except (OSError, ValueError):
        return _parse_ipv6(text)


def _parse_ipv6(text: str) -> Address | None:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address
