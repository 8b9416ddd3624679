"""What becomes of three providers in the demo, and what each of their credentials is worth before and after.

The dates decide: a credential that was awarded before the change stays good, one from after it does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import httpx2

from skillcred.cli.demo.cast import (
    APPRENTICE_OFFICE,
    COLLEGE,
    KENYAN_BODY,
    MERGED_COLLEGE,
    THAI_BODY,
    TRADES_COUNCIL,
    WELDERS_CENTRE,
    Part,
    Player,
)
from skillcred.cli.demo.client import DemoClient
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import parse_json_object
from skillcred.shipped import shipped_path

_DATE: Final = re.compile(r"(\d{4})(-\d\d-\d\dT.*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Paper:
    """A credential that somebody holds, and the verdict and reason that it must get after the change."""

    file_name: str
    awarded: str
    content: bytes
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A change to the accreditation of `chain[-1]`, made by the one above it. `successor` is (kind, part)."""

    chain: tuple[Part, ...]
    accreditation_id: str
    kind: str
    effective_at: str
    what: str
    papers: tuple[Paper, ...]
    successor: tuple[str, Part] | None = None

    @property
    def finding(self) -> str:
        """The code under which reports tell of the change."""
        return f"accreditation_{self.kind}"


def load_claims(profile: str, *, years_earlier: int = 0) -> JsonObject:
    """The example that is shipped with a profile, with all its dates moved back by whole years."""
    claims = parse_json_object(shipped_path(f"schemas/examples/{profile}.json").read_bytes())
    return {name: _moved(value, years_earlier) for name, value in claims.items()}


def _moved(value: JsonValue, years: int) -> JsonValue:
    if isinstance(value, dict):
        return {name: _moved(item, years) for name, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, years) for item in value]
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    return value if found is None else f"{int(found[1]) - years:04}{found[2]}"


def make_change(
    client: DemoClient, players: Mapping[Part, Player], turn: Turn, *, again: bool = False
) -> None:
    """The body above the provider records the change; `again` takes one that is recorded already for done."""
    event: JsonObject = {"kind": turn.kind, "effective_at": turn.effective_at, "reason": turn.what}
    if turn.successor is not None:
        kind, part = turn.successor
        event["successor"] = {"kind": kind, "did": players[part].did, "name": part.name}
    also = httpx2.codes.CONFLICT if again else None
    client.change(players[turn.chain[-2]].secret, turn.accreditation_id, event, also=also)


def tell_turns(client: DemoClient, players: Mapping[Part, Player]) -> tuple[Turn, ...]:
    """Enrol a body in Kenya and one in Thailand, each with a body and a provider below it, whose credentials of two
    years are in the hands of their holders. The changes themselves are not made here."""
    ended = (KENYAN_BODY, TRADES_COUNCIL, WELDERS_CENTRE)
    merged = (THAI_BODY, APPRENTICE_OFFICE, COLLEGE)
    return (
        Turn(
            chain=ended,
            accreditation_id=build_chain(client, players, ended, "training", "0715"),
            kind="ended",
            effective_at="2025-01-01T00:00:00Z",
            what="The centre gave up its accreditation (demo).",
            papers=_papers(client, players, WELDERS_CENTRE, "training", "welder", (1, 0)),
        ),
        Turn(
            chain=merged,
            accreditation_id=build_chain(client, players, merged, "apprenticeship", "071"),
            kind="succeeded",
            effective_at="2025-01-01T00:00:00Z",
            what="The college became part of a larger one (demo).",
            papers=_papers(client, players, COLLEGE, "apprenticeship", "apprentice", (2, 1)),
            successor=("merger", MERGED_COLLEGE),
        ),
    )


def build_chain(
    client: DemoClient, players: Mapping[Part, Player], chain: tuple[Part, ...], profile: str, field: str
) -> str:
    """Enrol the first of `chain`, and let each accredit the next. The id of the last accreditation.

    The scope narrows on the way: the body below may accredit for the broad field, the provider issue in `field`.
    """
    body, below, provider = chain
    enrol(client, players, body)
    broad: JsonObject = {
        "action": "accredit",
        "profiles": [profile],
        "isced_fields": [field[:2]],
        "countries": [body.country],
    }
    accredit(client, players, body, below, broad)
    narrow: JsonObject = {"profiles": [profile], "isced_fields": [field], "countries": [body.country]}
    return accredit(client, players, below, provider, narrow)


def enrol(client: DemoClient, players: Mapping[Part, Player], body: Part) -> None:
    """The operator enrols a national body."""
    operator = next(player for part, player in players.items() if part.kind.value == "operator")
    client.enrol(operator.secret, {"did": players[body].did, "name": body.name, "country": body.country})


ACCREDITED_FROM: Final = "2020-01-01T00:00:00Z"


def accredit(
    client: DemoClient, players: Mapping[Part, Player], by: Part, part: Part, scope: JsonObject
) -> str:
    """One accredits another. The id of the accreditation."""
    accreditation: JsonObject = {
        "provider_did": players[part].did,
        "provider_name": players[part].name,
        "scope": scope,
        "valid_from": ACCREDITED_FROM,
    }
    return client.accredit(players[by].secret, accreditation, f"demo-{part.slug}")


def _papers(
    client: DemoClient,
    players: Mapping[Part, Player],
    part: Part,
    profile: str,
    name: str,
    years: tuple[int, int],
) -> tuple[Paper, ...]:
    outcomes = (("valid", "issuer_authorised_then"), ("invalid", "issuer_not_authorised"))
    papers = []
    for years_earlier, (verdict, reason) in zip(years, outcomes, strict=True):
        claims = load_claims(profile, years_earlier=years_earlier)
        awarded = str(claims["awardedDate"])[:10]
        content = client.issue(players[part].secret, profile, claims, f"demo-{part.slug}-{awarded}")
        papers.append(Paper(f"{name}-{awarded[:4]}.json", awarded, content, verdict, reason))
    return tuple(papers)
