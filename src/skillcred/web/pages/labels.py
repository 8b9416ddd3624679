"""English labels for members of credentials, and their order on the page. The labels are keys of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "id": "Identifier",
        "type": "Type",
        "name": "Name",
        "nameTranslations": "Name in other languages",
        "description": "Description",
        "descriptionTranslations": "Description in other languages",
        "issuer": "Issuer, in its own words",
        "credentialSubject": "Holder and achievement",
        "awardedDate": "Awarded on",
        "validFrom": "Valid from",
        "validUntil": "Valid until",
        "issuanceDate": "Issued on",
        "expirationDate": "Expires on",
        "achievement": "Achievement",
        "achievementType": "Kind of achievement",
        "criteria": "What had to be shown",
        "narrative": "Account",
        "narrativeTranslations": "Account in other languages",
        "alignment": "Corresponds to",
        "targetName": "Name",
        "targetCode": "Code",
        "targetFramework": "Framework",
        "targetType": "Kind",
        "targetUrl": "Address",
        "targetDescription": "Description",
        "result": "Result",
        "resultDescription": "Scale of the result",
        "value": "Value",
        "status": "State",
        "creditsEarned": "Credits earned",
        "creditsAvailable": "Credits available",
        "creditPoints": "Credit points",
        "creditSystem": "Credit system",
        "evidence": "Evidence",
        "genre": "Kind",
        "audience": "Intended for",
        "identifier": "Identification",
        "identityHash": "Identification",
        "identityType": "Kind of identification",
        "hashed": "Given as a digest",
        "salt": "Salt of the digest",
        "identifierType": "Kind of identifier",
        "source": "Assessed by",
        "creator": "Created by",
        "role": "Role",
        "term": "Term",
        "licenseNumber": "Licence number",
        "activityStartDate": "Started",
        "activityEndDate": "Ended",
        "inLanguage": "Language",
        "specialization": "Specialisation",
        "fieldOfStudy": "Field of study",
        "humanCode": "Code",
        "version": "Version",
        "tag": "Keywords",
        "url": "Address",
        "email": "E-mail",
        "phone": "Telephone",
        "address": "Postal address",
        "addressCountry": "Country",
        "countryCode": "Country code",
        "image": "Picture (not shown)",
        "caption": "Caption",
        "endorsement": "Endorsement",
        "termsOfUse": "Terms of use",
        "assessment": "Assessment",
        "assessmentDate": "Assessed on",
        "assessmentMethod": "How it was assessed",
        "assessmentOutcome": "Outcome",
        "assessor": "Assessor",
        "attestedBy": "Attested by",
        "attestedOn": "Attested on",
        "awardingBody": "Awarding body",
        "competenceStandard": "Competence standard",
        "countryOfAward": "Country of award",
        "employer": "Employer",
        "employment": "Employment",
        "frameworkId": "Framework",
        "hostOrganisation": "Host",
        "hoursPerWeek": "Hours a week",
        "jobTitle": "Job title",
        "jobTitleTranslations": "Job title in other languages",
        "languageOfAward": "Language of award",
        "learningSetting": "Setting of learning",
        "modeOfLearning": "Mode of learning",
        "moderation": "Moderation",
        "moderationDate": "Moderated on",
        "moderator": "Moderator",
        "partners": "Partners",
        "partnership": "Partnership",
        "partnershipCode": "Code of the partnership",
        "periodStart": "From",
        "periodEnd": "To",
        "placement": "Placement",
        "placementKind": "Kind of placement",
        "priorLearning": "Recognition of prior learning",
        "programme": "Programme",
        "programmeCode": "Code of the programme",
        "publishedBy": "Published by",
        "sendingOrganisation": "Sending organisation",
        "skillsShown": "Skills shown",
        "standardCode": "Code of the standard",
        "tasks": "Tasks",
        "unitCode": "Code of the unit",
        "unitOutcome": "Outcome",
        "units": "Units",
        "workload": "Workload",
        "workloadHours": "Hours",
        "@context": "Vocabularies",
        "credentialSchema": "Schema",
        "credentialStatus": "Where its status stands",
        "refreshService": "Where it is renewed",
        "relatedResource": "Related files",
        "digestSRI": "Digest",
        "digestMultibase": "Digest",
    }
)
"""Members of VCDM 2.0, Open Badges 3.0 and our own context."""

FIRST_MEMBERS: Final = (
    "type",
    "name",
    "nameTranslations",
    "achievement",
    "credentialSubject",
    "description",
    "descriptionTranslations",
    "awardedDate",
    "issuanceDate",
    "validFrom",
    "validUntil",
    "expirationDate",
    "issuer",
    "criteria",
    "result",
    "alignment",
)
"""Members that come first, in this order, wherever they occur; the others follow as they stand."""

TECHNICAL_MEMBERS: Final = frozenset(
    {
        "@context",
        "id",
        "type",
        "credentialSchema",
        "credentialStatus",
        "refreshService",
        "relatedResource",
        "proof",
    }
)
"""Top-level members that say nothing to most readers; they stand apart, not left out."""

SUMMARY_LABELS: Final = ("Holder",)
"""Labels that only the summary uses."""

PROFILES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "qualification": "Qualification",
        "training": "Training",
        "proficiency": "Proficiency",
        "work-experience": "Work experience",
        "apprenticeship": "Apprenticeship or exchange",
    }
)
"""English names of our profiles."""

STEPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "parse": "File",
        "proof": "Signature",
        "issuer_binding": "Signed by the issuer",
        "holder_binding": "Presented by the holder",
        "conformance": "Data model",
        "profile": "Kind of credential",
        "schema": "Schema of the credential",
        "validity": "Period of validity",
        "status": "Revocation",
        "trust": "Authorisation of the issuer",
        "credentials": "Credentials in it",
    }
)
"""English names of the steps of a verification."""

OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "passed": "Passed",
        "failed": "Failed",
        "indeterminate": "Could not be checked",
        "not_applicable": "Does not apply",
    }
)
"""English names of outcomes."""

STANDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "in_force": "in force",
        "not_yet": "not yet in force",
        "expired": "expired",
        "suspended": "suspended",
        "ended": "ended",
        "withdrawn": "withdrawn",
        "succeeded": "over, followed by another",
    }
)
"""English names of the state of an accreditation."""

ANSWERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "authorised": "Authorised",
        "not_authorised": "Not authorised",
        "not_determinable": "Cannot be told",
        "not_recognised": "Nobody vouches for it",
    }
)
"""English names of what the registry says at a date (trust/dates.py)."""
