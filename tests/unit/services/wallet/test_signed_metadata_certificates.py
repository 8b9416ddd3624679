"""Signed metadata under certificates (OID4VCI 1.0 section 12.2.3): they count if they lead to an authority that the
holder trusts and are for the host of the issuer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from cryptography import x509

from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.keys.certificates import TrustAnchors
from skillcred.services.accept_offer import AcceptOptions
from skillcred.services.wallet_ports import WalletTrust
from worlds.certificates import AUTHORITY, HOST, OTHER_ROOT, ROOT, Certified, certify, ocsp_address
from worlds.literal_parties import Document, LiteralIssuer, ScriptedPerson
from worlds.pure_world import NOW
from worlds.sd_jwts import jwt
from worlds.wallets import wallet_over

SIGNED: Final = AcceptOptions(signed_metadata=True)
TRUSTING: Final = WalletTrust(TrustAnchors((ROOT.certificate,)))
GOOD: Final = certify(AUTHORITY, "School")
OTHER_HOST: Final = (x509.DNSName("other.example"), x509.UniformResourceIdentifier(f"https://{HOST}/school"))


def signed_by(certified: Certified, **header: Any) -> Callable[[Document], str]:
    members = {"typ": "openidvci-issuer-metadata+jwt", "kid": None, "x5c": certified.x5c, **header}
    return lambda content: jwt(content, certified, **members)  # type: ignore[arg-type]


def accept(token: Callable[[Document], str], trust: WalletTrust = TRUSTING) -> ScriptedPerson:
    person, issuer = ScriptedPerson(), LiteralIssuer(metadata_token=token)
    try:
        wallet_over(issuer, person=person, trust=trust).accept_offer(issuer.link(), SIGNED)
    except WalletMessageError:
        assert issuer.tokens == [], "nothing was asked for"
        raise
    return person


def test_a_certificate_for_the_host_of_the_issuer() -> None:
    assert accept(signed_by(GOOD)).offers[0].metadata_signed
    capital = certify(AUTHORITY, "School", names=(x509.DNSName(HOST.upper()),))
    assert accept(signed_by(capital)).offers[0].metadata_signed


@pytest.mark.parametrize(
    ("token", "trust"),
    [
        (signed_by(GOOD), WalletTrust()),
        (signed_by(GOOD), WalletTrust(TrustAnchors((OTHER_ROOT.certificate,)))),
        (signed_by(certify(OTHER_ROOT, "School")), TRUSTING),
        (signed_by(certify(AUTHORITY, "School", names=OTHER_HOST)), TRUSTING),
        (signed_by(certify(AUTHORITY, "School", names=(x509.DNSName(f"*.{HOST}"),))), TRUSTING),
        (signed_by(certify(AUTHORITY, "School", end=NOW - timedelta(days=1))), TRUSTING),
        (signed_by(certify(AUTHORITY, "School", extensions=(ocsp_address(),))), TRUSTING),
        (signed_by(GOOD, x5c=certify(AUTHORITY, "School").x5c), TRUSTING),
        (signed_by(GOOD, x5c=GOOD.x5c[:1]), TRUSTING),
        (signed_by(GOOD, x5c=[]), TRUSTING),
        (signed_by(GOOD, x5c="x"), TRUSTING),
        (signed_by(GOOD, typ="JWT"), TRUSTING),
    ],
    ids=[
        "nobody is trusted", "another is trusted", "by another root", "for another host", "wildcard", "ended",
        "revocation not looked up", "another key", "a link is missing", "empty", "text", "another type",
    ],
)  # fmt: skip
def test_what_proves_nothing(token: Callable[[Document], str], trust: WalletTrust) -> None:
    with pytest.raises(WalletMessageError) as caught:
        accept(token, trust)
    assert caught.value.code == "signed_metadata_not_trusted"
