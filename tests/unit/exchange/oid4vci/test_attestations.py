"""What makers of wallets say, under a key that the operator knows or certificates that lead to his anchors: OID4VCI 1.0
appendices D and E, OpenID4VC HAIP 1.0 section 4.3.1 (SECURITY V-17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from skillcred.exchange.errors import ClientError
from skillcred.exchange.holder.proofs import sign_token
from skillcred.exchange.oid4vci.attestations import (
    WalletProviders,
    verify_key_attestation,
    verify_wallet_attestation,
)
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.keys.algorithms import Algorithm
from skillcred.keys.certificates import TrustAnchors
from worlds.certificates import (
    AUTHORITY,
    ENCRYPTING,
    OTHER_ROOT,
    ROOT,
    Certified,
    certify,
    certify_authority,
    crl_address,
    encode,
    ocsp_address,
)
from worlds.pure_world import NOW, SoftSigner

ISSUER: Final = "https://issuer.example/issuers/school"
SECONDS: Final = int(NOW.timestamp())
TRUSTING: Final = WalletProviders(anchors=TrustAnchors((ROOT.certificate,)))
MAKER: Final = certify(AUTHORITY, "Maker of wallets", names=None)
"""Nothing is compared with the names of a maker's certificate, so that it needs none."""
INSTANCE: Final = SoftSigner(61, Algorithm.P256)
CLIENT, KEYS = "oauth-client-attestation+jwt", "key-attestation+jwt"


def sign(maker: Any, typ: str, claims: dict[str, Any], **header: Any) -> str:
    full = {"iat": SECONDS, "exp": SECONDS + 600, **claims}
    header = {"x5c": maker.x5c, **header} if isinstance(maker, Certified) else header
    return sign_token(
        maker, typ, full, **{name: value for name, value in header.items() if value is not None}
    )


def attest_client(maker: Any = MAKER, **header: Any) -> str:
    claims = {"iss": "https://maker.example", "sub": "wallet", "cnf": {"jwk": INSTANCE.public_key.to_jwk()}}
    return sign(maker, CLIENT, claims, **header)


def attest_keys(maker: Any = MAKER, **header: Any) -> str:
    return sign(maker, KEYS, {"attested_keys": [INSTANCE.public_key.to_jwk()], "nonce": "n"}, **header)


def pop(**changes: Any) -> str:
    claims = {"iss": "wallet", "aud": ISSUER, "jti": "one", "iat": SECONDS}
    return sign_token(INSTANCE, "oauth-client-attestation-pop+jwt", {**claims, **changes})


def client(attestation: str, providers: WalletProviders = TRUSTING, proof: str | None = None) -> str:
    return verify_wallet_attestation(
        [attestation], [proof or pop()], issuer=ISSUER, providers=providers, at=NOW
    ).client_id


def test_certificates_that_lead_to_an_anchor() -> None:
    assert client(attest_client()) == "wallet"
    attested = verify_key_attestation(attest_keys(), TRUSTING, NOW)
    assert attested.keys == (INSTANCE.public_key,)
    assert attested.nonce == "n"
    direct = certify(ROOT, "Maker under the root", names=None)
    assert client(attest_client(direct)) == "wallet"


def test_a_key_that_is_known_and_one_that_is_not() -> None:
    known, unknown = SoftSigner(71, Algorithm.P256), SoftSigner(72, Algorithm.P256)
    providers = WalletProviders(frozenset({known.public_key.thumbprint()}))
    assert client(attest_client(known, jwk=known.public_key.to_jwk()), providers) == "wallet"
    with pytest.raises(ClientError):
        client(attest_client(unknown, jwk=unknown.public_key.to_jwk()), providers)


def revoked(maker: Certified) -> WalletProviders:
    """The operator has taken the maker's authority out of his anchors."""
    del maker
    return WalletProviders(anchors=TrustAnchors((OTHER_ROOT.certificate,)))


def with_anchor(maker: Certified) -> dict[str, Any]:
    return {"x5c": [*maker.x5c, encode(ROOT.certificate)]}


SELF_SIGNED: Final = certify(None, "Anybody", names=None)
_YEAR_AGO: Final = NOW - timedelta(days=400)
REFUSED: Final[dict[str, Callable[[], tuple[Any, dict[str, Any]]]]] = {
    "self-signed leaf": lambda: (SELF_SIGNED, {"x5c": [encode(SELF_SIGNED.certificate)]}),
    "the anchor itself": lambda: (ROOT, {"x5c": [encode(ROOT.certificate)]}),
    "the anchor in x5c": lambda: (MAKER, with_anchor(MAKER)),
    "another root": lambda: (certify(OTHER_ROOT, "Maker", names=None), {}),
    "certificates of somebody else": lambda: (SoftSigner(73, Algorithm.P256), {"x5c": MAKER.x5c}),
    "only the leaf": lambda: (MAKER, {"x5c": MAKER.x5c[:1]}),
    "in another order": lambda: (MAKER, {"x5c": MAKER.x5c[::-1]}),
    "a certificate that ended": lambda: (
        certify(AUTHORITY, "Maker", names=None, begin=_YEAR_AGO, end=NOW - timedelta(days=1)),
        {},
    ),
    "a certificate for encryption": lambda: (certify(AUTHORITY, "Maker", names=None, usage=ENCRYPTING), {}),
    "an authority": lambda: (certify_authority(ROOT, "Authority"), {}),
    "revocation by list, which nobody looked up": lambda: (
        certify(AUTHORITY, "Maker", names=None, extensions=(crl_address(),)),
        {},
    ),
    "revocation by question, which nobody asked": lambda: (
        certify(AUTHORITY, "Maker", names=None, extensions=(ocsp_address(),)),
        {},
    ),
    "a key beside them": lambda: (MAKER, {"jwk": INSTANCE.public_key.to_jwk()}),
    "neither key nor certificates": lambda: (MAKER, {"x5c": None}),
    "no certificates": lambda: (MAKER, {"x5c": []}),
    "what is no certificate": lambda: (MAKER, {"x5c": ["AAAA"]}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_v17_certificates_that_prove_nothing(case: str) -> None:
    maker, header = REFUSED[case]()
    with pytest.raises(ClientError) as error:
        client(attest_client(maker, **header))
    assert error.value.code == "invalid_client"
    with pytest.raises(CredentialRequestError) as refused:
        verify_key_attestation(attest_keys(maker, **header), TRUSTING, NOW)
    assert refused.value.code == "invalid_proof"


def test_v17_an_authority_that_is_trusted_no_more() -> None:
    with pytest.raises(ClientError):
        client(attest_client(), revoked(MAKER))
    with pytest.raises(ClientError):
        client(attest_client(), WalletProviders(frozenset({"another"})))


@pytest.mark.parametrize(
    "changes", [{"aud": ISSUER + "/"}, {"aud": [ISSUER]}, {"iss": "other"}, {"iat": SECONDS - 301}, {"jti": ""}]
)  # fmt: skip
def test_v17_a_proof_of_possession_for_something_else(changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        client(attest_client(), proof=pop(**changes))


def test_v17_the_instance_must_have_the_key() -> None:
    stranger = SoftSigner(62, Algorithm.P256)
    claims = {"iss": "wallet", "aud": ISSUER, "jti": "one", "iat": SECONDS}
    proof = sign_token(stranger, "oauth-client-attestation-pop+jwt", claims)
    with pytest.raises(ClientError):
        client(attest_client(), proof=proof)
