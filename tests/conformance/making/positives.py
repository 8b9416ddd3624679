"""The documents that nobody has touched, one for each form: without them a case could fail by accident."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.making import documents as d
from conformance.making.case import Positive
from worlds.case_worlds import WEB_DID, WebSigner

JWT = {"media_type": "application/vc+jwt"}
COSE = {"media_type": "application/vc+cose"}
ASKED = {"subject": "presentation", "challenge": d.CHALLENGE, "domain": d.DOMAIN}


def cases() -> Iterator[Positive]:
    yield Positive(
        "valid_eddsa_rdfc", "A qualification with an `eddsa-rdfc-2022` proof.", d.text(d.embedded()), "json"
    )
    yield Positive(
        "valid_eddsa_jcs",
        "The same with an `eddsa-jcs-2022` proof.",
        d.text(d.embedded(suite="eddsa-jcs-2022")),
        "json",
    )
    yield Positive(
        "D-10_no_time",
        "The proof says neither when it was made nor when it ends. That is allowed, and the report says so.",
        d.text(d.forced_jcs(d.unsigned(), created=...)),
        "json",
        warnings=("proof_time_missing",),
    )
    yield Positive("valid_vc_jwt", "The same as a `vc+jwt`.", d.token(), "jwt", JWT)
    yield Positive("valid_vc_cose", "The same as a `vc+cose` message.", d.cose(), "cose", COSE)
    yield Positive(
        "valid_presentation",
        "The holder presents the credential, for the challenge and the domain of the verifier.",
        d.text(d.presented(d.presentation(d.embedded()))),
        "json",
        ASKED,
    )
    yield Positive(
        "valid_presentation_jwt",
        "The holder presents the credential in a `vp+jwt`.",
        d.token(
            {**d.presentation(d.embedded()), "nonce": d.CHALLENGE, "aud": d.DOMAIN},
            typ="vp+jwt",
            signer=d.HOLDER,
        ),
        "jwt",
        {**ASKED, "media_type": "application/vp+jwt"},
    )
    yield Positive(
        "valid_jwt_1_1",
        "A credential of VCDM 1.1 in the older JWT. It verifies; that version has no profile, so that the verdict is"
        " as good as what the registry says about such credentials.",
        d.token(LEGACY, typ="JWT"),
        "jwt",
        {"media_type": "application/jwt"},
        verdict="indeterminate",
    )
    signer = WebSigner(2)
    yield Positive(
        "valid_did_web",
        "The issuer is a did:web, whose document is in evidence.",
        d.text(d.embedded(d.unsigned(issuer=d.profile(WEB_DID)), signer=signer)),
        "json",
        {"provider": WEB_DID, "evidence": [{"kind": "did_document", "id": WEB_DID, "file": "did.json"}]},
        {"did.json": d.text(d.did_document(WEB_DID, signer))},
    )


LEGACY = {
    "iss": d.ISSUER.did,
    "sub": d.HOLDER.did,
    "jti": "urn:uuid:9f8e7d6c-0000-4000-8000-000000000001",
    "nbf": 1773565200,
    "exp": 1836637200,
    "vc": {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "id": "urn:uuid:9f8e7d6c-0000-4000-8000-000000000001",
        "issuer": d.ISSUER.did,
        "issuanceDate": "2026-03-15T09:00:00Z",
        "expirationDate": "2028-03-14T09:00:00Z",
        "credentialSubject": {"id": d.HOLDER.did},
    },
}
"""Claims and credential say the same."""
