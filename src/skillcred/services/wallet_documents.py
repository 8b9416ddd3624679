"""What is signed of an offered credential for one holder, in the format that the wallet asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.identifiers import build_did_jwk
from skillcred.issuance import build_document
from skillcred.keys.public_key import PublicKey
from skillcred.profiles import build_credential
from skillcred.services.credential_configurations import OfferedConfiguration
from skillcred.services.records import Organisation


@dataclass(frozen=True, slots=True)
class Holder:
    """A key that a wallet has proven: its public JWK, and the DID that names it where the proof did."""

    jwk: JsonObject
    did: str | None

    @property
    def subject_id(self) -> str:
        """The identifier of the holder as a subject: the DID that she proved, else the did:jwk of her key."""
        return build_did_jwk(PublicKey.from_jwk(self.jwk)) if self.did is None else self.did

    def to_json(self) -> JsonObject:
        """For storing, and for comparing with another request."""
        return {"jwk": self.jwk, "did": self.did}


def build_wallet_document(
    configuration: OfferedConfiguration,
    claims: JsonObject,
    *,
    credential_id: str,
    organisation: Organisation,
    holder: Holder,
    at: datetime,
) -> JsonObject:
    """The unsigned document of `configuration` with `claims`. In formats that name the holder her DID is the subject;
    in others that is so where the claims say nothing else about who it is.

    Raises `ProfileError`, and `InputError` (`subject_named_already`) where the claims name the subject by another
    identifier.
    """
    issuer: JsonObject = {"id": organisation.did, "type": ["Profile"], "name": organisation.name}
    named = _name_subject(configuration, claims, holder)
    profile = configuration.profile
    credential = build_credential(profile.id, named, credential_id=credential_id, issuer=issuer, at=at)
    return build_document(profile, credential, configuration.mechanism)


def _name_subject(configuration: OfferedConfiguration, claims: JsonObject, holder: Holder) -> JsonObject:
    subject = claims.get("credentialSubject")
    if not isinstance(subject, dict):
        return claims  # the profile says what is wrong with it
    if not configuration.format.names_holder and ("id" in subject or "identifier" in subject):
        return claims
    if "id" in subject:
        raise InputError(
            "In this format the subject is the holder, whose identifier is not known before she claims it.",
            code="subject_named_already",
            pointer="/credentialSubject/id",
        )
    return {**claims, "credentialSubject": {"id": holder.subject_id, **subject}}
