"""`skillcred registry branch` and `registry accreditation`: what a national body signs on a machine of its own, and how
it is handed in."""

from __future__ import annotations

from typing import Annotated

import typer

from skillcred.adapters.clock import SystemClock
from skillcred.adapters.registry.branch_signing import view_branch
from skillcred.bootstrap import open_body_holder
from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import open_application
from skillcred.cli.registry_governance import ApiKeyFile, OrganisationChoice, person, read_yaml
from skillcred.cli.registry_root import KeysFolder, PassphraseFile, To
from skillcred.cli.terminal import print_line, print_table, visible
from skillcred.encoding.json_types import JsonObject
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant
from skillcred.services.branch_packages import MAX_PACKAGE_BYTES, BranchPackage, parse_package
from skillcred.services.branch_ports import MAX_SIGNED_BRANCH_BYTES, BranchHeader
from skillcred.services.forms import Form
from skillcred.services.governance_records import ProposalKind
from skillcred.services.hand_in_accreditation import MAX_ACCREDITATION_BYTES
from skillcred.services.registry_changes import read_accreditation_request
from skillcred.settings import load_settings
from skillcred.trust.chains import Edge

branch = typer.Typer(no_args_is_help=True)
accreditation = typer.Typer(no_args_is_help=True)

BodyArgument = Annotated[str, typer.Argument(help="DID of the national body.", show_default=False)]
PackageArgument = Annotated[str, typer.Argument(help="File that `branch prepare` wrote.", show_default=False)]
SignedArgument = Annotated[str, typer.Argument(help="File that was signed.", show_default=False)]


@branch.command("prepare")
def prepare(
    body: BodyArgument,
    to: To,
    organisation: OrganisationChoice = None,
    api_key_file: ApiKeyFile = None,
) -> None:
    """Write what a body that keeps its keys elsewhere has to sign next, with all that is recorded of it now."""
    with open_application() as application:
        prepared = application.prepare_branch(person(application, organisation, api_key_file), body)
    write_output(to, prepared.package)
    for subject, code in sorted(prepared.left_out.items()):
        print_line(f"LEFT OUT  {visible(subject)}: {code}", "bold yellow")
    print_line(f"body      {visible(body)}")
    _show(prepared.header, prepared.statements)


@branch.command("show")
def show(package: PackageArgument) -> None:
    """Check all that a body is asked to sign, and show it. Needs no database and no network."""
    view = view_branch(_read(package), SystemClock().now())
    print_table(
        ("by", "accredits", "from", "until", "since then", "id"),
        [_row(published.edge) for published in view.branch.statements],
    )
    for did, keys in sorted(view.branch.keys.items()):
        for key in keys:
            over = key.compromised_at or key.retired_at
            state = "in use" if over is None else f"until {format_instant(over)}"
            print_line(f"key       {visible(key.verification_method or did)} {state}")
    print_line(f"body      {visible(view.body_did)}")
    _show(view.header, len(view.branch.statements))


@branch.command("sign")
def sign(
    package: PackageArgument,
    to: To,
    did: Annotated[str, typer.Option(help="DID of the body that signs.", show_default=False)],
    sha256: Annotated[str, typer.Option(help="The digest that `branch show` printed.", show_default=False)],
    before: Annotated[
        str | None, typer.Option(help="What the body signed last.", show_default="this is the first")
    ] = None,
    keys_folder: KeysFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign a branch with the body's key, after checking all of it. On the body's own machine; needs no database."""
    holder = open_body_holder(load_settings(), keys_folder, passphrase_file)
    last = None if before is None else read_input(before, max_bytes=MAX_SIGNED_BRANCH_BYTES)
    signed = holder.sign_branch(
        _read(package), body_did=did, sha256=sha256.lower(), before=last, at=SystemClock().now()
    )
    write_output(to, signed)
    print_line(f"signed; hand in {to}, and keep it for the next time")


@branch.command("submit")
def submit(
    signed: SignedArgument,
    did: Annotated[str, typer.Option(help="DID of the body that signed.", show_default=False)],
    organisation: OrganisationChoice = None,
    api_key_file: ApiKeyFile = None,
) -> None:
    """Hand in a branch that the body signed; another person of the body approves it."""
    metadata = _text(read_input(signed, max_bytes=MAX_SIGNED_BRANCH_BYTES))
    change: JsonObject = {"did": did, "metadata": metadata}
    _propose(ProposalKind.HAND_IN_BRANCH, change, organisation, api_key_file)


@accreditation.command("sign")
def sign_accreditation(
    file: Annotated[
        str, typer.Argument(help="YAML or JSON: `accredit` with `body_name`.", show_default=False)
    ],
    to: To,
    method: Annotated[
        str, typer.Option(help="Name of the key (did:web:body.example#key-1).", show_default=False)
    ],
    key: Annotated[str, typer.Option(help="Its public part as Multikey (z6Mk…).", show_default=False)],
    keys_folder: KeysFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Sign an accreditation with the body's key. On the body's own machine; needs no database."""
    form = Form(read_yaml(file))
    body_name = form.text("body_name")
    holder = open_body_holder(load_settings(), keys_folder, passphrase_file)
    content = holder.sign_accreditation(
        read_accreditation_request(form),
        body_name=body_name,
        verification_method=method,
        multikey=key,
        at=SystemClock().now(),
    )
    write_output(to, content)
    print_line(f"signed; hand in {to}")


@accreditation.command("submit")
def submit_accreditation(
    signed: SignedArgument, organisation: OrganisationChoice = None, api_key_file: ApiKeyFile = None
) -> None:
    """Hand in an accreditation that the body signed; another person of the body approves it."""
    change: JsonObject = {"credential": _text(read_input(signed, max_bytes=MAX_ACCREDITATION_BYTES))}
    _propose(ProposalKind.HAND_IN_ACCREDITATION, change, organisation, api_key_file)


def _propose(
    kind: ProposalKind, change: JsonObject, organisation: str | None, api_key_file: str | None
) -> None:
    with open_application() as application:
        proposal = application.propose_change(person(application, organisation, api_key_file), kind, change)
    print_line(f"proposed {proposal.id}")
    print_line(f"sha256   {proposal.sha256}")


def _read(name: str) -> BranchPackage:
    return parse_package(read_input(name, max_bytes=MAX_PACKAGE_BYTES))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("The file is not text.", code="file_not_text") from error


def _show(header: BranchHeader, statements: int) -> None:
    print_line(f"version   {header.version}")
    print_line(f"expires   {format_instant(header.expires)}")
    print_line(f"holds     {statements} accreditations")
    print_line(f"sha256    {header.sha256}")


def _row(edge: Edge) -> tuple[str, ...]:
    statement = edge.statement
    until = statement.valid_until
    return (
        visible(statement.body_did),
        visible(statement.provider_did),
        format_instant(statement.valid_from),
        "-" if until is None else format_instant(until),
        ", ".join(f"{event.kind} {format_instant(event.effective_at)}" for event in edge.events) or "-",
        visible(statement.credential_id),
    )
