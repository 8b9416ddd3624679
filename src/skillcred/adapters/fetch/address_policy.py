"""Which addresses may be connected to: those of the public Internet, whatever they are dressed up as (K-09).

The list is our own, since `ipaddress` learnt several of these blocks only in later patch releases of Python.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

IPAddress = IPv4Address | IPv6Address
AddressPolicy = Callable[[IPAddress], bool]
"""Whether an address may be connected to."""

REFUSED_IPV4: Final = tuple(
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata services of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
"""IANA IPv4 Special-Purpose Address Registry, what is not globally reachable, and multicast."""

GLOBAL_IPV6: Final = IPv6Network("2000::/3")
"""All that IANA gives out as global unicast. Loopback, link-local, unique local, multicast lie outside."""
REFUSED_IPV6: Final = tuple(
    IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments, Teredo and ORCHID among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which carries an IPv4 address
        "3fff::/20",  # documentation
    )
)
MAPPED: Final = IPv6Network("::ffff:0:0/96")
NAT64: Final = IPv6Network("64:ff9b::/96")
"""RFC 6052: the IPv4 Internet as hosts without IPv4 see it. Judged by the IPv4 address inside."""


def is_public_address(address: IPAddress) -> bool:
    """Whether `address` lies on the public Internet, the only place that credentials of others may send us
    to."""
    if isinstance(address, IPv4Address):
        return not any(address in block for block in REFUSED_IPV4)
    if address.scope_id is not None:
        return False
    if address in MAPPED or address in NAT64:
        return is_public_address(IPv4Address(int(address) & 0xFFFFFFFF))
    return address in GLOBAL_IPV6 and not any(address in block for block in REFUSED_IPV6)
