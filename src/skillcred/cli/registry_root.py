"""`skillcred registry root`: making, signing and replacing the root of a published registry, by several holders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillcred.adapters.registry.root import MAX_ROOT_BYTES, combine_roots
from skillcred.adapters.registry.workshop import RootView, install, make_root, view_root
from skillcred.bootstrap import open_root_holder
from skillcred.cli.files import read_input, write_output
from skillcred.cli.registry_governance import grouped
from skillcred.cli.terminal import print_line
from skillcred.cli.yaml_files import MAX_YAML_BYTES, parse_yaml_object
from skillcred.model.datetimes import format_instant
from skillcred.services.ceremony import fingerprint_of
from skillcred.services.root_plan import read_root_plan
from skillcred.settings import load_settings

app = typer.Typer(no_args_is_help=True)

KeysFolder = Annotated[
    Path | None,
    typer.Option(help="Folder of the holder's own keys, for instance on a stick.", show_default="settings"),
]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="File with the passphrase of that folder.", show_default="settings")
]
Before = Annotated[str | None, typer.Option(help="The root that it follows.", show_default="none")]
Root = Annotated[str, typer.Argument(help="File of the root.", show_default=False)]
To = Annotated[Path, typer.Option(help="Where to write it.", show_default=False)]


@app.command("key")
def key(keys_folder: KeysFolder = None, passphrase_file: PassphraseFile = None) -> None:
    """Make a key for the registry, and print its public part and fingerprint. The private part stays in the folder."""
    multikey = open_root_holder(load_settings(), keys_folder, passphrase_file).make_key()
    print_line(f"key          {multikey}")
    print_line(f"fingerprint  {grouped(fingerprint_of(multikey))}")


@app.command("new")
def new(
    plan: Annotated[
        str, typer.Argument(help="YAML or JSON: whose keys sign what, and until when.", show_default=False)
    ],
    to: To,
    before: Before = None,
) -> None:
    """Write an unsigned root as the plan says: the first, or the one that follows another."""
    agreed = read_root_plan(parse_yaml_object(read_input(plan, max_bytes=MAX_YAML_BYTES)))
    old = _read_optional(before)
    content = make_root(agreed, old)
    write_output(to, content)
    _show(view_root(content, old))


@app.command("show")
def show(root: Root, before: Before = None) -> None:
    """Show what a root says, who signed it, and the digest that its holders compare."""
    _show(view_root(_read(root), _read_optional(before)))


@app.command("sign")
def sign(
    root: Root,
    to: To,
    sha256: Annotated[str, typer.Option(help="The digest that the holders agreed on.", show_default=False)],
    before: Before = None,
    keys_folder: KeysFolder = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Add the signature of a holder's key. With `--before`, holders of the root before it sign as well."""
    holder = open_root_holder(load_settings(), keys_folder, passphrase_file)
    old = _read_optional(before)
    content = holder.sign(_read(root), sha256=sha256.lower(), before=old)
    write_output(to, content)
    _show(view_root(content, old))


@app.command("combine")
def combine(
    roots: Annotated[
        list[str], typer.Argument(help="The same root, signed by different holders.", show_default=False)
    ],
    to: To,
) -> None:
    """Put the signatures of several files into one."""
    content = combine_roots([_read(name) for name in roots])
    write_output(to, content)
    _show(view_root(content))


@app.command("install")
def install_root(
    root: Root,
    into: Annotated[Path, typer.Option(help="Folder of the published registry.", show_default=False)],
) -> None:
    """Put a root that enough holders have signed into the published registry."""
    version = install(into, _read(root))
    print_line(f"root {version} is in {into}")


def _show(view: RootView) -> None:
    print_line(f"version   {view.version}")
    print_line(f"expires   {format_instant(view.expires)}")
    for name, role in view.roles.items():
        print_line(f"{name:<9} {role.threshold} of {len(role.keys)}")
        for public_key in role.keys:
            multikey = public_key.to_multikey()
            mark = "  signed" if name == "root" and multikey in view.signed_by else ""
            print_line(f"          {multikey}{mark}")
    for multikey in view.signed_by_before:
        print_line(f"before    {multikey}  signed")
    if view.still_lacking or view.lacking_before:
        print_line(
            f"lacking   {view.still_lacking} of its own holders, {view.lacking_before} of those before"
        )
    print_line(f"sha256    {view.sha256}")


def _read(name: str) -> bytes:
    return read_input(name, max_bytes=MAX_ROOT_BYTES)


def _read_optional(name: str | None) -> bytes | None:
    return None if name is None else _read(name)
