"""The command line: parse, call one service, print. `main` is the edge where faults become exit codes."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Sequence

import typer
from typer.exceptions import TyperException

from skillcred.cli.app import Invocation, app
from skillcred.cli.exits import INTERNAL, INTERRUPTED, USAGE, exit_code_for
from skillcred.cli.terminal import print_fault
from skillcred.errors import SkillcredError


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code. Faults go to standard error as one line with their code."""
    invocation = Invocation()
    try:
        result = app(args=list(arguments), prog_name="skillcred", standalone_mode=False, obj=invocation)
    except TyperException as error:
        print_fault("usage", error.format_message())
        return USAGE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except SkillcredError as error:
        _show_traceback(invocation)
        place = f" ({error.pointer})" if error.pointer else ""
        print_fault(error.code, f"{error.message}{place}")
        for problem in getattr(error, "problems", ()):
            print_fault(problem.code, f"{problem.message} ({problem.pointer or '/'})")
        return exit_code_for(error)
    except BrokenPipeError:
        sys.stderr.close()
        return INTERNAL
    except Exception as error:  # noqa: BLE001 - the edge: what nobody expected becomes one line and exit 70
        _show_traceback(invocation)
        print_fault(
            "internal_fault", f"{type(error).__name__}. Run again with --traceback before the command."
        )
        return INTERNAL
    return result if isinstance(result, int) else 0


def main() -> None:
    """Entry point of the `skillcred` command. A request to end is treated as Ctrl-C, so that everything is put away."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(run(sys.argv[1:]))


def _show_traceback(invocation: Invocation) -> None:
    if invocation.traceback:
        traceback.print_exc()
