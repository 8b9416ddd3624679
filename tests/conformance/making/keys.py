"""Section 7 (K): keys and identifiers that are not what they seem, under issuers and in DID documents."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Expected, fail, malformed, open_question
from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.multibase import decode_multibase, encode_multibase
from skillcred.keys.algorithms import Algorithm
from worlds.case_worlds import WEB_DID, WebSigner
from worlds.pure_world import SoftSigner

SIGNER = WebSigner(2)
METHOD = "/proof/verificationMethod"
P256 = SoftSigner(2, Algorithm.P256)
JWK = d.ISSUER.public_key.to_jwk()
SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
"""The eight points of small order, in their canonical encodings."""
NOT_CANONICAL = (
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
)
"""Other encodings of points of small order."""
FORGED = bytes.fromhex(SMALL_ORDER[0]) + bytes(32)
"""R is the neutral element and S is nought: under the neutral element as a key it fits every message."""


def key(code: str, point: bytes) -> str:
    return encode_multibase(bytes.fromhex(code) + point, header="z")


def issued_by(did: str, method: str, signature: bytes | None = None) -> bytes:
    """The credential in the name of `did`, its proof naming `method`; the signature is the issuer's or forged."""
    document = d.forced_jcs(d.unsigned(issuer=d.profile(did)), verificationMethod=method)
    if signature is not None:
        document["proof"]["proofValue"] = encode_multibase(signature, header="z")
    return d.text(document)


def by_key(multibase: str, signature: bytes | None = None) -> bytes:
    did = f"did:key:{multibase}"
    return issued_by(did, f"{did}#{multibase}", signature)


def by_jwk(text: str, signature: bytes | None = None, fragment: str = "0") -> bytes:
    did = f"did:jwk:{encode_base64url(text.encode())}"
    return issued_by(did, f"{did}#{fragment}", signature)


def named(name: str, text: str, inputs: Mapping[str, bytes], expected: Any) -> Case:
    return fail(name, text, inputs, expected, positive="valid_eddsa_jcs", extension="json")


def bad_method(code: str) -> Expected:
    return malformed((code, METHOD), code="invalid_verification_method")


def keys() -> Iterator[Case]:
    raw = bytes.fromhex(_hex(JWK["x"]))
    compressed = P256.public_key
    point = _point(compressed)
    koblitz = bytes.fromhex("02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    multikeys = {
        "33-bytes": key("ed01", raw + b"\0"),
        "31-bytes": key("ed01", raw[:-1]),
        "p256-32-bytes": key("8024", point[1:]),
        "p256-secp256k1": key("8024", koblitz),
        "p256-trailing": key("8024", point + b"\0"),
        "varint-not-minimal": key("ed8100", raw),
        "base64url": "u" + encode_base64url(bytes.fromhex("ed01") + raw),
        "unknown-code": key("ff7f", raw),
    }
    invalid = bad_method("invalid_key")
    yield named(
        "K-01_key_and_its_code_disagree",
        "A did:key says one type of key and holds another, is too long or too short, or is written a second way.",
        {name: by_key(multikey) for name, multikey in multikeys.items()},
        {name: invalid for name in multikeys if name != "unknown-code"}
        | {"unknown-code": open_question(("unsupported_key_type", METHOD))},
    )
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    points = {
        "not-on-the-curve": b"\x02" + (1).to_bytes(32),
        "infinity": b"\x00" + bytes(32),
        "x-too-large": b"\x02" + prime.to_bytes(32),
        "uncompressed-mark": b"\x04" + point[1:],
        "hybrid-mark": b"\x06" + point[1:],
        "x-only": b"\x05" + point[1:],
    }
    yield named(
        "K-02_points_that_are_none",
        "P-256 keys off the curve, at infinity, out of range, or with the mark of another form.",
        {name: by_key(key("8024", value)) for name, value in points.items()},
        invalid,
    )
    ec = P256.public_key.to_jwk()
    yield named(
        "K-02_points_in_a_jwk",
        "The same as a JWK, where both coordinates are given and need not belong together.",
        {
            "other-y": by_jwk(json.dumps({**ec, "y": ec["x"]})),
            "infinity": by_jwk(
                json.dumps({**ec, "x": encode_base64url(bytes(32)), "y": encode_base64url(bytes(32))})
            ),
            "short-x": by_jwk(json.dumps({**ec, "x": encode_base64url(bytes(31))})),
            "other-curve": by_jwk(json.dumps({**ec, "crv": "P-384"})),
        },
        invalid,
    )
    modulus = encode_base64url(b"\xc0" + bytes(126) + b"\x01")
    rsa = {
        f"e-{e}": {"kty": "RSA", "n": modulus, "e": encode_base64url(e.to_bytes(3).lstrip(b"\0"))}
        for e in (1, 2, 3, 65537)
    }
    yield named(
        "K-03_rsa",
        "RSA keys, weak or not, are not in the profile.",
        {
            **{name: by_jwk(json.dumps(value)) for name, value in rsa.items()},
            "did-key": by_key(key("8524", b"\x30\x81\x89" + bytes(136))),
        },
        open_question(("unsupported_key_type", METHOD)),
    )
    small = bad_method("small_order_key")
    yield named(
        "K-04_small_order_did_key",
        "An Ed25519 key of small order fits signatures that nobody made: this one, under the first of the"
        " keys, fits every"
        " message. Also in encodings that are not canonical.",
        {
            f"{number}": by_key(key("ed01", bytes.fromhex(text)), FORGED)
            for number, text in enumerate(SMALL_ORDER)
        }
        | {
            f"other-{number}": by_key(key("ed01", bytes.fromhex(text)), FORGED)
            for number, text in enumerate(NOT_CANONICAL)
        },
        {f"{number}": small for number in range(len(SMALL_ORDER))}
        | {f"other-{number}": invalid for number in range(len(NOT_CANONICAL))},
    )
    yield named(
        "K-04_small_order_did_jwk",
        "The same keys as a JWK.",
        {
            f"{number}": by_jwk(json.dumps({**JWK, "x": encode_base64url(bytes.fromhex(text))}), FORGED)
            for number, text in enumerate(SMALL_ORDER)
        },
        small,
    )
    yield named(
        "K-04_forged_signature",
        "Signatures with an R of small order, or with an S that is too large, under the issuer's good key.",
        {
            "small-r": _resigned(FORGED),
            "s-nought": _resigned(bytes.fromhex(_signature().hex()[:64]) + bytes(32)),
            "s-plus-order": _resigned(_larger(_signature())),
        },
        malformed(("signature_wrong", "/proof"), code="signature_wrong"),
    )
    jwks = {
        "private": {**JWK, "d": encode_base64url(bytes(32))},
        "symmetric": {"kty": "oct", "k": encode_base64url(bytes(32))},
        "other-alg": {**JWK, "alg": "ES256"},
        "encryption": {**JWK, "use": "enc"},
        "extra-member": {**JWK, "x5u": "https://attacker.example"},
        "padded": {**JWK, "x": JWK["x"] + "="},
    }
    yield named(
        "K-06_jwk_with_more_than_a_key",
        "A did:jwk with a private part, a shared secret, another use, or members that bring something along.",
        {name: by_jwk(json.dumps(value)) for name, value in jwks.items()},
        {
            "private": bad_method("private_key_given"),
            "symmetric": bad_method("private_key_given"),
            "other-alg": bad_method("jwk_conflict"),
            "encryption": bad_method("jwk_conflict"),
            "extra-member": bad_method("jwk_member_not_allowed"),
            "padded": invalid,
        },
    )
    yield named(
        "K-06_did_jwk_by_another_name",
        "A did:jwk has the one key `#0`. Other names, large ones, ones that are not canonical, are no key of it.",
        {
            "fragment": by_jwk(json.dumps(JWK), fragment="1"),
            "large": by_jwk(json.dumps({**JWK, "kid": "k" * 100_000})),
            "duplicate-member": by_jwk(json.dumps(JWK)[:-1] + ', "x": "AAAA"}'),
        },
        {
            "fragment": malformed(("key_not_in_document", METHOD), code="key_not_in_document"),
            "large": bad_method("invalid_did"),
            "duplicate-member": bad_method("invalid_did"),
        },
    )


def _hex(text: str) -> str:
    return decode_base64url(text).hex()


def _point(public: Any) -> bytes:
    jwk = public.to_jwk()
    x, y = bytes.fromhex(_hex(jwk["x"])), bytes.fromhex(_hex(jwk["y"]))
    return bytes([2 + y[-1] % 2]) + x


def _signature() -> bytes:
    return decode_multibase(d.forced_jcs(d.unsigned())["proof"]["proofValue"], headers="z")


def _larger(signature: bytes) -> bytes:
    order = 2**252 + 27742317777372353535851937790883648493
    return signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")


def _resigned(signature: bytes) -> bytes:
    document = d.forced_jcs(d.unsigned())
    document["proof"]["proofValue"] = encode_multibase(signature, header="z")
    return d.text(document)


def web(
    name: str, text: str, documents: Mapping[str, Any], expected: Mapping[str, Expected] | Expected
) -> Iterator[Case]:
    """One case for each DID document: the credential is always the same good one."""
    for variant, document in documents.items():
        recipe = isinstance(document, tuple)
        file = "did.recipe.json" if recipe else "did.json"
        shown = dict(document[0]) if recipe else document
        files = {file: d.text(shown)}
        if recipe:
            files["base.json"] = d.text(document[1])
        yield fail(
            f"{name}_{variant}",
            text,
            d.text(d.embedded(d.unsigned(issuer=d.profile(WEB_DID)), signer=SIGNER)),
            expected if isinstance(expected, Expected) else expected[variant],
            positive="valid_did_web",
            extension="json",
            request={
                "provider": WEB_DID,
                "evidence": [{"kind": "did_document", "id": WEB_DID, "file": file}],
            },
            files=files,
        )


def unavailable(problem: str) -> Expected:
    return open_question((problem, METHOD), code="key_not_available")


def documents() -> Iterator[Case]:
    good = d.did_document(WEB_DID, SIGNER)
    method = good["verificationMethod"][0]

    def changed(**members: Any) -> Any:
        item = {name: value for name, value in {**method, **members}.items() if value is not ...}
        return {**good, "verificationMethod": [item]}

    forged_key = key("ed01", bytes.fromhex(SMALL_ORDER[0]))
    many = {
        "document": "base.json",
        "list": "verificationMethod",
        "count": 10_000,
        "item": {**method, "id": f"{WEB_DID}#k@@"},
    }
    yield from web(
        "K-04_did_web",
        "The issuer's DID document holds a key of small order.",
        {
            "multikey": changed(publicKeyMultibase=forged_key),
            "jwk": changed(
                type="JsonWebKey",
                publicKeyMultibase=...,
                publicKeyJwk={**JWK, "x": encode_base64url(bytes.fromhex(SMALL_ORDER[1]))},
            ),
        },
        bad_method("small_order_key"),
    )
    other = d.ATTACKER.public_key.to_multikey()
    yield from web(
        "K-10_document",
        "The DID document cannot be read in one way only, so that it is not used at all.",
        {
            "other_id": {**good, "id": "did:web:attacker.example"},
            "method_of_another": {
                **good,
                "verificationMethod": [method, {**method, "id": "did:web:attacker.example#k"}],
            },
            "name_twice": {**good, "verificationMethod": [method, {**method, "publicKeyMultibase": other}]},
            "ten_thousand": (many, good),
            "no_type": changed(type=...),
            "two_encodings": changed(publicKeyJwk=d.ATTACKER.public_key.to_jwk()),
        },
        {
            "other_id": unavailable("did_document_mismatch"),
            "method_of_another": unavailable("did_document_mismatch"),
            "name_twice": unavailable("duplicate_verification_method"),
            "ten_thousand": unavailable("too_large"),
            "no_type": unavailable("invalid_did_document"),
            "two_encodings": unavailable("key_encodings_disagree"),
        },
    )
    yield from web(
        "K-11_key",
        "The issuer says since when the key must not be used any more, or does not have it any more. When the"
        " signature was"
        " made is only claimed, so an old date in it does not help.",
        {
            "revoked": changed(revoked="2026-05-01T00:00:00Z"),
            "expired": changed(expires="2026-05-01T00:00:00Z"),
            "gone": d.did_document(
                WEB_DID, d.ATTACKER, verificationMethod=[], assertionMethod=[], authentication=[]
            ),
            "replaced": changed(publicKeyMultibase=other),
        },
        {
            "revoked": malformed(("key_revoked", METHOD), code="key_revoked"),
            "expired": open_question(("key_expired", METHOD), code="key_expired"),
            "gone": malformed(("key_not_in_document", METHOD), code="key_not_in_document"),
            "replaced": malformed(("signature_wrong", "/proof"), code="signature_wrong"),
        },
    )
    yield from web(
        "K-13_backdated",
        "A stolen key signs with a date from before it was revoked. Nothing shows that the credential is that old.",
        {"signature": changed(revoked="2026-03-16T00:00:00Z")},
        malformed(("key_revoked", METHOD), code="key_revoked"),
    )
    for reason in (
        "timeout",
        "not_found",
        "redirect_not_allowed",
        "address_not_allowed",
        "tls_failed",
        "too_large",
    ):
        yield fail(
            f"K-12_document_not_to_be_had_{reason}",
            "The host of the issuer's DID document could not be asked, or its answer was not taken. What"
            " cannot be checked"
            " is not valid.",
            d.text(d.embedded(d.unsigned(issuer=d.profile(WEB_DID)), signer=SIGNER)),
            unavailable(reason),
            positive="valid_did_web",
            extension="json",
            request={
                "provider": WEB_DID,
                "evidence": [{"kind": "did_document", "id": WEB_DID, "unavailable": reason}],
            },
        )
    hosts = {
        "ipv6": "did:web:%5B%3A%3A1%5D",
        "hexadecimal": "did:web:0x7f000001",
        "decimal": "did:web:2130706433",
        "metadata": "did:web:169.254.169.254",
        "private": "did:web:10.0.0.1",
        "single-label": "did:web:internal",
        "port": "did:web:provider.example%3A22",
        "dots": "did:web:%2e%2e",
        "encoded-path": "did:web:provider.example%2F..%2Fattacker",
        "path-up": "did:web:provider.example:b:..:c",
        "userinfo": "did:web:provider.example%40attacker.example",
        "empty-segment": "did:web:provider.example::c",
        "long": "did:web:" + "a" * 5000,
    }
    yield named(
        "K-07_did_web_that_reaches_inside",
        "The issuer's did:web is an address, a name inside a network, or a way round the folder. It is refused"
        " as a name, and"
        " nobody is asked to fetch it.",
        {name: issued_by(did, f"{did}#k") for name, did in hosts.items()},
        bad_method("invalid_did"),
    )
    loopback = {"address": "did:web:127.0.0.1", "name": "did:web:localhost"}
    yield named(
        "K-07_did_web_of_this_machine",
        "Identifiers that a deployment under development has itself. The name is readable; the door does not"
        " fetch from there"
        " (tests/integration/test_egress_door.py), so that nothing can be checked.",
        {name: issued_by(did, f"{did}#k") for name, did in loopback.items()},
        unavailable("not_requested"),
    )


def cases() -> Iterator[Case]:
    yield from keys()
    yield from documents()
