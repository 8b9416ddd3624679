"""Section 4 (J-07): issuers that are named by certificates, whose chains come in the header."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cryptography import x509

from conformance.making.case import Case, Expected, Positive, fail, malformed, open_question
from worlds.certificates import (
    AUTHORITY,
    CERTIFIED,
    HOST,
    ISSUER,
    ROOT,
    Certified,
    certify,
    certify_authority,
    crl_address,
    encode,
    ocsp_address,
)
from worlds.pure_world import NOW
from worlds.sd_jwts import ISSUER as DID_ISSUER
from worlds.sd_jwts import claims, sd_jwt

ANCHORS = "anchors.pem"
REQUEST: dict[str, Any] = {
    "media_type": "application/dc+sd-jwt",
    "evidence": [{"kind": "trust_anchors", "id": "sd_jwt_vc_issuers", "file": ANCHORS}],
}
POSITIVE = "valid_dc_sd_jwt_certificate"
NOT_TRUSTED = "certificate_not_trusted"


def token(by: Certified = CERTIFIED, *, iss: str | None = ISSUER, **header: Any) -> bytes:
    """An SD-JWT VC signed by the key of `by`, with its chain in the header; members given by name replace others."""
    signer: Any = by
    return sd_jwt(claims(iss=iss), signer=signer, **({"kid": None, "x5c": by.x5c} | header)).encode()


def files() -> dict[str, bytes]:
    return {ANCHORS: ROOT.pem}


def positives() -> Iterator[Positive]:
    yield Positive(
        POSITIVE,
        "An SD-JWT VC whose issuer is named by a certificate under an anchor of the verifier. The registry knows"
        " issuers by their DIDs only, so that the verdict is `indeterminate`.",
        token(),
        "sdjwt",
        REQUEST,
        files(),
        verdict="indeterminate",
    )


def cases() -> Iterator[Case]:
    yield chains()
    yield addresses()


def chains() -> Case:
    """Chains that are in order by themselves, and do not make their key the issuer's."""
    root = certify_authority(None, "Root of nowhere")
    attacker = certify(certify_authority(root, "Authority of nowhere"), "Issuer of skills")
    namesake = certify_authority(None, "Root of Portugal")
    twin = certify(certify_authority(namesake, "Authority for skills"), "Issuer of skills")
    below = certify(CERTIFIED, "Issuer of skills")
    neighbour = certify(AUTHORITY, "Neighbour", names=(x509.DNSName("neighbour.example"),))
    old = certify(AUTHORITY, "Issuer of skills", end=NOW - timedelta(days=1))
    inputs = {
        "attacker": token(attacker),
        "attacker-with-root": token(attacker, x5c=[*attacker.x5c, encode(root.certificate)]),
        "attacker-before-ours": token(attacker, x5c=[*attacker.x5c, *CERTIFIED.x5c]),
        "same-names": token(twin, x5c=[*twin.x5c, encode(namesake.certificate)]),
        "below-a-leaf": token(below),
        "authority-left-out": token(CERTIFIED, x5c=CERTIFIED.x5c[:1]),
        "own-chain-other-key": token(attacker, x5c=CERTIFIED.x5c),
        "neighbour": token(neighbour),
        "over": token(old),
        "for-a-did": token(attacker, iss=DID_ISSUER.did),
        "text": token(x5c=CERTIFIED.x5c[0]),
        "none": token(x5c=[]),
    }
    untrusted = open_question(NOT_TRUSTED, code=NOT_TRUSTED)
    wrong = Expected("invalid_verification_method", (("malformed_certificate", None),))
    expected: dict[str, Expected] = dict.fromkeys(inputs, untrusted) | {
        "own-chain-other-key": malformed("signature_wrong", code="signature_wrong"),
        "neighbour": malformed("issuer_key_mismatch", code="issuer_key_mismatch"),
        "over": open_question("certificate_expired", code="key_expired"),
        "for-a-did": malformed("signature_wrong", code="signature_wrong"),
        "text": wrong,
        "none": wrong,
    }
    return fail(
        "J-07_certificates",
        "The header brings a chain of certificates along. It counts by a path to an anchor of the verifier only, for"
        " the issuer whom it names, and never where the issuer is a DID.",
        inputs,
        expected,
        positive=POSITIVE,
        extension="sdjwt",
        request=REQUEST,
        files=files(),
    )


def addresses() -> Case:
    """Nothing is asked for, wherever certificates and headers point. Looking a name up fails the test."""
    near = (x509.UniformResourceIdentifier("http://169.254.169.254/latest"), x509.DNSName(HOST))
    inputs = {
        "crl": token(certify(AUTHORITY, "Issuer", extensions=(crl_address(),))),
        "ocsp": token(certify(AUTHORITY, "Issuer", extensions=(ocsp_address(),))),
        "name-of-the-cloud": token(
            certify(AUTHORITY, "Issuer", names=near), iss="http://169.254.169.254/other"
        ),
        "x5u-beside": token(x5u="http://127.0.0.1/chain.pem"),
        "jku-beside": token(jku="http://127.0.0.1/keys"),
        "address-in-x5c": token(x5c=["http://127.0.0.1/chain.pem"]),
    }
    unchecked = open_question("certificate_revocation_unknown", code="certificate_not_checked")
    expected = {
        "crl": unchecked,
        "ocsp": unchecked,
        "name-of-the-cloud": malformed("issuer_key_mismatch", code="issuer_key_mismatch"),
        "x5u-beside": malformed(("header_member_not_allowed", "/x5u")),
        "jku-beside": malformed(("header_member_not_allowed", "/jku")),
        "address-in-x5c": Expected("invalid_verification_method", (("malformed_certificate", None),)),
    }
    return fail(
        "J-07_addresses_in_certificates",
        "Certificates and the header beside them say where more is to be had. Nothing is asked for: what cannot be told"
        " without is left open.",
        inputs,
        expected,
        positive=POSITIVE,
        extension="sdjwt",
        request=REQUEST,
        files=files(),
    )
