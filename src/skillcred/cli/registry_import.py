"""`skillcred registry import` and `export`: lists of bodies that public sources name. Being listed gives no trust."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.cli.exits import USAGE
from skillcred.cli.files import read_input, write_output
from skillcred.cli.local import open_application, operator_of
from skillcred.cli.registry_governance import ApiKeyFile, person
from skillcred.cli.terminal import print_bytes, print_line, print_table, visible
from skillcred.encoding.strict_json import parse_json_object
from skillcred.keys.certificates import MAX_ANCHOR_BYTES, TrustAnchors, parse_trust_anchors
from skillcred.keys.public_key import PublicKey
from skillcred.services.import_listed_bodies import ListFormat
from skillcred.services.listed_records import LISTED_NOTE, ListedImport
from skillcred.services.listed_rows import MAX_LIST_BYTES, write_listed_csv
from skillcred.shipped import shipped_path

STARTER: Final = "schemas/registry/listed-bodies-v1.json"
STARTER_LABEL: Final = "starter-1"
MAX_SHOWN_PROBLEMS: Final = 50
MAX_KEY_BYTES: Final = 64 * 1024


def import_list(
    file: Annotated[
        str | None,
        typer.Argument(help="File, or - for standard input.", show_default="the list that is shipped"),
    ] = None,
    list_format: Annotated[ListFormat, typer.Option("--format", help="How it is written.")] = ListFormat.JSON,
    label: Annotated[
        str, typer.Option(help="Where it comes from; ids belong to their label.")
    ] = STARTER_LABEL,
    key: Annotated[
        str | None,
        typer.Option(
            "--key",
            help="Public JWK of whoever signed a list of the format lote, or an accreditation as JWT (ebsi).",
            show_default=False,
        ),
    ] = None,
    anchors: Annotated[
        str | None,
        typer.Option(
            help="Certificates in PEM that those in the list's header (x5c) must lead to.", show_default=False
        ),
    ] = None,
    confirm: Annotated[
        str | None,
        typer.Option(
            help="Digest that the preview showed; without it nothing is changed.", show_default=False
        ),
    ] = None,
    api_key_file: ApiKeyFile = None,
) -> None:
    """Show what a list of bodies would change; with --confirm, take it over."""
    content = (
        shipped_path(STARTER).read_bytes() if file is None else read_input(file, max_bytes=MAX_LIST_BYTES)
    )
    signed_by: PublicKey | TrustAnchors | None = None
    if key is not None:
        signed_by = PublicKey.from_jwk(parse_json_object(read_input(key, max_bytes=MAX_KEY_BYTES)))
    elif anchors is not None:
        signed_by = parse_trust_anchors(read_input(anchors, max_bytes=MAX_ANCHOR_BYTES))
    with open_application() as application:
        actor = person(application, None, api_key_file)
        if confirm is None:
            plan = application.import_listed_bodies.preview(actor, content, list_format, label, signed_by)
        else:
            plan = application.import_listed_bodies.confirm(
                actor, content, list_format, label, confirm, signed_by
            )
    _show(plan)
    if plan.problems:
        raise typer.Exit(USAGE)
    if confirm is None:
        print_line(f"Nothing was changed. To take it over: --confirm {plan.digest}")
    elif plan.proposal is not None:
        print_line(f"proposed {plan.proposal.id}")
        print_line(f"sha256   {plan.proposal.sha256}")
    else:
        print_line("Taken over.")


def export_list(
    output: Annotated[
        Path | None, typer.Option("--output", help="File.", show_default="standard output")
    ] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-2 code.", show_default="all")] = None,
    signed: Annotated[
        bool, typer.Option("--signed", help="The enrolled bodies, as a list of ETSI TS 119 602.")
    ] = False,
) -> None:
    """Write the listed bodies as CSV, safe to open in a spreadsheet; or the enrolled ones, signed (--signed)."""
    with open_application() as application:
        if signed:
            content = application.export_trusted_list(operator_of(application))
        else:
            content = write_listed_csv(application.list_listed_bodies(country))
    if output is None:
        print_bytes(content)
    else:
        write_output(output, content)


def _show(plan: ListedImport) -> None:
    for note in plan.notes:
        print_line(visible(note))
    accreditation = plan.accreditation
    if accreditation is not None:
        by, of = visible(accreditation.body_did), visible(accreditation.provider_did)
        print_line(f"An accreditation that counts, as {by} signed it: {of}, {visible(accreditation.id)}.")
        print_line("Another person approves it after it was confirmed.")
        return
    print_line(
        f"{len(plan.new)} new, {len(plan.changed)} changed, {plan.unchanged} as they are, "
        f"{len(plan.problems)} that cannot be taken."
    )
    if plan.problems:
        print_table(
            ("row", "code", "why"),
            [(str(found.row), found.code, found.message) for found in plan.problems[:MAX_SHOWN_PROBLEMS]],
        )
    print_line(LISTED_NOTE)
