"""`skillcred offers`: credentials prepared for people's wallets."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated

import typer

from skillcred.bootstrap import Application
from skillcred.cli.files import read_input
from skillcred.cli.local import OrganisationOption, actor_for, open_application
from skillcred.cli.terminal import print_json, print_table
from skillcred.encoding.strict_json import MAX_BYTES, parse_json_object
from skillcred.exchange.oid4vci.metadata import CredentialFormat
from skillcred.model.datetimes import format_instant
from skillcred.profiles import PROFILES
from skillcred.services.create_offer import DEFAULT_LIFETIME, OfferRequest
from skillcred.services.offer_records import OfferGrant
from skillcred.services.offers import describe_offer
from skillcred.services.records import Actor

app = typer.Typer(no_args_is_help=True)
OfferArgument = Annotated[str, typer.Argument(help="Id of the offer.", show_default=False)]


@app.command()
def create(
    organisation: OrganisationOption,
    profile: Annotated[
        str, typer.Option(help=f"Kind of credential: {', '.join(PROFILES)}.", show_default=False)
    ],
    claims: Annotated[
        str,
        typer.Option(
            help="File with what the credential says (JSON), or - for standard input.", show_default=False
        ),
    ],
    credential_format: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help=f"A format to choose from: {', '.join(CredentialFormat)}.",
            show_default="dc+sd-jwt",
        ),
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(
            help=f"How it can be taken up: {', '.join(OfferGrant)}.", show_default="pre_authorized_code"
        ),
    ] = None,
    no_tx_code: Annotated[
        bool, typer.Option("--no-tx-code", help="Whoever has the link gets the credential.")
    ] = False,
    deferred: Annotated[
        bool, typer.Option("--deferred", help="Issued only after `skillcred offers release`.")
    ] = False,
    days: Annotated[
        int, typer.Option(help="How long it can be claimed.", min=1, max=30)
    ] = DEFAULT_LIFETIME.days,
    idempotency_key: Annotated[
        str | None,
        typer.Option(help="The same key and claims again give the same offer.", show_default="a new one"),
    ] = None,
) -> None:
    """Offer a credential to a wallet. Shows the links and the code that the holder is told by another way."""
    request = OfferRequest(
        profile,
        parse_json_object(read_input(claims, max_bytes=MAX_BYTES)),
        formats=tuple(credential_format or (CredentialFormat.SD_JWT_VC.value,)),
        grants=tuple(grant or (OfferGrant.PRE_AUTHORISED_CODE.value,)),
        tx_code=not no_tx_code,
        deferred=deferred,
        lifetime=timedelta(days=days),
    )
    with open_application() as application:
        actor = actor_for(application, organisation)
        key = idempotency_key or secrets.token_hex(16)
        _show(application, actor, application.wallet_issuing.create_offer(actor, request, key).id)


@app.command("list")
def list_latest(organisation: OrganisationOption) -> None:
    """The latest offers of an organisation, newest first."""
    with open_application() as application:
        actor = actor_for(application, organisation)
        views = application.wallet_issuing.view_offers.list_latest(actor)
    print_table(
        ("offer", "state", "profile", "until"),
        [
            (view.offer.id, view.state.value, view.offer.profile, format_instant(view.offer.expires_at))
            for view in views
        ],
    )


@app.command()
def show(offer: OfferArgument, organisation: OrganisationOption) -> None:
    """One offer, and what became of it."""
    with open_application() as application:
        _show(application, actor_for(application, organisation), offer)


@app.command()
def withdraw(offer: OfferArgument, organisation: OrganisationOption) -> None:
    """Take an offer back. A credential that was claimed is revoked instead."""
    with open_application() as application:
        actor = actor_for(application, organisation)
        application.wallet_issuing.withdraw_offer(actor, offer)
        _show(application, actor, offer)


@app.command()
def release(offer: OfferArgument, organisation: OrganisationOption) -> None:
    """Let a deferred credential be issued."""
    with open_application() as application:
        actor = actor_for(application, organisation)
        application.wallet_issuing.release_offer(actor, offer)
        _show(application, actor, offer)


def _show(application: Application, actor: Actor, offer_id: str) -> None:
    print_json(describe_offer(application.wallet_issuing.view_offers.get(actor, offer_id)))
