"""Section 9 (SD), the holder's key binding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Expected, Positive, malformed
from conformance.making.keys import SMALL_ORDER
from conformance.making.sd_jwt import AT, DC, HOLDER, case, digest, disclosure, plain, sd_jwt
from skillcred.encoding.base64url import encode_base64url
from worlds.pure_world import SoftSigner

ASKED: dict[str, Any] = {**DC, "challenge": d.CHALLENGE, "domain": d.DOMAIN}
LEVEL = disclosure("level", "6G")
ROLE = disclosure("role", "welder", "eI8ZWm9QnKPpNPeNenHdhQ")
HELD = sd_jwt(
    plain(cnf={"jwk": HOLDER.public_key.to_jwk()}, _sd=sorted([digest(LEVEL), digest(ROLE)])), LEVEL, ROLE
)


def binding(
    presented: str, signer: SoftSigner = HOLDER, header: Mapping[str, Any] | None = None, **changes: Any
) -> str:
    """A KB-JWT for what is presented; `...` takes a claim away."""
    payload = {"iat": AT, "aud": d.DOMAIN, "nonce": d.CHALLENGE, "sd_hash": digest(presented), **changes}
    members = {name: value for name, value in payload.items() if value is not ...}
    return d.token(members, signer=signer, **{"typ": "kb+jwt", "kid": ..., **(header or {})}).decode()


def bound(presented: str, **options: Any) -> bytes:
    return (presented + binding(presented, **options)).encode()


def cases() -> Iterator[Case]:
    def kb(name: str, text: str, inputs: Mapping[str, bytes] | bytes, expected: Any) -> Case:
        return case(name, text, inputs, expected, positive="valid_dc_sd_jwt_kb", request=ASKED)

    def unbound(problem: str, pointer: str | None = None) -> Expected:
        return malformed((problem, pointer), code="key_binding_wrong")

    yield kb(
        "SD-09_key_binding_left_away",
        "The verifier asked for key binding; whoever has a copy of the credential sends it without.",
        {
            "stripped": HELD.encode(),
            "no-cnf": sd_jwt(plain()).encode(),
        },
        unbound("key_binding_missing"),
    )

    def confirmed(confirmation: Any) -> str:
        return sd_jwt(plain(cnf=confirmation))

    jwk = HOLDER.public_key.to_jwk()
    okp = {**d.ISSUER.public_key.to_jwk(), "x": encode_base64url(bytes.fromhex(SMALL_ORDER[0]))}
    small = confirmed({"jwk": okp})
    forged = binding(small, header={"alg": "EdDSA"}).rpartition(".")[0]
    yield kb(
        "SD-10_other_key",
        "The key binding is by another key than the one that the issuer confirmed: the attacker's own, one in"
        " the header, the"
        " issuer's, the same key for another algorithm.",
        {
            "attacker": bound(HELD, signer=d.ATTACKER),
            "header-jwk": bound(HELD, signer=d.ATTACKER, header={"jwk": d.ATTACKER.public_key.to_jwk()}),
            "issuer": bound(HELD, signer=d.ISSUER),
            "other-alg": bound(HELD, header={"alg": "ES384"}),
            "kid-of-the-attacker": bound(
                HELD, signer=d.ATTACKER, header={"kid": d.ATTACKER.verification_method}
            ),
        },
        {
            **dict.fromkeys(("attacker", "issuer", "other-alg"), unbound("key_binding_signature")),
            "header-jwk": malformed(("header_member_not_allowed", "/jwk")),
            "kid-of-the-attacker": unbound("key_binding_signature"),
        },
    )
    confirmations: dict[str, Any] = {
        "jku": {"jku": "https://attacker.example/jwks", "kid": "1"},
        "two-keys": {"jwk": jwk, "kid": d.HOLDER.verification_method},
        "empty": {},
        "kid-no-did": {"kid": "1"},
        "x5t": {"x5t#S256": "AAAA"},
    }
    yield kb(
        "SD-10_confirmation_of_no_single_key",
        "The issuer confirmed no key, two, or one that would have to be fetched.",
        {name: bound(confirmed(value)) for name, value in confirmations.items()},
        unbound("key_binding_key", "/cnf"),
    )
    yield kb(
        "SD-10_small_order_key",
        "The confirmed key is of small order, so that the signature nobody made would fit.",
        (small + forged + "." + encode_base64url(bytes.fromhex(SMALL_ORDER[0]) + bytes(32))).encode(),
        unbound("key_binding_key", "/cnf/jwk"),
    )
    audience = malformed(("audience_mismatch", "/aud"), code="wrong_domain")
    nonce = malformed(("nonce_mismatch", "/nonce"), code="wrong_challenge")
    yield kb(
        "SD-11_other_verifier_or_request",
        "A key binding that was made for somebody else, for another request, or is sent again.",
        {
            "aud-other": bound(HELD, aud="https://attacker.example"),
            "aud-prefix": bound(HELD, aud=d.DOMAIN + ".attacker.example"),
            "aud-with-scheme": bound(HELD, aud="redirect_uri:" + d.DOMAIN),
            "aud-array": bound(HELD, aud=[d.DOMAIN]),
            "aud-missing": bound(HELD, aud=...),
            "nonce-other": bound(HELD, nonce="another-question"),
            "nonce-missing": bound(HELD, nonce=...),
        },
        {
            **dict.fromkeys(("aud-other", "aud-prefix", "aud-with-scheme"), audience),
            **dict.fromkeys(("aud-array", "aud-missing"), unbound("key_binding_malformed", "/aud")),
            "nonce-other": nonce,
            "nonce-missing": unbound("key_binding_malformed", "/nonce"),
        },
    )
    old = unbound("key_binding_too_old", "/iat")
    ahead = unbound("key_binding_from_the_future", "/iat")
    yield kb(
        "SD-11_time_of_the_key_binding",
        "A key binding from an hour ago, from the time when clocks began, from the future, without a time, expired.",
        {
            "hour-ago": bound(HELD, iat=AT - 3600),
            "1970": bound(HELD, iat=0),
            "hour-ahead": bound(HELD, iat=AT + 3600),
            "2100": bound(HELD, iat=4102444800),
            "missing": bound(HELD, iat=...),
            "text": bound(HELD, iat=str(AT)),
            "expired": bound(HELD, exp=AT - 1),
        },
        {
            **dict.fromkeys(("hour-ago", "1970", "expired"), old),
            **dict.fromkeys(("hour-ahead", "2100"), ahead),
            "missing": unbound("key_binding_malformed", "/iat"),
            "text": malformed(("invalid_numeric_date", "/iat")),
        },
    )
    yield kb(
        "SD-11_type_and_algorithm_of_the_key_binding",
        "A token of another kind, or one that names no signature.",
        {
            "typ-vc": bound(HELD, header={"typ": "vc+jwt"}),
            "typ-missing": bound(HELD, header={"typ": ...}),
            "none": bound(HELD, header={"alg": "none"}),
            "HS256": bound(HELD, header={"alg": "HS256"}),
        },
        {
            **dict.fromkeys(("typ-vc", "typ-missing"), unbound("key_binding_type", "/typ")),
            **dict.fromkeys(("none", "HS256"), malformed(("alg_not_allowed", "/alg"))),
        },
    )
    issued = HELD.split("~")[0]
    signed_for = binding(HELD)
    shown = {
        "one-removed": "~".join((issued, LEVEL, "")),
        "all-removed": issued + "~",
        "reordered": "~".join((issued, ROLE, LEVEL, "")),
    }
    yield kb(
        "SD-12_other_disclosures_than_were_bound",
        "Between the holder and the verifier a disclosure is taken out or moved; the key binding was made over others.",
        {
            **{name: (presented + signed_for).encode() for name, presented in shown.items()},
            "one-added": (
                "~".join((issued, LEVEL, ROLE, "")) + binding("~".join((issued, LEVEL, "")))
            ).encode(),
            "other-hash": bound(HELD, sd_hash=digest(HELD, "sha-512")),
        },
        unbound("sd_hash_mismatch", "/sd_hash"),
    )
    first, second, third = issued.split(".")
    flattened = {
        "payload": second,
        "protected": first,
        "signature": third,
        "header": {"disclosures": [LEVEL, ROLE], "kb_jwt": signed_for},
    }
    yield case(
        "SD-12_json_serialization",
        "The JSON serialization, in which packages do not look at `sd_hash`. It is not read: what is not a"
        " compact token is"
        " JSON with an embedded proof, or nothing.",
        d.text(flattened),
        malformed(("proof_missing", "/proof"), code="proof_missing"),
        positive="valid_dc_sd_jwt_kb",
        extension="json",
        request={"challenge": d.CHALLENGE, "domain": d.DOMAIN},
    )


def positives() -> Iterator[Positive]:
    yield Positive(
        "valid_dc_sd_jwt_kb",
        "An SD-JWT VC presented with key binding, for the challenge and the name of the verifier.",
        bound(HELD),
        "sdjwt",
        ASKED,
    )
