"""Section 6 (D): embedded proofs, sets and chains of them, and presentations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Expected, fail, malformed, open_question
from worlds.case_worlds import WEB_DID, WebSigner
from worlds.pure_world import NOW, SoftSigner

SUITES = ("eddsa-rdfc-2022", "eddsa-jcs-2022")
SIGNED = {suite: d.embedded(suite=suite) for suite in SUITES}
GOOD = SIGNED["eddsa-rdfc-2022"]
JCS = SIGNED["eddsa-jcs-2022"]
WRONG = malformed(("signature_wrong", "/proof"), code="signature_wrong")
WEB: dict[str, Any] = {
    "provider": WEB_DID,
    "evidence": [{"kind": "did_document", "id": WEB_DID, "file": "did.json"}],
}
WEB_SIGNER = WebSigner(2)


def embedded(name: str, text: str, inputs: Any, expected: Any, **more: Any) -> Case:
    options = {"positive": "valid_eddsa_rdfc", "extension": "json", **more}
    shown = {variant: d.text(document) for variant, document in inputs.items()}
    return fail(name, text, shown, expected, **options)


def with_proof(base: Any = GOOD, **members: Any) -> Any:
    proof = {name: value for name, value in {**base["proof"], **members}.items() if value is not ...}
    return {**base, "proof": proof}


def at(code: str, place: str, problem: str | None = None) -> Expected:
    """`code` because of the proof's member `place`."""
    return malformed((problem or code, f"/proof/{place}"), code=code)


def proofs() -> Iterator[Case]:
    absent: dict[str, Any] = {"null": None, "empty-list": [], "empty-object": {}}
    wrong: dict[str, Any] = {"text": "x", "number": 1, "true": True, "list-of-null": [None]}
    missing = malformed(("proof_missing", "/proof"), code="proof_missing")
    unsigned = {name: value for name, value in GOOD.items() if name != "proof"}
    yield embedded(
        "D-01_no_proof",
        "The proof is taken away, or something stands there that is none.",
        {"absent": unsigned, **{name: {**GOOD, "proof": value} for name, value in (absent | wrong).items()}},
        {
            **dict.fromkeys(("absent", *absent), missing),
            **dict.fromkeys(("text", "number", "true"), malformed(("proof_malformed", "/proof"))),
            "list-of-null": malformed(("proof_malformed", "/proof/0")),
        },
    )
    foreign = d.embedded(signer=d.ATTACKER)["proof"]
    broken = {**GOOD["proof"], "proofValue": JCS["proof"]["proofValue"]}
    yield embedded(
        "D-03_sets_with_a_bad_proof",
        "A good proof of the issuer stands beside one that does not hold, in either order, or beside one of a kind that"
        " cannot be checked.",
        {
            "good-first": {**GOOD, "proof": [GOOD["proof"], broken]},
            "bad-first": {**GOOD, "proof": [broken, GOOD["proof"]]},
            "foreign-and-bad": {**GOOD, "proof": [foreign, broken]},
            "unknown-suite": {**GOOD, "proof": [GOOD["proof"], {**GOOD["proof"], "cryptosuite": "bbs-9999"}]},
            "nine": {**GOOD, "proof": [GOOD["proof"]] * 9},
        },
        {
            "good-first": malformed(("signature_wrong", "/proof/1"), code="signature_wrong"),
            "bad-first": malformed(("signature_wrong", "/proof/0"), code="signature_wrong"),
            "foreign-and-bad": malformed(("signature_wrong", "/proof/1"), code="signature_wrong"),
            "unknown-suite": open_question(("unsupported_proof", "/proof/1/cryptosuite")),
            "nine": malformed(("proof_malformed", "/proof")),
        },
    )
    yield embedded(
        "D-03_foreign_proofs_only",
        "Two good proofs, both of strangers: signed it is, by nobody who may.",
        {"": {**GOOD, "proof": [foreign, d.embedded(signer=SoftSigner(67))["proof"]]}},
        Expected("issuer_key_mismatch", (("issuer_key_mismatch", "/issuer"),), step="issuer_binding"),
    )
    yield fail(
        "D-03_thousand_proofs",
        "The issuer's own proof, a thousand times. It is counted before anything is checked.",
        {"": d.text({"document": "../valid_eddsa_rdfc/input.json", "list": "proof", "count": 1000})},
        malformed(("proof_malformed", "/proof")),
        positive="valid_eddsa_rdfc",
        extension="recipe.json",
    )
    yield embedded(
        "D-04_suite_swapped",
        "The proof of one suite is passed off as that of another, or as of none.",
        {
            "rdfc-as-jcs": with_proof(cryptosuite="eddsa-jcs-2022"),
            "jcs-as-rdfc": with_proof(JCS, cryptosuite="eddsa-rdfc-2022"),
            "eddsa-as-ecdsa": with_proof(cryptosuite="ecdsa-rdfc-2019"),
            "eddsa-as-sd": with_proof(cryptosuite="ecdsa-sd-2023"),
            "unknown": with_proof(cryptosuite="eddsa-rdfc-9999"),
            "other-case": with_proof(cryptosuite="EDDSA-RDFC-2022"),
            "missing": with_proof(cryptosuite=...),
            "array": with_proof(cryptosuite=["eddsa-rdfc-2022"]),
        },
        {
            "rdfc-as-jcs": WRONG,
            "jcs-as-rdfc": WRONG,
            "eddsa-as-ecdsa": at("signature_wrong", "cryptosuite", "wrong_key_type"),
            "eddsa-as-sd": at("signature_wrong", "cryptosuite", "wrong_key_type"),
            "unknown": open_question(("unsupported_proof", "/proof/cryptosuite")),
            "other-case": open_question(("unsupported_proof", "/proof/cryptosuite")),
            "missing": at("proof_malformed", "cryptosuite"),
            "array": at("proof_malformed", "cryptosuite"),
        },
    )
    yield embedded(
        "D-05_purpose",
        "The proof is for another purpose than stating claims, signed so by the issuer or changed afterwards.",
        {
            "signed-for-authentication": d.embedded(purpose="authentication"),
            "changed": with_proof(proofPurpose="authentication"),
            "unknown": with_proof(proofPurpose="AssertionMethod"),
            "missing": with_proof(proofPurpose=...),
            "array": with_proof(proofPurpose=["assertionMethod"]),
        },
        {
            **dict.fromkeys(
                ("signed-for-authentication", "changed", "unknown"), at("wrong_proof_purpose", "proofPurpose")
            ),
            "missing": at("proof_malformed", "proofPurpose"),
            "array": at("proof_malformed", "proofPurpose"),
        },
    )
    web = d.embedded(d.unsigned(issuer=d.profile(WEB_DID)), signer=WEB_SIGNER)
    yield embedded(
        "D-05_key_for_another_purpose",
        "The issuer's DID document lists the key for authentication only; the signature itself is right.",
        {"": web},
        at("key_not_authorised", "verificationMethod"),
        positive="valid_did_web",
        request=WEB,
        files={"did.json": d.text(d.did_document(WEB_DID, WEB_SIGNER, assertionMethod=[]))},
    )
    methods: dict[str, Any] = {
        "fragment": "#k",
        "https": "https://provider.example/issuer#k",
        "object": {"id": d.ISSUER.verification_method},
        "no-fragment": d.ISSUER.did,
        "other-fragment": f"{d.ISSUER.did}#{d.ATTACKER.public_key.to_multikey()}",
        "empty": "",
    }
    yield embedded(
        "D-06_name_of_the_key",
        "`verificationMethod` names no key, or one that the issuer's document does not have under this name.",
        {name: with_proof(verificationMethod=value) for name, value in methods.items()},
        {
            **dict.fromkeys(
                ("fragment", "https"), at("invalid_verification_method", "verificationMethod", "invalid_did")
            ),
            "object": at("proof_malformed", "verificationMethod"),
            "empty": at("proof_malformed", "verificationMethod"),
            **dict.fromkeys(
                ("no-fragment", "other-fragment"), at("key_not_in_document", "verificationMethod")
            ),
        },
    )
    lying = d.did_document("did:web:attacker.example", d.ATTACKER)
    lying["verificationMethod"][0]["controller"] = WEB_DID
    lying["controller"] = WEB_DID
    yield embedded(
        "D-06_document_that_lies_about_its_controller",
        "The attacker's own DID document says that his key is the issuer's. Whose a key is, is said by the document of"
        " the one who is named.",
        {
            "": d.embedded(
                d.unsigned(issuer=d.profile(WEB_DID)), signer=d.ATTACKER, method="did:web:attacker.example#k"
            )
        },
        at("key_not_in_document", "verificationMethod"),
        positive="valid_did_web",
        request={
            "provider": WEB_DID,
            "evidence": [
                {"kind": "did_document", "id": WEB_DID, "file": "did.json"},
                {"kind": "did_document", "id": "did:web:attacker.example", "file": "attacker.json"},
            ],
        },
        files={"did.json": d.text(d.did_document(WEB_DID, WEB_SIGNER)), "attacker.json": d.text(lying)},
    )
    mismatch = Expected("issuer_key_mismatch", (("issuer_key_mismatch", "/issuer"),), step="issuer_binding")
    issuers: dict[str, Any] = {
        "object": {**GOOD["issuer"], "id": d.ATTACKER.did},
        "web": d.profile(WEB_DID),
        "array": [d.ISSUER.did, d.ATTACKER.did],
        "missing": ...,
    }
    yield embedded(
        "D-07_other_issuer",
        "The key is good, and signed by it is a credential of somebody else, of two, or of nobody.",
        {name: d.forced_jcs(d.unsigned(issuer=value)) for name, value in issuers.items()},
        mismatch,
        positive="valid_eddsa_jcs",
    )
    value = GOOD["proof"]["proofValue"]
    values = {
        "other-base-u": "u" + value[1:],
        "other-base-f": "f" + value[1:],
        "no-base": value[1:],
        "leading-one": "z1" + value[1:],
        "wrong-characters": "z0OIl" + value[5:],
        "space": value + " ",
        "empty": "",
        "short": value[:-1],
    }
    header = at("proof_malformed", "proofValue", "multibase_header")
    base = at("proof_malformed", "proofValue", "invalid_multibase")
    yield embedded(
        "D-08_proof_value",
        "The signature in another base, padded, cut, with characters that the base does not have.",
        {name: with_proof(proofValue=text) for name, text in values.items()},
        {
            **dict.fromkeys(("other-base-u", "other-base-f", "no-base"), header),
            **dict.fromkeys(("wrong-characters", "space"), base),
            "empty": at("proof_malformed", "proofValue"),
            "leading-one": WRONG,
            "short": WRONG,
        },
    )
    options = {
        "created": {"created": "2026-03-15T09:00:01Z"},
        "created-removed": {"created": ...},
        "expires": {"expires": "2030-01-01T00:00:00Z"},
        "domain": {"domain": "https://a.example"},
        "challenge": {"challenge": "x"},
        "id": {"id": "urn:uuid:1"},
    }
    for suite in SUITES:
        yield embedded(
            f"D-09_options_changed_{suite.split('-')[1]}",
            f"Members of the proof are added, changed or taken away after it was signed (`{suite}`).",
            {name: with_proof(SIGNED[suite], **members) for name, members in options.items()},
            WRONG,
            positive=f"valid_eddsa_{suite.split('-')[1]}",
        )
    yield embedded(
        "D-10_times_of_the_proof",
        "A proof from the future, one that ends before it begins, one whose time is none.",
        {
            "future": d.embedded(created=NOW + timedelta(hours=2)),
            "inverted": with_proof(expires="2020-01-01T00:00:00Z"),
            "no-time": with_proof(created="yesterday"),
            "no-offset": with_proof(created="2026-03-15T09:00:00"),
            "number": with_proof(created=1773565200),
        },
        {
            "future": at("proof_from_the_future", "created"),
            "inverted": at("proof_malformed", "expires"),
            **dict.fromkeys(("no-time", "no-offset", "number"), at("proof_malformed", "created")),
        },
    )
    yield embedded(
        "D-12_proof_that_builds_on_itself",
        "`previousProof` names its own proof, or one that exists beside one that does not.",
        {
            "itself": with_proof(id="urn:uuid:1", previousProof="urn:uuid:1"),
            "list-with-one-missing": {
                **GOOD,
                "proof": [
                    {**GOOD["proof"], "id": "urn:uuid:1"},
                    {**GOOD["proof"], "id": "urn:uuid:2", "previousProof": ["urn:uuid:1", "urn:uuid:3"]},
                ],
            },
        },
        {
            "itself": malformed(("previous_proof_cycle", "/proof/previousProof"), code="proof_chain_broken"),
            "list-with-one-missing": malformed(
                ("signature_wrong", "/proof/0"),
                ("previous_proof_missing", "/proof/1/previousProof/1"),
                code="signature_wrong",
            ),
        },
    )


def claims() -> Iterator[Case]:
    other = d.embedded(d.unsigned(id="https://provider.example/credentials/2", credentialSubject=_subject()))
    limited = d.embedded(
        d.unsigned(
            validUntil="2027-03-15T09:00:00Z",
            termsOfUse=[{"type": "OnlyForNurses", "id": "https://provider.example/terms/1"}],
            credentialStatus=_status(),
        ),
        suite="eddsa-jcs-2022",
    )
    stripped = {name: {n: v for n, v in limited.items() if n != name} for name in LIMITS}
    yield embedded(
        "D-15_claims_changed",
        "Another person, the subject of another credential, a higher level: whatever is changed, the signature is of"
        " something else.",
        {
            "presenter": d.change(GOOD, lambda v: v["credentialSubject"].update(id=d.ATTACKER.did)),
            "swapped": {**GOOD, "credentialSubject": other["credentialSubject"]},
            "level": d.change(
                GOOD, lambda v: v["credentialSubject"]["achievement"]["alignment"][1].update(targetCode="7")
            ),
        },
        WRONG,
    )
    yield embedded(
        "D-15_limits_taken_away",
        "What limits the credential is left away: its end, its status, its terms, its schema.",
        {**stripped, "credentialSchema": {n: v for n, v in GOOD.items() if n != "credentialSchema"}},
        WRONG,
    )


LIMITS = ("validUntil", "termsOfUse", "credentialStatus")


def _subject() -> Any:
    subject = d.unsigned()["credentialSubject"]
    return {**subject, "id": d.ATTACKER.did, "name": "Somebody Else"}


def _status() -> Any:
    return {
        "id": "https://provider.example/status/1#5",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "5",
        "statusListCredential": "https://provider.example/status/1",
    }


def cases() -> Iterator[Case]:
    yield from proofs()
    yield from claims()
