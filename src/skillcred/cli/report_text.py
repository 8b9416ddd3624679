"""A verification report for a person to read: the verdict and its reason first, then the facts, then each check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from skillcred.cli.terminal import visible, wrap
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.model.datetimes import format_instant, parse_instant

Line: TypeAlias = tuple[str, str]

WIDTH: Final = 100
_LABEL: Final = 14
_VERDICT_STYLES: Final = {"valid": "bold green", "invalid": "bold red", "indeterminate": "bold yellow"}
_OUTCOMES: Final = {
    "passed": ("passed", "green"),
    "failed": ("FAILED", "bold red"),
    "indeterminate": ("unknown", "yellow"),
    "not_applicable": ("no rule", "dim"),
}
_STEPS: Final = {
    "parse": "File",
    "proof": "Signature",
    "issuer_binding": "Signer",
    "holder_binding": "Holder",
    "conformance": "Form",
    "profile": "Content",
    "schema": "Schema",
    "validity": "Dates",
    "status": "Revocation",
    "trust": "Authority",
    "credentials": "Credentials",
}
_STANDINGS: Final = {
    "in_force": "in force now",
    "not_yet": "not in force yet",
    "expired": "expired since",
    "suspended": "suspended since",
    "ended": "ended since",
    "withdrawn": "withdrawn since",
    "succeeded": "followed by another since",
}


def build_report_lines(shown: JsonObject) -> list[Line]:
    """The lines of the text form, each with a style, from the JSON form of a report (`build_report_json`).

    All text that may come from the document is made `visible`.
    """
    return [
        *_verdict(shown),
        *_facts(_mapping(shown["summary"]), _mapping(shown["claims"]), _items(shown["vouched_by"])),
        *_warnings(_items(shown["warnings"])),
        *_checks(_items(shown["steps"])),
        *_footer(shown),
    ]


def build_presentation_lines(shown: JsonObject) -> list[Line]:
    """The text form of a report on a presentation (`build_presentation_report_json`), each credential in full."""
    credentials = _items(shown["credentials"])
    lines = [*_verdict(shown), *_warnings(_items(shown["warnings"])), *_checks(_items(shown["steps"]))]
    for number, credential in enumerate(credentials, 1):
        report = dict(_mapping(credential["report"]))
        lines += [("", ""), (f"Credential {number} of {len(credentials)}", "bold")]
        lines += build_report_lines(report)
    return [*lines, *_footer(shown)]


def build_short_report_lines(shown: JsonObject) -> list[Line]:
    """The verdict, its reason, warnings, and of the checks that found something only the codes."""
    telling = [
        step
        for step in _items(shown["steps"])
        if step["outcome"] in {"failed", "indeterminate"} and step["code"] != "not_reached"
    ]
    return [
        *_verdict(shown),
        *_warnings(_items(shown["warnings"])),
        *(_found(step) for step in telling),
    ]


def _found(step: Mapping[str, JsonValue]) -> Line:
    outcome, style = _OUTCOMES[str(step["outcome"])]
    codes = [str(problem["code"]) for problem in _items(step["problems"])] or [str(step["code"])]
    return f"  {outcome:<8}{_STEPS[str(step['step'])]:<12}{', '.join(codes)}", style


def _verdict(shown: Mapping[str, JsonValue]) -> Iterator[Line]:
    verdict = str(shown["verdict"])
    yield f"{verdict.upper()}  ({shown['reason']})", _VERDICT_STYLES[verdict]
    yield from _indented(str(shown["sentence"]))
    if shown["next_step"]:
        yield from _indented(f"What to do: {shown['next_step']}")


def _facts(
    summary: Mapping[str, JsonValue],
    claims: Mapping[str, JsonValue],
    vouchers: list[Mapping[str, JsonValue]],
) -> Iterator[Line]:
    if not summary:
        return
    yield "", ""
    for number, title in enumerate(_titles(summary, claims)):
        yield from _labelled("" if number else "Credential", title)
    name = summary.get("issuer_registered_name") or summary.get("issuer_name")
    yield from _labelled("Issuer", _named(name, summary["issuer_id"]))
    holder = _mapping(claims.get("credentialSubject")).get("name")
    if holder or summary.get("subject_id"):
        yield from _labelled("Holder", _named(holder, summary.get("subject_id")))
    if summary.get("award_date"):
        written = _day_as_written(summary["award_date"], claims, "awardedDate", "validFrom", "issuanceDate")
        yield from _labelled("Awarded", written)
    if summary.get("valid_until"):
        written = _day_as_written(summary["valid_until"], claims, "validUntil", "expirationDate")
        yield from _labelled("Valid until", written)
    for voucher in vouchers:
        yield from _labelled(
            "Vouched for by",
            f"{voucher['body_name']}, {voucher['country']} ({voucher['body_did']}), accredited since "
            f"{_day(voucher['since'])}; {_standing(voucher)}",
        )


def _titles(summary: Mapping[str, JsonValue], claims: Mapping[str, JsonValue]) -> list[str]:
    """The titles, that in the language of award first."""
    titles = _mapping(summary.get("title"))
    first = claims.get("languageOfAward")
    ordered = sorted(titles, key=lambda language: (language != first, language))
    return [
        f"{titles[language]} [{language}]"
        if language[:1].isalpha() and len(titles) > 1
        else str(titles[language])
        for language in ordered
    ]


def _named(name: JsonValue, identifier: JsonValue) -> str:
    known = [str(part) for part in (name, identifier) if part]
    return f"{known[0]} ({known[1]})" if len(known) == 2 else "".join(known)


def _day_as_written(instant: JsonValue, claims: Mapping[str, JsonValue], *members: str) -> str:
    """The day as the issuer wrote it; in UTC it may be the day before."""
    for member in members:
        text = claims.get(member)
        if isinstance(text, str) and format_instant(parse_instant(text)) == instant:
            return _day(text)
    return _day(instant)


def _standing(voucher: Mapping[str, JsonValue]) -> str:
    words = _STANDINGS.get(str(voucher["status_now"]), str(voucher["status_now"]))
    since = voucher.get("status_now_since")
    return f"{words} {_day(since)}" if words.endswith("since") and since else words


def _warnings(warnings: list[Mapping[str, JsonValue]]) -> Iterator[Line]:
    for number, warning in enumerate(warnings):
        if number == 0:
            yield "", ""
        yield from _labelled("Warning", f"{warning['message']} ({warning['code']})", "yellow")


def _checks(steps: list[Mapping[str, JsonValue]]) -> Iterator[Line]:
    yield "", ""
    yield "  Checks", "bold"
    for step in steps:
        outcome, style = _OUTCOMES[str(step["outcome"])]
        head = f"  {outcome:<8}{_STEPS[str(step['step'])]:<12}"
        lines = wrap(f"{step['sentence']} ({step['code']})", WIDTH - len(head))
        yield head + lines[0], style
        for line in lines[1:]:
            yield " " * len(head) + line, style
        for problem in _items(step["problems"]):
            place = f" at {problem['pointer']}" if problem.get("pointer") else ""
            yield from _indented(f"- {problem['message']} ({problem['code']}{place})", len(head))


def _footer(shown: Mapping[str, JsonValue]) -> Iterator[Line]:
    yield "", ""
    trust = next((step for step in _items(shown["steps"]) if step["step"] == "trust"), {})
    copy = _mapping(_mapping(trust.get("details")).get("registry"))
    if copy:
        yield (
            f"  Registry: copy brought up to date {copy['updated']}, usable until {copy['expires']}",
            "dim",
        )
    yield f"  Checked as of {shown['evaluated_at']}, policy {shown['policy']}", "dim"
    yield f"  SHA-256 of the file: {shown['document_sha256']}", "dim"


def _labelled(label: str, text: str, style: str = "") -> Iterator[Line]:
    head = f"  {label:<{_LABEL}}  "
    lines = wrap(visible(text), WIDTH - len(head))
    yield head + lines[0], style
    for line in lines[1:]:
        yield " " * len(head) + line, style


def _indented(text: str, by: int = 2) -> Iterator[Line]:
    for line in wrap(visible(text), WIDTH - by):
        yield " " * by + line, ""


def _day(instant: JsonValue) -> str:
    return str(instant)[:10]


def _mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def _items(value: JsonValue) -> list[Mapping[str, JsonValue]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
