"""`skillcred registry`: who the national bodies are, whom they accredited, and what happened since."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from skillcred.cli import (
    registry_branch,
    registry_governance,
    registry_import,
    registry_log,
    registry_publication,
    registry_root,
)
from skillcred.cli.local import OrganisationOption, actor_for, open_application, operator_of
from skillcred.cli.terminal import print_line, print_table
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant, parse_instant
from skillcred.services.accredit_provider import AccreditationRequest
from skillcred.services.records import Accreditation, AccreditationEventKind
from skillcred.trust import AccreditationScope, ScopeLevel, Succession

app = typer.Typer(no_args_is_help=True)
app.add_typer(
    registry_log.app, name="log", help="What changed in the registry, and whether the record is whole."
)
app.add_typer(registry_governance.ceremony, name="ceremony", help="The record of a key ceremony.")
app.add_typer(registry_governance.enrolment, name="enrolment", help="What happens to a national body.")
app.add_typer(registry_root.app, name="root", help="Whose keys sign a published registry.")
app.add_typer(registry_branch.branch, name="branch", help="Branches that national bodies sign elsewhere.")
app.add_typer(
    registry_branch.accreditation, name="accreditation", help="Accreditations that are signed elsewhere."
)
app.add_typer(registry_publication.copy, name="copy", help="The verified copy of a published registry.")
app.command("publish")(registry_publication.publish)
app.command("update")(registry_publication.update)
app.command("propose")(registry_governance.propose)
app.command("proposals")(registry_governance.proposals)
app.command("proposal")(registry_governance.proposal)
app.command("approve")(registry_governance.approve)
app.command("reject")(registry_governance.reject)
app.command("import")(registry_import.import_list)
app.command("export")(registry_import.export_list)

AccreditationArgument = Annotated[
    str,
    typer.Argument(
        help="Id of the accreditation, as `registry accreditations` shows it.", show_default=False
    ),
]
ReasonOption = Annotated[str, typer.Option(help="Why; published with the event.", show_default=False)]
EffectiveOption = Annotated[
    str, typer.Option("--effective", help="From when (2026-09-01T00:00:00Z).", show_default=False)
]


class LevelOptionError(InputError):
    """A level is written as framework and level."""

    default_code = "invalid_level"


@app.command("bodies")
def bodies() -> None:
    """List the national bodies."""
    with open_application() as application:
        found = application.list_national_bodies()
    print_table(
        ("country", "name", "enrolled", "ended", "did"),
        [
            (
                b.country,
                b.name,
                format_instant(b.enrolled_at),
                format_instant(b.ended_at) if b.ended_at else "-",
                b.did,
            )
            for b in found
        ],
    )


@app.command("enrol")
def enrol(
    did: Annotated[
        str, typer.Option(help="DID of the body. Check by another way that it is theirs.", show_default=False)
    ],
    name: Annotated[str, typer.Option(help="Name of the body.", show_default=False)],
    country: Annotated[str, typer.Option(help="ISO 3166-1 alpha-2 code.", show_default=False)],
    website: Annotated[str | None, typer.Option(help="Its website.", show_default=False)] = None,
) -> None:
    """Enrol a national body: from now on its accreditations count."""
    with open_application() as application:
        body = application.enrol_national_body(
            operator_of(application), did=did, name=name, country=country, website=website
        )
    print_line(f"enrolled {body.did}")


@app.command("accredit")
def accredit(
    organisation: OrganisationOption,
    provider: Annotated[str, typer.Option(help="DID of the provider.", show_default=False)],
    provider_name: Annotated[str, typer.Option(help="Name of the provider.", show_default=False)],
    profile: Annotated[
        list[str], typer.Option(help="Kind of credential; may be repeated.", show_default=False)
    ],
    valid_from: Annotated[str, typer.Option(help="From when (2026-01-01T00:00:00Z).", show_default=False)],
    idempotency_key: Annotated[
        str,
        typer.Option(help="The same key and request again give the same accreditation.", show_default=False),
    ],
    field: Annotated[
        list[str] | None,
        typer.Option(help="ISCED-F code with all below it; may be repeated.", show_default="all"),
    ] = None,
    max_level: Annotated[
        str | None, typer.Option(help="Highest level, as framework:level (EQF:5).", show_default="any")
    ] = None,
    country: Annotated[
        list[str] | None,
        typer.Option(help="Where awards may be made; may be repeated.", show_default="everywhere"),
    ] = None,
    valid_until: Annotated[str | None, typer.Option(help="Until when.", show_default="open")] = None,
) -> None:
    """Accredit a provider in the name of a national body, and sign the accreditation."""
    request = AccreditationRequest(
        provider_did=provider,
        provider_name=provider_name,
        scope=AccreditationScope(
            profiles=tuple(profile),
            isced_fields=tuple(field or ()),
            max_level=None if max_level is None else _parse_level(max_level),
            countries=tuple(country or ()),
        ),
        valid_from=parse_instant(valid_from),
        valid_until=None if valid_until is None else parse_instant(valid_until),
    )
    with open_application() as application:
        actor = actor_for(application, organisation)
        accreditation = application.accredit_provider(actor, request, idempotency_key)
    _show([accreditation])


@app.command("accreditations")
def accreditations(
    provider: Annotated[
        str | None, typer.Option(help="Only of this provider (DID).", show_default=False)
    ] = None,
    body: Annotated[str | None, typer.Option(help="Only by this body (DID).", show_default=False)] = None,
) -> None:
    """List accreditations."""
    with open_application() as application:
        found = application.list_accreditations(provider_did=provider, body_did=body)
    _show(list(found))


@app.command("suspend")
def suspend(
    organisation: OrganisationOption,
    accreditation: AccreditationArgument,
    effective: EffectiveOption,
    reason: ReasonOption,
) -> None:
    """Suspend an accreditation until it is reinstated."""
    _change(organisation, accreditation, AccreditationEventKind.SUSPENDED, parse_instant(effective), reason)


@app.command("reinstate")
def reinstate(
    organisation: OrganisationOption,
    accreditation: AccreditationArgument,
    effective: EffectiveOption,
    reason: ReasonOption,
) -> None:
    """Put a suspended accreditation in force again."""
    _change(organisation, accreditation, AccreditationEventKind.REINSTATED, parse_instant(effective), reason)


@app.command("end")
def end(
    organisation: OrganisationOption,
    accreditation: AccreditationArgument,
    effective: EffectiveOption,
    reason: ReasonOption,
) -> None:
    """End an accreditation for good; what was awarded before stays good."""
    _change(organisation, accreditation, AccreditationEventKind.ENDED, parse_instant(effective), reason)


@app.command("withdraw")
def withdraw(
    organisation: OrganisationOption,
    accreditation: AccreditationArgument,
    effective: EffectiveOption,
    reason: ReasonOption,
) -> None:
    """Withdraw an accreditation for good, also with effect for the past."""
    _change(organisation, accreditation, AccreditationEventKind.WITHDRAWN, parse_instant(effective), reason)


@app.command("succeed")
def succeed(
    organisation: OrganisationOption,
    accreditation: AccreditationArgument,
    effective: EffectiveOption,
    reason: ReasonOption,
    because: registry_governance.SuccessionOption,
    successor_name: registry_governance.SuccessorNameOption,
    successor_did: registry_governance.SuccessorDidOption = None,
) -> None:
    """Say who follows a provider and keeps its records. The successor is not thereby accredited."""
    successor = Succession(because, successor_did, successor_name)
    kind = AccreditationEventKind.SUCCEEDED
    _change(organisation, accreditation, kind, parse_instant(effective), reason, successor)


def _change(
    slug: str,
    accreditation: str,
    kind: AccreditationEventKind,
    effective_at: datetime,
    reason: str,
    successor: Succession | None = None,
) -> None:
    with open_application() as application:
        event = application.change_accreditation(
            actor_for(application, slug),
            accreditation,
            kind=kind,
            effective_at=effective_at,
            reason=reason,
            successor=successor,
        )
    print_line(f"{event.kind.value} from {format_instant(event.effective_at)}: {event.accreditation_id}")


def _show(accreditations: list[Accreditation]) -> None:
    print_table(
        ("from", "until", "provider", "body", "id"),
        [
            (
                format_instant(a.valid_from),
                format_instant(a.valid_until) if a.valid_until else "-",
                a.provider_did,
                a.body_did,
                a.id,
            )
            for a in accreditations
        ],
    )


def _parse_level(text: str) -> ScopeLevel:
    framework, colon, level = text.rpartition(":")
    if not colon or not framework or not level:
        raise LevelOptionError("A level is written as framework:level, for instance EQF:5.")
    return ScopeLevel(framework, level)
