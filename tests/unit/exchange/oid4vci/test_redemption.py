"""Pre-authorised codes as a state machine, SECURITY V-01 to V-04."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.errors import ConfigurationError
from skillcred.exchange.oid4vci.redemption import (
    MAX_TX_CODE_ATTEMPTS,
    OfferState,
    PreAuthorisedGrant,
    build_code,
    build_tx_code,
    digest_code,
    digest_tx_code,
    redeem,
    withdraw,
)
from worlds.wallet_tokens import NOW

PEPPER = bytes(range(32))
DIGEST = digest_code(build_code(bytes(32)))
EXPIRES = NOW + timedelta(minutes=10)
OPEN = PreAuthorisedGrant(DIGEST, EXPIRES)
CODED = PreAuthorisedGrant(DIGEST, EXPIRES, digest_tx_code("123456", DIGEST, PEPPER))


def error_of(grant: PreAuthorisedGrant, tx_code: str | None = None, **after: int) -> str | None:
    error = redeem(grant, tx_code, PEPPER, NOW + timedelta(**after)).error
    return None if error is None else error.code


def test_v01_a_code_is_good_once() -> None:
    first = redeem(OPEN, None, PEPPER, NOW)
    assert first.error is None
    assert first.grant.state_at(NOW) is OfferState.CLAIMED
    assert error_of(first.grant) == "invalid_grant"


def test_v03_the_transaction_code_is_there_exactly_where_it_is_asked_for() -> None:
    assert error_of(CODED) == "invalid_request"
    assert error_of(OPEN, "123456") == "invalid_request"
    assert redeem(CODED, None, PEPPER, NOW).grant == CODED
    assert error_of(CODED, "123456") is None


@pytest.mark.parametrize("wrong", ["123457", "12345", "1234567", "", " 123456", "1" * 100_000, "١٢٣٤٥٦"])
def test_v02_a_wrong_transaction_code_is_counted(wrong: str) -> None:
    refused = redeem(CODED, wrong, PEPPER, NOW)
    assert refused.error is not None
    assert refused.error.code == "invalid_grant"
    assert refused.grant == replace(CODED, wrong_attempts=1)


def test_v02_the_right_code_is_too_late_after_five_wrong_ones() -> None:
    grant = CODED
    for _ in range(MAX_TX_CODE_ATTEMPTS):
        assert grant.state_at(NOW) is OfferState.UNCLAIMED
        grant = redeem(grant, "000000", PEPPER, NOW).grant
    assert grant.state_at(NOW) is OfferState.BLOCKED
    assert error_of(grant, "123456") == "invalid_grant"
    assert redeem(grant, "000000", PEPPER, NOW).grant == grant


def test_v04_an_expired_code_is_dead() -> None:
    assert error_of(OPEN, minutes=10, microseconds=-1) is None
    assert error_of(OPEN, minutes=10) == "invalid_grant"
    assert OPEN.state_at(EXPIRES) is OfferState.EXPIRED


def test_a_withdrawn_offer_is_dead_and_a_claimed_one_cannot_be_withdrawn() -> None:
    withdrawn = withdraw(OPEN, NOW)
    assert withdrawn.state_at(EXPIRES) is OfferState.WITHDRAWN
    assert error_of(withdrawn) == "invalid_grant"
    assert withdraw(withdrawn, EXPIRES) == withdrawn
    claimed = redeem(OPEN, None, PEPPER, NOW).grant
    assert withdraw(claimed, NOW) == claimed


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "123456", "000000", "999999"]), st.integers(0, 900), st.booleans()),
        max_size=20,
    )
)
def test_whatever_comes_there_is_one_token_and_five_guesses(
    steps: list[tuple[str | None, int, bool]],
) -> None:
    """`steps` are transaction code, seconds since the last step, and whether the provider withdraws first."""
    grant, at, tokens, guesses, dead = CODED, NOW, 0, 0, False
    for tx_code, seconds, withdraws in steps:
        at += timedelta(seconds=seconds)
        grant = withdraw(grant, at) if withdraws else grant
        before = grant
        result = redeem(grant, tx_code, PEPPER, at)
        grant = result.grant
        tokens += result.error is None
        guesses += grant.wrong_attempts - before.wrong_attempts
        assert not (dead and result.error is None)
        assert result.error is not None or tx_code == "123456"
        dead = dead or grant.state_at(at) is not OfferState.UNCLAIMED
        if dead:
            assert grant.state_at(at) is not OfferState.UNCLAIMED
    assert tokens <= 1
    assert guesses <= MAX_TX_CODE_ATTEMPTS


def test_a_digest_belongs_to_one_code_and_one_secret() -> None:
    one = digest_tx_code("123456", DIGEST, PEPPER)
    assert one != digest_tx_code("123456", digest_code("other"), PEPPER)
    assert one != digest_tx_code("123456", DIGEST, bytes(32))
    assert "123456" not in one


@given(st.binary(min_size=16, max_size=16))
def test_transaction_codes_are_six_digits(entropy: bytes) -> None:
    code = build_tx_code(entropy)
    assert len(code) == 6
    assert code.isascii()
    assert code.isdigit()


def test_too_little_randomness_is_refused() -> None:
    for build in (build_code, build_tx_code):
        with pytest.raises(ConfigurationError):
            build(b"x")
