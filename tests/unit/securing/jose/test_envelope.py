"""SECURITY section 4: the strict reader of compact JSON Web Signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from skillcred.encoding.base64url import encode_base64url
from skillcred.keys.algorithms import CURVES, Algorithm
from skillcred.securing.jose.envelope import (
    BASIC_HEADER,
    SIGNATURE_ALGORITHMS,
    build_header,
    build_signing_input,
    check_type,
    encode_compact_jws,
    normalise_media_type,
    parse_compact_jws,
    parse_payload,
    verify_compact_jws,
)
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError
from worlds.pure_world import SoftSigner

SIGNERS = {algorithm: SoftSigner(5, algorithm) for algorithm in SIGNATURE_ALGORITHMS}
ED = SIGNERS[Algorithm.ED25519]
P256 = SIGNERS[Algorithm.P256]


def raw_token(header: bytes, payload: bytes = b"{}", signature: bytes = b"\x01" * 64) -> bytes:
    return b".".join(encode_base64url(part).encode() for part in (header, payload, signature))


def token(header: dict[str, Any], payload: bytes = b"{}", signer: SoftSigner = ED) -> bytes:
    signing_input = build_signing_input(header, payload)
    return encode_compact_jws(signing_input, signer.sign(signing_input))


def code_of(content: bytes, **options: Any) -> str:
    with pytest.raises(JoseError) as caught:
        parse_compact_jws(content, **options)
    return caught.value.code


@pytest.mark.parametrize("algorithm", SIGNATURE_ALGORITHMS)
def test_what_is_signed_is_read_back(algorithm: Algorithm) -> None:
    signer = SIGNERS[algorithm]
    for name in SIGNATURE_ALGORITHMS[algorithm]:
        header = {**build_header(algorithm, typ="vc+jwt", cty="vc", kid="did:a:b#c"), "alg": name}
        jws = parse_compact_jws(token(header, b'{"a":1}', signer))
        verify_compact_jws(jws, signer.public_key)
        assert (jws.type, jws.content_type, jws.key_id) == (
            "application/vc+jwt",
            "application/vc",
            "did:a:b#c",
        )
        assert parse_payload(jws) == {"a": 1}


@pytest.mark.parametrize(
    "value", ["none", "None", "nOnE", "NONE", "", None, 0, [], {}, ["ES256"], "es256", "ES256 "]
)
def test_j01_no_algorithm(value: Any) -> None:
    for signature in (b"", b"\x01" * 64):
        assert (
            code_of(raw_token(json.dumps({"alg": value}).encode(), signature=signature)) == "alg_not_allowed"
        )


def test_j01_alg_missing_or_signature_empty() -> None:
    assert code_of(raw_token(b"{}")) == "alg_not_allowed"
    assert code_of(raw_token(b'{"alg":"ES256"}', signature=b"")) == "malformed_jws"


@pytest.mark.parametrize("alg", ["HS256", "HS384", "HS512"])
def test_j02_public_key_as_secret(alg: str) -> None:
    key = P256.public_key
    for secret in (key.key_bytes, json.dumps(key.to_jwk()).encode(), key.to_multikey().encode()):
        signing_input = build_signing_input({"alg": alg}, b"{}")
        digest = hmac.new(secret, signing_input, "sha" + alg[2:]).digest()
        assert code_of(encode_compact_jws(signing_input, digest)) == "alg_not_allowed"


@pytest.mark.parametrize("key_algorithm", SIGNATURE_ALGORITHMS)
@pytest.mark.parametrize("alg", [name for names in SIGNATURE_ALGORITHMS.values() for name in names])
def test_j03_the_key_fixes_the_algorithm(key_algorithm: Algorithm, alg: str) -> None:
    signer = SIGNERS[key_algorithm]
    jws = parse_compact_jws(token({"alg": alg}, signer=signer))
    if alg in SIGNATURE_ALGORITHMS[key_algorithm]:
        verify_compact_jws(jws, signer.public_key)
    else:
        with pytest.raises(JoseError) as caught:
            verify_compact_jws(jws, signer.public_key)
        assert caught.value.code == "alg_key_mismatch"


@pytest.mark.parametrize("alg", ["RS256", "PS512", "ES256K", "ML-DSA-44"])
def test_j03_other_public_key_algorithms_cannot_be_judged(alg: str) -> None:
    with pytest.raises(JoseUnsupportedError) as caught:
        parse_compact_jws(raw_token(json.dumps({"alg": alg}).encode()))
    assert caught.value.code == "unsupported_alg"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("jwk", ED.public_key.to_jwk()),
        ("jku", "http://127.0.0.1/keys"),
        ("x5u", "http://169.254.169.254/latest"),
        ("x5c", ["MIIB"]),
        ("b64", False),
        ("b64", True),
        ("zip", "DEF"),
        ("enc", "A128GCM"),
        ("epk", {}),
    ],
)
def test_j04_j07_j09_j17_refused_members(member: str, value: Any) -> None:
    assert code_of(token({"alg": "EdDSA", member: value})) == "header_member_not_allowed"


def test_x5c_only_where_the_caller_allows_it() -> None:
    jws = parse_compact_jws(token({"alg": "EdDSA", "x5c": ["MIIB"]}), header_members={*BASIC_HEADER, "x5c"})
    assert jws.header["x5c"] == ["MIIB"]


@pytest.mark.parametrize("value", [["bork"], [], ["exp"], "b64", ["b64"], ["a", "a"], None, {}])
def test_j08_crit(value: Any) -> None:
    assert code_of(token({"alg": "EdDSA", "crit": value})) == "crit_not_allowed"
    assert code_of(token({"alg": "EdDSA", "crit": value, "b64": False, "exp": 1})) != ""


def test_unknown_header_members_leave_it_open() -> None:
    with pytest.raises(JoseUnsupportedError) as caught:
        parse_compact_jws(token({"alg": "EdDSA", "a/b": 1}))
    assert (caught.value.code, caught.value.pointer) == ("unsupported_header_member", "/a~1b")


@pytest.mark.parametrize(
    "kid",
    [1, [], {}, None, True, "", "x" * 2049],
    ids=["int", "list", "object", "null", "true", "empty", "long"],
)
def test_j06_kid_is_text_of_bounded_length(kid: Any) -> None:
    assert code_of(token({"alg": "EdDSA", "kid": kid})) in ("malformed_jws", "malformed_kid")


@pytest.mark.parametrize("kid", ["../../etc/passwd", "' OR 1=1", "keys/\0", "${jndi:ldap://x}", "\u202e"])
def test_j06_kid_is_opaque(kid: str) -> None:
    assert parse_compact_jws(token({"alg": "EdDSA", "kid": kid})).key_id == kid


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".",
        b"a.b",
        b"a.b.c.d",
        b"a.b.c.d.e",
        b"=..",
        b'{"payload":"","signatures":[]}',
        b'{"payload":"e30","protected":"e30","signature":"AA"}',
        token({"alg": "EdDSA"}).replace(b".", b"..", 1),
        token({"alg": "EdDSA"}) + b"\n",
        b" " + token({"alg": "EdDSA"}),
        token({"alg": "EdDSA"}) + b"=",
        token({"alg": "EdDSA"}) + b"~",
        token({"alg": "EdDSA"}) + b".",
        "е".encode() + token({"alg": "EdDSA"}),
    ],
)
def test_j09_j10_j16_forms(content: bytes) -> None:
    assert code_of(content) == "malformed_jws"


def test_j16_base64url_is_canonical() -> None:
    good = token({"alg": "EdDSA"}, b'{"a":"?>?>"}')
    head, payload, signature = good.split(b".")
    for bad in (
        base64.b64encode(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4))),
        payload + b"=" * (-len(payload) % 4 or 4),
        payload[:3] + b"\n" + payload[3:],
        payload.replace(b"e", "е".encode(), 1),
    ):
        if bad != payload:
            assert code_of(b".".join((head, bad, signature))) == "malformed_jws"
    last = signature[-1:]
    other = bytes([last[0] + 1])
    assert code_of(good[:-1] + other) == "malformed_jws", "non-zero trailing bits"


def test_j15_sizes_before_decoding() -> None:
    huge = b"A" * (4 * 1024 * 1024)
    good = token({"alg": "EdDSA"})
    head, payload, signature = good.split(b".")
    many = json.dumps({"alg": "EdDSA", **{f"m{n}": n for n in range(100_000)}}).encode()
    hostile = [
        b".".join((huge, payload, signature)),
        b".".join((head, payload, huge[: 1024 * 1024 - 1000])),
        raw_token(many),
        b"." * 1_000_000,
    ]
    for content in hostile:
        before = time.thread_time()
        assert code_of(content) in ("too_large", "malformed_jws")
        assert time.thread_time() - before < 0.05


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (b'{"alg":"none","alg":"EdDSA"}', "duplicate_member"),
        (b'{"alg":"EdDSA","\\u0061lg":"none"}', "duplicate_member"),
        (b'\xef\xbb\xbf{"alg":"EdDSA"}', "byte_order_mark"),
        (b'{"alg":"EdDSA","x":NaN}', "number_out_of_range"),
        (b'["EdDSA"]', "not_an_object"),
        (b'{"alg":"EdDSA","kid":"\\ud800"}', "lone_surrogate"),
        (b'{"alg":"EdDSA","x":[[[[[]]]]]}', "too_deep"),
        (b'{"alg":"EdDSA",}', "json_syntax"),
        ('{"alg":"EdDSA"}'.encode("utf-16-be"), "not_utf8"),
    ],
)
def test_p02_header_is_strict_json(header: bytes, code: str) -> None:
    assert code_of(raw_token(header)) in (code, "json_syntax")


def test_p01_payload_is_strict_json() -> None:
    jws = parse_compact_jws(token({"alg": "EdDSA"}, b'{"issuer":"did:a:good","iss\\u0075er":"did:a:evil"}'))
    with pytest.raises(JoseError) as caught:
        parse_payload(jws)
    assert caught.value.code == "duplicate_member"


def test_j18_signature_forms() -> None:
    signing_input = build_signing_input({"alg": "ES256"}, b"{}")
    good = P256.sign(signing_input)
    r, s = int.from_bytes(good[:32]), int.from_bytes(good[32:])
    order = CURVES[Algorithm.P256].order

    def judge(signature: bytes) -> bool:
        try:
            verify_compact_jws(
                parse_compact_jws(encode_compact_jws(signing_input, signature)), P256.public_key
            )
        except JoseError:
            return False
        return True

    assert judge(good)
    assert judge(r.to_bytes(32) + (order - s).to_bytes(32)), "the mirrored s is the same signature"
    for bad in (
        encode_dss_signature(r, s),
        good[:-1],
        good + b"\0",
        bytes(32) + good[32:],
        good[:32] + bytes(32),
        order.to_bytes(32) + good[32:],
        good[:32] + order.to_bytes(32),
        bytes(64),
        hashlib.sha512(good).digest(),
    ):
        assert not judge(bad)


MEDIA_TYPES = [
    ("vc+jwt", "application/vc+jwt"),
    ("VC+JWT", "application/vc+jwt"),
    ("application/vc+jwt", "application/vc+jwt"),
    ("Application/VC+jwt", "application/vc+jwt"),
    ("JWT", "application/jwt"),
    ("text/vc+jwt", "text/vc+jwt"),
    ("\u212ab+jwt", None),
    ("vc+jwt; a=b", None),
    (" vc+jwt", None),
    ("vc+jwt\n", None),
    ("", None),
    ("/vc+jwt", None),
    ("a/b/c", None),
    ("application/application/vc+jwt", None),
]


@pytest.mark.parametrize(("value", "expected"), MEDIA_TYPES)
def test_media_types(value: str, expected: str | None) -> None:
    assert normalise_media_type(value) == expected


TYPES = [
    "vc+jwt", "vp+jwt", "dc+sd-jwt", "vc+sd-jwt", "kb+jwt", "at+jwt", "dpop+jwt", "statuslist+jwt",
    "openid4vci-proof+jwt", "JWT", None,
]  # fmt: skip


@pytest.mark.parametrize("mine", TYPES)
@pytest.mark.parametrize("wanted", [kind for kind in TYPES if kind])
def test_j11_only_the_diagonal(mine: str | None, wanted: str) -> None:
    header = {"alg": "EdDSA"} if mine is None else {"alg": "EdDSA", "typ": mine}
    jws = parse_compact_jws(token(header))
    if mine == wanted:
        check_type(jws, f"application/{wanted.lower()}")
    else:
        with pytest.raises(JoseError) as caught:
            check_type(jws, f"application/{wanted.lower()}")
        assert caught.value.code == "type_not_allowed"
