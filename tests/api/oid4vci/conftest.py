"""Offers and wallets for the tests of issuing into wallets."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from worlds.offers import claims_of
from worlds.wallet import HolderKey, Wallet

ISSUER = "http://127.0.0.1:8000/issuers/welding-school"
_numbers = itertools.count()


@pytest.fixture
def make_offer(served) -> Callable[..., dict[str, Any]]:
    """Makes an offer of the accredited provider by the API."""

    def make(who: str = "provider", **changes: Any) -> dict[str, Any]:
        profile = changes.get("profile", "training")
        body = {"profile": profile, "credential": claims_of(profile), **changes}
        headers = served.bearer(who) | {"Idempotency-Key": f"offer-{next(_numbers)}"}
        response = served.client.post("/v1/offers", json=body, headers=headers)
        assert response.status_code == 201, response.text
        made: dict[str, Any] = response.json()
        return made

    return make


@pytest.fixture
def wallet(served) -> Wallet:
    """A wallet that uses bearer tokens."""
    return Wallet(served.client, ISSUER)


@pytest.fixture
def dpop_wallet(served) -> Wallet:
    """A wallet that proves possession of a key."""
    return Wallet(served.client, ISSUER, dpop_key=HolderKey())
