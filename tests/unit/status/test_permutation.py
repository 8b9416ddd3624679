"""The order in which places are given out (SECURITY S-16)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skillcred.errors import IntegrityError
from skillcred.status.permutation import permute

KEY = bytes(range(32))


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 600), st.binary(min_size=32, max_size=32))
def test_every_place_is_given_out_once(length: int, key: bytes) -> None:
    assert sorted(permute(position, length, key) for position in range(length)) == list(range(length))


def test_the_order_is_the_keys_and_looks_random() -> None:
    """Chi-square over 256 bins, and no rank correlation with the order of issuing."""
    length, count = 131_072, 20_000
    places = [permute(position, length, KEY) for position in range(count)]
    assert len(set(places)) == count
    bins = [0] * 256
    for place in places:
        bins[place * 256 // length] += 1
    expected = count / 256
    chi_square = sum((found - expected) ** 2 / expected for found in bins)
    assert 150 < chi_square < 350  # 255 degrees of freedom: five standard deviations are 113
    ranks = {place: rank for rank, place in enumerate(sorted(places))}
    squares = sum((position - ranks[place]) ** 2 for position, place in enumerate(places))
    assert abs(1 - 6 * squares / (count * (count**2 - 1))) < 0.05
    assert places[:50] != [permute(position, length, bytes(32)) for position in range(50)]


@pytest.mark.parametrize(("position", "length"), [(-1, 10), (10, 10), (0, 0), (0, (1 << 32) + 1)])
def test_there_are_no_other_positions(position: int, length: int) -> None:
    with pytest.raises(IntegrityError):
        permute(position, length, KEY)
