"""Results as JSON, with a sentence beside each code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.recognition.case import (
    Branch,
    ElementFinding,
    EvidenceFinding,
    LevelFinding,
    Line,
    RecognitionResult,
)
from skillcred.recognition.records import Contact, Procedure, Source, TimeLimit, TitleComparison, Vouching
from skillcred.recognition.wording import DISCLAIMER, WHO_DECIDES, get_sentence, tell_standing

FORMAT: Final = "skillcred-recognition-1"


def build_result_json(result: RecognitionResult) -> JsonObject:
    """The result with a sentence beside each code; sentences are English and codes are stable."""
    vouched: dict[str, list[Vouching]] = {}
    for vouching in result.vouchings:
        vouched.setdefault(vouching.record_id, []).append(vouching)
    return {
        "format": FORMAT,
        "outcome": result.outcome.value,
        "sentence": get_sentence(result.outcome.value),
        "nature": result.nature.value,
        "nature_sentence": get_sentence(result.nature.value),
        "disclaimer": DISCLAIMER,
        "who_decides": WHO_DECIDES,
        "basis": result.basis,
        "caveats": build_coded_json(result.caveats),
        "destination": result.destination,
        "purpose": result.purpose.value,
        "at": result.at.isoformat(),
        "bring": build_coded_json(result.bring),
        "differences": build_coded_json(result.differences),
        "would_change": build_coded_json(result.would_change),
        "uncertain": build_coded_json(result.uncertain),
        "evidence": [_evidence_json(found) for found in result.evidence],
        "elements": [_element_json(found) for found in result.elements],
        "branches": [_branch_json(branch) for branch in result.branches],
        "procedures": [
            build_procedure_json(procedure, vouched.get(procedure.id, ())) for procedure in result.procedures
        ],
        "contacts": [build_contact_json(contact) for contact in result.contacts],
        "levels": [_finding_json(found) for found in result.levels],
        "titles": [_title_json(found) for found in result.titles],
        "lines": [_line_json(line, vouched.get(line.rule_id, ())) for line in result.lines],
        "data_release": result.data_release,
    }


def build_procedure_json(procedure: Procedure, vouchings: Sequence[Vouching] = ()) -> JsonObject:
    """How recognition is asked for, with who decides and by when."""
    return {
        "id": procedure.id,
        "version": procedure.version,
        "name": procedure.name,
        "competent_body": procedure.competent_body,
        "legal_basis": procedure.legal_basis,
        "nature": procedure.nature.value,
        "covers": build_coded_json(procedure.covers),
        "excludes": build_coded_json((*sorted(procedure.excludes), *procedure.exclusions)),
        "steps": build_coded_json(procedure.steps),
        "documents": build_coded_json(procedure.documents),
        "alternatives": build_coded_json(procedure.alternatives),
        "outcomes": build_coded_json(procedure.outcomes),
        "acknowledge_within": _limit(procedure.acknowledge),
        "decide_within": _limit(procedure.decide),
        "fast_track_within": _limit(procedure.fast_track),
        "extensions": procedure.extensions,
        "remarks": build_coded_json(procedure.remarks),
        "appeal": procedure.appeal,
        "appeal_sentence": None if procedure.appeal is None else get_sentence(procedure.appeal),
        "standing": tell_standing(procedure.as_of, vouchings),
        "sources": build_sources_json(procedure.sources),
        "as_of": procedure.as_of,
    }


def build_contact_json(contact: Contact) -> JsonObject:
    """A body that one may ask."""
    return {
        "id": contact.id,
        "country": contact.country,
        "name": contact.name,
        "role": contact.role,
        "website": contact.website,
        "confirm_first": contact.confirm_first,
        "sentence": get_sentence("listed_in_public_sources"),
        "sources": build_sources_json(contact.sources),
        "as_of": contact.as_of,
    }


def build_sources_json(sources: tuple[Source, ...]) -> list[JsonValue]:
    """Where facts were read."""
    return [{"title": source.title, "address": source.address} for source in sources]


def build_coded_json(codes: tuple[str, ...]) -> list[JsonValue]:
    """Codes with their sentences."""
    return [{"code": code, "sentence": get_sentence(code)} for code in codes]


def _limit(limit: TimeLimit | None) -> JsonObject | None:
    return None if limit is None else {"count": limit.count, "unit": limit.unit}


def _evidence_json(found: EvidenceFinding) -> JsonObject:
    return {
        "credential": found.credential,
        "document_sha256": found.sha256,
        "kind": found.kind.value,
        "grade": found.grade.value,
        "grade_sentence": get_sentence(found.grade.value),
        "counts": found.counts,
        "reason": found.reason,
        "sentence": get_sentence(found.reason),
        "issuer_at_award": found.issuer_then.value,
        "issuer_now": found.issuer_now.value,
        "years": found.years,
    }


def _element_json(found: ElementFinding) -> JsonObject:
    return {
        "element": found.element,
        "result": found.result,
        "sentence": get_sentence(found.result),
        "weight": found.weight,
        "rests_on": found.rests_on,
        "evidence": [*found.evidence],
        "chained": found.chained,
        "sources": build_sources_json(found.sources),
        "as_of": found.as_of,
    }


def _branch_json(branch: Branch) -> JsonObject:
    return {
        "assumed": branch.assumed.value,
        "outcome": branch.outcome.value,
        "sentence": get_sentence(branch.outcome.value),
        "nature": branch.nature.value,
        "basis": branch.basis,
        "bring": build_coded_json(branch.bring),
    }


def _finding_json(found: LevelFinding) -> JsonObject:
    return {
        "held": {"framework": found.held.framework, "code": found.held.code},
        "framework": found.framework,
        "level": found.level,
        "relation": found.relation,
        "sentence": get_sentence(found.relation),
        "chained": found.chained,
        "one_of_several": found.one_of_several,
        "steps_from_sought": found.steps,
        "caveats": build_coded_json(found.caveats),
        "sources": build_sources_json(found.sources),
        "as_of": found.as_of,
    }


def _title_json(found: TitleComparison) -> JsonObject:
    return {
        "id": found.id,
        "table": found.table,
        "origin": found.origin,
        "title": found.title,
        "destination": found.destination,
        "statement": found.statement,
        "alternatives": [*found.alternatives],
        "hedge": found.hedge,
        "sentence": get_sentence(found.hedge),
        "framework": found.framework,
        "levels": [*found.levels],
        "sources": build_sources_json(found.sources),
        "as_of": found.as_of,
    }


def _line_json(line: Line, vouchings: Sequence[Vouching]) -> JsonObject:
    return {
        "rule_id": line.rule_id,
        "version": line.version,
        "step": line.step,
        "result": line.result,
        "sentence": get_sentence(line.result),
        "inputs": dict(line.inputs),
        "standing": tell_standing(line.as_of, vouchings),
        "sources": build_sources_json(line.sources),
        "as_of": line.as_of,
    }
