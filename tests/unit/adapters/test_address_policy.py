"""Which addresses are public: each special block by its edges and by the address before and after (K-09)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.adapters.fetch.address_policy import (
    MAPPED,
    NAT64,
    REFUSED_IPV4,
    REFUSED_IPV6,
    is_public_address,
)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "193.0.6.139", "100.63.255.255", "100.128.0.0"])
@pytest.mark.parametrize("form", ["{}", "::ffff:{}", "64:ff9b::{}"])
def test_public_ipv4_in_any_form(address: str, form: str) -> None:
    assert is_public_address(ip_address(form.format(address)))


@pytest.mark.parametrize("block", REFUSED_IPV4, ids=str)
@pytest.mark.parametrize("form", ["{}", "::ffff:{}", "64:ff9b::{}"])
def test_special_ipv4_in_any_form(block: object, form: str) -> None:
    for address in (block[0], block[-1], block[1]):  # type: ignore[index]
        assert not is_public_address(ip_address(form.format(address)))


@pytest.mark.parametrize(
    "address",
    [
        "::",
        "::1",
        "::7f00:1",  # IPv4-compatible, deprecated
        "::ffff:0:7f00:1",  # IPv4-translated
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1111%1",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
        "2001:2::1",
        "2001:20::1",
        "2002:7f00:1::",
        "2002:808:808::1",  # 6to4 even of a public address
        "64:ff9b:1::808:808",  # NAT64 for local use
        "100::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
    ],
)
def test_special_ipv6(address: str) -> None:
    assert not is_public_address(ip_address(address))


@pytest.mark.parametrize(
    "address", ["2606:4700:4700::1111", "2a00:1450::1", "2001:4860:4860::8888", "2001:200::1"]
)
def test_public_ipv6(address: str) -> None:
    assert is_public_address(ip_address(address))


@given(st.integers(0, 2**32 - 1))
def test_never_laxer_than_the_standard_library_for_ipv4(number: int) -> None:
    address = IPv4Address(number)
    if is_public_address(address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(st.integers(2**125, 2**126 - 1) | st.integers(0, 2**128 - 1))
def test_never_laxer_than_the_standard_library_for_ipv6(number: int) -> None:
    address = IPv6Address(number)
    if is_public_address(address) and address not in NAT64 and address not in MAPPED:
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@pytest.mark.parametrize("block", REFUSED_IPV6, ids=str)
def test_edges_of_ipv6_blocks(block: object) -> None:
    assert not is_public_address(block[0])  # type: ignore[index]
    assert not is_public_address(block[-1])  # type: ignore[index]
