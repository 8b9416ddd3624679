"""Where the framework's client gets its files: the internet through our one door, a folder, or nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    RepositoryError,
)
from tuf.api.metadata import Metadata, Timestamp
from tuf.ngclient.fetcher import FetcherInterface

from skillcred.adapters.fetch import EgressDoor
from skillcred.adapters.fetch.fetch_error import FetchError
from skillcred.adapters.registry.files import write_whole
from skillcred.services.publication_ports import RegistryCopyError
from skillcred.trust.published import MAX_BRANCH_BYTES

MAX_VERSION_JUMP: Final = 1_000_000
"""Furthest that a timestamp may be ahead of the last one seen: eleven days at one a second."""
MAX_METADATA_BYTES: Final = 5_000_000
"""Largest file of signatures that is fetched; the framework's client reads no larger one."""
MAX_SECONDS: Final = 120.0
"""Longest time for one file of a registry; the largest has some hundred megabytes."""
MEDIA_TYPES: Final = (
    "application/json",
    "application/octet-stream",
    "binary/octet-stream",
    "text/plain",
)
"""Types under which static file servers give files out; the signature tells what they are."""
_TIMESTAMP: Final = "timestamp.json"
_NOT_FOUND: Final = 404


class DoorFetcher(FetcherInterface):
    """From the internet, through the one egress door."""

    def __init__(self, door: EgressDoor) -> None:
        self._door = replace(door, max_seconds=MAX_SECONDS)

    def _fetch(self, url: str) -> Iterator[bytes]:
        yield self._get(url, MAX_METADATA_BYTES if "/metadata/" in url else 2 * MAX_BRANCH_BYTES)

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """As the framework says; a host that goes on past the `max_length` that was signed is hung up on."""
        yield BytesIO(self._get(url, max_length))

    def _get(self, url: str, most: int) -> bytes:
        try:
            return self._door.fetch(url, accept=MEDIA_TYPES, max_bytes=most).content
        except FetchError as error:
            # A root that is not available is none (TUF specification 1.0.34 section 5.3.3); object stores say 403.
            if error.code == "not_found" or (error.code == "http_status" and url.endswith(".root.json")):
                raise DownloadHTTPError(error.message, _NOT_FOUND) from error
            if error.code == "too_large":
                raise DownloadLengthMismatchError(error.message) from error
            raise DownloadError(error.message) from error


class FolderFetcher(FetcherInterface):
    """From a folder of this machine; `url` is its path. For copies that travel on a stick, and for tests."""

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = Path(url)
        if not path.is_file():
            raise DownloadHTTPError("There is no such file.", _NOT_FOUND)
        with path.open("rb") as file:
            while part := file.read(65_536):
                yield part


class LocalFetcher(FetcherInterface):
    """From nowhere: gives the files of signatures that are there already, and no newer root."""

    def __init__(self, metadata: Path) -> None:
        self._metadata = metadata

    def _fetch(self, url: str) -> Iterator[bytes]:
        name = url.rpartition("/")[2]
        path = self._metadata / (name if name == _TIMESTAMP else name.partition(".")[2])
        if path.name == "root.json" or not path.is_file():
            raise DownloadHTTPError("Nothing is fetched when a copy is loaded.", _NOT_FOUND)
        yield path.read_bytes()


class GuardedFetcher(FetcherInterface):
    """Another fetcher with two checks that the framework leaves to its users: how far the version may jump (SECURITY
    T-05), and whether one version has two contents, which is kept as evidence (T-08)."""

    def __init__(self, fetcher: FetcherInterface, metadata: Path, evidence: Path) -> None:
        self._fetcher = fetcher
        self._metadata = metadata
        self._evidence = evidence

    def _fetch(self, url: str) -> Iterator[bytes]:
        with self.download_file(url, 2 * MAX_BRANCH_BYTES) as file:
            yield file.read()

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """As the framework says, after the two checks."""
        with self._fetcher.download_file(url, max_length) as file:
            if url.rpartition("/")[2] == _TIMESTAMP:
                self._check(file.read())
                file.seek(0)
            yield file

    def _check(self, content: bytes) -> None:
        place = self._metadata / _TIMESTAMP
        old = _read(place.read_bytes()) if place.is_file() else None
        new = _read(content)
        if new is None:
            return  # the framework refuses it, with its own reason
        last = 0 if old is None else old.signed.version
        if new.signed.version - last > MAX_VERSION_JUMP:
            raise RegistryCopyError(
                "The registry's version is too far ahead of the last one seen.", code="registry_fast_forward"
            )
        if old is not None and new.signed.version == last and new.signed_bytes != old.signed_bytes:
            for seen in (place.read_bytes(), content):
                name = f"{last}.timestamp.{hashlib.sha256(seen).hexdigest()[:16]}.json"
                write_whole(self._evidence / name, seen)
            raise RegistryCopyError(
                "The registry shows different verifiers different contents.", code="registry_split_view"
            )


def _read(content: bytes) -> Metadata[Timestamp] | None:
    try:
        read = Metadata[Timestamp].from_bytes(content)
    except (RepositoryError, ValueError):
        return None
    return read if isinstance(read.signed, Timestamp) else None
