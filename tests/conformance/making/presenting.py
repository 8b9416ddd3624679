"""Section 6 (D), presentations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from conformance.making import documents as d
from conformance.making.case import Case, Expected, Found, fail, malformed, open_question
from conformance.making.data_integrity import WRONG, at, embedded
from conformance.making.positives import ASKED


def presentation(name: str, text: str, inputs: Any, expected: Any, **more: Any) -> Case:
    return embedded(
        name, text, inputs, expected, **{"positive": "valid_presentation", "request": ASKED, **more}
    )


def cases() -> Iterator[Case]:
    vp = d.presentation(d.embedded())
    good = d.presented(vp)
    unsigned = {name: value for name, value in good.items() if name != "proof"}
    broken = {**good["proof"], "proofValue": d.presented({**vp, "id": "urn:uuid:2"})["proof"]["proofValue"]}
    yield presentation(
        "D-02_broken_proof_over_good_credentials",
        "The presentation's own proof is broken, missing or lent from elsewhere; the credential in it is fine.",
        {
            "broken": {**good, "proof": broken},
            "missing": unsigned,
            "of-the-credential": {**good, "proof": vp["verifiableCredential"][0]["proof"]},
            "good-beside-broken": {**good, "proof": [good["proof"], broken]},
        },
        {
            "broken": WRONG,
            "missing": malformed(("proof_missing", "/proof"), code="proof_missing"),
            "of-the-credential": at("wrong_domain", "domain"),
            "good-beside-broken": malformed(("signature_wrong", "/proof/1"), code="signature_wrong"),
        },
    )
    yield presentation(
        "D-02_unsigned_presentation",
        "Nobody asked a question, and nobody has signed: good credentials do not make a presentation.",
        {"": unsigned},
        open_question(code="presentation_not_signed"),
        request={"subject": "presentation"},
    )
    yield presentation(
        "D-05_purpose_of_a_presentation",
        "A presentation signed as claims are.",
        {"": d.presented(vp, purpose="assertionMethod")},
        at("wrong_proof_purpose", "proofPurpose"),
    )
    challenges: dict[str, Any] = {
        "missing": ...,
        "other": "another-question",
        "other-case": d.CHALLENGE.upper(),
    }
    yield presentation(
        "D-11_challenge",
        "The presentation answers another question, or none: it was made for somebody else, or is sent again.",
        {name: d.presented(vp, challenge=value) for name, value in challenges.items()},
        malformed(("wrong_challenge", "/proof/challenge"), code="wrong_challenge"),
    )
    domains: dict[str, Any] = {
        "missing": ...,
        "other": "https://attacker.example",
        "superset": [d.DOMAIN, "https://attacker.example"],
        "other-case": "https://Verifier.example",
        "slash": d.DOMAIN + "/",
        "prefix": d.DOMAIN + ".attacker.example",
    }
    yield presentation(
        "D-11_domain",
        "The presentation was made for another verifier, for two, or for one whose name looks alike.",
        {name: d.presented(vp, domain=value) for name, value in domains.items()},
        malformed(("wrong_domain", "/proof/domain"), code="wrong_domain"),
    )
    audience = malformed("audience_mismatch", code="wrong_domain")
    question = malformed("nonce_mismatch", code="wrong_challenge")
    claims: dict[str, dict[str, Any]] = {
        "aud-missing": {"aud": ...},
        "aud-other": {"aud": "https://attacker.example"},
        "aud-superset": {"aud": [d.DOMAIN, "https://attacker.example"]},
        "aud-slash": {"aud": d.DOMAIN + "/"},
        "nonce-missing": {"nonce": ...},
        "nonce-other": {"nonce": "another-question"},
    }
    tokens = {}
    for name, changed in claims.items():
        payload = {**vp, "aud": d.DOMAIN, "nonce": d.CHALLENGE, **changed}
        shown = {member: value for member, value in payload.items() if value is not ...}
        tokens[name] = d.token(shown, typ="vp+jwt", signer=d.HOLDER)
    yield fail(
        "D-11_audience_and_nonce_of_a_token",
        "The same for a presentation in a token: made for another verifier, for two of them, for another question.",
        tokens,
        {name: question if name.startswith("nonce") else audience for name in claims},
        positive="valid_presentation_jwt",
        extension="jwt",
        request={**ASKED, "media_type": "application/vp+jwt"},
    )
    stolen = d.presentation(d.embedded(), holder=d.ATTACKER.did)
    mismatch: tuple[Found, ...] = (("holder_mismatch", "/verifiableCredential/0"),)
    yield presentation(
        "D-16_somebody_elses_credential",
        "The attacker presents a credential that is about another person, in his own name, without a name, and in the"
        " holder's name with his own key.",
        {
            "own-name": d.presented(stolen, signer=d.ATTACKER),
            "no-name": d.presented(d.presentation(d.embedded(), holder=...), signer=d.ATTACKER),
            "holders-name": d.presented(vp, signer=d.ATTACKER),
        },
        {
            **dict.fromkeys(
                ("own-name", "no-name"), Expected("holder_mismatch", mismatch, step="holder_binding")
            ),
            "holders-name": Expected(
                "holder_mismatch", (("holder_key_mismatch", "/holder"),), step="holder_binding"
            ),
        },
    )
    expired = d.embedded(d.unsigned(validUntil="2026-05-01T00:00:00Z"))
    nested = d.embedded()
    yield presentation(
        "D-17_what_a_presentation_holds",
        "Nothing; one expired credential among good ones; a presentation; a credential that nobody has signed.",
        {
            "none": d.presented(d.presentation()),
            "one-expired": d.presented(d.presentation(nested, expired)),
            "presentation": d.forced_presentation(d.presentation(good)),
            "empty-presentation": d.presented(d.presentation(d.presented(d.presentation()))),
            "unsigned": d.presented(d.presentation(d.unsigned())),
        },
        {
            "none": Expected("no_credentials", step="credentials", outcome="indeterminate"),
            "one-expired": Expected("credential_invalid", step="credentials"),
            "presentation": malformed(
                ("nested_context", "/verifiableCredential/0/verifiableCredential/0/@context"),
                code="data_loss",
            ),
            "empty-presentation": Expected(
                "presentation_not_conforming",
                (("credential_expected", "/verifiableCredential/0"),),
                step="conformance",
            ),
            "unsigned": Expected("credential_invalid", step="credentials"),
        },
    )
    many = d.presented(d.presentation(*[_small(number) for number in range(51)]), suite="eddsa-jcs-2022")
    yield presentation(
        "D-17_more_than_are_looked_at",
        "Fifty-one credentials. Nothing is said about any.",
        {"": many},
        Expected("too_many_credentials", step="credentials", outcome="indeterminate"),
    )


def _small(number: int) -> Any:
    subject = {"id": d.HOLDER.did}
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": f"urn:uuid:{number}",
        "type": ["VerifiableCredential"],
        "issuer": d.ISSUER.did,
        "credentialSubject": subject,
    }
