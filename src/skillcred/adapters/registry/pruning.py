"""Removes what a published registry names no more, once nobody can be reading it.

A reader takes the timestamp first and then what it leads to, so a file that has just been superseded must stay for a
while. When that began cannot be told from the files (their times are those of writing, or of copying the folder), so it
is noted in a file of its own beside them: what is found unnamed is noted, what has been noted for long enough is
removed, and what is named again is forgotten. Without the note the time begins anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from skillcred.adapters.crash_points import no_crash
from skillcred.adapters.registry.files import UNFINISHED, write_whole
from skillcred.adapters.registry.published_files import PublishedFiles, version_of
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.model.datetimes import format_instant
from skillcred.services.ports import CrashPoint
from skillcred.trust.records import read_instant

NOTE: Final = ".superseded.json"
MAX_NOTE_BYTES: Final = 64 * 1024 * 1024
_METADATA: Final = re.compile(r"[0-9]{1,19}\.(?!root\.)[a-z0-9-]{1,100}\.json", re.ASCII)
_TARGET: Final = re.compile(r"[0-9a-f]{64}\..+", re.ASCII)
"""Names of files that publications write. Roots are not among them: verifiers follow them one by one."""


def prune_repository(
    folder: Path, *, at: datetime, keep: timedelta, crash_point: CrashPoint = no_crash
) -> int:
    """Remove what has been found unnamed for longer than `keep`, and what was never finished; how many files that
    were. Where the live files cannot all be read, nothing is. The caller holds `folder`. Raises `OSError`."""
    named = _find_named(folder)
    if named is None:
        return 0
    for unfinished in folder.glob(f"*/**/{UNFINISHED}*"):
        unfinished.unlink()
    noted = _read_note(folder / NOTE)
    unnamed = {
        path: noted.get(path, at)
        for path in _list_written(folder)
        if path not in named.files and named.is_older(path)
    }
    old = [path for path, since in unnamed.items() if at - since > keep]
    for path in old:
        (folder / path).unlink()
        del unnamed[path]
        crash_point("registry-file-removed")
    if unnamed or noted:
        note = {path: format_instant(since) for path, since in unnamed.items()}
        write_whole(
            folder / NOTE,
            json.dumps(note).encode("utf-8"),
            lambda: crash_point("registry-note-prepared"),
        )
    return len(old)


class _Named:
    """The paths that the present timestamp leads to, and the version of each role in it."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self._versions: dict[str, int] = {}

    def add(self, role: str, version: int) -> None:
        """The metadata of a role in that version."""
        self.files.add(f"metadata/{version}.{role}.json")
        self._versions[role] = version

    def is_older(self, path: str) -> bool:
        """Whether it may be removed by its version. One above the present was signed by a publication that was cut
        off, and says which version must not be used again."""
        name = Path(path)
        if name.parts[0] != "metadata":
            return True
        role = name.name.partition(".")[2].removesuffix(".json")
        return version_of(name) < self._versions.get(role, 0)


def _find_named(folder: Path) -> _Named | None:
    """`None` where something that is named cannot be read."""
    files = PublishedFiles(folder)
    snapshot = files.snapshot()
    if snapshot is None:
        return None
    named = _Named()
    named.add("snapshot", snapshot.signed.version)
    for file, known in snapshot.signed.meta.items():
        role = file.removesuffix(".json")
        targets = files.targets(role, known)
        if targets is None:
            return None
        named.add(role, known.version)
        for info in targets.signed.targets.values():
            named.files.update(f"targets/{path}" for path in info.get_prefixed_paths())
    return named


def _list_written(folder: Path) -> Iterator[str]:
    for path in (folder / "metadata").glob("*.json"):
        if _METADATA.fullmatch(path.name):
            yield path.relative_to(folder).as_posix()
    for path in (folder / "targets").rglob("*"):
        if _TARGET.fullmatch(path.name) and path.is_file():
            yield path.relative_to(folder).as_posix()


def _read_note(path: Path) -> dict[str, datetime]:
    """Since when each file has been unnamed. A note that cannot be read is none: everything then stays longer."""
    try:
        note = parse_json_object(path.read_bytes(), max_bytes=MAX_NOTE_BYTES)
        return {name: read_instant(since) for name, since in note.items()}
    except (FileNotFoundError, InputError, TypeError, ValueError):
        return {}
