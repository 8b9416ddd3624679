"""Presentations as a holder makes them, in every format (OID4VP 1.0 appendix B): for one verifier, one nonce, and no
more than was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.exchange.holder.errors import WalletMessageError
from skillcred.exchange.holder.held_credentials import SD_JWT_FORMATS
from skillcred.exchange.holder.proofs import sign_token
from skillcred.exchange.oid4vp.dcql import PresentationFormat
from skillcred.identifiers import did_of
from skillcred.keys.public_key import Algorithm
from skillcred.keys.signer import Signer
from skillcred.model.conformance import BASE_CONTEXT_2, ENVELOPED_CREDENTIAL
from skillcred.securing import attach_proof, prepare_proof
from skillcred.securing.jose.claims import numeric_date
from skillcred.securing.jose.token import MECHANISM as VC_JWT
from skillcred.securing.jose.token import parse_credential_token
from skillcred.securing.sd_jwt.presenting import present

AUTHENTICATION: Final = "authentication"
ENVELOPED_MEDIA_TYPE: Final = "application/vc+jwt"
PRESENTATION_LIFETIME: Final = timedelta(minutes=5)
BASE_CONTEXT_1_1: Final = "https://www.w3.org/2018/credentials/v1"
SUITES: Final = {
    Algorithm.ED25519: "eddsa-rdfc-2022",
    Algorithm.P256: "ecdsa-rdfc-2019",
    Algorithm.P384: "ecdsa-rdfc-2019",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a presentation answers: the verifier's full client identifier, its nonce, and when that is."""

    audience: str
    nonce: str
    at: datetime


def build_presentation(
    format_: PresentationFormat,
    content: bytes,
    pointers: Sequence[str],
    question: Question,
    *,
    signer: Signer | None,
    identifier: str,
) -> str | JsonObject:
    """The presentation of `content`. `signer` has the key that it is bound to, named by the DID URL of the key where
    the credential names its holder; without one the credential is shown without a proof. `pointers` are what is
    disclosed beside what always is. `identifier` is a fresh URI for forms that have one.
    """
    if format_ in SD_JWT_FORMATS:
        if signer is None:
            return present(content, pointers).decode("ascii")
        return present(
            content,
            pointers,
            holder=signer,
            audience=question.audience,
            nonce=question.nonce,
            issued_at=question.at,
        ).decode("ascii")
    if format_ is PresentationFormat.LDP_VC:
        document = parse_json_object(content)
        return document if signer is None else _linked_data(document, question, signer)
    text = content.decode("ascii")
    if signer is None:
        return text
    if parse_credential_token(content).proof.mechanism == VC_JWT:
        return _enveloping(text, question, signer)
    return _json_web_token(text, question, signer, identifier)


def _linked_data(credential: JsonObject, question: Question, signer: Signer) -> JsonObject:
    """Appendix B.1.3.2: `domain` is the client identifier, `challenge` the nonce."""
    suite = SUITES.get(signer.public_key.algorithm)
    if suite is None:
        raise WalletMessageError("Keys of this kind make no presentations.", code="credential_not_acceptable")
    return parse_json_object(_secure(suite, _presentation(credential, signer), question, signer))


def _presentation(credential: JsonObject, signer: Signer) -> JsonObject:
    return {
        "@context": [BASE_CONTEXT_2],
        "type": ["VerifiablePresentation"],
        "holder": did_of(signer.verification_method),
        "verifiableCredential": [credential],
    }


def _secure(mechanism: str, presentation: JsonObject, question: Question, signer: Signer) -> bytes:
    prepared = prepare_proof(
        mechanism,
        presentation,
        verification_method=signer.verification_method,
        algorithm=signer.public_key.algorithm,
        created=question.at,
        purpose=AUTHENTICATION,
        options={"domain": question.audience, "challenge": question.nonce},
    )
    return attach_proof(prepared, signer.sign(prepared.to_be_signed))


def _enveloping(credential: str, question: Question, signer: Signer) -> str:
    """A JWT of VCDM 2.0, for credentials that are such (VC-JOSE-COSE sections 3.1.2 and 3.1.3)."""
    enveloped: JsonObject = {
        "@context": [BASE_CONTEXT_2],
        "id": f"data:{ENVELOPED_MEDIA_TYPE},{credential}",
        "type": [ENVELOPED_CREDENTIAL],
    }
    presentation = _presentation(enveloped, signer)
    return _secure(VC_JWT, presentation, question, signer).decode("ascii")


def _json_web_token(credential: str, question: Question, signer: Signer, identifier: str) -> str:
    """Appendix B.1.3.1: a JWT of VCDM 1.1 with `vp`; `aud` is the client identifier."""
    holder = did_of(signer.verification_method)
    claims: JsonObject = {
        "iss": holder,
        "aud": question.audience,
        "nonce": question.nonce,
        "jti": identifier,
        "iat": numeric_date(question.at),
        "nbf": numeric_date(question.at),
        "exp": numeric_date(question.at + PRESENTATION_LIFETIME),
        "vp": {
            "@context": [BASE_CONTEXT_1_1],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [credential],
        },
    }
    return sign_token(signer, "JWT", claims, kid=signer.verification_method)
