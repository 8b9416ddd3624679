"""Codes, nonces and credentials are good once, however many ask at the same time (SECURITY V-01, V-02, V-05, V-10).

Threads share one engine, as the requests of one process do; on PostgreSQL their transactions run side by side.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from skillcred.bootstrap import build_application
from skillcred.errors import ConflictError
from skillcred.exchange.errors import OAuthError
from skillcred.exchange.nonces import NonceUse
from skillcred.services.create_offer import OfferRequest
from skillcred.services.offers import OfferView
from skillcred.services.page_sessions import SignedOutError
from skillcred.services.wallet_clients import WalletHeaders
from skillcred.services.wallet_messages import JSON, WalletMessage
from skillcred.services.wallet_tokens import PresentedToken
from worlds.application import DemoRegistry, build_demo_registry
from worlds.offers import claims_of
from worlds.wallet import PRE_AUTHORIZED, HolderKey, Wallet

SLUG = "welding-school"
SD_JWT_VC = "training-v1-dc-sd-jwt"
AT_ONCE = 12


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def registry(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoRegistry]:
    """One for all tests here; each makes offers of its own."""
    changes = {}
    if request.param == "postgresql":
        changes["database_url"] = request.getfixturevalue("module_postgres_url")
    made = build_demo_registry(tmp_path_factory.mktemp("races"), **changes)
    yield made
    made.application.close()


def offer(registry: DemoRegistry, key: str, **changes: Any) -> OfferView:
    wallet = registry.application.wallet_issuing
    made = wallet.create_offer(
        registry.provider, OfferRequest("training", claims_of("training"), **changes), key
    )
    return wallet.view_offers.get(registry.provider, made.id)


def together(work: Callable[[int], Any]) -> Counter[str]:
    """What became of `AT_ONCE` calls at the same time: `ok`, or the code of the refusal."""

    def attempt(number: int) -> str:
        try:
            work(number)
        except (OAuthError, ConflictError) as fault:
            return fault.code
        return "ok"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(attempt, range(AT_ONCE)))


def redeem(registry: DemoRegistry, view: OfferView, tx_code: str | None = None) -> str:
    assert view.forms is not None
    grant = view.forms.offer["grants"][PRE_AUTHORIZED]
    form = {"grant_type": PRE_AUTHORIZED, "pre-authorized_code": grant["pre-authorized_code"]}
    if tx_code is not None:
        form["tx_code"] = tx_code
    answer = registry.application.wallet_issuing.exchange_code(SLUG, form, WalletHeaders())
    return str(answer["access_token"])


def prove(registry: DemoRegistry, key: HolderKey, nonce: str | None = None) -> WalletMessage:
    wallet = registry.application.wallet_issuing
    issuer = wallet.issuers.issuer_of(SLUG)
    fresh = nonce or wallet.proofs.build_nonce(issuer, NonceUse.CREDENTIAL)
    proof = Wallet(None, issuer.identifier).prove(key, fresh)
    text = f'{{"credential_configuration_id":"{SD_JWT_VC}","proofs":{{"jwt":["{proof}"]}}}}'
    return WalletMessage(text.encode(), JSON)


def test_V_01_a_code_gives_one_token(registry: DemoRegistry) -> None:
    view = offer(registry, "once", tx_code=False)
    outcome = together(lambda _: redeem(registry, view))
    assert outcome == {"ok": 1, "invalid_grant": AT_ONCE - 1}


def test_V_02_guesses_at_once_are_all_counted(registry: DemoRegistry) -> None:
    view = offer(registry, "guessed")
    assert view.forms is not None
    right = view.forms.tx_code
    wrong = [f"{number:06}" for number in range(AT_ONCE + 1) if f"{number:06}" != right]
    assert together(lambda number: redeem(registry, view, wrong[number])) == {"invalid_grant": AT_ONCE}
    views = registry.application.wallet_issuing.view_offers
    seen = views.get(registry.provider, view.offer.id)
    assert (seen.offer.wrong_attempts, seen.state.value) == (5, "blocked")
    with pytest.raises(OAuthError) as refused:
        redeem(registry, view, right)
    assert refused.value.code == "invalid_grant"


def test_W_16_what_pages_remember_is_known_to_every_process(registry: DemoRegistry) -> None:
    """A transaction code is shown to one of many who ask at once; a session that was ended is over elsewhere, too."""
    view, application = offer(registry, "shown"), registry.application
    show = application.wallet_issuing.show_tx_code
    outcome = together(lambda _: show(registry.provider, view.offer.id))
    assert outcome == {"ok": 1, "tx_code_shown": AT_ONCE - 1}
    other = build_application(application.settings)
    try:
        assert not other.wallet_issuing.show_tx_code.is_possible(view)
        session, cookie = application.page_sessions.begin(registry.provider_secret)
        assert other.page_sessions.find(cookie) == session
        assert together(lambda _: application.page_sessions.end(session)) == {"ok": AT_ONCE}
        for sessions in (application.page_sessions, other.page_sessions):
            with pytest.raises(SignedOutError):
                sessions.find(cookie)
    finally:
        other.close()


def test_V_05_one_nonce_one_credential(registry: DemoRegistry) -> None:
    """Requests with one nonce: one is answered, and then nothing more is issued for other keys."""
    token = redeem(registry, offer(registry, "nonce", tx_code=False))
    wallet = registry.application.wallet_issuing
    nonce = wallet.proofs.build_nonce(wallet.issuers.issuer_of(SLUG), NonceUse.CREDENTIAL)
    presented = PresentedToken("bearer", token, ())
    messages = [prove(registry, HolderKey(), nonce) for _ in range(AT_ONCE)]
    outcome = together(lambda number: wallet.issue_to_wallet(SLUG, presented, messages[number]))
    assert outcome["ok"] == 1
    assert set(outcome) <= {"ok", "invalid_nonce", "credential_request_denied"}


def test_V_10_polls_at_once_are_one_issuance(registry: DemoRegistry) -> None:
    view = offer(registry, "deferred", tx_code=False, deferred=True)
    token = redeem(registry, view)
    wallet, presented = registry.application.wallet_issuing, PresentedToken("bearer", token, ())
    wallet.issue_to_wallet(SLUG, presented, prove(registry, HolderKey()))
    wallet.release_offer(registry.provider, view.offer.id)
    transaction = wallet.collect_deferred.secret().derive_text(
        "transaction_id", wallet.view_offers.get(registry.provider, view.offer.id).deliveries[0].id
    )
    ask = WalletMessage(f'{{"transaction_id":"{transaction}"}}'.encode(), JSON)
    outcome = together(lambda _: wallet.collect_deferred(SLUG, presented, ask))
    assert outcome["ok"] == 1
    assert set(outcome) <= {"ok", "invalid_transaction_id", "temporarily_unavailable"}
    [delivery] = wallet.view_offers.get(registry.provider, view.offer.id).deliveries
    assert delivery.credential_id is not None


def test_V_11_the_same_key_at_once_is_one_record(registry: DemoRegistry) -> None:
    view = offer(registry, "same-key", tx_code=False)
    token, key = redeem(registry, view), HolderKey()
    wallet, presented = registry.application.wallet_issuing, PresentedToken("bearer", token, ())
    messages = [prove(registry, key) for _ in range(AT_ONCE)]
    answers: list[bytes] = []

    def ask(number: int) -> None:
        answers.append(wallet.issue_to_wallet(SLUG, presented, messages[number]).content)

    outcome = together(ask)
    assert set(outcome) <= {"ok", "temporarily_unavailable"}
    assert len(set(answers)) == 1
    assert len(wallet.view_offers.get(registry.provider, view.offer.id).deliveries) == 1
