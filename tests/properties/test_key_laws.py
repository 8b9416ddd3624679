"""Laws of keys and identifiers: one text for one key, and no input raises anything but what is promised."""

from __future__ import annotations

import json
from contextlib import suppress

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.multibase import encode_multibase
from skillcred.identifiers import (
    DidDocumentError,
    DidError,
    build_did_jwk,
    build_did_key,
    derive_document,
    did_of,
    did_web_url,
    parse_controlled_identifier_document,
)
from skillcred.identifiers.did_key import DID_KEY_ALGORITHMS
from skillcred.keys.algorithms import TRAITS
from skillcred.keys.edwards25519 import GROUP_ORDER
from skillcred.keys.private_key import PrivateKey
from skillcred.keys.public_key import Algorithm, InvalidKeyError, PublicKey
from worlds.signable import signable

KEYS = [PrivateKey.generate(algorithm) for algorithm in Algorithm]
PUBLIC = [key.public_key for key in KEYS]
WITH_JWK = [key for key in PUBLIC if TRAITS[key.algorithm].jwk_algorithms]
DID = "did:web:issuer.example"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
jwk_members = st.sampled_from(["kty", "crv", "x", "y", "alg", "use", "key_ops", "kid", "ext", "d", "foo"])
method_members = st.sampled_from(
    ["id", "type", "controller", "publicKeyMultibase", "publicKeyJwk", "expires", "revoked", "secretKeyJwk"]
)


@given(st.sampled_from(list(Algorithm)), st.binary(max_size=64))
def test_bytes_are_a_key_with_one_text_or_refused(algorithm: Algorithm, data: bytes) -> None:
    try:
        key = PublicKey(algorithm, data)
    except InvalidKeyError:
        return
    assert PublicKey.from_multikey(key.to_multikey()) == key
    if TRAITS[algorithm].jwk_algorithms:
        assert PublicKey.from_jwk(key.to_jwk()) == key


@given(st.integers(2, 2**255 - 20))
def test_every_key_read_has_the_bytes_it_was_read_from(number: int) -> None:
    """About one number in sixteen is a key of prime order; whatever is read is not silently another key."""
    data = number.to_bytes(32, "little")
    try:
        key = PublicKey.from_multikey(encode_multibase(b"\xed\x01" + data))
    except InvalidKeyError:
        return
    assert key.key_bytes == data
    assert build_did_key(key) == f"did:key:{encode_multibase(bytes([0xED, 1]) + data)}"


@given(st.sampled_from(KEYS), st.binary(max_size=200), st.data())
def test_changed_signature_or_message_never_verifies(
    key: PrivateKey, content: bytes, data: st.DataObject
) -> None:
    message = signable(key.public_key.algorithm, content)
    signature = key.sign(message)
    assert key.public_key.verify(signature, message)
    position = data.draw(st.integers(0, len(signature) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    changed = signature[:position] + bytes([signature[position] ^ bit]) + signature[position + 1 :]
    assert not key.public_key.verify(changed, message)
    assert not key.public_key.verify(signature, message + b"\0")
    assert not key.public_key.verify(data.draw(st.binary(max_size=100)), message)


@given(st.sampled_from(WITH_JWK), jwk_members, json_values)
def test_jwk_with_one_member_changed_is_the_same_key_or_refused(
    key: PublicKey, member: str, value: object
) -> None:
    jwk: JsonObject = json.loads(json.dumps(key.to_jwk() | {member: value}))
    try:
        read = PublicKey.from_jwk(jwk)
    except InvalidKeyError:
        return
    assert read == key


@given(st.text(max_size=80) | st.from_regex(r"did:(key|jwk|web|x):[!-~]{0,60}", fullmatch=True))
def test_text_as_did_raises_nothing_else(text: str) -> None:
    for read in (did_of, did_web_url, derive_document):
        with suppress(DidError):
            read(text)


@given(st.sampled_from(PUBLIC))
def test_derived_documents_name_the_key_they_came_from(key: PublicKey) -> None:
    dids = [build_did_key(key)] if key.algorithm in DID_KEY_ALGORITHMS else []
    dids += [build_did_jwk(key)] if key in WITH_JWK else []
    for did in dids:
        document = derive_document(did)
        assert document is not None
        assert [method.public_key for method in document.verification_methods.values()] == [key]
        assert all(did_of(name) == did for name in document.verification_methods)


@given(st.sampled_from(PUBLIC), method_members, json_values)
def test_method_with_one_member_changed_never_becomes_another_key(
    key: PublicKey, member: str, value: object
) -> None:
    method = {
        "id": "#key-1",
        "type": "Multikey",
        "controller": DID,
        "publicKeyMultibase": key.to_multikey(),
    }
    content = json.dumps({"id": DID, "verificationMethod": [method | {member: value}]}).encode()
    try:
        document = parse_controlled_identifier_document(content, expected_id=DID)
    except DidDocumentError:
        return
    assert {found.public_key for found in document.verification_methods.values()} <= {key}
    assert len(document.verification_methods) + len(document.unusable) == 1


@given(
    st.dictionaries(st.sampled_from(["verificationMethod", "assertionMethod", "authentication"]), json_values)
)
def test_document_of_any_shape_raises_nothing_else(members: dict[str, object]) -> None:
    content = json.dumps({"id": DID} | members).encode()
    try:
        document = parse_controlled_identifier_document(content, expected_id=DID)
    except DidDocumentError:
        return
    assert not document.verification_methods


@given(
    message=st.binary(max_size=200),
    change=st.none() | st.tuples(st.integers(0, 63), st.integers(1, 255)),
    raised=st.booleans(),
)
def test_ed25519_signatures_are_judged_as_by_another_library(
    message: bytes, change: tuple[int, int] | None, raised: bool
) -> None:
    """Good ones, those with one byte changed, and those whose S is the same number beyond the group order."""
    private = KEYS[list(Algorithm).index(Algorithm.ED25519)]
    signature = bytearray(private.sign(message))
    if change is not None:
        signature[change[0]] ^= change[1]
    if raised:
        s = int.from_bytes(signature[32:], "little") + GROUP_ORDER
        signature[32:] = (s % 2**256).to_bytes(32, "little")
    try:
        Ed25519PublicKey.from_public_bytes(private.public_key.key_bytes).verify(bytes(signature), message)
    except InvalidSignature:
        expected = False
    else:
        expected = True
    assert private.public_key.verify(bytes(signature), message) is expected
    assert expected is (change is None and not raised)
