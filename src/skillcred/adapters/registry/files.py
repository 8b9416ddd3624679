"""Files that are there whole or not at all, also when the power fails while they are written."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".new-"
"""How the name of a file begins until it is whole."""


def _nothing() -> None:
    """What happens before a file is put in its place, if nothing else is asked for."""


def write_whole(path: Path, content: bytes, before_placing: Callable[[], None] = _nothing) -> None:
    """Write `content` into a new file, to the disk, and then in place of what was at `path`. Raises `OSError`."""
    _make_folder(path.parent)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        before_placing()
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """Make it, with those above it, so that it is still there when the power has failed."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Nobody else writes below `folder` meanwhile: waits for whoever does. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sync_folder(folder: Path) -> None:
    """Bring what the folder lists to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
