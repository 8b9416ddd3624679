"""A verification report for a person to read: the verdict and its reason first, then the facts, then each check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from skillcred.encoding.json_types import JsonValue
from skillcred.cli.terminal import visible, wrap
from skillcred.verification import VerificationReport, build_report_json

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
    "conformance": "Form",
    "profile": "Content",
    "validity": "Dates",
    "status": "Revocation",
    "trust": "Authority",
}
_STANDINGS: Final = {
    "in_force": "in force now",
    "not_yet": "not in force yet",
    "expired": "expired since",
    "suspended": "suspended now",
    "ended": "ended since",
    "withdrawn": "withdrawn since",
}


def build_report_lines(report: VerificationReport) -> list[Line]:
    """The lines of the text form, each with a style. All text from the document is made `visible`."""
    shown = build_report_json(report)
    return [
        *_verdict(shown),
        *_facts(_mapping(shown["summary"]), _items(shown["vouched_by"])),
        *_warnings(_items(shown["warnings"])),
        *_checks(_items(shown["steps"])),
        *_footer(shown),
    ]


def _verdict(shown: Mapping[str, JsonValue]) -> Iterator[Line]:
    verdict = str(shown["verdict"])
    yield f"{verdict.upper()}  ({shown['reason']})", _VERDICT_STYLES[verdict]
    yield from _indented(str(shown["sentence"]))
    if shown["next_step"]:
        yield from _indented(f"What to do: {shown['next_step']}")


def _facts(summary: Mapping[str, JsonValue], vouchers: list[Mapping[str, JsonValue]]) -> Iterator[Line]:
    if not summary:
        return
    yield "", ""
    for language, title in _mapping(summary.get("title")).items():
        marked = str(title) if language in {"", "und", "@none"} else f"{title} [{language}]"
        yield from _labelled("Credential", marked)
    name = summary.get("issuer_registered_name") or summary.get("issuer_name")
    issuer = f"{name} ({summary['issuer_id']})" if name else str(summary["issuer_id"])
    yield from _labelled("Issuer", issuer)
    if summary.get("subject_id"):
        yield from _labelled("Holder", str(summary["subject_id"]))
    if summary.get("award_date"):
        yield from _labelled("Awarded", _day(summary["award_date"]))
    if summary.get("valid_until"):
        yield from _labelled("Valid until", _day(summary["valid_until"]))
    for voucher in vouchers:
        yield from _labelled(
            "Vouched for by",
            f"{voucher['body_name']}, {voucher['country']} ({voucher['body_did']}), "
            f"since {_day(voucher['since'])}; {_STANDINGS.get(str(voucher['status_now']), voucher['status_now'])}",
        )


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
