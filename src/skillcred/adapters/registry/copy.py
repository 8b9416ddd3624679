"""A verified copy of somebody's registry, kept on disk: updated as a whole, checked whenever it is loaded.

An update is made beside the copy in use and takes its place only when every file of it was verified and read; until
then, and whenever it fails, the copy in use stays (SECURITY T-05 to T-08, T-11). A copy whose signatures have run out
is not loaded.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tuf.api.exceptions import DownloadError, ExpiredMetadataError, RepositoryError
from tuf.api.metadata import Metadata, Snapshot, Timestamp
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from skillcred.adapters.registry.faults import copy_faults
from skillcred.adapters.registry.fetchers import GuardedFetcher, LocalFetcher
from skillcred.adapters.registry.files import held, sync_folder, write_whole
from skillcred.adapters.registry.layout import (
    BODIES_PATH,
    CHECKPOINT_PATH,
    branch_path,
    credentials_path,
    role_of,
)
from skillcred.adapters.registry.root import read_root
from skillcred.adapters.registry.views import compare_views, encode_view, parse_view
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError, UnavailableError
from skillcred.model.datetimes import format_instant
from skillcred.services.checkpoints import parse_checkpoint
from skillcred.services.publication_ports import CopyState, LoadedCopy, RegistryCopyError, ViewComparison
from skillcred.trust import RegistryCopyInfo
from skillcred.trust.published import (
    MAX_BRANCH_BYTES,
    Branch,
    PublishedFileError,
    PublishedStatement,
    parse_bodies,
    parse_branch,
)
from skillcred.trust.records import EnrolledBody, read_instant, read_object, read_text
from skillcred.trust.snapshot import build_snapshot

MAX_BODIES: Final = 512
"""Most enrolled bodies of one registry; there are fewer than 250 countries."""
_STATE: Final = "updated.json"
_CONFIG: Final = UpdaterConfig(max_root_rotations=64, max_delegations=MAX_BODIES)


class RegistryCopy:
    """`RegistryCopyStore` in `folder`, brought up to date from `source` through `fetcher`. `root` is the root that was
    handed over by a trusted way, never one that was fetched."""

    def __init__(
        self,
        folder: Path,
        root: bytes,
        now: Callable[[], datetime],
        fetcher: FetcherInterface,
        source: str,
    ) -> None:
        self._folder = folder
        self._root = root
        self._now = now
        self._fetcher = fetcher
        self._source = source

    def update(self) -> CopyState:
        """See `RegistryCopyStore`."""
        try:
            with held(self._folder):
                self._update()
        except OSError as error:
            raise UnavailableError(
                "The copy of the registry cannot be written.", code="registry_copy_not_written"
            ) from error
        return self.state()

    def _update(self) -> None:
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
            guarded = GuardedFetcher(self._fetcher, staged / "metadata", self._folder / "evidence")
            with copy_faults():
                left_out = self._read(staged, guarded)
                self._check_log(current, staged)
            _write_state(staged, self._now(), left_out)
            self._use(staged)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        self._remove_others(keep=staged)

    def load(self) -> LoadedCopy:
        """See `RegistryCopyStore`."""
        try:
            with self._checked() as (place, updater):
                bodies = self._bodies(updater, fetch=False)
                left_out: dict[str, str] = {}
                at = _read_state(place)[0]
                branches = self._branches(bodies, updater, left_out, fetch=False)
                snapshot = build_snapshot(bodies, branches, at)
                state = _state(place, left_out)
        except OSError as error:
            raise RegistryCopyError("The copy of the registry cannot be read.") from error
        return LoadedCopy(snapshot, state, place.name, lambda statement: _credential(place, statement))

    def view(self) -> bytes:
        """See `RegistryCopyStore`."""
        with self._checked() as (place, _):
            snapshot = (place / "metadata" / "snapshot.json").read_bytes()
            return encode_view(snapshot, _find_checkpoint(place))

    def compare(self, other: bytes) -> ViewComparison:
        """See `RegistryCopyStore`."""
        own = self.view()
        with self._checked() as (place, _):
            root = read_root((place / "metadata" / "root.json").read_bytes())
        found = compare_views(parse_view(own, root), parse_view(other, root))
        if found.differing:
            self._keep_evidence("view", own, other)
        return found

    def _check_log(self, current: Path | None, staged: Path) -> None:
        """The log never gets shorter, and never says two things of one entry (SECURITY W-30, T-08)."""
        kept, new = (None if place is None else _find_checkpoint(place) for place in (current, staged))
        if kept is None:
            return
        old, now = parse_checkpoint(kept), None if new is None else parse_checkpoint(new)
        if now is None or now.number < old.number:
            raise RegistryCopyError(
                "The log of the registry is shorter than it was.", code="registry_log_rolled_back"
            )
        if now.number == old.number and now.sha256 != old.sha256 and new is not None:
            self._keep_evidence("checkpoint", kept, new)
            raise RegistryCopyError(
                "The registry says two things of one entry of its log.", code="registry_split_view"
            )

    def _keep_evidence(self, what: str, *contents: bytes) -> None:
        for content in contents:
            name = f"{what}.{hashlib.sha256(content).hexdigest()[:16]}.json"
            write_whole(self._folder / "evidence" / name, content)

    def find_mark(self) -> str | None:
        """See `RegistryCopyStore`."""
        try:
            return os.readlink(self._folder / "current")
        except OSError:
            return None

    def state(self) -> CopyState:
        """See `RegistryCopyStore`."""
        place = self._current()
        if place is None:
            raise _missing()
        try:
            return _state(place, _read_state(place)[1])
        except (OSError, RepositoryError) as error:
            raise RegistryCopyError("The copy of the registry cannot be read.") from error

    def _read(self, place: Path, fetcher: FetcherInterface) -> dict[str, str]:
        """Fetch and read all of it. The bodies whose branches were left out, and why."""
        updater = self._updater(place, fetcher)
        updater.refresh()
        left_out: dict[str, str] = {}
        for _ in self._branches(self._bodies(updater, fetch=True), updater, left_out, fetch=True):
            pass
        if updater.get_targetinfo(CHECKPOINT_PATH) is not None:
            _target(updater, CHECKPOINT_PATH, fetch=True)
        return left_out

    def _updater(self, place: Path, fetcher: FetcherInterface) -> Updater:
        return Updater(
            str(place / "metadata"),
            f"{self._source}/metadata/",
            str(place / "targets"),
            f"{self._source}/targets/",
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
            raise _missing()
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
        self, bodies: tuple[EnrolledBody, ...], updater: Updater, left_out: dict[str, str], *, fetch: bool
    ) -> Iterator[Branch]:
        """The branches. One whose body let its signature run out, or signed what it may not or what cannot be read, is
        put into `left_out`: it takes nobody else's away. A file that is not the signed one is a fault of the whole."""
        known = {} if fetch else _read_state(Path(updater.target_dir or "").parent)[1]
        for body in bodies:
            try:
                branch = _branch(updater, body.did, fetch=fetch)
            except (ExpiredMetadataError, DownloadError) as error:
                if isinstance(error, DownloadError) and body.did not in known:
                    raise
                left_out[body.did] = "registry_expired"
            except InputError as error:
                left_out[body.did] = error.code
            else:
                if branch is not None:  # else enrolled, and has published nothing yet
                    yield branch

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


def _branch(updater: Updater, did: str, *, fetch: bool) -> Branch | None:
    info = updater.get_targetinfo(branch_path(did))
    if info is None:
        return None
    if info.length > MAX_BRANCH_BYTES:
        raise PublishedFileError("The branch of the registry is too large.", code="branch_too_large")
    content = _target(updater, branch_path(did), fetch=fetch)
    _target(updater, credentials_path(did), fetch=fetch)
    return parse_branch(content, body_did=did)


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


def _credential(place: Path, statement: PublishedStatement) -> bytes:
    branch = statement.edge.branch
    try:
        with open(_place_of(place / "targets", credentials_path(branch or "")), "rb") as file:
            file.seek(statement.offset)
            return file.read(statement.length)
    except OSError as error:
        raise RegistryCopyError("The copy of the registry is another by now.") from error


def _state(place: Path, left_out: Mapping[str, str]) -> CopyState:
    """What the files say. The copy may be used until the first of its signatures runs out, except for those of branches
    that are left out."""
    metadata = place / "metadata"
    ignored = {role_of(did) for did in left_out}
    timestamp = Metadata[Timestamp].from_bytes((metadata / "timestamp.json").read_bytes()).signed
    snapshot = Metadata[Snapshot].from_bytes((metadata / "snapshot.json").read_bytes()).signed
    expiries = [
        Metadata[Any].from_bytes(path.read_bytes()).signed.expires
        for path in metadata.glob("*.json")
        if path.stem not in ignored
    ]
    info = RegistryCopyInfo(timestamp.version, snapshot.version, _read_state(place)[0], min(expiries))
    return CopyState(info, left_out, _find_checkpoint(place))


def _find_checkpoint(place: Path) -> bytes | None:
    checkpoint = _place_of(place / "targets", CHECKPOINT_PATH)
    return checkpoint.read_bytes() if checkpoint.is_file() else None


def _write_state(place: Path, at: datetime, left_out: Mapping[str, str]) -> None:
    state = {"at": format_instant(at), "left_out": dict(left_out)}
    (place / _STATE).write_text(json.dumps(state), encoding="utf-8")


def _read_state(place: Path) -> tuple[datetime, dict[str, str]]:
    """When the copy was brought up to date, and what was left out then. It is our own note, and signed by nobody."""
    try:
        state = parse_json_object((place / _STATE).read_bytes())
        left_out = {did: read_text(code) for did, code in read_object(state["left_out"]).items()}
        return read_instant(state["at"]), left_out
    except (InputError, KeyError, TypeError, ValueError) as error:
        raise RegistryCopyError("The copy of the registry cannot be read.") from error


def _missing() -> RegistryCopyError:
    return RegistryCopyError("There is no copy of the registry yet.", code="registry_copy_missing")


def _link_or_copy(source: str, destination: str) -> None:
    """Targets are only ever replaced, so a second name for them is enough; signatures are copied."""
    if "/targets/" in source:
        os.link(source, destination)
    else:
        shutil.copy2(source, destination)
