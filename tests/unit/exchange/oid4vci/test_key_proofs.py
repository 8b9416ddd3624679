"""Key proofs (OID4VCI 1.0 appendix F.1), SECURITY V-05, V-06, V-07 and K-04."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from skillcred.encoding.json_types import JsonValue
from skillcred.exchange.nonces import NonceSealer, NonceUse
from skillcred.exchange.oid4vci.attestations import WalletProviders
from skillcred.exchange.oid4vci.errors import CredentialRequestError
from skillcred.exchange.oid4vci.key_proofs import KeyProofExpectation, ProvenKeys, verify_key_proofs
from skillcred.keys.algorithms import Algorithm
from worlds.wallet_tokens import NOW, SECONDS, WalletKey

ISSUER = "https://issuer.example/o/college"
NONCES = NonceSealer(bytes(range(32)), NonceUse.CREDENTIAL, ISSUER, timedelta(minutes=5))
NONCE = NONCES.build(bytes(16), NOW)
EXPECTED = KeyProofExpectation(ISSUER, NONCES, NOW, batch_size=5)
WALLET = WalletKey.generate()
SMALL_ORDER: JsonValue = {"kty": "OKP", "crv": "Ed25519", "x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}


def proof(key: WalletKey = WALLET, header: dict[str, JsonValue] | None = None, **claims: JsonValue) -> str:
    return key.sign(
        {"typ": "openid4vci-proof+jwt", "jwk": key.jwk, **(header or {})},
        {"aud": ISSUER, "iat": SECONDS, "nonce": NONCE, **claims},
    )


def named(key: WalletKey, kid: str | None = None) -> str:
    return proof(key, {"jwk": None, "kid": kid or key.did_url})


def verified(*tokens: str, expected: KeyProofExpectation = EXPECTED) -> ProvenKeys:
    return verify_key_proofs(tokens, expected)


def refused(*tokens: str, expected: KeyProofExpectation = EXPECTED) -> str:
    with pytest.raises(CredentialRequestError) as error:
        verify_key_proofs(tokens, expected)
    return error.value.code


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.P256, Algorithm.P384])
def test_a_key_held_or_named(algorithm: Algorithm) -> None:
    key = WalletKey.generate(algorithm)
    held, by_did = verified(proof(key)), verified(named(key))
    assert held.keys == by_did.keys
    assert held.keys[0].to_jwk() == key.jwk
    assert (held.dids, by_did.dids) == ((None,), (key.did,))
    assert held.nonce == NONCES.accept(NONCE, NOW)


def test_a_jwk_may_have_the_kid_that_wallets_add() -> None:
    verified(proof(header={"jwk": {**WALLET.jwk, "kid": "wallet-1"}}))


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "dpop+jwt"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"kid": WALLET.did_url},
        {"jwk": None},
        {"jwk": []},
        {"jwk": {**WALLET.jwk, "d": "AAAA"}},
        {"jwk": WalletKey.generate().jwk},
        {"jwk": SMALL_ORDER, "alg": "EdDSA"},
        {"x5c": ["AAAA"]},
        {"crit": ["typ"]},
    ],
    ids=lambda header: "-".join(header),
)
def test_v06_a_token_of_another_kind_or_key(header: dict[str, JsonValue]) -> None:
    assert refused(proof(header=header)) == "invalid_proof"


def test_v17_an_attestation_counts_only_where_somebody_is_trusted() -> None:
    attested = proof(header={"key_attestation": "a.b.c"})
    assert verified(attested).keys == verified(proof()).keys
    trusting = replace(EXPECTED, providers=WalletProviders())
    assert refused(attested, expected=trusting) == "invalid_proof"
    required = replace(trusting, attestation_required=True)
    assert refused(proof(), expected=required) == "invalid_proof"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://issuer.example/o/other"},
        {"aud": ISSUER + "/"},
        {"aud": [ISSUER]},
        {"aud": None},
        {"iat": SECONDS - 3600},
        {"iat": SECONDS + 3600},
        {"iat": SECONDS + 61},
        {"iat": SECONDS - 301},
        {"iat": None},
        {"nonce": None},
        {"nonce": ""},
        {"nonce": 1},
        {"iss": "wallet"},
        {"iss": ""},
    ],
    ids=str,
)
def test_v06_claims_for_another_request(claims: dict[str, JsonValue]) -> None:
    assert refused(proof(**claims)) == "invalid_proof"


def test_the_clock_of_a_wallet_may_be_off_a_little() -> None:
    assert len(verified(proof(iat=SECONDS + 60)).keys) == 1
    assert len(verified(proof(iat=SECONDS - 300)).keys) == 1


def test_a_changed_signature() -> None:
    token = proof()
    assert refused(token[:-8] + ("AAAAAAAA" if token[-8:] != "AAAAAAAA" else "BBBBBBBB")) == "invalid_proof"


@pytest.mark.parametrize(
    "kid",
    [
        "wallet-1",
        "did:web:wallet.example#key-1",
        "did:unknown:x#y",
        pytest.param(WALLET.did, id="no fragment"),  # a new key in each process: no name for a test
    ],
)
def test_a_name_that_leads_to_no_key(kid: str) -> None:
    assert refused(named(WALLET, kid)) == "invalid_proof"


def test_a_known_client_may_say_its_name_and_no_other() -> None:
    known = replace(EXPECTED, client_id="wallet")
    verified(proof(iss="wallet"), expected=known)
    verified(proof(), expected=known)
    assert refused(proof(iss="other"), expected=known) == "invalid_proof"


def test_a_credential_that_names_its_holder_needs_a_did() -> None:
    naming = replace(EXPECTED, with_did=True)
    assert verified(named(WALLET), expected=naming).dids == (WALLET.did,)
    assert refused(proof(), expected=naming) == "invalid_proof"


def test_only_kinds_of_keys_that_are_offered() -> None:
    assert (
        refused(proof(), expected=replace(EXPECTED, algorithms=frozenset({Algorithm.ED25519})))
        == "invalid_proof"
    )


@pytest.mark.parametrize(
    "nonce",
    [
        "self-made",
        NONCES.build(bytes(16), NOW - timedelta(minutes=5)),
        replace(NONCES, issuer="https://issuer.example/o/other").build(bytes(16), NOW),
        replace(NONCES, use=NonceUse.DPOP).build(bytes(16), NOW),
    ],
    ids=["self-made", "expired", "other issuer", "other use"],
)
def test_v05_a_nonce_that_is_none_of_ours(nonce: str) -> None:
    assert refused(proof(nonce=nonce)) == "invalid_nonce"


def test_v07_a_batch_of_different_keys_in_order() -> None:
    keys = [WalletKey.generate() for _ in range(5)]
    assert [key.to_jwk() for key in verified(*map(proof, keys)).keys] == [key.jwk for key in keys]


def test_v07_all_or_nothing() -> None:
    keys = [WalletKey.generate() for _ in range(6)]
    tokens = [proof(key) for key in keys]
    assert refused() == "invalid_proof"
    assert refused(*tokens) == "invalid_proof"
    assert refused(tokens[0], tokens[0]) == "invalid_proof"
    assert refused(proof(keys[0]), named(keys[0])) == "invalid_proof"
    assert refused(tokens[0], proof(keys[1], nonce=NONCES.build(bytes(15) + b"1", NOW))) == "invalid_proof"
    assert refused(*tokens[:4], proof(keys[4], aud="https://other.example")) == "invalid_proof"
