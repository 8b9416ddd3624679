"""A result in plain words, for the terminal and for case workers. Says nothing that the result does not hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skillcred.recognition.case import ElementFinding, EvidenceFinding, Line, RecognitionResult
from skillcred.recognition.records import Procedure, Source, TimeLimit
from skillcred.recognition.wording import DISCLAIMER, WHO_DECIDES, get_sentence, tell_standing

_ASSUMED = {
    "regulated_profession": "If the work is regulated there",
    "non_regulated_work": "If the work is not regulated there",
}


def build_plain_text(result: RecognitionResult) -> Iterator[str]:
    """The result line by line, without line ends."""
    yield f"{get_sentence(result.outcome.value)} [{result.outcome.value}]"
    basis = f" It rests on {result.basis}." if result.basis is not None else ""
    yield f"{get_sentence(result.nature.value)}{basis}"
    yield f"{DISCLAIMER} {WHO_DECIDES}"
    for branch in result.branches:
        yield f"{_ASSUMED[branch.assumed.value]}: {get_sentence(branch.outcome.value)} [{branch.outcome.value}]"
    yield from _list("To bring", map(get_sentence, result.bring))
    yield from _list("Differences that remain", map(get_sentence, result.differences))
    yield from _list("To know about this", map(get_sentence, result.caveats))
    yield from _list("The evidence", map(_tell_evidence, result.evidence))
    yield from _list("What was compared", map(_tell_element, result.elements))
    yield from _list(
        "Levels",
        (
            f"{found.held.framework} {found.held.code} and {found.framework} "
            f"{found.level or 'no level'}: {get_sentence(found.relation)}"
            + (" Found through the European framework; no source compares the two." if found.chained else "")
            + (" One of several." if found.one_of_several else "")
            + "".join(f" {get_sentence(code)}" for code in found.caveats)
            + f" ({_sources(found.sources)})"
            for found in result.levels
        ),
    )
    yield from _list(
        "Tables", (f"{row.title}: {row.statement}. {get_sentence(row.hedge)}" for row in result.titles)
    )
    for procedure in result.procedures:
        yield from _tell_procedure(procedure)
    yield from _list(
        "Whom to ask (listed in public sources; nobody asked them)",
        (
            f"{contact.name}, {contact.country}" + (f", {contact.website}" if contact.website else "")
            for contact in result.contacts
        ),
    )
    yield from _list("What was looked at", map(_tell_line, (x for x in result.lines if matters(x))))
    yield from _list("What would change the answer", map(get_sentence, result.would_change))
    yield from _list("What is uncertain", map(get_sentence, result.uncertain))


def _list(heading: str, items: Iterable[str]) -> Iterator[str]:
    found = list(dict.fromkeys(items))
    if found:
        yield f"{heading}:"
        yield from (f"- {item}" for item in found)


def _tell_evidence(found: EvidenceFinding) -> str:
    years = f" {found.years:g} years." if found.years else ""
    standing = {"met": "authorised", "not_met": "not authorised", "unknown": "not known"}
    return (
        f"{found.credential}: {get_sentence(found.grade.value)}{years} {get_sentence(found.reason)} "
        f"Issuer at the award: {standing[found.issuer_then.value]}; now: {standing[found.issuer_now.value]}."
    )


def _tell_element(found: ElementFinding) -> str:
    said = {
        "deciding": "it decides",
        "considered": "it is considered",
        "not_considered": "it does not count",
    }
    chained = " It took the European framework in between." if found.chained else ""
    name = found.element.replace("_", " ").capitalize()
    rests_on = "" if found.rests_on == "nothing" else f" It rests on: {found.rests_on.replace('_', ' ')}."
    return f"{name} ({said[found.weight]}): {get_sentence(found.result)}{rests_on}{chained}"


def _tell_procedure(procedure: Procedure) -> Iterator[str]:
    yield f"{procedure.name} [{procedure.id}]:"
    yield f"- Decided by: {procedure.competent_body}. {get_sentence(procedure.nature.value)}"
    if procedure.legal_basis is not None:
        yield f"- Legal basis: {procedure.legal_basis}."
    if procedure.steps:
        yield "- Steps: " + " ".join(map(get_sentence, procedure.steps))
    if procedure.documents:
        yield "- Papers: " + " ".join(map(get_sentence, procedure.documents))
    if procedure.alternatives:
        yield "- Without papers: " + " ".join(map(get_sentence, procedure.alternatives))
    if procedure.exclusions:
        yield "- Not for: " + " ".join(map(get_sentence, procedure.exclusions))
    fast = procedure.fast_track
    yield (
        f"- Receipt confirmed within: {tell_limit(procedure.acknowledge)}; "
        f"decided within: {tell_limit(procedure.decide)}"
        + (f"; fast track: {tell_limit(fast)}" if fast is not None else "")
        + (f"; extensions: {procedure.extensions}" if procedure.extensions else "")
        + "."
    )
    appeal = "none was seen in the sources." if procedure.appeal is None else get_sentence(procedure.appeal)
    yield f"- Appeal: {appeal}"
    if procedure.remarks:
        yield "- To know: " + " ".join(map(get_sentence, procedure.remarks))
    yield f"- {tell_standing(procedure.as_of)} {_sources(procedure.sources)}"


def tell_limit(limit: TimeLimit | None) -> str:
    """A time limit in words."""
    if limit is None:
        return "no limit seen"
    return f"{limit.count} {limit.unit.replace('_', ' ')}" + ("" if limit.count == 1 else "s")


def matters(line: Line) -> bool:
    """Steps that everything goes through, and single elements, are told elsewhere."""
    return line.step in ("agreement", "condition", "route", "refugee", "holder", "title")


def _tell_line(line: Line) -> str:
    about = line.inputs.get("condition")
    what = f" ({get_sentence(about).rstrip('.')})" if about is not None else ""
    return f"{line.rule_id}{what}: {get_sentence(line.result)} ({_sources(line.sources)}; as of {line.as_of})"


def _sources(sources: tuple[Source, ...]) -> str:
    return "; ".join(
        source.title if source.address is None else f"{source.title} <{source.address}>" for source in sources
    )
