"""Controlled identifier documents: one reading, and a reason for every key that cannot be used (K-04,
K-10)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillcred.encoding.base64url import encode_base64url
from skillcred.encoding.multibase import encode_base58, encode_multibase
from skillcred.identifiers import (
    ControlledIdentifierDocument,
    DidDocumentError,
    DidError,
    build_did_document,
    parse_controlled_identifier_document,
)
from skillcred.identifiers.documents import MAX_DOCUMENT_BYTES, MAX_VERIFICATION_METHODS
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm

DID = "did:web:issuer.example"
ED25519 = PrivateKey.generate(Algorithm.ED25519).public_key
OTHER = PrivateKey.generate(Algorithm.ED25519).public_key
P256 = PrivateKey.generate(Algorithm.P256).public_key
SMALL_ORDER = encode_multibase(bytes.fromhex("ed0101") + bytes(31))
SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHgeXouLzo6haApm8XHqvjxq"


def method(name: str = f"{DID}#key-1", **members: Any) -> dict[str, Any]:
    base = {"id": name, "type": "Multikey", "controller": DID, "publicKeyMultibase": ED25519.to_multikey()}
    return {key: value for key, value in (base | members).items() if value is not None}


def parse(*methods: Any, **members: Any) -> ControlledIdentifierDocument:
    document = {"id": DID, "verificationMethod": list(methods), "assertionMethod": [f"{DID}#key-1"]} | members
    return parse_controlled_identifier_document(json.dumps(document).encode(), expected_id=DID)


@pytest.mark.parametrize(
    ("item", "key"),
    [
        pytest.param(method(), ED25519, id="multikey"),
        pytest.param(method(id="#key-1"), ED25519, id="relative-id"),
        pytest.param(
            method(type="JsonWebKey", publicKeyMultibase=None, publicKeyJwk=P256.to_jwk()), P256, id="jwk"
        ),
        pytest.param(
            method(type="JsonWebKey2020", publicKeyMultibase=None, publicKeyJwk=P256.to_jwk()),
            P256,
            id="jwk-2020",
        ),
        pytest.param(method(type="Ed25519VerificationKey2020"), ED25519, id="ed25519-2020"),
        pytest.param(method(publicKeyJwk=ED25519.to_jwk()), ED25519, id="K-10-two-encodings-that-agree"),
        pytest.param(method(controller="did:web:parent.example"), ED25519, id="other-controller"),
    ],
)
def test_usable_method(item: dict[str, Any], key: object) -> None:
    document = parse(item)
    found = document.get_verification_method(f"{DID}#key-1", relationship="assertionMethod")
    assert found.public_key == key
    assert found.controller == item["controller"]
    assert found.type == item["type"]
    assert document.verification_methods == {f"{DID}#key-1": found}


@pytest.mark.parametrize(
    ("item", "code"),
    [
        pytest.param(method(publicKeyMultibase=SMALL_ORDER), "small_order_key", id="K-04-small-order"),
        pytest.param(
            method(publicKeyMultibase=encode_multibase(b"\xed\x01" + ED25519.key_bytes[:-1])),
            "invalid_key",
            id="K-01-short",
        ),
        pytest.param(method(publicKeyMultibase=7), "invalid_key", id="not-text"),
        pytest.param(method(publicKeyMultibase=None), "invalid_key", id="no-key"),
        pytest.param(method(type="JsonWebKey"), "invalid_key", id="multikey-in-json-web-key"),
        pytest.param(method(publicKeyMultibase=None, publicKeyJwk=[]), "invalid_key", id="jwk-not-an-object"),
        pytest.param(
            method(type="Ed25519VerificationKey2020", publicKeyMultibase=P256.to_multikey()),
            "invalid_key",
            id="p256-as-ed25519-2020",
        ),
        pytest.param(
            method(publicKeyMultibase=encode_multibase(bytes.fromhex("ec01") + bytes(32))),
            "unsupported_key_type",
            id="x25519",
        ),
        pytest.param(
            method(type="Ed25519VerificationKey2018", publicKeyMultibase=None, publicKeyBase58="x"),
            "unsupported_method_type",
            id="ed25519-2018",
        ),
        pytest.param(
            method(publicKeyBase58=encode_base58(OTHER.key_bytes)),
            "unsupported_method_type",
            id="K-10-key-and-old-encoding",
        ),
        pytest.param(
            method(type="EcdsaSecp256k1RecoveryMethod2020"), "unsupported_method_type", id="other-type"
        ),
        pytest.param(method(secretKeyMultibase=SECRET), "private_key_given", id="secret-key"),
        pytest.param(
            method(type="JsonWebKey", publicKeyMultibase=None, publicKeyJwk=ED25519.to_jwk() | {"d": SECRET}),
            "private_key_given",
            id="private-jwk",
        ),
        pytest.param(method(expires="tomorrow"), "invalid_datetime", id="expires-no-time"),
        pytest.param(method(revoked=5), "invalid_datetime", id="revoked-number"),
    ],
)
def test_unusable_method_is_known_with_its_reason(item: dict[str, Any], code: str) -> None:
    document = parse(item, method(f"{DID}#key-2"), assertionMethod=[f"{DID}#key-1", "#key-2"])
    assert document.unusable == {f"{DID}#key-1": code}
    assert set(document.verification_methods) == {f"{DID}#key-2"}
    with pytest.raises(DidDocumentError) as caught:
        document.get_verification_method(f"{DID}#key-1", relationship="assertionMethod")
    assert caught.value.code == code
    assert document.get_verification_method(f"{DID}#key-2", relationship="assertionMethod")


@pytest.mark.parametrize(
    ("methods", "code"),
    [
        pytest.param(
            [method("did:web:other.example#key-1")], "did_document_mismatch", id="K-10-id-of-other-did"
        ),
        pytest.param([method(f"{DID}.evil.example#key-1")], "did_document_mismatch", id="K-10-id-prefix"),
        pytest.param(
            [method(), method(publicKeyMultibase=OTHER.to_multikey())],
            "duplicate_verification_method",
            id="K-10-two-keys-of-one-name",
        ),
        pytest.param(
            [method(), method("#key-1", publicKeyMultibase=OTHER.to_multikey())],
            "duplicate_verification_method",
            id="K-10-two-keys-absolute-and-relative",
        ),
        pytest.param(
            [method(publicKeyJwk=OTHER.to_jwk())], "key_encodings_disagree", id="K-10-encodings-disagree"
        ),
        pytest.param([method(type=None)], "invalid_did_document", id="K-10-no-type"),
        pytest.param([method(type=["Multikey"])], "invalid_did_document", id="type-list"),
        pytest.param([method(controller=None)], "invalid_did_document", id="no-controller"),
        pytest.param([method(controller=[DID])], "invalid_did_document", id="controller-list"),
        pytest.param([method(DID)], "invalid_did_document", id="id-without-fragment"),
        pytest.param([method("key-1")], "invalid_did_document", id="id-not-a-url"),
        pytest.param([method(f"{DID}?x#key-1")], "invalid_did_document", id="id-with-query"),
        pytest.param([method(id=None)], "invalid_did_document", id="no-id"),
        pytest.param([f"{DID}#key-1"], "invalid_did_document", id="method-by-name-only"),
        pytest.param([None], "invalid_did_document", id="null"),
        pytest.param(
            [method(f"#key-{i}") for i in range(MAX_VERIFICATION_METHODS + 1)],
            "too_many_verification_methods",
            id="K-10-65-methods",
        ),
        pytest.param([method()] * 65, "too_many_verification_methods", id="K-10-65-times-the-same"),
    ],
)
def test_ambiguous_document_is_refused(methods: list[Any], code: str) -> None:
    with pytest.raises(DidDocumentError) as caught:
        parse(*methods)
    assert caught.value.code == code
    assert caught.value.pointer is not None
    assert caught.value.pointer.startswith("/verificationMethod/")


def test_64_methods_are_read() -> None:
    assert len(parse(*(method(f"#key-{i}") for i in range(64))).verification_methods) == 64


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b'{"id":"did:web:other.example"}', "did_document_mismatch", id="K-10-other-id"),
        pytest.param(b"{}", "did_document_mismatch", id="K-10-no-id"),
        pytest.param(b'{"id":["did:web:issuer.example"]}', "did_document_mismatch", id="K-10-id-list"),
        pytest.param(b'{"id":"did:web:issuer.example","id":"x"}', "duplicate_member", id="P-01-id-twice"),
        pytest.param(b"[]", "not_an_object", id="array"),
        pytest.param(b"<html>", "json_syntax", id="K-08-html"),
        pytest.param(b" " * (MAX_DOCUMENT_BYTES + 1), "too_large", id="K-08-too-large"),
        pytest.param(b"[" * 100, "too_deep", id="P-05-deep"),
        pytest.param(
            b'{"id":"did:web:issuer.example","assertionMethod":null}',
            "invalid_did_document",
            id="null-member",
        ),
        pytest.param(
            b'{"id":"did:web:issuer.example","assertionMethod":[3]}',
            "invalid_did_document",
            id="number-as-name",
        ),
    ],
)
def test_content_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(DidDocumentError) as caught:
        parse_controlled_identifier_document(content, expected_id=DID)
    assert caught.value.code == code


def test_embedded_methods_count_for_their_relationship_only() -> None:
    document = parse(method(), authentication=[method("#key-2")])
    assert document.relationships["authentication"] == {f"{DID}#key-2"}
    assert document.relationships["assertionMethod"] == {f"{DID}#key-1"}
    assert set(document.verification_methods) == {f"{DID}#key-1", f"{DID}#key-2"}
    with pytest.raises(DidDocumentError) as caught:
        document.get_verification_method(f"{DID}#key-2", relationship="assertionMethod")
    assert caught.value.code == "relationship_missing"


def test_embedding_the_same_method_again_is_fine_but_not_another_key() -> None:
    assert set(parse(method(), authentication=[method()]).verification_methods) == {f"{DID}#key-1"}
    with pytest.raises(DidDocumentError) as caught:
        parse(method(), authentication=[method(publicKeyMultibase=OTHER.to_multikey())])
    assert caught.value.code == "duplicate_verification_method"


def test_name_that_is_nowhere() -> None:
    document = parse(method(), assertionMethod="did:web:issuer.example#gone")
    assert document.relationships["assertionMethod"] == {f"{DID}#gone"}
    with pytest.raises(DidDocumentError) as caught:
        document.get_verification_method(f"{DID}#gone", relationship="assertionMethod")
    assert caught.value.code == "verification_method_not_found"


def test_times_of_a_method() -> None:
    document = parse(method(expires="2030-01-01T00:00:00Z", revoked="2026-05-01T02:00:00+02:00"))
    found = document.verification_methods[f"{DID}#key-1"]
    assert found.expires is not None
    assert found.expires.isoformat() == "2030-01-01T00:00:00+00:00"
    assert found.revoked is not None
    assert found.revoked.isoformat() == "2026-05-01T00:00:00+00:00"


def test_no_key_text_in_messages() -> None:
    with pytest.raises(DidDocumentError) as caught:
        parse(method(secretKeyMultibase=SECRET, type=None))
    assert SECRET not in str(caught.value) + repr(caught.value.__cause__)


@given(
    st.integers(0, 5), st.sampled_from([DID, "did:web:a.example%3A8443:b", "did:web:127.0.0.1%3A8000:orgs:x"])
)
def test_built_document_is_read_back(count: int, did: str) -> None:
    methods = [(f"{did}#key-{i}", ED25519.to_multikey()) for i in range(count)]
    built = build_did_document(did, methods, also_known_as=["https://issuer.example/"])
    document = parse_controlled_identifier_document(json.dumps(built).encode(), expected_id=did)
    assert {
        name: found.public_key.to_multikey() for name, found in document.verification_methods.items()
    } == dict(methods)
    assert document.relationships["assertionMethod"] == {name for name, _ in methods}
    assert not document.relationships["authentication"]
    assert not document.unusable


def test_build_refuses_a_method_of_another() -> None:
    with pytest.raises(DidError):
        build_did_document(DID, [("did:web:other.example#key-1", ED25519.to_multikey())])


def test_jwk_and_multikey_of_one_key_name_the_same_key() -> None:
    x = encode_base64url(ED25519.key_bytes)
    assert ED25519.to_jwk() == {"kty": "OKP", "crv": "Ed25519", "x": x}
