"""The credentials that are measured: unsigned, and as large as they say in quads of their canonical form."""

from __future__ import annotations

import copy
from typing import Any

from skillcred.linkeddata import OB_3_0_3, V2

JsonObject = dict[str, Any]


def minimal(issuer: str) -> JsonObject:
    """10 quads: somebody passed something."""
    return {
        "@context": [V2, OB_3_0_3],
        "id": "urn:uuid:6a1c8a3e-51a4-4a6f-9d0e-7f6f9f2f5d01",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-03-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:learner",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "urn:uuid:6a1c8a3e-51a4-4a6f-9d0e-7f6f9f2f5d02",
                "type": ["Achievement"],
                "name": "First aid at work",
                "achievementType": "Course",
                "humanCode": "FA-1",
            },
        },
    }


def badge(issuer: str) -> JsonObject:
    """39 quads: an Open Badge with two alignments and a status entry."""
    return {
        "@context": [V2, OB_3_0_3],
        "id": "https://college.example.edu/credentials/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": "Arc welding, level 2",
        "issuer": {
            "id": issuer,
            "type": ["Profile"],
            "name": "Example Technical College",
            "url": "https://college.example.edu/",
            "email": "awards@college.example.edu",
        },
        "validFrom": "2026-03-01T00:00:00Z",
        "validUntil": "2031-03-01T00:00:00Z",
        "awardedDate": "2026-02-27T10:30:00Z",
        "credentialSubject": {
            "id": "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH",
            "type": ["AchievementSubject"],
            "achievement": {
                "id": "https://college.example.edu/achievements/arc-welding-2",
                "type": ["Achievement"],
                "achievementType": "Certificate",
                "humanCode": "AW-2",
                "inLanguage": "en",
                "name": "Arc welding, level 2",
                "description": "Can weld steel plates in all positions by drawing and inspect the seam.",
                "criteria": {"narrative": "Written test of 60 minutes and four test pieces, all passed."},
                "alignment": [
                    {
                        "type": ["Alignment"],
                        "targetName": "Welders and flame cutters",
                        "targetUrl": "http://data.europa.eu/esco/isco/C7212",
                        "targetFramework": "ISCO-08",
                        "targetCode": "7212",
                    },
                    {
                        "type": ["Alignment"],
                        "targetName": "EQF level 4",
                        "targetUrl": "http://data.europa.eu/snb/eqf/4",
                        "targetFramework": "European Qualifications Framework",
                        "targetCode": "4",
                    },
                ],
            },
        },
        "credentialStatus": {
            "id": "https://college.example.edu/status/7#94567",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "94567",
            "statusListCredential": "https://college.example.edu/status/7",
        },
    }


def transcript(issuer: str, quads: int) -> JsonObject:
    """About `quads` quads: a badge whose subject holds many achievements with their results."""
    document = badge(issuer)
    subject = document["credentialSubject"]
    model = {
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": "",
        "humanCode": "",
        "criteria": {"narrative": ""},
        "alignment": [
            {"type": ["Alignment"], "targetName": "", "targetUrl": "http://data.europa.eu/snb/eqf/4"}
        ],
    }
    subject["achievement"] = [subject["achievement"]]
    for number in range((quads - 39) // 11):
        course = copy.deepcopy(model)
        course["name"] = f"Course {number} of the programme"
        course["humanCode"] = f"C-{number:04}"
        course["criteria"]["narrative"] = f"Examination {number} passed with at least 60 of 100 points."
        course["alignment"][0]["targetName"] = f"Unit {number} of EQF level 4"
        subject["achievement"].append(course)
    return document
