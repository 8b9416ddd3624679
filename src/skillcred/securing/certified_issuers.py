"""Issuers of SD-JWT VCs, and of their status list tokens, that are named by an X.509 certificate (SD-JWT VC draft 19,
section "Issuer Signature Mechanisms").

Which way a key is found follows from `iss` (SECURITY SD-18): a DID is always resolved, whatever the header holds, and
so is the did:web of an address, where `kid` names a key of it: both are whoever publishes there. Only elsewhere do the
certificates in `x5c` count, and only by a path to the verifier's own anchors (J-07).

The draft says that the issuer is the subject of the certificate, and leaves open what identifies it. Here it is `iss`,
if the certificate is for it: it equals a URI of subjectAltName, or is an `https` URL whose host is one of its DNS names
(the rule of drafts up to 10, and of the wallets in use). Without `iss` the certificate must name just one: its only
URI, or `https://` before its only DNS name. A DID is never taken from a certificate: which keys are its own, only its
document says.
"""

from __future__ import annotations

import re
from typing import Final

from skillcred.identifiers import DidError, did_of, did_web_address
from skillcred.keys.certificates import (
    CertificateError,
    CertifiedKey,
    TrustAnchors,
    parse_certificate_chain,
    verify_certificate_chain,
)
from skillcred.keys.public_key import InvalidKeyError
from skillcred.model.outcomes import (
    CRYPTOGRAPHIC_SECURITY_ERROR,
    INVALID_VERIFICATION_METHOD,
    EvidenceKind,
    EvidenceReference,
)
from skillcred.securing.data_integrity.proof import ProofError
from skillcred.securing.envelopes import EnvelopeProof, check_envelope_times, names_did
from skillcred.securing.jose.envelope import CompactJws, verify_compact_jws
from skillcred.securing.mechanism import Availability, ProofRequest
from skillcred.securing.verified_document import VerifiedProof

ISSUER_ANCHORS: Final = EvidenceReference(EvidenceKind.TRUST_ANCHORS, "sd_jwt_vc_issuers")
"""The certificates that the verifier trusts to name issuers."""
CERTIFICATES: Final = "x5c"
THUMBPRINT_URN: Final = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"
"""RFC 9278: the name of a key that has no other."""
_HTTPS: Final = re.compile(r"https://([a-z0-9.-]{1,253})(?::[1-9][0-9]{0,4})?(?:/[^?#\\\s]*)?", re.ASCII)
_UNCERTAIN: Final = {
    "certificate_not_trusted": "certificate_not_trusted",
    "certificate_expired": "key_expired",
    "certificate_not_yet_valid": "certificate_not_trusted",
    "certificate_revocation_unknown": "certificate_not_checked",
    "unsupported_key_type": "unsupported_proof",
}
"""What leaves the question open, with the reason of the step. Who trusts other anchors may find otherwise."""


def did_at_address(jws: CompactJws, issuer: str | None) -> str | None:
    """The did:web of the address `issuer`, if the header names a key of it. Who has no such key gains nothing by naming
    one, and what a certificate says of the address does not make it a DID."""
    if issuer is None or names_did(issuer) or not names_did(jws.key_id):
        return None
    try:
        did = did_of(jws.key_id)
        return did if did_web_address(did) == issuer else None
    except DidError:
        return None  # of another method, or malformed: then it says nothing


def is_certified(jws: CompactJws, issuer: str | None) -> bool:
    """Whether the certificates in the header say who the issuer is."""
    return CERTIFICATES in jws.header and not names_did(issuer) and did_at_address(jws, issuer) is None


def verify_certified_proof(jws: CompactJws, proof: EnvelopeProof, request: ProofRequest) -> VerifiedProof:
    """The proof, if a certificate that leads to an anchor names the issuer and its key made the signature.

    Its `controller` is the issuer, `verification_method` names the key by its thumbprint. It has to be verified again
    for each instant, because certificates end. Raises `ProofError`, `JoseError`.
    """
    check_envelope_times(proof, request.at)
    anchors = _get_anchors(request)
    try:
        chain = parse_certificate_chain(jws.header[CERTIFICATES])
        certified = verify_certificate_chain(chain, anchors, request.at)
    except (CertificateError, InvalidKeyError) as error:
        raise ProofError(
            error.message,
            code=_UNCERTAIN.get(error.code, "invalid_verification_method"),
            problem_code=error.code,
            checkable=error.code not in _UNCERTAIN,
            problem_type=INVALID_VERIFICATION_METHOD,
        ) from error
    issuer = _issuer(certified, proof.controller)
    verify_compact_jws(jws, certified.public_key)
    return VerifiedProof(
        mechanism=proof.mechanism,
        verification_method=THUMBPRINT_URN + certified.public_key.thumbprint(),
        controller=issuer,
        public_key_multibase=certified.public_key.to_multikey(),
        created=proof.created,
        purpose=proof.purpose,
    )


def _get_anchors(request: ProofRequest) -> TrustAnchors:
    anchors = request.trust_anchors
    if isinstance(anchors, TrustAnchors):
        return anchors
    raise ProofError(
        "The issuer is named by a certificate, and there are no anchors to judge it by.",
        code="certificate_not_trusted",
        problem_code=anchors.reason,
        checkable=False,
        problem_type=INVALID_VERIFICATION_METHOD,
        needs=ISSUER_ANCHORS if anchors.availability is Availability.NOT_REQUESTED else None,
    )


def _issuer(certified: CertifiedKey, stated: str | None) -> str:
    if stated is None:
        names = certified.uris or tuple(f"https://{name}" for name in certified.dns_names)
        if len(names) == 1 and not names_did(names[0]) and "*" not in names[0]:
            return names[0]
        raise ProofError(
            "The certificate does not name one issuer.",
            code="invalid_verification_method",
            problem_code="issuer_missing",
            problem_type=INVALID_VERIFICATION_METHOD,
        )
    match = _HTTPS.fullmatch(stated)
    if stated in certified.uris or (match is not None and match[1] in certified.dns_names):
        return stated
    raise ProofError(
        "The certificate is for somebody else than the issuer.",
        code="issuer_key_mismatch",
        problem_type=CRYPTOGRAPHIC_SECURITY_ERROR,
    )
