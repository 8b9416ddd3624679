"""English labels of the registry pages. They are keys of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.services.listed_records import ListedRole

ROLES: Final[Mapping[ListedRole, str]] = MappingProxyType(
    {
        ListedRole.MINISTRY_EDUCATION: "Ministry for education",
        ListedRole.MINISTRY_LABOUR: "Ministry for labour",
        ListedRole.NATIONAL_INFORMATION_CENTRE: "National information centre",
        ListedRole.NQF_AUTHORITY: "Authority for the qualifications framework",
        ListedRole.TVET_AUTHORITY: "Authority for vocational training",
        ListedRole.HE_QUALITY_ASSURANCE: "Quality assurance of higher education",
        ListedRole.ENGINEERING_ACCREDITATION: "Accreditation of engineering programmes",
        ListedRole.PROFESSIONAL_REGULATOR: "Regulator of a profession",
        ListedRole.RECOGNITION_PROCEDURE: "Recognition of foreign qualifications",
        ListedRole.PROVIDER: "Provider of education or training",
        ListedRole.OTHER: "Other body",
    }
)
"""What kind of body the sources call it."""

BROAD_FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "00": "Generic programmes and qualifications",
        "01": "Education",
        "02": "Arts and humanities",
        "03": "Social sciences, journalism and information",
        "04": "Business, administration and law",
        "05": "Natural sciences, mathematics and statistics",
        "06": "Information and communication technologies",
        "07": "Engineering, manufacturing and construction",
        "08": "Agriculture, forestry, fisheries and veterinary",
        "09": "Health and welfare",
        "10": "Services",
    }
)
"""Names of the broad fields of ISCED-F 2013, with which all codes begin."""

SCOPE_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "profiles": "Kinds of credential",
        "isced_fields": "Fields of study",
        "occupations": "Occupations (ISCO-08)",
        "max_level": "Highest level",
        "countries": "Awards made in",
        "languages": "Languages of award",
        "campuses": "Places",
        "programmes": "Programmes",
        "schemas": "Schemas to keep to",
    }
)
"""Limits of a scope."""

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {"issue": "May award credentials", "accredit": "May accredit others"}
)
"""What a scope allows."""

HAPPENINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "enrolled": "Enrolled in this registry",
        "accredited": "Accredited",
        "suspended": "Suspended",
        "reinstated": "Reinstated",
        "ended": "Ended",
        "withdrawn": "Withdrawn",
        "succeeded": "Followed by another",
    }
)
"""What can stand in a timeline."""

SUCCESSION_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"merger": "Merger", "renaming": "Renaming", "closure": "Closure, records kept by"}
)
"""How somebody came to be followed by another."""

TABLES: Final = (ROLES, BROAD_FIELDS, SCOPE_LABELS, ACTIONS, HAPPENINGS, SUCCESSION_NAMES)
"""All of them, for the test that holds the catalogues complete."""
