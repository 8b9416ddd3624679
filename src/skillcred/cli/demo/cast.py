"""Who takes part in the demo. All of them are invented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from skillcred.bootstrap import build_application, upgrade_database
from skillcred.services.permissions import ROLE_OF_KIND
from skillcred.services.records import OrganisationKind, Role
from skillcred.settings import Settings


@dataclass(frozen=True, slots=True)
class Part:
    """A part to play: an organisation that will be made."""

    kind: OrganisationKind
    slug: str
    name: str
    country: str = "PH"


_BODY: Final = OrganisationKind.NATIONAL_BODY
_PROVIDER: Final = OrganisationKind.PROVIDER

OPERATOR: Final = Part(OrganisationKind.OPERATOR, "registry", "Skills Registry (demo)")
BODY: Final = Part(_BODY, "higher-education", "Demonstration Qualifications Commission")
NURSING_BOARD: Final = Part(_BODY, "nursing-board", "Demonstration Board of Nursing")
UNIVERSITY: Final = Part(_PROVIDER, "university", "Unibersidad ng Luntiang Bayan")
WELDING_SCHOOL: Final = Part(_PROVIDER, "welding", "Harbour Welding School")
UNKNOWN_COLLEGE: Final = Part(_PROVIDER, "college", "Quick Degree College")

KENYAN_BODY: Final = Part(_BODY, "mfano-authority", "Mfano Qualifications Authority", "KE")
TRADES_COUNCIL: Final = Part(_BODY, "mfano-trades", "Mfano Trades Council", "KE")
WELDERS_CENTRE: Final = Part(_PROVIDER, "jua-kali", "Jua Kali Welders' Training Centre", "KE")

THAI_BODY: Final = Part(_BODY, "tuayang-commission", "Tuayang Vocational Commission", "TH")
APPRENTICE_OFFICE: Final = Part(_BODY, "tuayang-apprentices", "Tuayang Apprenticeship Office", "TH")
COLLEGE: Final = Part(_PROVIDER, "mae-sot", "Mae Sot Technical College", "TH")
MERGED_COLLEGE: Final = Part(_PROVIDER, "moei-river", "Moei River Polytechnic", "TH")

EMPLOYER: Final = Part(OrganisationKind.VERIFIER, "clinic", "Clinica do Porto Novo", "PT")

CAST: Final = (
    OPERATOR,
    BODY,
    NURSING_BOARD,
    UNIVERSITY,
    WELDING_SCHOOL,
    UNKNOWN_COLLEGE,
    KENYAN_BODY,
    TRADES_COUNCIL,
    WELDERS_CENTRE,
    THAI_BODY,
    APPRENTICE_OFFICE,
    COLLEGE,
    MERGED_COLLEGE,
    EMPLOYER,
)


@dataclass(frozen=True, slots=True)
class Player:
    """An organisation that plays a part, and the API key its programs use."""

    did: str
    name: str
    secret: str


def engage(settings: Settings) -> dict[Part, Player]:
    """Make the database and everybody in it, where they are not there yet, and give each a new API key.

    This is done beside the service, as an operator does it on the machine; everything after goes over HTTP.
    """
    upgrade_database(settings)
    application = build_application(settings)
    try:
        known = {organisation.slug: organisation for organisation in application.list_organisations()}
        players: dict[Part, Player] = {}
        for part in CAST:
            organisation = known.get(part.slug) or application.create_organisation(
                kind=part.kind,
                slug=part.slug,
                name=part.name,
                country=part.country,
                actor=None if part is OPERATOR else application.local_actor(Role.OPERATOR),
            )
            operator = application.local_actor(Role.OPERATOR)
            _, secret = application.create_api_key(operator, organisation.id, ROLE_OF_KIND[part.kind], "demo")
            players[part] = Player(organisation.did, organisation.name, secret)
        return players
    finally:
        application.close()
