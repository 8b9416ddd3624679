"""The credentials that are measured: unsigned, and as large as they say in quads of their canonical form."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from skillcred.linkeddata import OB_3_0_3, V2
from skillcred.model.outcomes import EvidenceKind, EvidenceReference
from skillcred.status.bitstring_status_list import build_entry, build_list_credential, encode_list
from skillcred.verification import Evidence, EvidenceItem
from worlds.pure_world import NOW, PureWorld, sign

JsonObject = dict[str, Any]

STATUS_LISTS = {
    purpose: f"https://college.example.edu/v1/status-lists/7/{purpose}"
    for purpose in ("revocation", "suspension")
}
LIST_LENGTH = 131_072
"""Entries of each list, the least that the specification allows."""


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
    """39 quads: an Open Badge with two alignments, and with the two status entries that our own issuing writes."""
    return {
        "@context": [V2, OB_3_0_3],
        "id": "https://college.example.edu/credentials/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": "Example Technical College"},
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
        "credentialStatus": [
            build_entry(list_uri=list_uri, index=94_567, purpose=purpose)
            for purpose, list_uri in STATUS_LISTS.items()
        ],
    }


def transcript(issuer: str, quads: int) -> JsonObject:
    """About `quads` quads: a badge whose subject holds many achievements with their results."""
    document = badge(issuer)
    subject = document["credentialSubject"]
    model = {
        "type": ["Achievement"],
        "achievementType": "Course",
        "name": "",
        "description": "One course of the programme, with lectures and exercises.",
        "humanCode": "",
        "criteria": {"narrative": ""},
        "alignment": [
            {"type": ["Alignment"], "targetName": "", "targetUrl": "http://data.europa.eu/snb/eqf/4"}
        ],
    }
    subject["achievement"] = [subject["achievement"]]
    for number in range((quads - 39) // 12):
        course = copy.deepcopy(model)
        course["id"] = f"https://college.example.edu/achievements/course-{number}"
        course["name"] = f"Course {number} of the programme"
        course["humanCode"] = f"C-{number:04}"
        course["criteria"]["narrative"] = f"Examination {number} passed with at least 60 of 100 points."
        course["alignment"][0]["targetName"] = f"Unit {number} of EQF level 4"
        subject["achievement"].append(course)
    return document


def evidence_for(world: PureWorld) -> Evidence:
    """All that a report on the documents rests on: the registry's extract and both status lists, one credential in a
    thousand of which is revoked or suspended."""
    lists = []
    for purpose, uri in STATUS_LISTS.items():
        unsigned = build_list_credential(
            uri=uri,
            issuer=world.provider.did,
            purpose=purpose,
            encoded_list=encode_list(LIST_LENGTH, 1, dict.fromkeys(range(0, LIST_LENGTH, 1_000), 1)),
            valid_from=NOW - timedelta(minutes=1),
            valid_until=NOW + timedelta(hours=1),
            ttl=timedelta(minutes=5),
        )
        content = sign(unsigned, world.provider, created=NOW - timedelta(minutes=1))
        reference = EvidenceReference(EvidenceKind.STATUS_LIST, uri)
        lists.append(EvidenceItem(reference, NOW, "benchmark", content=content))
    return world.evidence().with_items(lists)
