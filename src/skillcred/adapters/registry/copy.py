"""A verified copy of somebody's registry, kept on disk: updated as a whole, checked whenever it is loaded.

An update is made beside the copy in use and takes its place only when every file of it was verified and read; until
then, and whenever it fails, the copy in use stays (SECURITY T-05 to T-08, T-11). A copy whose signatures have run out
is not loaded.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tuf.api.metadata import Metadata, Snapshot, Timestamp
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from skillcred.adapters.registry.faults import RegistryCopyError, copy_faults
from skillcred.adapters.registry.fetchers import GuardedFetcher, LocalFetcher
from skillcred.adapters.registry.files import sync_folder
from skillcred.adapters.registry.layout import BODIES_PATH, branch_path, credentials_path
from skillcred.trust.published import MAX_BRANCH_BYTES, Branch, PublishedStatement, parse_bodies, parse_branch
from skillcred.trust.records import EnrolledBody
from skillcred.trust.snapshot import RegistrySnapshot, build_snapshot

MAX_BODIES: Final = 512
"""Most enrolled bodies of one registry; there are fewer than 250 countries."""
_CONFIG: Final = UpdaterConfig(max_root_rotations=64, max_delegations=MAX_BODIES)


@dataclass(frozen=True, slots=True)
class CopyState:
    """What is known of the copy in use. `expires_at` is when it may not be used any more."""

    timestamp_version: int
    snapshot_version: int
    expires_at: datetime
    updated_at: datetime


class RegistryCopy:
    """The copy in `folder`. `root` is the root that was handed over by a trusted way, never one that was fetched."""

    def __init__(self, folder: Path, root: bytes, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._root = root
        self._now = now

    def update(self, fetcher: FetcherInterface, base_url: str) -> CopyState:
        """Fetch what is new from `base_url`, check all of it, and use it from now on.

        Raises `RegistryCopyError` and `OSError`; the copy in use is then still the one from before.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        current = self._current()
        staged = Path(tempfile.mkdtemp(dir=self._folder, prefix="copy-"))
        try:
            if current is None:
                (staged / "metadata").mkdir()
                (staged / "targets").mkdir()
            else:
                shutil.copytree(
                    current, staged, symlinks=True, copy_function=_link_or_copy, dirs_exist_ok=True
                )
            guarded = GuardedFetcher(fetcher, staged / "metadata", self._folder / "evidence")
            with copy_faults():
                self._read(staged, guarded, base_url)
            _write_time(staged, self._now())
            self._use(staged)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        self._remove_others(keep=staged)
        return self.state()

    def load(self) -> RegistrySnapshot:
        """The registry of the copy in use, after checking every signature and file of it again.

        Raises `RegistryCopyError` (`registry_incomplete` if there is none yet, `registry_expired`).
        """
        with self._checked() as (place, updater):
            bodies = self._bodies(updater, fetch=False)
            branches = self._branches(bodies, updater, fetch=False)
            return build_snapshot(bodies, branches, _times(place).updated_at)

    def credential(self, statement: PublishedStatement) -> bytes:
        """The signed credential of a statement of the copy in use. Raises `RegistryCopyError`."""
        place = self._current()
        branch = statement.edge.branch
        if place is None or branch is None:
            raise RegistryCopyError("There is no copy of the registry yet.", code="registry_incomplete")
        with open(_place_of(place / "targets", credentials_path(branch)), "rb") as file:
            file.seek(statement.offset)
            return file.read(statement.length)

    def state(self) -> CopyState:
        """What is known of the copy in use. Raises `RegistryCopyError` (`registry_incomplete`)."""
        place = self._current()
        if place is None:
            raise RegistryCopyError("There is no copy of the registry yet.", code="registry_incomplete")
        return _times(place)

    def _read(self, place: Path, fetcher: FetcherInterface, base_url: str) -> None:
        updater = self._updater(place, fetcher, base_url)
        updater.refresh()
        for _ in self._branches(self._bodies(updater, fetch=True), updater, fetch=True):
            pass

    def _updater(self, place: Path, fetcher: FetcherInterface, base_url: str) -> Updater:
        return Updater(
            str(place / "metadata"),
            f"{base_url}/metadata/",
            str(place / "targets"),
            f"{base_url}/targets/",
            fetcher=fetcher,
            config=_CONFIG,
            bootstrap=self._root,
        )

    @contextmanager
    def _checked(self) -> Iterator[tuple[Path, Updater]]:
        """The framework's client over the copy in use, which can fetch nothing. It works on a scratch copy of the
        signatures, since it writes while it reads."""
        place = self._current()
        if place is None:
            raise RegistryCopyError("There is no copy of the registry yet.", code="registry_incomplete")
        if self._now() >= _times(place).expires_at:
            raise RegistryCopyError("The registry's signature has run out.", code="registry_expired")
        with tempfile.TemporaryDirectory() as scratch:
            metadata = Path(scratch) / "metadata"
            shutil.copytree(place / "metadata", metadata, symlinks=True)
            with copy_faults():
                updater = Updater(
                    str(metadata),
                    "local:/",
                    str(place / "targets"),
                    "local:/",
                    fetcher=LocalFetcher(metadata),
                    config=_CONFIG,
                    bootstrap=self._root,
                )
                updater.refresh()
                yield place, updater

    def _bodies(self, updater: Updater, *, fetch: bool) -> tuple[EnrolledBody, ...]:
        bodies = parse_bodies(_target(updater, BODIES_PATH, fetch=fetch))
        if len(bodies) > MAX_BODIES:
            raise RegistryCopyError("The registry has too many bodies.", code="registry_damaged")
        return bodies

    def _branches(
        self, bodies: tuple[EnrolledBody, ...], updater: Updater, *, fetch: bool
    ) -> Iterator[Branch]:
        for body in bodies:
            if updater.get_targetinfo(branch_path(body.did)) is None:
                continue  # enrolled, and has published nothing yet
            content = _target(updater, branch_path(body.did), fetch=fetch)
            _target(updater, credentials_path(body.did), fetch=fetch)
            yield parse_branch(content, body_did=body.did)

    def _current(self) -> Path | None:
        link = self._folder / "current"
        return (self._folder / os.readlink(link)) if link.is_symlink() else None

    def _use(self, staged: Path) -> None:
        sync_folder(staged)
        new = self._folder / f".current-{staged.name}"
        new.symlink_to(staged.name)
        os.replace(new, self._folder / "current")
        sync_folder(self._folder)

    def _remove_others(self, *, keep: Path) -> None:
        for old in self._folder.glob("copy-*"):
            if old.name != keep.name:
                shutil.rmtree(old, ignore_errors=True)


def _target(updater: Updater, path: str, *, fetch: bool) -> bytes:
    info = updater.get_targetinfo(path)
    if info is None:
        raise RegistryCopyError("A file of the registry is missing.", code="registry_incomplete")
    if info.length > MAX_BRANCH_BYTES * 2:
        raise RegistryCopyError("A file of the registry is too large.", code="registry_damaged")
    found = updater.find_cached_target(info)
    if found is None:
        if not fetch:
            raise RegistryCopyError("A file of the registry is not the signed one.", code="registry_damaged")
        # The old file has another name in the copy in use, and must not be written into.
        _place_of(Path(updater.target_dir or ""), path).unlink(missing_ok=True)
        found = updater.download_target(info)
    return Path(found).read_bytes()


def _place_of(place: Path, path: str) -> Path:
    return place / path.replace("/", "%2F")


def _times(place: Path) -> CopyState:
    timestamp = Metadata[Timestamp].from_bytes((place / "metadata" / "timestamp.json").read_bytes()).signed
    snapshot = Metadata[Snapshot].from_bytes((place / "metadata" / "snapshot.json").read_bytes()).signed
    return CopyState(
        timestamp_version=timestamp.version,
        snapshot_version=snapshot.version,
        expires_at=min(timestamp.expires, snapshot.expires),
        updated_at=datetime.fromisoformat(json.loads((place / "updated.json").read_text())["at"]),
    )


def _write_time(place: Path, at: datetime) -> None:
    (place / "updated.json").write_text(json.dumps({"at": at.isoformat()}), encoding="utf-8")


def _link_or_copy(source: str, destination: str) -> None:
    """Targets are only ever replaced, so a second name for them is enough; signatures are copied."""
    if "/targets/" in source:
        os.link(source, destination)
    else:
        shutil.copy2(source, destination)
