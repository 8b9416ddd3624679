"""English labels of the recognition pages. They are keys of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from skillcred.recognition.case import Answer
from skillcred.recognition.records import Purpose
from skillcred.recognition.survey import Tie

PURPOSES: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.REGULATED_PROFESSION: "Work in a regulated profession",
        Purpose.NON_REGULATED_WORK: "Other work",
        Purpose.STUDY: "Study",
        Purpose.IMMIGRATION: "A visa or permit for which skills are assessed",
        Purpose.CREDIT: "Credit for earlier learning",
    }
)
TIES: Final[Mapping[Tie, str]] = MappingProxyType(
    {
        Tie.AUTOMATIC: "Automatic for some qualifications or professions",
        Tie.CONVENTION: "Recognised unless a substantial difference is shown",
        Tie.MANAGED: "Managed: an authority decides under an agreement",
        Tie.OTHER: "A programme, test or check before departure",
        Tie.COMPARED: "Levels compared, nothing more",
        Tie.NAMED: "An agreement names both, but does not bind both",
    }
)
WEIGHTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "deciding": "It decides",
        "considered": "It is considered",
        "not_considered": "It does not count for this purpose",
    }
)
STANDINGS: Final[Mapping[Answer, str]] = MappingProxyType(
    {Answer.MET: "authorised", Answer.NOT_MET: "not authorised", Answer.UNKNOWN: "not known"}
)
ASSUMED: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.REGULATED_PROFESSION: "If the work is regulated there",
        Purpose.NON_REGULATED_WORK: "If the work is not regulated there",
    }
)
WORKING_DAYS: Final = "Working days: {count}"
"""A time limit in a unit that the Unicode locale data do not have."""
