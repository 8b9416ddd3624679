"""Our own wallet, vouched for by a maker whom the operator trusts, where no other wallet gets anything."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from skillcred.adapters.wallet import RedirectListener
from skillcred.bootstrap.wallet import Wallet, build_wallet, read_trust
from skillcred.exchange.holder.errors import WalletMessageError, WalletRefusedError
from skillcred.services.accept_offer import AcceptOptions
from skillcred.services.wallet_records import PendingIssuance
from worlds.browse import browse
from worlds.certificates import certify, certify_authority
from worlds.databases import DEFAULT_POSTGRES_URL, scratch_database
from worlds.deployments import Deployment, running_deployment
from worlds.literal_parties import ScriptedPerson, WalletInMemory
from worlds.offices import ProviderOffice
from worlds.wallet_maker import WalletMaker

pytestmark = pytest.mark.nightly
FORMATS = ("dc+sd-jwt", "ldp_vc", "vc+sd-jwt", "jwt_vc_json")
GRANTS = ("pre_authorized_code", "authorization_code")
MAKER = WalletMaker()
_NOW = datetime.now(UTC)
_YEAR = {"begin": _NOW - timedelta(days=1), "end": _NOW + timedelta(days=365)}
ROOT = certify_authority(None, "Authority for wallets", **_YEAR)
CERTIFIED = WalletMaker(61, certified=certify(ROOT, "Certified maker", names=None, **_YEAR))
"""Known by its certificates; the other by its key."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def demanding(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """A service that gives credentials only to wallets by that maker."""
    folder: Path = tmp_path_factory.mktemp("demanding")
    trusted = folder / "makers.json"
    trusted.write_text(json.dumps(MAKER.jwks))
    anchors = folder / "anchors.pem"
    anchors.write_bytes(ROOT.pem)
    settings = {
        "wallet_providers_file": str(trusted),
        "wallet_anchors_file": str(anchors),
        "wallet_attestation": "required",
    }
    if request.param == "sqlite":
        with running_deployment(folder, **settings) as deployment:
            yield deployment
        return
    with scratch_database(DEFAULT_POSTGRES_URL) as url, running_deployment(folder, url, **settings) as found:
        yield found


def wallet_by(maker: WalletMaker | None) -> tuple[Wallet, ScriptedPerson]:
    """A wallet that talks to this machine, and who holds it."""
    person = ScriptedPerson()
    return build_wallet(WalletInMemory(), person, read_trust(None, local=True), attester=maker), person


@pytest.mark.parametrize(("kind", "grant"), list(itertools.product(FORMATS, GRANTS)))
@pytest.mark.parametrize("copies", [1, 3])
def test_an_attested_wallet_claims(demanding: Deployment, kind: str, grant: str, copies: int) -> None:
    provider = ProviderOffice(demanding)
    offer = provider.offer(formats=[kind], grants=[grant], tx_code=False)
    wallet, person = wallet_by(MAKER)
    if grant == "authorization_code":
        listener = RedirectListener(_visit)
        person.redirect_uri = listener.redirect_uri
        person.browse = listener.wait
    [received] = wallet.accept_offer(offer["offer_uri"], AcceptOptions(copies=copies)).received
    assert len(received.credential.copies) == copies
    assert provider.look(offer)["state"] == "claimed"


@pytest.mark.parametrize("maker", [MAKER, CERTIFIED], ids=["known key", "certificates"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("deferred", [False, True], ids=["at once", "deferred"])
@pytest.mark.parametrize("grant", GRANTS)
def test_attested_deferred_and_encrypted(
    demanding: Deployment, grant: str, deferred: bool, encrypted: bool, maker: WalletMaker
) -> None:
    """Each with each: what was put off is asked for later without a new attestation, and encrypted anew."""
    provider = ProviderOffice(demanding)
    offer = provider.offer(formats=["dc+sd-jwt"], grants=[grant], tx_code=False, deferred=deferred)
    wallet, person = wallet_by(maker)
    if grant == "authorization_code":
        listener = RedirectListener(_visit)
        person.redirect_uri = listener.redirect_uri
        person.browse = listener.wait
    options = AcceptOptions(copies=2, encrypted=encrypted)
    accepted = wallet.accept_offer(offer["offer_uri"], options)
    if deferred:
        [pending] = accepted.pending
        assert accepted.received == ()
        provider.release(offer)
        received = wallet.collect_credentials(pending, encrypted=encrypted)
        while isinstance(received, PendingIssuance):  # it was told when to come again
            time.sleep(0.1)
            received = wallet.collect_credentials(received, encrypted=encrypted)
    else:
        [received] = accepted.received
    assert len(received.credential.copies) == 2
    assert received.notified is not deferred
    assert provider.look(offer)["state"] == "claimed"


def _visit(url: str) -> None:
    assert browse(url) == 0


@pytest.mark.parametrize(
    ("maker", "error"),
    [
        (WalletMaker(seed=61), "invalid_client"),  # nobody knows this maker
        (WalletMaker(client={"exp": 1}), "invalid_client"),
        (WalletMaker(client={"sub": None}), "invalid_client"),
        (WalletMaker(pop={"aud": "https://other.example"}), "invalid_client"),
        (WalletMaker(pop={"iat": 1}), "invalid_client"),
        (WalletMaker(keys={"exp": 1}), "invalid_proof"),
        (WalletMaker(keys={"nonce": "another"}), "invalid_proof"),
        (WalletMaker(keys={"attested_keys": []}), "invalid_proof"),
    ],
)
def test_what_the_maker_does_not_vouch_for_is_refused(
    demanding: Deployment, maker: WalletMaker, error: str
) -> None:
    """SECURITY V-17."""
    offer = ProviderOffice(demanding).offer(tx_code=False)
    with pytest.raises(WalletRefusedError) as caught:
        wallet_by(maker)[0].accept_offer(offer["offer_uri"], AcceptOptions())
    assert caught.value.error == error


def test_a_wallet_that_nobody_vouches_for_says_so_before_it_asks(demanding: Deployment) -> None:
    offer: dict[str, Any] = ProviderOffice(demanding).offer(tx_code=False)
    with pytest.raises(WalletMessageError, match="key attestation"):
        wallet_by(None)[0].accept_offer(offer["offer_uri"], AcceptOptions())
    assert ProviderOffice(demanding).look(offer)["state"] == "unclaimed"
