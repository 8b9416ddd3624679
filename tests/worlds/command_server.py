"""A process that has the program loaded and forks one child for each `skillcred` command or program it is told to run.

Loading the program takes longer than most commands do. A child is as good as a fresh process for what the tests look
at: it has its own arguments, environment, folder, streams and exit code, and can be killed. Started by
`worlds.commands`; reads one JSON object a line and answers with one line: the exit code, or of a command in the
background the process id, of which it then tells on request (`poll`) whether it still runs.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import traceback
from typing import Any

from cheap_keys import CHEAP_SCRYPT_N, protect_keys  # a neighbour: this file is run, not imported

import skillcred.cli
import skillcred.web.app


def run_child(order: dict[str, Any]) -> None:
    """Become the command. Does not return."""
    os.chdir(order["cwd"])
    for name, descriptor in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        flags = os.O_RDONLY if name == "stdin" else os.O_WRONLY | os.O_APPEND
        opened = os.open(order[name], flags)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["skillcred", *order["arguments"]]
    code = 70
    try:
        if order["program"]:
            exec(order["program"], {"__name__": "__main__"})  # a program that a test wrote
            code = 0
        else:
            skillcred.cli.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # as the interpreter would
        traceback.print_exc()
        code = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            if not stream.closed:
                stream.flush()
        os._exit(code)


def serve() -> None:
    """Run commands until there are no more orders."""
    protect_keys(CHEAP_SCRYPT_N)
    orders, answers = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w")
    gc.collect()
    gc.freeze()
    for line in orders:
        order = json.loads(line)
        if "poll" in order:
            child, status = os.waitpid(order["poll"], os.WNOHANG)
            answer = f"{os.waitstatus_to_exitcode(status)}" if child else "running"
        else:
            child = os.fork()
            if child == 0:
                orders.close()
                answers.close()
                run_child(order)
            answer = str(child)
            if not order.get("background"):
                _, status = os.waitpid(child, 0)
                answer = str(os.waitstatus_to_exitcode(status))
        answers.write(f"{answer}\n")
        answers.flush()


if __name__ == "__main__":
    serve()
