"""`skillcred data import esco`, `skillcred occupations` and `skillcred skills`: credentials against an occupation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from skillcred.cli.esco_folder import read_esco_folder
from skillcred.cli.files import read_input
from skillcred.cli.local import open_application, operator_of
from skillcred.cli.terminal import print_json, print_line, print_table, visible
from skillcred.cli.verification import FormatOption, ReportFormat
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.recognition.classification import ATTRIBUTION
from skillcred.recognition.skills import SkillsProfile, SkillState
from skillcred.recognition.skills_wire import KINDS, NOTE, STATES, build_occupation_json, build_profile_json

data = typer.Typer(no_args_is_help=True)
imports = typer.Typer(no_args_is_help=True)
data.add_typer(imports, name="import", help="Take over data that are not shipped.")


@imports.command("esco")
def import_esco(
    folder: Annotated[Path, typer.Argument(help="Folder with the CSV tables of a release.")],
    version: Annotated[str, typer.Option("--release", help="Which release it is, as in 1.2.0.")],
    confirm: Annotated[
        str | None,
        typer.Option(
            help="Digest that the preview showed; without it nothing is changed.", show_default=False
        ),
    ] = None,
) -> None:
    """Show what a release of ESCO holds; with --confirm, take it over in place of the one before."""
    tables = read_esco_folder(folder)
    with open_application() as application:
        actor = operator_of(application)
        if confirm is None:
            release = application.import_esco.preview(actor, tables, version)
        else:
            release = application.import_esco.confirm(actor, tables, version, confirm)
    print_line(
        f"ESCO {release.version}: {release.occupations} occupations, {release.skills} skills; "
        f"{release.unlabelled} have no label."
    )
    print_line(ATTRIBUTION)
    if confirm is None:
        print_line(f"Nothing was changed. To take it over: --confirm {release.sha256}")
    else:
        print_line("Taken over.")


def occupations(
    isco: Annotated[
        str | None, typer.Option(help="ISCO-08 code, or its beginning.", show_default=False)
    ] = None,
    words: Annotated[str | None, typer.Option(help="Words in a label.", show_default=False)] = None,
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Find occupations of ESCO."""
    with open_application() as application:
        found = application.profile_skills.find_occupations(isco=isco, words=words)
    if report_format is ReportFormat.JSON:
        print_json(
            {"attribution": ATTRIBUTION, "occupations": [build_occupation_json(each) for each in found]}
        )
        return
    print_table(
        ("address", "isco", "occupation"),
        [(each.uri, each.isco or "", visible(each.label or "")) for each in found],
    )
    print_line(ATTRIBUTION)


def skills(
    occupation: Annotated[str, typer.Option(help="Address of an occupation of ESCO.", show_default=False)],
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", help="Credentials of one holder.")
    ] = None,
    report_format: FormatOption = ReportFormat.TEXT,
) -> None:
    """Tell which skills of an occupation verified credentials show: held, partly held, not shown."""
    documents = [read_input(name, max_bytes=MAX_BYTES) for name in files or []]
    with open_application() as application:
        made = application.profile_skills(documents, occupation)
    if report_format is ReportFormat.JSON:
        print_json(build_profile_json(made.profile, made.release))
        return
    for line in _tell(made.profile, made.release.version):
        print_line(visible(line))


def _tell(profile: SkillsProfile, version: str) -> Iterator[str]:
    """Every essential skill, and of the others those that are shown."""
    yield f"{profile.occupation.label} (ISCO-08 {profile.occupation.isco}), ESCO {version}"
    for essential, heading in ((True, "Essential"), (False, "Optional")):
        counts = (
            f"{STATES[state].rstrip('.').lower()} {profile.count(state, essential=essential)}"
            for state in SkillState
        )
        yield f"{heading}: {', '.join(counts)}"
        for line in profile.lines:
            if line.essential is essential and (essential or line.matches):
                yield f"- {line.label or line.uri}: {STATES[line.state]}"
                for match in line.matches:
                    shown = match.shown
                    yield f"    {shown.credential}, {shown.grade.value}: {shown.text or shown.uri}. {KINDS[match.kind]}"
    for item in profile.beyond:
        yield f"Beyond the occupation: {item.text or item.uri} ({item.credential})"
    for name in profile.unverified:
        yield f"Not verified, so not looked at: {name}"
    yield NOTE
    yield ATTRIBUTION
