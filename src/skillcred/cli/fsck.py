"""`skillcred fsck`: proves on what is stored that nothing about status was lost, moved back or given out twice."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from skillcred.cli.local import open_application
from skillcred.cli.terminal import print_json, print_line, visible
from skillcred.services.check_storage import CHECKS

FAULTS: Final = 1
"""Exit code where a check found something."""


def fsck(
    json_output: Annotated[bool, typer.Option("--json", help="Write the results as JSON.")] = False,
) -> None:
    """Check what is stored, without changing it; exit code 1 if something is wrong."""
    with open_application() as application:
        results = application.check_storage()
    if json_output:
        print_json(
            {
                "ok": not any(result.found for result in results),
                "checks": [
                    {
                        "name": result.name,
                        "ok": not result.found,
                        "looked_at": result.looked_at,
                        "found": result.found,
                        "faults": list(result.faults),
                    }
                    for result in results
                ],
            }
        )
    else:
        for result in results:
            if not result.found:
                print_line(f"ok     {result.name}: {result.looked_at}")
                continue
            print_line(f"FAULT  {result.name}: {result.found} of {result.looked_at}", "bold red")
            print_line(f"       {CHECKS[result.name]}")
            for fault in result.faults:
                print_line(f"       {visible(fault)}")
    if any(result.found for result in results):
        raise typer.Exit(FAULTS)
