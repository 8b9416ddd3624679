"""What exists between two countries, as JSON."""

from __future__ import annotations

from skillcred.encoding.json_types import JsonObject
from skillcred.recognition.agreements import PairFinding
from skillcred.recognition.records import RecognitionData
from skillcred.recognition.wire import (
    build_coded_json,
    build_contact_json,
    build_procedure_json,
    build_sources_json,
)
from skillcred.recognition.wording import DISCLAIMER, get_sentence, tell_standing
from skillcred.services.recognition import CountryPair


def build_pair_json(pair: CountryPair) -> JsonObject:
    """Agreements with whether they bind and why not, procedures and bodies of the destination, each with its
    sources."""
    vouchings = pair.data.vouchings
    return {
        "origin": pair.origin,
        "destination": pair.destination,
        "at": pair.at.isoformat(),
        "disclaimer": DISCLAIMER,
        "data_release": pair.data.release,
        "agreements": [_agreement_json(found, pair.data) for found in pair.agreements],
        "procedures": [build_procedure_json(p, vouchings.get(p.id, ())) for p in pair.procedures],
        "contacts": [build_contact_json(contact) for contact in pair.contacts],
    }


def _agreement_json(found: PairFinding, data: RecognitionData) -> JsonObject:
    agreement = found.agreement
    parties = (found.origin, found.destination)
    caveats = (*agreement.caveats, *(code for party in parties for code in party.caveats))
    return {
        "id": agreement.id,
        "version": agreement.version,
        "name": agreement.name,
        "kind": agreement.kind,
        "scope": agreement.scope,
        "sectors": [*agreement.sectors],
        "binds": found.binds,
        "reason": found.reason,
        "sentence": get_sentence(found.reason),
        "date_seen": found.date_seen,
        "signed": agreement.signed,
        "in_force": agreement.in_force,
        "since": {party.country: party.since for party in parties},
        "effects": build_coded_json(agreement.effects),
        "caveats": build_coded_json(tuple(dict.fromkeys(caveats))),
        "conditions": build_coded_json(tuple(condition.code for condition in agreement.conditions)),
        "procedure_id": agreement.procedure_id,
        "nature": agreement.nature.value,
        "standing": tell_standing(agreement.as_of, data.vouchings.get(agreement.id, ())),
        "sources": build_sources_json(agreement.sources),
        "as_of": agreement.as_of,
    }
