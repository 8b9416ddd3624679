"""What happens in the demo, and which verdict each credential must get."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from skillcred.cli.demo.cast import (
    BODY,
    COUNTRY,
    OPERATOR,
    UNIVERSITY,
    UNKNOWN_COLLEGE,
    WELDING_SCHOOL,
    Part,
    Player,
)
from skillcred.cli.demo.client import DemoClient
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.shipped import shipped_path

PROFILE: Final = "qualification"
ACCREDITED_FROM: Final = "2020-01-01T00:00:00Z"


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
    """The story so far: the files, and the accreditation that the genuine one rests on."""

    exhibits: tuple[Exhibit, ...]
    accreditation_id: str


def load_claims() -> JsonObject:
    """What the university says about the nurse: the example that is shipped with the profile."""
    return parse_json_object(shipped_path(f"schemas/examples/{PROFILE}.json").read_bytes())


def forge(credential: bytes) -> bytes:
    """The credential with somebody else's name in it, as a forger would change it."""
    document = copy.deepcopy(parse_json_object(credential))
    subject = document["credentialSubject"]
    if isinstance(subject, dict):
        subject["name"] = "Somebody Else"
    return json.dumps(document, ensure_ascii=False).encode("utf-8")


def tell(client: DemoClient, players: Mapping[Part, Player]) -> Told:
    """Enrol the body, accredit two providers, let three issue the same qualification, forge one copy.

    May be told again to the same service: it then gives the same files.
    """
    claims = load_claims()
    client.enrol(
        players[OPERATOR].secret, {"did": players[BODY].did, "name": players[BODY].name, "country": COUNTRY}
    )
    nursing: JsonObject = {"profiles": [PROFILE], "isced_fields": ["091"], "countries": [COUNTRY]}
    welding: JsonObject = {
        "profiles": ["training", "proficiency"],
        "isced_fields": ["0715"],
        "countries": [COUNTRY],
    }
    accreditation_id = _accredit(client, players, UNIVERSITY, nursing)
    _accredit(client, players, WELDING_SCHOOL, welding)

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
    return Told(exhibits, accreditation_id)


def _accredit(client: DemoClient, players: Mapping[Part, Player], part: Part, scope: JsonObject) -> str:
    accreditation: JsonObject = {
        "provider_did": players[part].did,
        "provider_name": players[part].name,
        "scope": scope,
        "valid_from": ACCREDITED_FROM,
    }
    return client.accredit(players[BODY].secret, accreditation, f"demo-{part.slug}")
