"""What exists between two countries, as JSON."""

from __future__ import annotations

from skillcred.encoding.json_types import JsonObject
from skillcred.recognition.wire import build_procedure_json, build_sources_json
from skillcred.recognition.wording import DISCLAIMER, get_sentence
from skillcred.services.recognition import CountryPair


def build_pair_json(pair: CountryPair) -> JsonObject:
    """Agreements with whether they bind and why not, procedures of the destination, each with its sources."""
    return {
        "origin": pair.origin,
        "destination": pair.destination,
        "at": pair.at.isoformat(),
        "disclaimer": DISCLAIMER,
        "data_release": pair.data_release,
        "agreements": [
            {
                "id": found.agreement.id,
                "version": found.agreement.version,
                "name": found.agreement.name,
                "kind": found.agreement.kind,
                "binds": found.binds,
                "reason": found.reason,
                "sentence": get_sentence(found.reason),
                "date_seen": found.date_seen,
                "sources": build_sources_json(found.agreement.sources),
                "as_of": found.agreement.as_of,
            }
            for found in pair.agreements
        ],
        "procedures": [build_procedure_json(procedure) for procedure in pair.procedures],
    }
