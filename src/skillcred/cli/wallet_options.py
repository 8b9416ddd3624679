"""What the commands of a wallet have in common: which file it is, and how it is opened."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from skillcred.adapters.keystore import read_passphrase
from skillcred.adapters.wallet import WalletFile, open_wallet_file
from skillcred.cli.files import read_input
from skillcred.errors import InputError

MAX_MESSAGE_BYTES: Final = 64 * 1024
"""Longest offer or request that is read from standard input."""

WalletOption = Annotated[
    Path | None,
    typer.Option("--wallet", "-w", help="The file of the wallet, if not the usual one.", show_default=False),
]
PassphraseOption = Annotated[
    Path | None,
    typer.Option(
        help="A file with the passphrase, which only you can read. Asked for without one.", show_default=False
    ),
]
LocalOption = Annotated[
    bool, typer.Option("--local", help="Talk to services on this machine without TLS, for development.")
]
TrustOption = Annotated[
    Path | None,
    typer.Option(help="Certificates (PEM) of authorities that you trust.", show_default=False),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Agree without being asked, for scripts.")]
MESSAGE_HELP: Final = "The link, or - to read it from standard input, so that no other user sees it."


def wallet_path(path: Path | None) -> Path:
    """The file of the wallet: the one that is named, or the usual one."""
    return Path.home() / ".local" / "share" / "skillcred" / "wallet" if path is None else path


def get_passphrase(path: Path | None, *, new: bool = False, what: str = "wallet") -> bytes:
    """The passphrase in the file `path`, or what is typed. Raises `ConfigurationError`, `InputError`
    (`passphrase_needed`) where nobody can be asked."""
    if path is not None:
        return read_passphrase(path)
    if not sys.stdin.isatty():
        raise InputError("Nobody can be asked; use --passphrase-file.", code="passphrase_needed")
    typed = typer.prompt(f"Passphrase of the {what}", hide_input=True, confirmation_prompt=new, err=True)
    return str(typed).encode("utf-8")


@contextlib.contextmanager
def opened_wallet(path: Path | None, passphrase_file: Path | None) -> Iterator[WalletFile]:
    """The wallet, open and locked until the end of the block."""
    with open_wallet_file(wallet_path(path), get_passphrase(passphrase_file)) as wallet:
        yield wallet


def read_message(argument: str) -> str:
    """An offer or a request: the argument itself, or standard input for `-`. Raises `FileInputError`."""
    if argument != "-":
        return argument.strip()
    try:
        return read_input("-", max_bytes=MAX_MESSAGE_BYTES).decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError("What came on standard input is no link.", code="file_not_readable") from error
