"""The files of a repository that is being published: found by what the timestamp says, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from skillcred.adapters.crash_points import no_crash
from skillcred.adapters.registry.files import write_whole
from skillcred.services.ports import CrashPoint


class PublishedFiles:
    """The repository in `folder`. What lies there without being named by the present timestamp was superseded, or is
    left over from a publication that was cut off."""

    def __init__(self, folder: Path, crash_point: CrashPoint = no_crash) -> None:
        self._folder = folder
        self._crash_point = crash_point

    def timestamp(self) -> Metadata[Timestamp] | None:
        """The present timestamp."""
        path = self._folder / "metadata" / "timestamp.json"
        return Metadata[Timestamp].from_bytes(path.read_bytes()) if path.exists() else None

    def snapshot(self) -> Metadata[Snapshot] | None:
        """The snapshot that the timestamp names."""
        timestamp = self.timestamp()
        if timestamp is None:
            return None
        path = self._folder / "metadata" / f"{timestamp.signed.snapshot_meta.version}.snapshot.json"
        return Metadata[Snapshot].from_bytes(path.read_bytes()) if path.exists() else None

    def targets(self, role: str, known: MetaFile | None) -> Metadata[Targets] | None:
        """The metadata of a role in the version that the snapshot names."""
        content = None if known is None else self.read_metadata(role, known.version)
        return None if content is None else Metadata[Targets].from_bytes(content)

    def read_metadata(self, role: str, version: int) -> bytes | None:
        """The metadata of a role in that version, unless they are gone."""
        path = self._folder / "metadata" / f"{version}.{role}.json"
        return path.read_bytes() if path.is_file() else None

    def read_target(self, info: TargetFile) -> bytes | None:
        """The content of a target, unless it is gone."""
        path = self._folder / "targets" / info.get_prefixed_paths()[0]
        return path.read_bytes() if path.is_file() else None

    def write_targets(self, files: Mapping[str, bytes]) -> dict[str, TargetFile]:
        """Write those contents that are not there yet, under names that hold their digests."""
        infos = {}
        for path, content in files.items():
            info = TargetFile.from_data(path, content, ["sha256"])
            for prefixed in info.get_prefixed_paths():
                place = self._folder / "targets" / prefixed
                if not place.exists():
                    self._write(place, content)
            infos[path] = info
        return infos

    def write_metadata(self, name: str, version: int, content: bytes) -> None:
        """Write the metadata of a role."""
        file = "timestamp.json" if name == "timestamp" else f"{version}.{name}.json"
        self._write(self._folder / "metadata" / file, content)

    def next_version(self, name: str) -> int:
        """A version that no file of the role has. One that was signed by a publication which was cut off is not used
        again: two signed contents of one version are what a verifier takes for a split view (SECURITY T-08)."""
        return 1 + max((version_of(path) for path in self._list_versions(name)), default=0)

    def _list_versions(self, name: str) -> Iterator[Path]:
        return (self._folder / "metadata").glob(f"[0-9]*.{name}.json")

    def _write(self, path: Path, content: bytes) -> None:
        write_whole(path, content, lambda: self._crash_point("registry-file-prepared"))
        self._crash_point("registry-file-written")


def version_of(path: Path) -> int:
    """The version in the name of a file of metadata; 0 where there is none."""
    version = path.name.partition(".")[0]
    return int(version) if version.isascii() and version.isdecimal() else 0
