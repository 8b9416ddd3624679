"""What happens in the demo, and which verdict each credential must get."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.cli.demo.cast import (
    BODY,
    NURSING_BOARD,
    UNIVERSITY,
    UNKNOWN_COLLEGE,
    WELDING_SCHOOL,
    Part,
    Player,
)
from skillcred.cli.demo.client import DemoClient
from skillcred.cli.demo.turns import Paper, Turn, accredit, build_chain, load_claims, tell_turns
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object

PROFILE: Final = "qualification"
NURSING_CHAIN: Final = (BODY, NURSING_BOARD, UNIVERSITY)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A file that an employer may be handed, and what the service must say about it."""

    file_name: str
    what: str
    content: bytes
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """The story so far: the files, the accreditation that the genuine one rests on, and what others have in store."""

    exhibits: tuple[Exhibit, ...]
    accreditation_id: str
    turns: tuple[Turn, ...]

    def suspend_at(self, instant: str) -> Turn:
        """The suspension of the university, from `instant`: its credential is older and stays good."""
        genuine = self.exhibits[0].content
        awarded = str(parse_json_object(genuine)["awardedDate"])[:10]
        return Turn(
            chain=NURSING_CHAIN,
            accreditation_id=self.accreditation_id,
            kind="suspended",
            effective_at=instant,
            what="Inspection of the clinical placements (demo).",
            papers=(Paper("genuine.json", awarded, genuine, "valid", "issuer_authorised_then"),),
        )


def forge(credential: bytes) -> bytes:
    """The credential with somebody else's name in it, as a forger would change it."""
    document = copy.deepcopy(parse_json_object(credential))
    subject = document["credentialSubject"]
    if isinstance(subject, dict):
        subject["name"] = "Somebody Else"
    return json.dumps(document, ensure_ascii=False).encode("utf-8")


def tell(client: DemoClient, players: Mapping[Part, Player]) -> Told:
    """Enrol the bodies, accredit those below them, let three issue the same qualification, forge a copy.

    May be told again to the same service: it then gives the same files.
    """
    claims = load_claims(PROFILE)
    accreditation_id = build_chain(client, players, NURSING_CHAIN, PROFILE, "0913")
    welding: JsonObject = {
        "profiles": ["training", "proficiency"],
        "isced_fields": ["0715"],
        "countries": [BODY.country],
    }
    accredit(client, players, BODY, WELDING_SCHOOL, welding)

    def issued_by(part: Part) -> bytes:
        return client.issue(players[part].secret, PROFILE, claims, f"demo-{part.slug}")

    genuine = issued_by(UNIVERSITY)
    exhibits = (
        Exhibit(
            "genuine.json", "the credential that the university issued", genuine, "valid", "issuer_authorised"
        ),
        Exhibit(
            "forged.json", "a copy with another name in it", forge(genuine), "invalid", "signature_wrong"
        ),
        Exhibit(
            "unaccredited.json",
            "the same claims, signed by a college that no body has accredited",
            issued_by(UNKNOWN_COLLEGE),
            "indeterminate",
            "issuer_not_recognised",
        ),
        Exhibit(
            "out-of-scope.json",
            "the same claims, signed by a school that is accredited for welding only",
            issued_by(WELDING_SCHOOL),
            "invalid",
            "issuer_not_authorised",
        ),
    )
    return Told(exhibits, accreditation_id, tell_turns(client, players))
