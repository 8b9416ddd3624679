"""Section 9 (SD): disclosures, reserved names, and the holder's key binding."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Expected, Positive, fail, malformed
from skillcred.encoding.base64url import decode_base64url, encode_base64url
from skillcred.keys.algorithms import Algorithm
from skillcred.securing.sd_jwt.disclosure import encode_disclosure, hash_text
from worlds.pure_world import NOW, SoftSigner

VC: dict[str, Any] = {"media_type": "application/vc+sd-jwt"}
DC: dict[str, Any] = {"media_type": "application/dc+sd-jwt"}
SALT = "2GLC42sKQveCfGfryNRN9w"
AT = int(NOW.timestamp())
HOLDER = SoftSigner(22, Algorithm.P256)


def disclosure(name: str | None, value: Any, salt: Any = SALT) -> str:
    return encode_disclosure(salt, value, name=name) if isinstance(salt, str) else raw([salt, name, value])


def raw(members: Any) -> str:
    """A disclosure of any shape."""
    return encode_base64url(members if isinstance(members, bytes) else json.dumps(members).encode())


def digest(text: str, name: str = "sha-256") -> str:
    return hash_text(text, name)


def sd_jwt(payload: Any, *disclosures: str, **header: Any) -> str:
    """An SD-JWT VC or, by `typ`, another kind, signed by the issuer."""
    signed = d.token(payload, **{"typ": "dc+sd-jwt", **header}).decode()
    return "~".join((signed, *disclosures, ""))


def plain(**members: Any) -> dict[str, Any]:
    """The claims of an SD-JWT VC."""
    claims = {
        "iss": d.ISSUER.did,
        "iat": AT - 86_400,
        "vct": "https://provider.example/types/welder",
        "_sd_alg": "sha-256",
        **members,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def document(**members: Any) -> dict[str, Any]:
    """The qualification as the payload of a `vc+sd-jwt`."""
    return {**d.unsigned(), "_sd_alg": "sha-256", **members}


FIRST = disclosure("name", "Bachelor of Science in Nursing")
SECOND = disclosure("languageOfAward", "en", "eI8ZWm9QnKPpNPeNenHdhQ")


def concealing(*disclosures: str, **members: Any) -> dict[str, Any]:
    """The qualification with what the disclosures say taken out of sight."""
    payload = document(**members)
    for text in disclosures:
        del payload[json.loads(decode_base64url(text))[1]]
    return {**payload, "_sd": sorted(digest(text) for text in disclosures)}


def vc(payload: Any, *disclosures: str, **header: Any) -> bytes:
    return sd_jwt(payload, *disclosures, **{"typ": "vc+sd-jwt", **header}).encode()


def positives() -> Iterator[Positive]:
    yield Positive(
        "valid_vc_sd_jwt",
        "The qualification as a `vc+sd-jwt` with two members that the holder shows.",
        vc(concealing(FIRST, SECOND), FIRST, SECOND),
        "sdjwt",
        VC,
    )
    yield Positive(
        "SD-03_other_order",
        "The disclosures are sent in another order: that says nothing and is accepted.",
        vc(concealing(FIRST, SECOND), SECOND, FIRST),
        "sdjwt",
        VC,
    )
    yield Positive(
        "SD-07_no_sd_alg",
        "Without `_sd_alg` the digests are SHA-256.",
        vc({n: v for n, v in concealing(FIRST, SECOND).items() if n != "_sd_alg"}, FIRST, SECOND),
        "sdjwt",
        VC,
    )
    yield Positive(
        "valid_dc_sd_jwt",
        "An SD-JWT VC. It verifies; its type is none that a national body accredits for, so that the verdict"
        " stays open.",
        sd_jwt(plain(), *()).encode(),
        "sdjwt",
        DC,
        verdict="indeterminate",
    )


def case(name: str, text: str, inputs: Mapping[str, bytes] | bytes, expected: Any, **more: Any) -> Case:
    options = {"positive": "valid_vc_sd_jwt", "extension": "sdjwt", "request": VC, **more}
    return fail(name, text, inputs, expected, **options)


def wrong(problem: str, pointer: str | None = None) -> Expected:
    return malformed((problem, pointer), code="disclosures_wrong")


def disclosures() -> Iterator[Case]:
    surgeon = disclosure("description", "Head Surgeon")
    yield case(
        "SD-01_disclosure_that_nobody_signed",
        "The holder adds a disclosure for which the issuer signed no digest, alone or beside good ones.",
        {
            "beside": vc(concealing(FIRST, SECOND), FIRST, SECOND, surgeon),
            "alone": vc(document(), surgeon),
            "array-element": vc(concealing(FIRST), FIRST, disclosure(None, "Surgeon")),
        },
        wrong("unreferenced_disclosure"),
    )
    element = disclosure(None, "x")
    twice: dict[str, Any] = {
        "one-list": {**concealing(FIRST), "_sd": [digest(FIRST)] * 2},
        "two-lists": d.change(
            concealing(SECOND), lambda v: v["credentialSubject"].update(_sd=[digest(SECOND)])
        ),
        "array": {**document(), "tags": [{"...": digest(element)}, {"...": digest(element)}]},
        "list-and-array": {**concealing(FIRST), "tags": [{"...": digest(FIRST)}]},
    }
    sent = {"array": element, "two-lists": SECOND}
    nested = disclosure("description", {"_sd": [digest(FIRST)]})
    yield case(
        "SD-02_digest_in_two_places",
        "One disclosure would stand in two places; which one the issuer meant cannot be told. Also where it"
        " was not sent.",
        {
            **{name: vc(payload, sent.get(name, FIRST)) for name, payload in twice.items()},
            "not-sent": vc({**document(), "_sd": [digest(surgeon)] * 2}),
            "by-recursion": vc({**concealing(FIRST), "_sd": [digest(FIRST), digest(nested)]}, FIRST, nested),
        },
        {
            "one-list": wrong("duplicate_digest", ""),
            "two-lists": wrong("duplicate_digest", ""),
            "array": wrong("duplicate_digest", "/tags/1"),
            "list-and-array": wrong("wrong_disclosure_kind", "/tags/0"),
            "not-sent": wrong("duplicate_digest", ""),
            "by-recursion": wrong("duplicate_digest", "/description"),
        },
    )
    yield case(
        "SD-03_disclosure_sent_twice",
        "The same disclosure is sent twice.",
        vc(concealing(FIRST, SECOND), FIRST, SECOND, FIRST),
        wrong("duplicate_disclosure"),
    )
    reserved = {name: disclosure(name, [digest(surgeon)]) for name in ("_sd", "...", "_sd_alg")}
    taken = disclosure("countryOfAward", "DE")
    again = disclosure("name", "Surgeon", "Qg_O64zqAxe412a108iroA")
    yield case(
        "SD-04_names_that_no_claim_may_have",
        "A disclosure is named as a digest list is, as a claim that is there, or as another disclosure.",
        {
            **{
                name.strip(".") or "dots": vc({**document(), "_sd": [digest(text)]}, text)
                for name, text in reserved.items()
            },
            "taken": vc({**document(), "_sd": [digest(taken)]}, taken),
            "two-of-one-name": vc({**concealing(FIRST), "_sd": [digest(FIRST), digest(again)]}, FIRST, again),
        },
        {
            **dict.fromkeys(("_sd", "dots", "_sd_alg"), wrong("reserved_claim_name")),
            "taken": wrong("claim_name_taken", "/countryOfAward"),
            "two-of-one-name": wrong("claim_name_taken", "/name"),
        },
    )
    shapes: dict[str, Any] = {
        "four": [SALT, "description", "x", "y"],
        "one": [SALT],
        "object": {"salt": SALT, "name": "x"},
        "text": "description",
        "salt-number": [1, "description", "x"],
        "name-number": [SALT, 1, "x"],
        "not-json": b"[",
        "name-twice": b'["s","description",{"a":1,"a":2}]',
    }
    yield case(
        "SD-05_disclosures_of_another_shape",
        "A disclosure is not an array of salt, name and value, though the issuer signed its digest.",
        {name: vc({**document(), "_sd": [digest(raw(value))]}, raw(value)) for name, value in shapes.items()},
        wrong("disclosure_malformed"),
    )
    yield case(
        "SD-05_disclosures_in_the_wrong_place",
        "An array element stands for a claim, or a claim for an array element.",
        {
            "element-for-claim": vc({**document(), "_sd": [digest(element)]}, element),
            "claim-for-element": vc({**document(), "tags": [{"...": digest(surgeon)}]}, surgeon),
        },
        {
            "element-for-claim": wrong("wrong_disclosure_kind", ""),
            "claim-for-element": wrong("wrong_disclosure_kind", "/tags/0"),
        },
    )
    lists: dict[str, Any] = {
        "text": digest(FIRST),
        "null": None,
        "object": {"0": digest(FIRST)},
        "nested": [[digest(FIRST)]],
        "number": [1],
    }
    places: dict[str, Any] = {
        "dots-number": [{"...": 1}],
        "dots-beside": [{"...": digest(element), "x": 1}],
    }
    yield case(
        "SD-06_reserved_names_used_otherwise",
        "`_sd` is no list of digests, `...` is not alone or in no array, `_sd_alg` stands below the top. A"
        " reader who takes"
        " them as plain claims sees another document.",
        {
            **{f"sd-{name}": vc({**document(), "_sd": value}) for name, value in lists.items()},
            **{name: vc({**document(), "tags": value}) for name, value in places.items()},
            "dots-in-an-object": vc({**document(), "evidence": {"...": digest(element)}}),
            "sd-alg-below": vc(
                d.change(document(), lambda v: v["credentialSubject"].update(_sd_alg="sha-256"))
            ),
        },
        {
            **{
                f"sd-{name}": malformed(("sd_malformed", ""))
                for name in ("text", "null", "object", "nested", "number")
            },
            **dict.fromkeys(places, malformed(("sd_malformed", "/tags/0"))),
            "dots-in-an-object": malformed(("sd_malformed", "/evidence")),
            "sd-alg-below": malformed(("sd_alg_misplaced", "/credentialSubject")),
        },
    )
    names: dict[str, Any] = {
        "md5": "md5",
        "sha-1": "sha-1",
        "truncated": "sha-256-32",
        "other-case": "SHA-256",
        "null": None,
        "list": ["sha-256"],
        "empty": "",
    }
    yield case(
        "SD-07_hash_algorithms",
        "The digests are made in a way that is broken, cut short, misspelt or not named.",
        {name: vc({**concealing(FIRST), "_sd_alg": value}, FIRST) for name, value in names.items()},
        malformed(("unsupported_sd_alg", "/_sd_alg")),
    )
    yield case(
        "SD-07_digest_of_another_algorithm",
        "`_sd_alg` says SHA-512, the digest is one of SHA-256.",
        vc({**concealing(FIRST), "_sd_alg": "sha-512"}, FIRST),
        wrong("unreferenced_disclosure"),
    )
    edits: dict[str, str] = {
        "value": disclosure("name", "Head Surgeon"),
        "salt": disclosure("name", "Bachelor of Science in Nursing", "3GLC42sKQveCfGfryNRN9w"),
        "white-space": raw(b'["' + SALT.encode() + b'","name",  "Bachelor of Science in Nursing"]'),
        "escapes": raw(b'["' + SALT.encode() + b'","name","\\u0042achelor of Science in Nursing"]'),
        "name": disclosure("description", "Bachelor of Science in Nursing"),
    }
    yield case(
        "SD-13_disclosure_edited",
        "Value, salt, name or only the spelling of a disclosure is another than what was hashed.",
        {name: vc(concealing(FIRST, SECOND), text, SECOND) for name, text in edits.items()},
        wrong("unreferenced_disclosure"),
    )


def claims() -> Iterator[Case]:
    values: dict[str, Any] = {
        "exp": AT + 3600,
        "nbf": AT - 3600,
        "cnf": {"jwk": HOLDER.public_key.to_jwk()},
        "status": {"status_list": {"idx": 1, "uri": "https://status.example/1"}},
        "aud": d.DOMAIN,
        "aka_vcts": ["urn:example:regulated"],
    }
    texts = {name: disclosure(name, value) for name, value in values.items()}
    yield case(
        "SD-08_security_claims_by_disclosure",
        "A claim that limits the credential comes by disclosure, so that the holder could as well leave it out.",
        {name: sd_jwt(plain(_sd=[digest(text)]), text).encode() for name, text in texts.items()},
        {name: wrong("claim_not_disclosable", f"/{name}") for name in texts},
        positive="valid_dc_sd_jwt",
        request=DC,
    )
    issuer, kind = disclosure("iss", d.ISSUER.did), disclosure("vct", "https://provider.example/types/welder")
    yield case(
        "SD-08_issuer_and_type_by_disclosure",
        "Who issued it, or what it is, comes by disclosure.",
        {
            "iss": sd_jwt(plain(iss=..., _sd=[digest(issuer)]), issuer).encode(),
            "vct": sd_jwt(plain(vct=..., _sd=[digest(kind)]), kind).encode(),
            "part-of-status": sd_jwt(plain(status={"_sd": [digest(texts["status"])]})).encode(),
        },
        {
            "iss": wrong("claim_not_disclosable", "/iss"),
            "vct": malformed(("vct_malformed", "/vct")),
            "part-of-status": wrong("claim_not_disclosable", "/status"),
        },
        positive="valid_dc_sd_jwt",
        request=DC,
    )
    limits: dict[str, Any] = {
        "validUntil": "2027-03-15T09:00:00Z",
        "credentialStatus": {"id": "https://a.example/1#1", "type": "BitstringStatusListEntry"},
        "issuer": d.profile(d.ISSUER.did),
        "credentialSchema": d.unsigned()["credentialSchema"],
        "termsOfUse": {"type": "OnlyForNurses"},
    }

    def without(name: str) -> Any:
        return {n: v for n, v in document().items() if n != name}

    hidden = {name: disclosure(name, value) for name, value in limits.items()}
    yield case(
        "SD-08_limits_of_a_credential_by_disclosure",
        "The same for members of a VCDM credential: end, status, issuer, schema, terms of use.",
        {name: vc({**without(name), "_sd": [digest(text)]}, text) for name, text in hidden.items()},
        {name: wrong("claim_not_disclosable", f"/{name}") for name in hidden},
    )
    types: dict[str, Any] = {
        "data": "data:application/json,{}",
        "http": "http://127.0.0.1/type",
        "attacker": "https://attacker.example/type",
        "regulated": "urn:example:regulated",
    }
    nobody = Expected("scope_not_determinable", None, step="trust", outcome="indeterminate")
    yield case(
        "SD-17_type_that_claims_authority",
        "The type is an address to fetch from, or says that it is one that is regulated. Nothing is fetched,"
        " and no authority"
        " follows from a type: the registry has nothing to say, so the verdict stays open.",
        {
            **{name: sd_jwt(plain(vct=value)).encode() for name, value in types.items()},
            "aka-vcts": sd_jwt(plain(aka_vcts=["urn:example:regulated"])).encode(),
            "integrity": sd_jwt(plain(**{"vct#integrity": "sha256-AAAA"})).encode(),
        },
        nobody,
        positive="valid_eddsa_rdfc",
        request=DC,
    )
    strange: dict[str, Any] = {
        "text": "urn:a",
        "empty": [],
        "number": [1],
        "nested": [["urn:a"]],
        "twice": ["urn:a", "urn:a"],
        "blank": [" "],
    }
    yield case(
        "SD-17_additional_types_that_are_none",
        "`aka_vcts` is no list of different texts.",
        {name: sd_jwt(plain(aka_vcts=value)).encode() for name, value in strange.items()},
        Expected("not_conforming", (("type_malformed", "/aka_vcts"),), step="conformance"),
        positive="valid_dc_sd_jwt",
        request=DC,
    )


def cases() -> Iterator[Case]:
    yield from disclosures()
    yield from claims()
