"""The files of a repository that is being published: found by what the timestamp says, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from skillcred.adapters.registry.files import write_whole


class PublishedFiles:
    """The repository in `folder`. What lies there without being named by the present timestamp is left over from a
    publication that was cut off, and is written over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

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
        path = None if known is None else self._folder / "metadata" / f"{known.version}.{role}.json"
        return None if path is None or not path.exists() else Metadata[Targets].from_bytes(path.read_bytes())

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
                    write_whole(place, content)
            infos[path] = info
        return infos

    def write_metadata(self, name: str, version: int, content: bytes) -> None:
        """Write the metadata of a role."""
        file = "timestamp.json" if name == "timestamp" else f"{version}.{name}.json"
        write_whole(self._folder / "metadata" / file, content)
