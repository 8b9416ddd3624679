"""Issuing into wallets over a clock that stands still: what ends when, what is forgotten, and what a crash leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.exchange.errors import AccessTokenError, IssuanceBusyError, OAuthError
from skillcred.exchange.nonces import NonceUse
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.services.create_offer import OfferRequest
from skillcred.services.offer_records import Offer
from skillcred.services.wallet_clients import WalletHeaders
from skillcred.services.wallet_messages import JSON, WalletMessage
from skillcred.services.wallet_tokens import PresentedToken
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.offers import claims_of
from worlds.wallet import PRE_AUTHORIZED, HolderKey, Wallet

SLUG = "welding-school"
SD_JWT_VC = "training-v1-dc-sd-jwt"


class Crash(BaseException):
    """The process dies here."""


class World:
    """A provider, a wallet and a clock. `dies_at` names the point at which the process dies once."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.dies_at: str | None = None
        self.storage = InMemoryStorage()
        application = open_in_memory_application(
            clock=self.clock, storage=self.storage, crash_point=self._crash_point
        )
        self.registry: DemoRegistry = fill_demo_registry(application)
        self.wallet = application.wallet_issuing
        self._number = 0

    def _crash_point(self, name: str) -> None:
        if name == self.dies_at:
            self.dies_at = None
            raise Crash

    def offer(self, **changes: Any) -> Offer:
        self._number += 1
        request = OfferRequest("training", claims_of("training"), **{"tx_code": False, **changes})
        return self.wallet.create_offer(self.registry.provider, request, f"offer-{self._number}")

    def token(self, offer: Offer) -> PresentedToken:
        forms = self.wallet.view_offers.get(self.registry.provider, offer.id).forms
        code = "none" if forms is None else forms.offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
        form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code}
        answer = self.wallet.exchange_code(SLUG, form, WalletHeaders())
        return PresentedToken("bearer", str(answer["access_token"]), ())

    def nonce(self) -> str:
        return self.wallet.proofs.build_nonce(self.wallet.issuers.issuer_of(SLUG), NonceUse.CREDENTIAL)

    def ask(self, token: PresentedToken, key: HolderKey, nonce: str | None = None) -> dict[str, Any]:
        issuer = self.wallet.issuers.issuer_of(SLUG).identifier
        seconds = int(self.clock.now().timestamp())
        proof = Wallet(None, issuer).prove(key, nonce or self.nonce(), iat=seconds)
        body = {"credential_configuration_id": SD_JWT_VC, "proofs": {"jwt": [proof]}}
        message = WalletMessage(json.dumps(body).encode(), JSON)
        answer: dict[str, Any] = json.loads(self.wallet.issue_to_wallet(SLUG, token, message).content)
        return answer


@pytest.fixture
def world() -> World:
    return World()


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(OAuthError) as caught:
        work()
    return caught.value.code


def test_V_04_an_offer_ends(world: World) -> None:
    offer = world.offer()
    world.clock.advance(days=7)
    assert offer.state_at(world.clock.now()).value == "expired"
    assert refused(lambda: world.token(offer)) == "invalid_grant"


def test_V_04_a_code_of_another_issuer(world: World) -> None:
    forms = world.wallet.view_offers.get(world.registry.provider, world.offer().id).forms
    assert forms is not None
    code = forms.offer["grants"][PRE_AUTHORIZED]["pre-authorized_code"]
    form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": code}
    assert (
        refused(lambda: world.wallet.exchange_code("unknown-school", form, WalletHeaders()))
        == "invalid_grant"
    )
    with pytest.raises(NotFoundError):
        world.wallet.exchange_code("qualifications-authority", form, WalletHeaders())


def test_V_18_a_bearer_token_is_good_for_five_minutes(world: World) -> None:
    token = world.token(world.offer())
    world.clock.advance(minutes=5, seconds=-1)
    key = HolderKey()
    world.ask(token, key)
    world.clock.advance(seconds=1)
    with pytest.raises(AccessTokenError):
        world.ask(token, key)


def test_V_05_a_nonce_is_good_for_five_minutes(world: World) -> None:
    nonce = world.nonce()
    world.clock.advance(minutes=5)
    token = world.token(world.offer())
    assert refused(lambda: world.ask(token, HolderKey(), nonce)) == "invalid_nonce"


def test_a_token_of_another_issuer_opens_nothing(world: World) -> None:
    token = world.token(world.offer())
    message = WalletMessage(b"{}", JSON)
    with pytest.raises(AccessTokenError):
        world.wallet.issue_to_wallet("unknown-school", token, message)


@pytest.mark.parametrize(
    "point", ["after-allocate-commit", "after-reserve-commit", "before-sign", "after-sign-before-store",
              "after-store-commit"]
)  # fmt: skip
def test_V_11_after_a_crash_the_same_key_gets_its_credential(world: World, point: str) -> None:
    """The process dies anywhere between the record and the answer: asked again, there is one credential."""
    offer, key = world.offer(), HolderKey()
    token = world.token(offer)
    world.dies_at = point
    with pytest.raises(Crash):
        world.ask(token, key)
    if point not in ("after-allocate-commit", "after-store-commit"):
        with pytest.raises(IssuanceBusyError):
            world.ask(token, key)
    world.clock.advance(seconds=31)
    assert refused(lambda: world.ask(token, HolderKey())) == "credential_request_denied"
    first, again = world.ask(token, key), world.ask(token, key)
    assert first == again
    [delivery] = world.wallet.view_offers.get(world.registry.provider, offer.id).deliveries
    made = [item for item in world.storage.state.credentials if item == delivery.credential_id]
    assert len(made) == 1


def test_a_provider_without_a_key_can_be_asked_again(world: World) -> None:
    application, provider = world.registry.application, world.registry.provider
    offer, key = world.offer(), HolderKey()
    token = world.token(offer)
    for each in application.list_keys(provider):
        application.retire_key(provider, each.id)
    with pytest.raises(IssuanceBusyError):
        world.ask(token, key)
    application.create_key(provider, "Ed25519")
    assert len(world.ask(token, key)["credentials"]) == 1


def test_what_nobody_needs_is_forgotten(world: World) -> None:
    claimed, open_offer = world.offer(), world.offer()
    token = world.token(claimed)
    world.ask(token, HolderKey())
    assert len(world.storage.state.used_once) == 1
    world.clock.advance(days=2)
    assert world.wallet.forget_traces() == 3, "a nonce, a token, and what was claimed two days ago"
    assert (world.storage.state.used_once, world.storage.state.wallet_tokens) == ({}, {})
    assert world.storage.state.offers[claimed.id].claims is None
    assert world.storage.state.offers[open_offer.id].claims is not None
    world.clock.advance(days=6)
    assert world.wallet.forget_traces() == 1
    assert world.storage.state.offers[open_offer.id].claims is None


def test_what_is_claimed_cannot_be_withdrawn(world: World) -> None:
    offer, provider = world.offer(), world.registry.provider
    world.token(offer)
    with pytest.raises(ConflictError) as caught:
        world.wallet.withdraw_offer(provider, offer.id)
    assert caught.value.code == "offer_claimed"
    with pytest.raises(ConflictError) as caught:
        world.wallet.release_offer(provider, offer.id)
    assert caught.value.code == "offer_not_deferred"
    with pytest.raises(NotFoundError):
        world.wallet.withdraw_offer(world.registry.stranger, offer.id)


def test_a_withdrawn_offer_is_dead_and_empty(world: World) -> None:
    offer = world.offer()
    withdrawn = world.wallet.withdraw_offer(world.registry.provider, offer.id)
    assert withdrawn == world.wallet.withdraw_offer(world.registry.provider, offer.id)
    assert withdrawn.claims is None
    assert refused(lambda: world.token(offer)) == "invalid_grant"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"formats": ()}, "/formats"),
        ({"formats": ("mso_mdoc",)}, "/formats"),
        ({"formats": ("ldp_vc", "ldp_vc")}, "/formats"),
        ({"grants": ()}, "/grants"),
        ({"grants": ("implicit",)}, "/grants"),
    ],
)
def test_offers_that_cannot_be_made(world: World, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InputError) as caught:
        world.offer(**changes)
    assert (caught.value.code, caught.value.pointer) == ("invalid_offer", pointer)


def test_a_credential_that_could_not_be_issued_is_not_offered(world: World) -> None:
    claims = claims_of("training")
    del claims["name"]
    large = claims_of("training")
    large["description"] = "x" * 70_000
    named = claims_of("training")
    named["credentialSubject"]["id"] = "did:example:somebody"
    for each, formats, code in (
        (claims, ("dc+sd-jwt",), "claims_invalid"),
        (large, ("dc+sd-jwt",), "invalid_offer"),
        (named, ("ldp_vc",), "subject_named_already"),
    ):
        with pytest.raises(InputError) as caught:
            world.wallet.create_offer(world.registry.provider, OfferRequest("training", each, formats), code)
        assert caught.value.code == code


def test_the_offered_credential_is_denied_when_its_claims_are_gone(world: World) -> None:
    token = world.token(world.offer())
    for offer in list(world.storage.state.offers.values()):
        world.storage.state.offers[offer.id] = offer.__class__(
            **{name: getattr(offer, name) for name in offer.__slots__} | {"claims": None}
        )
    with pytest.raises(CredentialRequestError) as caught:
        world.ask(token, HolderKey())
    assert caught.value.code == "credential_request_denied"
