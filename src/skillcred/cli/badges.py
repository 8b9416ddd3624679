"""`skillcred credentials bake`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from skillcred.cli.files import read_input, write_output
from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.model.baked_badges import MAX_IMAGE_BYTES, bake_credential

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """Signed credentials as files."""


@app.command()
def bake(
    credential: Annotated[
        str, typer.Argument(help="A signed credential: JSON or a JWT.", show_default=False)
    ],
    image: Annotated[str, typer.Argument(help="A picture without one: PNG or SVG.", show_default=False)],
    output: Annotated[
        Path, typer.Option("--output", help="Write the badge to this file.", show_default=False)
    ],
) -> None:
    """Put a credential into a picture, as Open Badges 3.0 says. The signature is not checked."""
    signed = read_input(credential, max_bytes=MAX_BYTES)
    write_output(output, bake_credential(signed, read_input(image, max_bytes=MAX_IMAGE_BYTES)))
