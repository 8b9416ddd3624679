"""Issuing into wallets over a clock that stands still: what ends when, what is forgotten, and what a crash leaves."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from skillcred.errors import ConflictError, InputError, NotFoundError
from skillcred.exchange.encryption import ContentEncryption, DecryptionKey, encrypt_to
from skillcred.exchange.errors import AccessTokenError, IssuanceBusyError, OAuthError
from skillcred.exchange.nonces import NonceUse
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.services.create_offer import OfferRequest
from skillcred.services.offer_records import Offer
from skillcred.services.wallet_clients import WalletHeaders
from skillcred.services.wallet_messages import JSON, JWT, CredentialResponse, WalletMessage
from skillcred.services.wallet_tokens import PresentedToken
from worlds.application import DemoRegistry, fill_demo_registry, open_in_memory_application
from worlds.in_memory import FixedClock, InMemoryStorage
from worlds.offers import claims_of
from worlds.wallet import PRE_AUTHORIZED, HolderKey, Wallet, b64

SLUG = "welding-school"
SD_JWT_VC = "training-v1-dc-sd-jwt"
CLIENT = "https://wallet.example"
VERIFIER = "v" * 43


class Crash(BaseException):
    """The process dies here."""


class World:
    """A provider, a wallet and a clock. `dies_at` names the point at which the process dies once."""

    def __init__(self, **settings: Any) -> None:
        self.clock = FixedClock()
        self.dies_at: str | None = None
        self.dpop_key = HolderKey()
        self.storage = InMemoryStorage()
        application = open_in_memory_application(
            clock=self.clock, storage=self.storage, crash_point=self._crash_point, **settings
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

    def ask(
        self, token: PresentedToken, key: HolderKey, nonce: str | None = None, **more: Any
    ) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.request(token, key, nonce, **more).content)
        return answer

    def request(
        self, token: PresentedToken, key: HolderKey, nonce: str | None = None, *, to: Any = None, **more: Any
    ) -> CredentialResponse:
        """What the credential endpoint answers; the request is encrypted `to` a key where there is one."""
        issuer = self.wallet.issuers.issuer_of(SLUG).identifier
        seconds = int(self.clock.now().timestamp())
        proof = Wallet(None, issuer).prove(key, nonce or self.nonce(), iat=seconds)
        body = {"credential_configuration_id": SD_JWT_VC, "proofs": {"jwt": [proof]}, **more}
        message = WalletMessage(json.dumps(body).encode(), JSON)
        if to is not None:
            sealed = encrypt_to(to, message.content, ContentEncryption.A128GCM)
            message = WalletMessage(sealed.encode(), JWT)
        return self.wallet.issue_to_wallet(SLUG, token, message)

    def push(self) -> str:
        """The `request_uri` of an authorization that a wallet pushed for a new offer."""
        offer = self.offer(grants=("authorization_code",))
        forms = self.wallet.view_offers.get(self.registry.provider, offer.id).forms
        assert forms is not None
        form = {
            "response_type": "code",
            "client_id": CLIENT,
            "redirect_uri": f"{CLIENT}/cb",
            "scope": SD_JWT_VC,
            "issuer_state": forms.offer["grants"]["authorization_code"]["issuer_state"],
            "code_challenge": b64(hashlib.sha256(VERIFIER.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return str(self.wallet.push_authorization_request(SLUG, form, self.possession("par"))["request_uri"])

    def possession(self, endpoint: str) -> WalletHeaders:
        """A fresh DPoP proof by the key of this world's wallet."""
        issuer = self.wallet.issuers.issuer_of(SLUG)
        nonce = self.wallet.proofs.build_nonce(issuer, NonceUse.DPOP)
        holder = Wallet(None, issuer.identifier, dpop_key=self.dpop_key, dpop_nonce=nonce)
        seconds = int(self.clock.now().timestamp())
        return WalletHeaders(dpop=(holder.dpop(issuer.url(endpoint), iat=seconds),))

    def authorize(self, request_uri: str) -> str:
        """The code that the browser brings back to the wallet."""
        where = self.wallet.authorize_wallet(SLUG, CLIENT, request_uri, None)
        return parse_qs(urlsplit(where).query)["code"][0]

    def redeem(self, code: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": CLIENT,
            "redirect_uri": f"{CLIENT}/cb",
            "code_verifier": VERIFIER,
        }
        return self.wallet.exchange_code(SLUG, form, self.possession("token"))


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


def test_V_05_nonces_that_are_made_leave_nothing_behind(world: World) -> None:
    before = copy.deepcopy(world.storage.state)
    assert len({world.nonce() for _ in range(1000)}) == 1000
    assert world.storage.state == before


def test_V_15_where_encryption_is_required_nothing_goes_in_the_clear() -> None:
    world = World(wallet_encryption="required")
    metadata = world.wallet.publish_metadata(SLUG)
    for way in ("credential_request_encryption", "credential_response_encryption"):
        assert metadata[way]["encryption_required"] is True
    [their_key] = metadata["credential_request_encryption"]["jwks"]["keys"]
    own, token, key = DecryptionKey.generate("own"), world.token(world.offer()), HolderKey()
    wish = {"jwk": own.public_jwk(), "enc": "A256GCM"}
    for sealed, more in ((False, {}), (False, {"credential_response_encryption": wish}), (True, {})):
        to = their_key if sealed else None
        assert refused(lambda: world.ask(token, key, to=to, **more)) == "invalid_encryption_parameters"  # noqa: B023
    answer = world.request(token, key, to=their_key, credential_response_encryption=wish)
    assert answer.media_type == "application/jwt"
    assert len(json.loads(own.decrypt(answer.content.decode()))["credentials"]) == 1


@pytest.mark.parametrize("switched", [False, True])
def test_what_was_put_off_can_be_spoken_of_where_that_is_switched_on(switched: bool) -> None:
    """OID4VCI 1.0 section 9.2 leaves `notification_id` open there, and libraries in use refuse the answer with it."""
    world = World(wallet_deferred_notification=switched)
    offer = world.offer(deferred=True)
    token, key = world.token(offer), HolderKey()
    told = json.dumps({"transaction_id": world.ask(token, key)["transaction_id"]})
    world.wallet.release_offer(world.registry.provider, offer.id)
    answer = world.wallet.collect_deferred(SLUG, token, WalletMessage(told.encode(), JSON))
    assert ("notification_id" in json.loads(answer.content)) is switched


def test_V_16_pushed_requests_and_codes_end(world: World) -> None:
    """A request after five minutes, a code after one (ASVS 10.4.3)."""
    late = world.push()
    world.clock.advance(minutes=5)
    assert refused(lambda: world.authorize(late)) == "invalid_request_uri"
    code = world.authorize(world.push())
    world.clock.advance(seconds=60)
    assert refused(lambda: world.redeem(code)) == "invalid_grant"
    code = world.authorize(world.push())
    world.clock.advance(seconds=59)
    assert world.redeem(code)["access_token"]


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
