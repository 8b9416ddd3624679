"""Reading the files a command names and writing those it was asked for."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from skillcred.errors import InputError, UnavailableError

STDIN: Final = "-"


class FileInputError(InputError):
    """A file that the command line names cannot be used. Codes: `file_not_readable`, `file_too_large`."""

    default_code = "file_not_readable"


class FileOutputError(UnavailableError):
    """A file could not be written."""

    default_code = "file_not_written"


def read_input(name: str, *, max_bytes: int) -> bytes:
    """The bytes of a file, or of standard input for `-`. Raises `FileInputError`; reads no more than the limit."""
    try:
        if name == STDIN:
            content = sys.stdin.buffer.read(max_bytes + 1)
        else:
            with Path(name).open("rb") as file:
                content = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name cannot be used"
        raise FileInputError(f"{name} cannot be read: {reason}.") from error
    if len(content) > max_bytes:
        raise FileInputError(f"{name} is larger than {max_bytes} bytes.", code="file_too_large")
    return content


def write_output(path: Path, content: bytes) -> None:
    """Write a file so that there is either all of it or what was there before. Raises `FileOutputError`."""
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileOutputError(f"{path} cannot be written: {error.strerror}.") from error
