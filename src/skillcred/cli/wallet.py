"""`skillcred wallet`: a holder's own wallet, in one encrypted file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.adapters.wallet import create_wallet_file
from skillcred.adapters.wallet.wallet_file import MAX_FILE_BYTES, decrypt_export, encrypt_export
from skillcred.bootstrap.wallet import Wallet, build_wallet, read_trust
from skillcred.cli.files import read_input, write_output
from skillcred.cli.terminal import print_bytes, print_json, print_line, print_table, visible
from skillcred.cli.verification import FormatOption, ReportFormat
from skillcred.cli.wallet_options import (
    MESSAGE_HELP,
    LocalOption,
    PassphraseOption,
    TrustOption,
    WalletOption,
    YesOption,
    get_passphrase,
    opened_wallet,
    read_message,
    wallet_path,
)
from skillcred.cli.wallet_person import TerminalPerson
from skillcred.cli.wallet_text import (
    build_credential_json,
    build_credential_lines,
    build_pending_json,
    build_received_json,
    build_received_lines,
)
from skillcred.services.accept_offer import AcceptOptions
from skillcred.services.request_credentials import Received
from skillcred.services.wallet_records import PendingIssuance

NOT_READY: Final = 2
"""Exit code where the issuer has not got a credential ready yet."""
MAX_WAIT: Final = 3600

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

WaitOption = Annotated[
    int,
    typer.Option(help="Wait so many seconds for what the issuer puts off.", min=0, max=MAX_WAIT),
]


@app.command()
def init(wallet: WalletOption = None, passphrase_file: PassphraseOption = None) -> None:
    """Make an empty wallet. Without its passphrase nobody can open it, you neither."""
    path = wallet_path(wallet)
    create_wallet_file(path, get_passphrase(passphrase_file, new=True))
    print_line(f"The wallet is {path}.")


@app.command()
def accept(
    offer: Annotated[str, typer.Argument(help=MESSAGE_HELP, show_default=False)],
    wallet: WalletOption = None,
    passphrase_file: PassphraseOption = None,
    tx_code: Annotated[
        str | None, typer.Option(help="The transaction code that reached you.", show_default=False)
    ] = None,
    copies: Annotated[
        int, typer.Option(help="Copies of each, to show each to one verifier only.", min=1, max=100)
    ] = 1,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this credential of the offer.", show_default=False)
    ] = None,
    encrypted: Annotated[bool, typer.Option("--encrypted", help="Have the answer encrypted to you.")] = False,
    signed_metadata: Annotated[
        bool, typer.Option("--signed-metadata", help="Believe only a signed description of the issuer.")
    ] = False,
    log_in: Annotated[
        bool, typer.Option("--log-in", help="Log in at the issuer where the offer leaves the choice.")
    ] = False,
    browser: Annotated[bool, typer.Option(help="Open the browser where you have to log in.")] = True,
    wait: WaitOption = 0,
    yes: YesOption = False,
    local: LocalOption = False,
    trust: TrustOption = None,
    output: FormatOption = ReportFormat.TEXT,
) -> None:
    """Get the credentials of an offer (openid-credential-offer://…). Exit code 2 if the issuer puts some off."""
    options = AcceptOptions(
        copies, tuple(only or ()), encrypted, signed_metadata=signed_metadata, prefer_authorization=log_in
    )
    with (
        opened_wallet(wallet, passphrase_file) as store,
        TerminalPerson(yes=yes, tx_code=tx_code, browser=browser) as person,
    ):
        holder = build_wallet(store, person, read_trust(trust, local=local))
        accepted = holder.accept_offer(read_message(offer), options)
        received, pending = _wait_for(holder, accepted.pending, wait, encrypted=encrypted)
    _print_received([*accepted.received, *received], pending, output)


@app.command()
def collect(
    wallet: WalletOption = None,
    passphrase_file: PassphraseOption = None,
    encrypted: Annotated[bool, typer.Option("--encrypted", help="Have the answer encrypted to you.")] = False,
    wait: WaitOption = 0,
    local: LocalOption = False,
    trust: TrustOption = None,
    output: FormatOption = ReportFormat.TEXT,
) -> None:
    """Ask again for what was put off, or never came. Exit code 2 if something is not ready yet."""
    with opened_wallet(wallet, passphrase_file) as store, TerminalPerson(yes=True) as person:
        holder = build_wallet(store, person, read_trust(trust, local=local))
        received, pending = _wait_for(holder, store.load().pending, wait, encrypted=encrypted, once=True)
    _print_received(received, pending, output)


@app.command("list")
def list_credentials(
    wallet: WalletOption = None,
    passphrase_file: PassphraseOption = None,
    output: FormatOption = ReportFormat.TEXT,
) -> None:
    """List what the wallet holds, and what it waits for."""
    with opened_wallet(wallet, passphrase_file) as store:
        content = store.load()
    if output is ReportFormat.JSON:
        print_json(
            {
                "credentials": [build_credential_json(each) for each in content.credentials],
                "pending": [build_pending_json(each) for each in content.pending],
            }
        )
        return
    rows = [
        (
            each.id,
            each.name or each.configuration_id,
            each.format,
            each.credential_issuer,
            f"{len(each.usable)} of {len(each.copies)}" if each.one_time else "any number of times",
        )
        for each in content.credentials
    ]
    print_table(("id", "credential", "format", "issuer", "can be shown"), rows)
    for pending in content.pending:
        print_line(f"Not here yet: {visible(pending.configuration_id)} from {pending.credential_issuer}")


@app.command()
def show(
    credential: Annotated[str, typer.Argument(help="Its id, or how that begins.", show_default=False)],
    wallet: WalletOption = None,
    passphrase_file: PassphraseOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="Print the credential as the issuer gave it.")] = False,
    output: FormatOption = ReportFormat.TEXT,
) -> None:
    """Show a credential with all that it says, also what is only disclosed when somebody asks for it."""
    with opened_wallet(wallet, passphrase_file) as store:
        found = store.load().credential(credential)
    if raw:
        print_bytes(found.copies[0].content + b"\n")
    elif output is ReportFormat.JSON:
        print_json(build_credential_json(found, with_claims=True))
    else:
        for line in build_credential_lines(found):
            print_line(line)


@app.command()
def present(
    request: Annotated[str, typer.Argument(help=MESSAGE_HELP, show_default=False)],
    wallet: WalletOption = None,
    passphrase_file: PassphraseOption = None,
    credential: Annotated[
        list[str] | None, typer.Option(help="Choose this credential only.", show_default=False)
    ] = None,
    decline: Annotated[bool, typer.Option("--decline", help="Say no, and show nothing.")] = False,
    yes: YesOption = False,
    local: LocalOption = False,
    trust: TrustOption = None,
    output: FormatOption = ReportFormat.TEXT,
) -> None:
    """Answer a verifier (openid4vp://…): shows who asks and exactly what would be shown, and asks you first."""
    with opened_wallet(wallet, passphrase_file) as store, TerminalPerson(yes=yes) as person:
        holder = build_wallet(store, person, read_trust(trust, local=local))
        presented = holder.present_credentials(
            read_message(request), decline=decline, credential_ids=tuple(credential or ())
        )
    if output is ReportFormat.JSON:
        print_json(
            {
                "client_id": presented.client_id,
                "credentials": list(presented.credential_ids),
                "redirect_uri": presented.redirect_uri,
            }
        )
        return
    print_line("The verifier took it.")
    if presented.redirect_uri is not None:
        print_line(f"Go on at: {visible(presented.redirect_uri)}")


@app.command("export")
def export_wallet(
    file: Annotated[Path, typer.Argument(help="The file to write.", show_default=False)],
    wallet: WalletOption = None,
    passphrase_file: PassphraseOption = None,
    export_passphrase_file: PassphraseOption = None,
) -> None:
    """Write everything, the keys too, to a file with a passphrase of its own, to keep it or to move."""
    with opened_wallet(wallet, passphrase_file) as store:
        content = store.load()
    passphrase = get_passphrase(export_passphrase_file, new=True, what="file")
    write_output(file, encrypt_export(content, passphrase))
    print_line(f"{len(content.credentials)} credentials are in {file}.")


@app.command("import")
def import_wallet(
    file: Annotated[str, typer.Argument(help="A file that `export` wrote.", show_default=False)],
    wallet: WalletOption = None,
    passphrase_file: PassphraseOption = None,
    export_passphrase_file: PassphraseOption = None,
) -> None:
    """Take over what another wallet has written. What is here already stays as it is."""
    data = read_input(file, max_bytes=MAX_FILE_BYTES)
    found = decrypt_export(data, get_passphrase(export_passphrase_file, what="file"))
    with opened_wallet(wallet, passphrase_file) as store:
        before = store.load()
        merged = before.merged_with(found)
        store.save(merged)
    print_line(f"{len(merged.credentials) - len(before.credentials)} credentials were taken over.")


def _wait_for(
    holder: Wallet,
    pending: tuple[PendingIssuance, ...],
    seconds: int,
    *,
    encrypted: bool,
    once: bool = False,
) -> tuple[list[Received], list[PendingIssuance]]:
    """Ask for what is pending when its time comes, until nothing is or the time is over; with `once` at least once."""
    end = time.monotonic() + seconds
    received: list[Received] = []
    waiting = list(pending)
    first = once
    while waiting and (first or time.monotonic() < end):
        first = False
        still: list[PendingIssuance] = []
        for each in waiting:
            found = holder.collect_credentials(each, encrypted=encrypted)
            if isinstance(found, PendingIssuance):
                still.append(found)
            else:
                received.append(found)
        waiting = still
        if waiting:
            time.sleep(min(1.0, max(0.0, end - time.monotonic())))
    return received, waiting


def _print_received(received: list[Received], pending: list[PendingIssuance], output: ReportFormat) -> None:
    if output is ReportFormat.JSON:
        print_json(
            {
                "received": [build_received_json(each) for each in received],
                "pending": [build_pending_json(each) for each in pending],
            }
        )
    else:
        for each in received:
            for line in build_received_lines(each):
                print_line(line)
        for waiting in pending:
            name = visible(waiting.configuration_id)
            print_line(f"Not ready yet: {name}. `skillcred wallet collect` asks again.")
    if pending:
        raise typer.Exit(NOT_READY)
