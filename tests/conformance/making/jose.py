"""Section 4 (J): tokens, and the same rules for COSE messages."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

from conformance.making import documents as d
from conformance.making.case import Case, Expected, fail, malformed, open_question
from conformance.making.positives import ASKED, JWT, LEGACY
from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.encoding.multibase import encode_multibase
from skillcred.keys.algorithms import Algorithm
from worlds.pure_world import NOW, SoftSigner

AT = int(NOW.timestamp())
ALG = malformed(("alg_not_allowed", "/alg"))
MEMBER = "header_member_not_allowed"


def jwt(name: str, text: str, inputs: Any, expected: Any, **more: Any) -> Case:
    options = {"positive": "valid_vc_jwt", "extension": "jwt", "request": JWT, **more}
    return fail(name, text, inputs, expected, **options)


def claims(**members: Any) -> dict[str, Any]:
    return {**d.unsigned(), **members}


def hmac_token(alg: str, secret: bytes) -> bytes:
    message = (
        f"{d.part({'alg': alg, 'typ': 'vc+jwt', 'kid': d.ISSUER.verification_method})}.{d.part(d.unsigned())}"
    )
    made = hmac.new(
        secret, message.encode(), {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[alg]
    ).digest()
    return f"{message}.{encode_base64url(made)}".encode()


def secrets() -> dict[str, bytes]:
    """The issuer's public key in all the forms in which libraries have taken it for a shared secret."""
    jwk = d.ISSUER.public_key.to_jwk()
    raw = d.ISSUER.public_key.to_multikey()
    key = Ed25519PublicKey.from_public_bytes(_raw(jwk))
    spki, info = serialization.Encoding, serialization.PublicFormat
    return {
        "pem": key.public_bytes(spki.PEM, info.SubjectPublicKeyInfo),
        "der": key.public_bytes(spki.DER, info.SubjectPublicKeyInfo),
        "raw": _raw(jwk),
        "ssh": key.public_bytes(spki.OpenSSH, info.OpenSSH),
        "jwk": json.dumps(jwk).encode(),
        "multikey": raw.encode(),
        "empty": b"",
    }


def _raw(jwk: Any) -> bytes:
    return decode_base64url(jwk["x"])


def algorithms() -> Iterator[Case]:
    unsecured = {
        name: d.token(header={"alg": value, "typ": "vc+jwt", "kid": d.ISSUER.verification_method})
        for name, value in {"none": "none", "None": "None", "nOnE": "nOnE", "empty": "", "null": None}.items()
    }
    unsecured["missing"] = d.token(alg=...)
    yield jwt(
        "J-01_alg_none",
        "A token that names no algorithm. It must be refused before any key is looked at.",
        unsecured,
        ALG,
    )
    yield jwt(
        "J-01_no_signature",
        "The signature is left away, with the algorithm `none` and with the right one.",
        {
            "none": d.token(alg="none").rpartition(b".")[0] + b".",
            "EdDSA": d.token().rpartition(b".")[0] + b".",
        },
        {"none": ALG, "EdDSA": malformed("malformed_jws")},
    )
    yield jwt(
        "J-02_public_key_as_secret",
        "The issuer's public key, which everybody has, is used as the secret of an HMAC.",
        {
            **{form: hmac_token("HS256", secret) for form, secret in secrets().items()},
            "HS384": hmac_token("HS384", secrets()["pem"]),
            "HS512": hmac_token("HS512", secrets()["pem"]),
        },
        ALG,
    )
    p256, p384 = SoftSigner(2, Algorithm.P256), SoftSigner(2, Algorithm.P384)
    x25519 = X25519PublicKey.from_public_bytes(_raw(d.ISSUER.public_key.to_jwk()))
    agreement = encode_multibase(bytes.fromhex("ec01") + x25519.public_bytes_raw(), header="z")
    koblitz = "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"
    mismatch = malformed(("alg_key_mismatch", "/alg"), code="signature_wrong")
    foreign = open_question("unsupported_key_type")

    def under(did: str, **header: Any) -> bytes:
        return d.token(claims(issuer=did), kid=f"{did}#{did.removeprefix('did:key:')}", **header)

    yield jwt(
        "J-03_algorithm_of_another_key",
        "The header names an algorithm that is not the one of the key. The key decides, not the token.",
        {
            "ES256-by-Ed25519": d.token(alg="ES256"),
            "ES384-by-P-256": d.token(claims(issuer=p256.did), signer=p256, alg="ES384"),
            "EdDSA-by-P-256": d.token(claims(issuer=p256.did), signer=p256, alg="EdDSA"),
            "ES256-by-P-384": d.token(claims(issuer=p384.did), signer=p384, alg="ES256"),
            "EdDSA-by-X25519": under("did:key:" + agreement),
            "ES256-by-secp256k1": under("did:key:" + koblitz, alg="ES256"),
        },
        {
            **dict.fromkeys(
                ("ES256-by-Ed25519", "ES384-by-P-256", "EdDSA-by-P-256", "ES256-by-P-384"), mismatch
            ),
            "EdDSA-by-X25519": foreign,
            "ES256-by-secp256k1": foreign,
        },
    )


def keys() -> Iterator[Case]:
    kid = d.ISSUER.verification_method
    yield jwt(
        "J-04_key_in_the_header",
        "The attacker puts his own key into the header and signs with it in the issuer's name.",
        {
            "with-kid": d.token(signer=d.ATTACKER, kid=kid, jwk=d.ATTACKER.public_key.to_jwk()),
            "without-kid": d.token(signer=d.ATTACKER, kid=..., jwk=d.ATTACKER.public_key.to_jwk()),
        },
        malformed((MEMBER, "/jwk")),
    )
    mismatch = malformed("issuer_key_mismatch", code="issuer_key_mismatch")
    web = "did:web:attacker.example"
    yield jwt(
        "J-05_key_of_another",
        "The attacker signs with his own key and names it; the credential names the issuer.",
        {
            "issuer": d.token(signer=d.ATTACKER),
            "iss": d.token(claims(iss=d.ISSUER.did), signer=d.ATTACKER),
            "header-iss": d.token(claims(iss=d.ISSUER.did), signer=d.ATTACKER, iss=d.ISSUER.did),
            "did-web": d.token(signer=d.ATTACKER, kid=f"{web}#k"),
        },
        mismatch,
        request={**JWT, "evidence": [{"kind": "did_document", "id": web, "file": "attacker.json"}]},
        files={"attacker.json": d.text(d.did_document(web, d.ATTACKER))},
    )
    yield jwt(
        "J-05_presentation_by_another",
        "The attacker presents in the holder's name with a key of his own.",
        d.token(
            {**d.presentation(d.embedded()), "nonce": d.CHALLENGE, "aud": d.DOMAIN},
            typ="vp+jwt",
            signer=d.ATTACKER,
        ),
        malformed("holder_key_mismatch", code="holder_key_mismatch"),
        positive="valid_presentation_jwt",
        request={**ASKED, "media_type": "application/vp+jwt"},
    )
    names = {
        "path": "../../etc/passwd",
        "sql": "' OR 1=1 --",
        "nul": "keys/\0",
        "template": "${jndi:ldap://127.0.0.1/x}",
        "fragment": "#../" + "x" * 100,
    }
    yield jwt(
        "J-06_kid_that_is_no_name",
        "`kid` tries to be a path, a query, a template. It is compared as text and nothing else.",
        {
            **{name: d.token(kid=value) for name, value in names.items()},
            "long": d.token(kid="k" * 65_536),
            "long-within-the-header": d.token(kid="k" * 4096),
            "object": d.token(kid={"$ne": ""}),
            "list": d.token(kid=[kid]),
            "empty": d.token(kid=""),
            "other-did-in-a-path": d.token(kid=f"{d.ATTACKER.did}/{kid}", signer=d.ATTACKER),
        },
        {
            **dict.fromkeys(names, malformed("unknown_key", code="key_not_in_document")),
            "long": malformed("too_large"),
            "long-within-the-header": malformed(("malformed_kid", "/kid")),
            "object": malformed(("malformed_jws", "/kid")),
            "list": malformed(("malformed_jws", "/kid")),
            "empty": malformed(("malformed_kid", "/kid")),
            "other-did-in-a-path": malformed("invalid_did", code="invalid_verification_method"),
        },
    )
    addresses = {
        "jku-loopback": {"jku": "http://127.0.0.1/jwks"},
        "jku-metadata": {"jku": "http://169.254.169.254/latest"},
        "x5u": {"x5u": "https://attacker.example/chain.pem"},
        "x5c": {"x5c": ["MIIBAjCBqgIBATAKBggqhkjOPQQDAjAAMB4XDTI2MDEwMTAwMDAwMFo="]},
    }
    yield jwt(
        "J-07_addresses_of_keys",
        "The header says where the key is to be had, or brings a chain of certificates along. Nothing is asked for.",
        {name: d.token(signer=d.ATTACKER, kid=kid, **member) for name, member in addresses.items()},
        {name: malformed((MEMBER, f"/{next(iter(member))}")) for name, member in addresses.items()},
    )


def forms() -> Iterator[Case]:
    crits: dict[str, Any] = {
        "unknown": ["bork"],
        "empty": [],
        "exp": ["exp"],
        "text": "b64",
        "twice": ["exp", "exp"],
        "null": None,
    }
    yield jwt(
        "J-08_crit",
        "`crit` names extensions that must be understood. None is, so every one is refused, also those that"
        " are badly made.",
        {name: d.token(crit=value, bork=1) for name, value in crits.items()},
        malformed(("crit_not_allowed", "/crit")),
    )
    first, second, third = d.token().decode().split(".")
    whole = json.dumps(d.unsigned())
    yield jwt(
        "J-09_payload_outside_or_not_encoded",
        "The payload is taken out of the token, or stands there without encoding (RFC 7797).",
        {
            "b64-with-crit": d.token(b64=False, crit=["b64"]),
            "b64-alone": d.token(b64=False),
            "detached": f"{first}..{third}".encode(),
        },
        {
            "b64-with-crit": malformed((MEMBER, "/b64")),
            "b64-alone": malformed((MEMBER, "/b64")),
            "detached": malformed("json_syntax"),
        },
    )
    yield jwt(
        "J-09_payload_with_dots",
        "The payload stands between the dots as it is, with dots of its own.",
        f"{first}.{whole}.{third}".encode(),
        Expected("not_readable", (("media_type_mismatch", None),), step="parse"),
    )
    flat = {"payload": second, "protected": first, "signature": third}
    general = {"payload": second, "signatures": [{"protected": first, "signature": third}]}
    bad = {"protected": first, "signature": third[:-4] + "AAAA"}
    yield jwt(
        "J-10_json_serialization",
        "The JWS JSON serialization has room for no signature, for a good one beside a bad one, for headers"
        " that nothing"
        " signs. It is not read at all.",
        {
            "flattened": d.text(flat),
            "no-signatures": d.text({**general, "signatures": []}),
            "good-and-bad": d.text({**general, "signatures": [general["signatures"][0], bad]}),
            "alg-unprotected": d.text({**flat, "header": {"alg": "EdDSA"}}),
            "overlap": d.text({**flat, "header": {"kid": d.ATTACKER.verification_method}}),
            "credential-beside": d.text({**d.unsigned(), **flat}),
        },
        Expected("not_readable", (("media_type_mismatch", None),), step="parse"),
    )
    yield jwt(
        "J-10_json_serialization_as_a_credential",
        "The same, sent as a credential: what stands beside the signature is not what is signed.",
        {"flattened": d.text(flat), "credential-beside": d.text({**d.unsigned(), **flat})},
        {
            "flattened": Expected("not_a_credential", (("type_missing", "/type"),), step="parse"),
            "credential-beside": malformed(("proof_missing", "/proof"), code="proof_missing"),
        },
        request={},
    )
    kinds = [
        "kb+jwt",
        "at+jwt",
        "dpop+jwt",
        "statuslist+jwt",
        "openid4vci-proof+jwt",
        "vc+sd-jwt",
        "dc+sd-jwt",
    ]
    wrong = malformed(("type_not_allowed", "/typ"), code="wrong_envelope_type")
    yield jwt(
        "J-11_other_token_as_a_credential",
        "A token of another kind has all that a credential has but for its `typ`.",
        {kind.replace("+", "-"): d.token(typ=kind) for kind in [*kinds, "vp+jwt"]},
        wrong,
    )
    vp = {**d.presentation(d.embedded()), "nonce": d.CHALLENGE, "aud": d.DOMAIN}
    yield jwt(
        "J-11_other_token_as_a_presentation",
        "A token of another kind has all that a presentation has but for its `typ`.",
        {kind.replace("+", "-"): d.token(vp, typ=kind, signer=d.HOLDER) for kind in [*kinds, "vc+jwt"]},
        wrong,
        positive="valid_presentation_jwt",
        request={**ASKED, "media_type": "application/vp+jwt"},
    )
    yield jwt(
        "P-02_members_twice",
        "Members of the protected header or of the claims are there twice, so that two readers see two tokens.",
        {
            "alg": d.token(header=b'{"alg":"none","alg":"EdDSA","typ":"vc+jwt"}'),
            "typ-escaped": d.token(header=b'{"alg":"EdDSA","typ":"JWT","t\\u0079p":"vc+jwt"}'),
            "issuer": d.token(_twice("issuer", d.ATTACKER.did)),
        },
        {
            "alg": malformed(("duplicate_member", "/alg")),
            "typ-escaped": malformed(("duplicate_member", "/typ")),
            "issuer": malformed(("duplicate_member", "/issuer")),
        },
    )


def _twice(name: str, value: str) -> bytes:
    return json.dumps({name: value})[:-1].encode() + b"," + json.dumps(d.unsigned()).encode()[1:]


def contents() -> Iterator[Case]:
    inner = LEGACY["vc"]
    assert isinstance(inner, dict)
    yield jwt(
        "J-12_claims_against_the_credential_1_1",
        "In the older JWT claims stand for members of the credential. Here the two differ, and nobody could"
        " say which counts.",
        {
            "iss": d.token({**LEGACY, "vc": {**inner, "issuer": d.ATTACKER.did}}, typ="JWT"),
            "jti": d.token({**LEGACY, "jti": "urn:uuid:2"}, typ="JWT"),
            "sub": d.token({**LEGACY, "sub": d.ATTACKER.did}, typ="JWT"),
            "nbf": d.token({**LEGACY, "nbf": AT - 1}, typ="JWT"),
            "exp": d.token({**LEGACY, "exp": AT + 10}, typ="JWT"),
        },
        {
            n: malformed(("claim_conflict", f"/{n}"), code="claim_conflict")
            for n in ("iss", "jti", "sub", "nbf", "exp")
        },
        positive="valid_jwt_1_1",
        request={"media_type": "application/jwt"},
    )
    yield jwt(
        "J-12_claims_against_the_credential",
        "Claims beside the credential name another issuer, another credential, another person.",
        {
            "iss": d.token(claims(iss=d.ATTACKER.did)),
            "jti": d.token(claims(jti="urn:uuid:2")),
            "sub": d.token(claims(sub=d.ATTACKER.did)),
        },
        {n: malformed(("claim_conflict", f"/{n}"), code="claim_conflict") for n in ("iss", "jti", "sub")},
    )
    ambiguous = malformed("ambiguous_claims")
    context = malformed(("ambiguous_claims", "/@context"))
    yield jwt(
        "J-13_two_versions_in_one_token",
        "A token that two readers read by two sets of rules: the older claim `vc` inside the newer type, and"
        " the contents"
        " of VCDM 1.1 under it.",
        {
            "vc-smuggled": d.token(claims(vc=inner)),
            "vp-smuggled": d.token(claims(vp={})),
            "old-claims-new-type": d.token(LEGACY),
            "old-context": d.token({**inner, "iss": d.ISSUER.did}),
            "old-context-second": d.token(
                claims(**{"@context": [*inner["@context"], *d.unsigned()["@context"]]})
            ),
        },
        {
            "vc-smuggled": malformed(("ambiguous_claims", "/vc")),
            "vp-smuggled": malformed(("ambiguous_claims", "/vp")),
            "old-claims-new-type": malformed(("ambiguous_claims", "/vc")),
            "old-context": context,
            "old-context-second": context,
        },
    )
    yield jwt(
        "J-13_new_credential_in_the_old_type",
        "What a `vc+jwt` holds, in a token of the older type, alone and beside the older claim.",
        {
            "alone": d.token(typ="JWT"),
            "beside-vc": d.token(claims(vc=inner), typ="JWT"),
            "vc-and-vp": d.token({**LEGACY, "vp": {}}, typ="JWT"),
        },
        ambiguous,
        positive="valid_jwt_1_1",
        request={"media_type": "application/jwt"},
    )
    dates = {
        "text": '"9999999999"',
        "true": "true",
        "list": "[]",
        "object": "{}",
        "null": "null",
        "negative": "-1",
    }
    numbers = {"infinite": "1e999", "long": "1" + "0" * 400}
    yield jwt(
        "J-14_times_that_are_none",
        "`exp` is no date, so that a careless comparison lets the token live for ever.",
        {name: d.token(_with_number("exp", value)) for name, value in (dates | numbers).items()},
        {
            **dict.fromkeys(dates, malformed(("invalid_numeric_date", "/exp"))),
            **dict.fromkeys(numbers, malformed("number_out_of_range")),
        },
    )
    yield jwt(
        "J-14_outside_its_time",
        "The signature has expired, or begins more than the accepted minute from now.",
        {
            "exp-past": d.token(claims(exp=AT - 1)),
            "nbf-61": d.token(claims(nbf=AT + 61)),
            "iat-61": d.token(claims(iat=AT + 61)),
        },
        {
            "exp-past": malformed("proof_expired", code="proof_expired"),
            "nbf-61": malformed("proof_from_the_future", code="proof_from_the_future"),
            "iat-61": malformed("proof_from_the_future", code="proof_from_the_future"),
        },
    )


def _with_number(name: str, literal: str) -> bytes:
    return json.dumps(d.unsigned())[:-1].encode() + f', "{name}": {literal}}}'.encode()


def cases() -> Iterator[Case]:
    yield from algorithms()
    yield from keys()
    yield from forms()
    yield from contents()
