"""Sealed nonces, SECURITY V-05."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.errors import ConfigurationError
from skillcred.exchange.nonces import NonceSealer, NonceUse
from worlds.wallet_tokens import NOW

KEY = bytes(range(32))
SEALER = NonceSealer(KEY, NonceUse.CREDENTIAL, "https://issuer.example", timedelta(minutes=5))
NONCE = SEALER.build(bytes(16), NOW)


def test_ours_is_taken_until_it_expires() -> None:
    accepted = SEALER.accept(NONCE, NOW)
    assert accepted is not None
    assert accepted.expires_at == NOW + timedelta(minutes=5)
    assert SEALER.accept(NONCE, accepted.expires_at - timedelta(microseconds=1)) == accepted
    assert SEALER.accept(NONCE, accepted.expires_at) is None


@pytest.mark.parametrize(
    "other",
    [
        NonceSealer(bytes(32), NonceUse.CREDENTIAL, "https://issuer.example", timedelta(minutes=5)),
        NonceSealer(KEY, NonceUse.DPOP, "https://issuer.example", timedelta(minutes=5)),
        NonceSealer(KEY, NonceUse.CREDENTIAL, "https://other.example", timedelta(minutes=5)),
    ],
    ids=["key", "use", "issuer"],
)
def test_a_nonce_of_another_is_none_of_ours(other: NonceSealer) -> None:
    assert other.accept(NONCE, NOW) is None
    assert other.accept(other.build(bytes(16), NOW), NOW) is not None


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_different_bytes_give_different_nonces(first: bytes, second: bytes) -> None:
    assert (SEALER.build(first, NOW) == SEALER.build(second, NOW)) == (first == second)


@given(st.integers(0, len(NONCE) - 1), st.characters())
def test_one_changed_character_is_none_of_ours(index: int, character: str) -> None:
    changed = NONCE[:index] + character + NONCE[index + 1 :]
    assert (SEALER.accept(changed, NOW) is not None) == (changed == NONCE)


@given(st.text(max_size=100))
def test_nothing_made_by_others_is_taken(text: str) -> None:
    assert SEALER.accept(text, NOW) is None


def test_a_short_key_is_refused_and_the_key_is_not_shown() -> None:
    with pytest.raises(ConfigurationError):
        NonceSealer(b"short", NonceUse.DPOP, "https://issuer.example", timedelta(minutes=5))
    with pytest.raises(ConfigurationError):
        SEALER.build(b"", NOW)
    assert str(KEY) not in repr(SEALER)
