"""One sentence per reason code, and what to do next. Plain, short, translatable; says what was checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_ASK_ISSUER = "Ask the holder for the original file, or ask the issuer."
_ASK_STATUS = "Ask the issuer whether the credential is still good."
_ASK_ADMINISTRATOR = "Try again later; if it stays so, tell the operator of this service."
_PRESENT_AGAIN = "Ask the holder to present it again."


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a recruiter, and the next step where there is one."""

    sentence: str
    next_step: str | None = None


MESSAGES: Final[Mapping[str, Message]] = MappingProxyType(
    {
        # parse
        "well_formed": Message("The file is a credential that can be read."),
        "not_readable": Message("The file is not a readable JSON document.", _ASK_ISSUER),
        "no_credential_in_image": Message(
            "The picture has no credential in it.",
            "Ask the holder for the badge file as it was issued; a copy or a screenshot has lost what was in it.",
        ),
        "not_a_credential": Message(
            "The file is JSON, but not a verifiable credential.",
            "Ask the holder for the credential file itself, not a picture or a description of it.",
        ),
        "not_a_presentation": Message(
            "The file is JSON, but not a verifiable presentation.",
            "Ask the holder to present the credentials again.",
        ),
        "presentation_instead": Message(
            "The file is a presentation, not a single credential.", "Hand it in as a presentation."
        ),
        "credential_instead": Message(
            "The file is a single credential, not a presentation.", "Hand it in as a credential."
        ),
        # proof
        "proof_verified": Message("The signature fits the content: nothing was changed since it was signed."),
        "proof_missing": Message("The credential is not signed. Anybody could have written it.", _ASK_ISSUER),
        "proof_malformed": Message("The signature is not written as it must be.", _ASK_ISSUER),
        "base_proof_presented": Message(
            "This is the holder's own copy, which is not made for showing to others.",
            "Ask the holder to make a copy for you with their wallet.",
        ),
        "signature_wrong": Message(
            "The signature does not fit the content. The credential was changed or forged.",
            "Do not rely on it. Ask the holder for the original file, or ask the issuer.",
        ),
        "unsupported_proof": Message(
            "The credential is signed in a way that this service cannot check.",
            "Ask the issuer which verifier can check it.",
        ),
        "experimental_proof_only": Message(
            "The credential is signed only in an experimental way, which is not enough to tell who signed it.",
            "Ask the issuer for a credential that is signed in an established way as well.",
        ),
        "wrong_proof_purpose": Message("The signature was made for another purpose.", _ASK_ISSUER),
        "wrong_domain": Message("The signature was made for another verifier.", _PRESENT_AGAIN),
        "wrong_challenge": Message("The signature does not answer this request.", _PRESENT_AGAIN),
        "disclosures_wrong": Message(
            "The details shown do not fit what the issuer signed.",
            "Do not rely on it. Ask the holder to present it again, or ask the issuer.",
        ),
        "key_binding_wrong": Message(
            "The proof that whoever shows the credential is its holder is missing or wrong.", _PRESENT_AGAIN
        ),
        "proof_chain_broken": Message(
            "A signature builds on another signature that is missing or not the right one.", _ASK_ISSUER
        ),
        "wrong_envelope_type": Message("The signature was made for another kind of document.", _ASK_ISSUER),
        "claim_conflict": Message(
            "The signed envelope contradicts the credential inside it.",
            "Do not rely on it. Ask the issuer which of the two holds.",
        ),
        "holder_key_mismatch": Message(
            "The presentation was not signed by the holder that it names.",
            "Do not rely on it. Ask the holder to present it again.",
        ),
        "invalid_verification_method": Message("The signature does not name a usable key.", _ASK_ISSUER),
        "key_not_available": Message(
            "The signer's key could not be fetched, so the signature could not be checked.",
            "Try again later, or ask the issuer whether its address on the internet has changed.",
        ),
        "key_not_in_document": Message("The signer does not list this key as its own.", _ASK_ISSUER),
        "key_not_authorised": Message("The signer does not allow this key for credentials.", _ASK_ISSUER),
        "key_revoked": Message("The signer has revoked this key.", "Ask the issuer for a new credential."),
        "key_expired": Message(
            "The signer's key has expired, and when the signature was made cannot be proved.",
            "Ask the issuer for a new credential.",
        ),
        "certificate_not_trusted": Message(
            "The issuer is named by a certificate of an authority that this service does not trust.",
            "Ask the issuer which authority certified it, and whoever runs this service whether to trust it.",
        ),
        "certificate_not_checked": Message(
            "The issuer is named by a certificate that may have been revoked, which was not looked up.",
            "Ask the authority that issued the certificate whether it is still good.",
        ),
        "proof_expired": Message("The signature has expired.", "Ask the issuer for a new credential."),
        "proof_from_the_future": Message("The signature says it was made in the future.", _ASK_ISSUER),
        "data_loss": Message(
            "The credential says things that its signature does not cover.",
            "Do not rely on it. Ask the holder for the original file, or ask the issuer.",
        ),
        "context_not_allowed": Message(
            "The credential uses a vocabulary that this service does not know.",
            "Ask the issuer which verifier knows it.",
        ),
        "canonicalization_limit": Message(
            "The credential is too complicated to be checked safely.", "Ask the issuer for a simpler one."
        ),
        # issuer binding
        "issuer_controls_key": Message("The key belongs to the issuer that the credential names."),
        "issuer_key_mismatch": Message(
            "The credential was not signed by the issuer that it names.",
            "Do not rely on it. Ask the issuer it names whether it is genuine.",
        ),
        # conformance
        "conforms": Message("The credential follows the W3C data model."),
        "not_conforming": Message("The credential breaks rules of the W3C data model.", _ASK_ISSUER),
        # profile
        "profile_conforms": Message("The credential has all that a credential of its kind must have."),
        "profile_violated": Message(
            "The credential lacks what a credential of its kind must have.", _ASK_ISSUER
        ),
        "statement_conforms": Message("The statement on recognition has what it must have."),
        "statement_violated": Message(
            "The statement on recognition lacks what such a statement must have.", _ASK_ISSUER
        ),
        "open_badge_conforms": Message("The credential follows Open Badges 3.0."),
        "open_badge_violated": Message("The credential breaks rules of Open Badges 3.0.", _ASK_ISSUER),
        "no_known_profile": Message(
            "The credential is of a kind for which this service has no further rules."
        ),
        # schema
        "no_schema_declared": Message("The issuer declares no schema for the credential."),
        "schema_satisfied": Message("The credential keeps to the schema that its issuer declares."),
        "schema_violated": Message("The credential breaks the schema that its issuer declares.", _ASK_ISSUER),
        "schema_malformed": Message(
            "What the issuer declares as the schema of the credential is not one.", _ASK_ISSUER
        ),
        "schema_not_available": Message(
            "The schema that the issuer declares is not at hand, so it could not be checked.",
            "Ask the issuer which verifier knows the schema.",
        ),
        "schema_not_usable": Message(
            "The schema that the issuer declares cannot be checked safely here.",
            "Ask the issuer which verifier knows the schema.",
        ),
        "schema_type_unknown": Message(
            "The issuer declares a schema of a kind that this service does not know.",
            "Ask the issuer which verifier knows the schema.",
        ),
        "schema_digest_mismatch": Message(
            "The schema at hand is not the one that the issuer meant.",
            "Ask the issuer which verifier knows the schema.",
        ),
        "schema_not_verified": Message(
            "The schema comes in a credential of its own, and that one is not verified.",
            "Ask the issuer which verifier knows the schema.",
        ),
        # validity
        "in_validity_period": Message("The credential is within its period of validity."),
        "expired": Message(
            "The credential has expired.",
            "Ask the holder whether there is a renewed one. It may have been valid before.",
        ),
        "not_yet_valid": Message(
            "The credential is not valid yet.", "Check it again when its validity begins."
        ),
        # status
        "no_status_declared": Message("The issuer gives no way to look up whether it was revoked."),
        "not_revoked": Message("The issuer's status list says neither revoked nor suspended."),
        "revoked": Message("The issuer has revoked the credential.", _ASK_STATUS),
        "revoked_retroactively": Message(
            "The issuer has revoked the credential, with effect from before the time asked about.",
            _ASK_STATUS,
        ),
        "revoked_since": Message("The issuer has revoked the credential since then."),
        "status_as_known_then": Message(
            "This is what was known then. A revocation recorded later, with effect from before, would not show."
        ),
        "suspended": Message("The issuer has suspended the credential for now.", _ASK_STATUS),
        "status_entry_malformed": Message(
            "The credential does not say properly where its status can be looked up.", _ASK_ISSUER
        ),
        "status_type_unsupported": Message(
            "The credential has a kind of status that this service cannot look up.", _ASK_STATUS
        ),
        "status_list_unavailable": Message(
            "The issuer's status list could not be had, so whether the credential was revoked is not known.",
            "Try again later, or ask the issuer whether the credential is still good.",
        ),
        "status_list_not_verified": Message(
            "The signature of the issuer's status list could not be confirmed.", _ASK_STATUS
        ),
        "status_list_wrong_issuer": Message(
            "The status list was signed by somebody else than the issuer.", _ASK_STATUS
        ),
        "status_list_wrong_name": Message("The status list is not the one that was asked for.", _ASK_STATUS),
        "status_list_wrong_purpose": Message("The status list is for another purpose.", _ASK_STATUS),
        "status_list_stale": Message("The issuer's status list is out of date.", _ASK_STATUS),
        "status_list_from_the_future": Message(
            "The status list says it was made in the future.", _ASK_STATUS
        ),
        "status_list_rolled_back": Message(
            "The status list is older than one that this service has seen before.", _ASK_STATUS
        ),
        "status_list_malformed": Message("The issuer's status list cannot be read.", _ASK_STATUS),
        "status_list_too_large": Message("The issuer's status list is larger than is read.", _ASK_STATUS),
        "status_list_too_short": Message(
            "The issuer's status list is too short to keep private which credential is looked up.",
            _ASK_STATUS,
        ),
        "status_index_out_of_range": Message(
            "The status list has no entry for this credential.", _ASK_STATUS
        ),
        "status_then_unknown": Message(
            "What the status was at the time asked about cannot be told from the list of today.", _ASK_STATUS
        ),
        "status_value_unknown": Message(
            "The status list has a value whose meaning is not known here.", _ASK_STATUS
        ),
        # trust
        "issuer_authorised": Message(
            "A recognised national body authorised the issuer for this, on the award date and now."
        ),
        "issuer_authorised_then": Message(
            "A recognised national body authorised the issuer for this on the award date, and not any more.",
            "It held on the award date. Ask the national body if you need to know why it stopped.",
        ),
        "statement_advisory": Message(
            "This is advice on recognition. It decides nothing and is no qualification.",
            "Ask for the qualification itself, and ask the authority for its decision.",
        ),
        "authority_enrolled": Message(
            "This is the decision of an authority that is enrolled for its country. It is no qualification itself.",
            "Ask for the qualification itself where you need to see it.",
        ),
        "vouched_by_enrolled_body": Message(
            "An enrolled body vouches for rules of recognition. This says nothing about a person.",
        ),
        "authority_enrolled_then": Message(
            "The authority was enrolled when it decided and is not any more.",
            "Ask which body is in charge now.",
        ),
        "authority_not_enrolled": Message(
            "It says that an authority decided, and no such authority is enrolled here.",
            "Ask the authority that it names.",
        ),
        "authority_not_enrolled_then": Message("The body was not enrolled when it says that it decided."),
        "authority_of_another_country": Message(
            "The body is enrolled for another country than it decides for."
        ),
        "issuer_not_recognised": Message(
            "Genuine, but nobody we know vouches for the issuer.",
            "Ask the authority for qualifications in the issuer's country about the issuer.",
        ),
        "issuer_not_authorised": Message(
            "The issuer is known, but was not authorised to award this on the award date.",
            "Do not rely on it. Ask the national body that accredits the issuer.",
        ),
        "scope_not_determinable": Message(
            "The credential does not say enough to tell whether the issuer was authorised for it.",
            "Ask the national body that accredits the issuer.",
        ),
        "accreditation_not_checked": Message(
            "The issuer's accreditation could not be checked.", _ASK_ADMINISTRATOR
        ),
        "chain_limit": Message(
            "The chain of accreditations above the issuer is longer than is looked at here.",
            "Ask the national body of the issuer's country about the issuer.",
        ),
        "registry_unavailable": Message(
            "The registry of national bodies could not be asked.", _ASK_ADMINISTRATOR
        ),
        "registry_copy_expired": Message(
            "The copy of the registry was too old to judge the issuer by.", _ASK_ADMINISTRATOR
        ),
        "award_date_missing": Message(
            "The credential does not say when it was awarded, so the authorisation cannot be judged.",
            _ASK_ISSUER,
        ),
        "key_conflict": Message(
            "The key is not the one that the registry holds for the issuer.",
            "Do not rely on it. Ask the issuer, by a way that you already know.",
        ),
        "key_compromised": Message(
            "The issuer's key was reported as stolen, and this credential cannot be proved to be older.",
            "Ask the issuer for a new credential.",
        ),
        "key_doubted": Message(
            "One of the bodies that accredited the issuer reports its key as stolen, and another does not.",
            "Ask the issuer for a new credential.",
        ),
        "key_retired": Message(
            "The credential was signed with a key after the issuer had stopped using it.", _ASK_ISSUER
        ),
        "key_not_yet_active": Message(
            "The credential says it was signed before the issuer had this key.", _ASK_ISSUER
        ),
        # presentations
        "presentation_not_signed": Message(
            "The presentation is not signed. Anybody could have put it together.",
            "Ask the holder to present the credentials again.",
        ),
        "presentation_conforms": Message("The presentation keeps to the W3C data model."),
        "credential_presented": Message("The presentation is one credential, shown by itself."),
        "presentation_not_conforming": Message(
            "The presentation breaks rules of the W3C data model.",
            "Ask the holder to present the credentials again.",
        ),
        "credentials_valid": Message("All credentials in the presentation are valid."),
        "credential_invalid": Message(
            "A credential in the presentation is not valid.",
            "Do not rely on it. See below what was found about each credential.",
        ),
        "credential_indeterminate": Message(
            "A credential in the presentation could not be fully checked.",
            "See below what was found about each credential.",
        ),
        "no_credentials": Message(
            "The presentation holds no credential.", "Ask the holder to present the credentials again."
        ),
        "too_many_credentials": Message(
            "The presentation holds more credentials than are checked at once.",
            "Ask the holder to present fewer credentials at once.",
        ),
        "holder_proven": Message(
            "The holder made the presentation, and the credentials are about this holder."
        ),
        "holder_not_proven": Message(
            "Who presents the credentials is not proved.",
            "Make sure in another way that the person is the one the credentials are about.",
        ),
        "holder_mismatch": Message(
            "Somebody presents the credentials whom they are not about.",
            "Do not rely on it. Ask the holder to present the credentials in person.",
        ),
        # steps that could not run
        "not_reached": Message("Not checked, because a check before it did not pass."),
    }
)


def get_message(code: str) -> Message:
    """The message for a reason code. Raises `KeyError` for an unknown one: a test keeps them complete."""
    return MESSAGES[code]
