"""DID syntax, and the methods whose document follows from the DID (SECURITY K-01, K-04, K-06)."""

from __future__ import annotations

import json
import time

import pytest

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.multibase import encode_multibase
from skillcred.identifiers import DidError, build_did_jwk, build_did_key, derive_document, did_of
from skillcred.identifiers.did_key import DID_KEY_ALGORITHMS
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm, PublicKey

OKP = PrivateKey.generate(Algorithm.ED25519).public_key
SMALL_ORDER = bytes([1]) + bytes(31)


def did_jwk(text: str) -> str:
    return f"did:jwk:{encode_base64url(text.encode())}"


@pytest.mark.parametrize(
    ("did_url", "did"),
    [
        ("did:web:a.example#key-1", "did:web:a.example"),
        ("did:web:a.example", "did:web:a.example"),
        ("did:example:a:b::c#x", "did:example:a:b::c"),
        ("did:web:a.example%3A8443:x#0", "did:web:a.example%3A8443:x"),
    ],
)
def test_did_of(did_url: str, did: str) -> None:
    assert did_of(did_url) == did


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("did:", id="no-method"),
        pytest.param("did:web", id="no-identifier"),
        pytest.param("did:web:", id="identifier-empty"),
        pytest.param("did:web:a.example:", id="K-07-empty-last-segment"),
        pytest.param("DID:web:a.example", id="scheme-upper-case"),
        pytest.param("did:Web:a.example", id="method-upper-case"),
        pytest.param("did:web:a.example#", id="empty-fragment"),
        pytest.param("did:web:a.example#a#b", id="two-fragments"),
        pytest.param("did:web:a.example/path#a", id="path"),
        pytest.param("did:web:a.example?service=x#a", id="query"),
        pytest.param("did:web:a.example%zz", id="bad-percent"),
        pytest.param("did:web:a.example%3", id="half-percent"),
        pytest.param("did:web:a.example\n", id="P-16-newline"),
        pytest.param(" did:web:a.example", id="P-16-space"),
        pytest.param("did:web:a.example\t#key", id="P-16-tab"),
        pytest.param("did:web:münchen.example", id="K-07-unicode-host"),
        pytest.param("did:web:a.example#key\n", id="P-16-newline-in-fragment"),
        pytest.param("did:web:" + "a" * 5_000, id="K-07-5-kb"),
        pytest.param("did:web:a.example#" + "a" * 5_000, id="K-07-5-kb-fragment"),
        pytest.param("https://a.example/issuer#key-1", id="https-url"),
        pytest.param("did:web:a\ud800", id="P-07-lone-surrogate"),
    ],
)
def test_not_a_did(text: str) -> None:
    with pytest.raises(DidError) as caught:
        did_of(text)
    assert caught.value.code == "invalid_did"


@pytest.mark.parametrize("text", ["a" * 1_000_000, "did:web:" + ":" * 1_000_000, "did:web:" + "%3" * 500_000])
def test_p17_long_text_is_refused_at_once(text: str) -> None:
    start = time.thread_time()
    with pytest.raises(DidError):
        did_of(text)
    assert time.thread_time() - start < 2


@pytest.mark.parametrize("algorithm", sorted(DID_KEY_ALGORITHMS))
def test_key_and_jwk_documents(algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm).public_key
    names = {build_did_key(key): f"{build_did_key(key)}#{key.to_multikey()}"}
    if algorithm is not Algorithm.BLS12381G2:
        names[build_did_jwk(key)] = f"{build_did_jwk(key)}#0"
    for did, name in names.items():
        document = derive_document(did)
        assert document is not None
        assert document.id == did
        assert list(document.verification_methods) == [name]
        method = document.verification_methods[name]
        assert (method.id, method.controller, method.public_key) == (name, did, key)
        assert {name for name, ids in document.relationships.items() if ids} == {
            "authentication",
            "assertionMethod",
            "capabilityInvocation",
            "capabilityDelegation",
        }


def test_an_ml_dsa_key_is_no_identifier() -> None:
    """Its DID URL would be longer than any that is read, and it would vouch for nobody (docs/adr/0006)."""
    key = PrivateKey.generate(Algorithm.MLDSA44).public_key
    with pytest.raises(DidError) as caught:
        build_did_key(key)
    assert caught.value.code == "unsupported_key_type"
    did = f"did:key:{key.to_multikey()}"
    with pytest.raises(DidError) as caught:
        derive_document(did)
    assert caught.value.code == "unsupported_key_type"
    with pytest.raises(DidError) as caught:
        did_of(f"{did}#{key.to_multikey()}")
    assert caught.value.code == "invalid_did"


def test_did_jwk_of_the_method_specification() -> None:
    did = (
        "did:jwk:eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImFjYklRaXVNczNpOF91c3pFakoydHBUdFJNNEVVM3l6OTFQSDZD"
        "ZEgyVjAiLCJ5IjoiX0tjeUxqOXZXTXB0bm1LdG00NkdxRHo4d2Y3NEk1TEtncmwyR3pIM25TRSJ9"
    )
    document = derive_document(did)
    assert document is not None
    assert document.verification_methods[f"{did}#0"].public_key.algorithm is Algorithm.P256


def test_did_web_needs_evidence() -> None:
    assert derive_document("did:web:a.example:issuers:x") is None


@pytest.mark.parametrize("did", ["did:web:127.0.0.1%3A8000:providers:x", "did:web:localhost%3A8000"])
def test_did_of_a_development_machine_is_known_but_never_fetched(did: str) -> None:
    assert derive_document(did) is None


@pytest.mark.parametrize(
    ("did", "code"),
    [
        pytest.param("did:example:123", "unsupported_did_method", id="other-method"),
        pytest.param(f"did:key:1.1:{OKP.to_multikey()}", "invalid_key", id="version-prefix"),
        pytest.param(f"did:key:{OKP.to_multikey()[1:]}", "invalid_key", id="K-01-no-header"),
        pytest.param(f"did:key:{OKP.to_multikey()}%00", "invalid_key", id="K-01-percent"),
        pytest.param(
            f"did:key:{encode_multibase(bytes.fromhex('ed01') + SMALL_ORDER)}",
            "small_order_key",
            id="K-04-key",
        ),
        pytest.param(
            did_jwk(json.dumps({"kty": "OKP", "crv": "Ed25519", "x": encode_base64url(SMALL_ORDER)})),
            "small_order_key",
            id="K-04-jwk",
        ),
        pytest.param(
            did_jwk(json.dumps(OKP.to_jwk() | {"d": "AAAA"})), "private_key_given", id="K-06-private"
        ),
        pytest.param(did_jwk(json.dumps(OKP.to_jwk() | {"alg": "ES256"})), "jwk_conflict", id="K-06-alg"),
        pytest.param(did_jwk('{"kty":"oct","k":"AAAA"}'), "private_key_given", id="K-06-oct"),
        pytest.param(
            did_jwk(json.dumps(OKP.to_jwk() | {"foo": 1})), "jwk_member_not_allowed", id="K-06-extra-member"
        ),
        pytest.param(did_jwk(json.dumps(OKP.to_jwk() | {"kid": "x" * 1100})), "invalid_did", id="K-06-large"),
        pytest.param(
            did_jwk(json.dumps(OKP.to_jwk() | {"kid": "x" * 100_000})), "invalid_did", id="K-06-100-kb"
        ),
        pytest.param(did_jwk('{"kty":"OKP","kty":"OKP"}'), "invalid_did", id="P-01-duplicate-member"),
        pytest.param(did_jwk("[]"), "invalid_did", id="K-06-not-an-object"),
        pytest.param(did_jwk("{"), "invalid_did", id="K-06-not-json"),
        pytest.param("did:jwk:e30%3D", "invalid_did", id="K-06-padding"),
        pytest.param("did:jwk:e31", "invalid_did", id="K-06-base64url-not-canonical"),
        pytest.param("did:jwk:e.30", "invalid_did", id="K-06-not-base64url"),
        pytest.param("did:web:10.0.0.1", "invalid_did", id="K-07-private-address"),
        pytest.param("not a did", "invalid_did", id="no-did"),
    ],
)
def test_refused(did: str, code: str) -> None:
    with pytest.raises(DidError) as caught:
        derive_document(did)
    assert caught.value.code == code


def test_k06_kid_of_did_jwk_is_always_0() -> None:
    jwk = OKP.to_jwk() | {"kid": "key-1"}
    did = did_jwk(json.dumps(jwk))
    document = derive_document(did)
    assert document is not None
    assert set(document.verification_methods) == {f"{did}#0"}
    assert document.verification_methods[f"{did}#0"].public_key == PublicKey.from_jwk(jwk)
