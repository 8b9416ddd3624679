"""`skillcred registry propose|proposals|approve|reject`, the key ceremony, and what happens to an enrolment."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from typing import Annotated, Final

import typer

from skillcred.bootstrap import Application
from skillcred.cli.files import read_input
from skillcred.cli.local import actor_for, open_application, operator_of
from skillcred.cli.terminal import print_json, print_line, print_table, visible
from skillcred.cli.yaml_files import MAX_YAML_BYTES, parse_yaml_object
from skillcred.encoding.json_types import JsonObject
from skillcred.encoding.strict_json import parse_json_object
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.services.ceremony import fingerprint_of, read_ceremony
from skillcred.services.governance_records import Proposal, ProposalKind, ProposalState
from skillcred.services.permissions import LOCAL_ACTOR
from skillcred.services.records import AccreditationEventKind, Actor
from skillcred.services.registry_changes import encode_change, sha256_of
from skillcred.trust import Succession

MAX_SECRET_BYTES: Final = 1000

OrganisationChoice = Annotated[
    str | None,
    typer.Option(
        "--organisation", "-o", help="Slug of the organisation to act for.", show_default="operator"
    ),
]
ApiKeyFile = Annotated[
    str | None,
    typer.Option(
        "--api-key-file",
        help="File with the API key of the person who acts.",
        show_default="the user of this machine",
    ),
]
ProposalArgument = Annotated[
    str, typer.Argument(help="Id, as `registry proposals` shows it.", show_default=False)
]
FileArgument = Annotated[
    str, typer.Argument(help="YAML or JSON; `-` reads standard input.", show_default=False)
]
BodyArgument = Annotated[str, typer.Argument(help="DID of the national body.", show_default=False)]
EffectiveOption = Annotated[
    str, typer.Option("--effective", help="From when (2026-09-01T00:00:00Z).", show_default=False)
]
ReasonOption = Annotated[str, typer.Option(help="Why; published with the event.", show_default=False)]
SuccessionOption = Annotated[
    str, typer.Option("--because", help="merger, renaming or closure.", show_default=False)
]
SuccessorNameOption = Annotated[str, typer.Option(help="Name of who follows.", show_default=False)]
SuccessorDidOption = Annotated[str | None, typer.Option(help="DID of who follows.", show_default="none yet")]

ceremony = typer.Typer(no_args_is_help=True)
enrolment = typer.Typer(no_args_is_help=True)


def propose(
    kind: Annotated[ProposalKind, typer.Argument(help="What to change.", show_default=False)],
    file: FileArgument,
    organisation: OrganisationChoice = None,
    api_key_file: ApiKeyFile = None,
    sha256: Annotated[
        str | None,
        typer.Option(help="Digest that was printed before; refused if it differs.", show_default=False),
    ] = None,
) -> None:
    """Propose a change of the registry; another person approves it."""
    change = read_yaml(file)
    with open_application() as application:
        actor = person(application, organisation, api_key_file)
        proposal = application.propose_change(actor, kind, change, sha256=sha256)
    print_line(f"proposed {proposal.id}")
    print_line(f"sha256   {proposal.sha256}")


def proposals(
    organisation: OrganisationChoice = None,
    api_key_file: ApiKeyFile = None,
    state: Annotated[ProposalState | None, typer.Option(help="Only these.", show_default="all")] = None,
) -> None:
    """List the proposals of an organisation."""
    with open_application() as application:
        found = application.list_proposals(person(application, organisation, api_key_file), state)
    print_table(
        ("state", "kind", "proposed", "by", "decided by", "id"),
        [
            (
                item.state.value,
                item.kind.value,
                format_instant(item.proposed_at),
                visible(item.proposed_by),
                visible(item.decided_by or "-"),
                item.id,
            )
            for item in found
        ],
    )


def proposal(
    proposal_id: ProposalArgument, organisation: OrganisationChoice = None, api_key_file: ApiKeyFile = None
) -> None:
    """Show what a proposal would change, and the digest to approve."""
    with open_application() as application:
        found = application.list_proposals.get(person(application, organisation, api_key_file), proposal_id)
    print_json(parse_json_object(found.content))
    _show(found)


def approve(
    proposal_id: ProposalArgument,
    sha256: Annotated[str, typer.Option(help="The digest of what you approve.", show_default=False)],
    organisation: OrganisationChoice = None,
    api_key_file: ApiKeyFile = None,
) -> None:
    """Approve what somebody else proposed, and carry it out."""
    with open_application() as application:
        actor = person(application, organisation, api_key_file)
        _show(application.decide_proposal.approve(actor, proposal_id, sha256=sha256))


def reject(
    proposal_id: ProposalArgument,
    reason: Annotated[str, typer.Option(help="Why not.", show_default=False)],
    organisation: OrganisationChoice = None,
    api_key_file: ApiKeyFile = None,
) -> None:
    """Reject a proposal, or take your own back."""
    with open_application() as application:
        actor = person(application, organisation, api_key_file)
        _show(application.decide_proposal.reject(actor, proposal_id, reason=reason))


@ceremony.command("prepare")
def prepare(file: FileArgument) -> None:
    """Check the record of a key ceremony and print what two people will approve. Looks nothing up, changes nothing."""
    record = read_ceremony(read_yaml(file))
    content = encode_change(ProposalKind.ENROL_BODY, record)
    print_json(parse_json_object(content))
    for item in record.keys:
        print_line(f"key      {visible(item.key.verification_method)}")
        print_line(f"         {grouped(item.fingerprint)}")
    print_line(f"sha256   {sha256_of(content)}")


@ceremony.command("fingerprint")
def fingerprint(
    key: Annotated[str, typer.Argument(help="A public key as Multikey (z6Mk…).", show_default=False)],
) -> None:
    """Print the fingerprint of a public key, to be read out."""
    print_line(grouped(fingerprint_of(key)))


@enrolment.command("suspend")
def suspend(body: BodyArgument, effective: EffectiveOption, reason: ReasonOption) -> None:
    """Suspend a national body until it is reinstated."""
    _change(body, AccreditationEventKind.SUSPENDED, effective, reason)


@enrolment.command("reinstate")
def reinstate(body: BodyArgument, effective: EffectiveOption, reason: ReasonOption) -> None:
    """Let a suspended body vouch again."""
    _change(body, AccreditationEventKind.REINSTATED, effective, reason)


@enrolment.command("end")
def end(body: BodyArgument, effective: EffectiveOption, reason: ReasonOption) -> None:
    """End an enrolment for good; what was awarded before stays good."""
    _change(body, AccreditationEventKind.ENDED, effective, reason)


@enrolment.command("withdraw")
def withdraw(body: BodyArgument, effective: EffectiveOption, reason: ReasonOption) -> None:
    """Withdraw an enrolment for good, also with effect for the past."""
    _change(body, AccreditationEventKind.WITHDRAWN, effective, reason)


@enrolment.command("succeed")
def succeed(
    body: BodyArgument,
    effective: EffectiveOption,
    reason: ReasonOption,
    because: SuccessionOption,
    successor_name: SuccessorNameOption,
    successor_did: SuccessorDidOption = None,
) -> None:
    """Say who follows a body and keeps its records. The successor is not thereby enrolled."""
    successor = Succession(because, successor_did, successor_name)
    _change(body, AccreditationEventKind.SUCCEEDED, effective, reason, successor)


def _change(
    body: str,
    kind: AccreditationEventKind,
    effective: str,
    reason: str,
    successor: Succession | None = None,
) -> None:
    at = parse_instant(effective)
    with open_application() as application:
        event = application.change_enrolment(
            operator_of(application), body, kind=kind, effective_at=at, reason=reason, successor=successor
        )
    print_line(f"{event.kind.value} from {format_instant(event.effective_at)}: {event.body_did}")


def person(application: Application, organisation: str | None, api_key_file: str | None) -> Actor:
    """Who acts: the holder of an API key, or the user of this machine's operating system."""
    if api_key_file is not None:
        secret = read_input(api_key_file, max_bytes=MAX_SECRET_BYTES).decode("utf-8", "replace").strip()
        return application.authenticate(secret)
    actor = operator_of(application) if organisation is None else actor_for(application, organisation)
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        user = str(os.getuid())
    return replace(actor, api_key_id=f"{LOCAL_ACTOR}:{user}")


def read_yaml(file: str) -> JsonObject:
    """The object in a file of YAML or JSON. Raises `InputError`."""
    return parse_yaml_object(read_input(file, max_bytes=MAX_YAML_BYTES))


def _show(found: Proposal) -> None:
    print_line(f"state    {found.state.value}")
    print_line(f"sha256   {found.sha256}")
    if found.outcome is not None:
        print_line(f"outcome  {visible(found.outcome)}")


def grouped(digits: str) -> str:
    """Digits in groups of four, to be read out."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
