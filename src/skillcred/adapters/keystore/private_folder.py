"""A folder that only this user can read, and files in it that are written whole or not at all (SECURITY
K-14).

Everything goes through a descriptor of the folder, and each check is made on the open descriptor of the file,
so that nothing can be exchanged between the check and the use.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from skillcred.errors import ConfigurationError, IntegrityError, NotFoundError, UnavailableError

MAX_FILE_BYTES: Final = 16 * 1024
"""Largest file read; a key file has less than a kilobyte."""
_TEMPORARY: Final = ".new-"
_FORBIDDEN_MODE: Final = stat.S_IRWXG | stat.S_IRWXO


class PrivateFolder:
    """Files of one folder, by name.

    Faults of reading are `IntegrityError`: `key_folder_permissions`, `key_file_permissions`,
    `key_file_owner`, `key_file_symlink`, `key_file_not_regular`, `key_file_damaged`; faults of the disk
    `UnavailableError`.
    """

    def __init__(self, path: Path) -> None:
        """Make the folder, and those above it, if they are not there. Raises `ConfigurationError` for a path
        with `..` in it or that is no folder."""
        if ".." in path.parts:
            raise ConfigurationError("The path of the key folder contains '..'.", code="key_folder_path")
        self._path = path
        try:
            path.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError("The key folder cannot be made.", code="key_folder_missing") from error

    @contextmanager
    def opened(self, *, exclusive: bool = False) -> Iterator[int]:
        """A descriptor of the folder, after checking who may read it. `exclusive` waits for other writers."""
        try:
            folder = os.open(self._path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                message = "The key folder is a symbolic link or not a folder."
                raise IntegrityError(message, code="key_folder_symlink") from error
            raise UnavailableError(
                "The key folder cannot be opened.", code="key_store_unavailable"
            ) from error
        try:
            status = os.fstat(folder)
            if status.st_mode & _FORBIDDEN_MODE or status.st_uid not in (os.geteuid(), 0):
                raise IntegrityError(
                    "The key folder is open to other users; its mode has to be 700.",
                    code="key_folder_permissions",
                )
            if exclusive:
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(folder)

    def names(self, folder: int) -> list[str]:
        """The names of all files but unfinished ones, sorted."""
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))

    def exists(self, folder: int, name: str) -> bool:
        """Whether anything at all has that name."""
        try:
            os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def read(self, folder: int, name: str) -> bytes:
        """The content of a file. Raises `NotFoundError` if there is none."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(name, flags, dir_fd=folder)
        except FileNotFoundError as error:
            raise NotFoundError("There is no key of this name.", code="key_not_found") from error
        except OSError as error:
            raise _unreadable(error) from error
        try:
            check_private_file(os.fstat(descriptor))
            content = read_at_most(descriptor, MAX_FILE_BYTES + 1)
        except OSError as error:
            raise _unreadable(error) from error
        finally:
            os.close(descriptor)
        if len(content) > MAX_FILE_BYTES:
            raise IntegrityError("A key file is too large.", code="key_file_damaged")
        return content

    def write(self, folder: int, name: str, content: bytes) -> None:
        """Store `content` under `name`, durably before returning. On a fault there is no such file.

        The caller holds the folder exclusively and has seen that the name is free.
        """
        written = _TEMPORARY + secrets.token_hex(8)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = os.open(written, flags, mode=stat.S_IRUSR | stat.S_IWUSR, dir_fd=folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            os.rename(written, name, src_dir_fd=folder, dst_dir_fd=folder)
            written = name
            os.fsync(folder)
        except OSError as error:
            with suppress(FileNotFoundError):
                os.unlink(written, dir_fd=folder)
            raise UnavailableError("The key cannot be stored.", code="key_store_unavailable") from error

    def remove(self, folder: int, name: str) -> None:
        """Remove a file durably."""
        try:
            os.unlink(name, dir_fd=folder)
            os.fsync(folder)
        except OSError as error:
            raise UnavailableError("The key cannot be renamed.", code="key_store_unavailable") from error

    def remove_unfinished(self, folder: int) -> None:
        """Remove what a writer left that was killed. Only for who holds the folder exclusively."""
        for name in os.listdir(folder):
            if name.startswith(_TEMPORARY):
                self.remove(folder, name)


def read_at_most(descriptor: int, limit: int) -> bytes:
    """Up to `limit` bytes of an open file. Raises `OSError`."""
    content = b""
    while len(content) < limit and (part := os.read(descriptor, limit - len(content))):
        content += part
    return content


def check_private_file(status: os.stat_result) -> None:
    """Refuse what is not a plain file of this user that nobody else can read or write."""
    if not stat.S_ISREG(status.st_mode):
        raise IntegrityError("A key file is not a regular file.", code="key_file_not_regular")
    if status.st_mode & _FORBIDDEN_MODE:
        raise IntegrityError(
            "A key file is open to other users; its mode has to be 600.", code="key_file_permissions"
        )
    if status.st_uid not in (os.geteuid(), 0):
        raise IntegrityError("A key file belongs to another user.", code="key_file_owner")


def _unreadable(error: OSError) -> IntegrityError | UnavailableError:
    if error.errno == errno.ELOOP:
        return IntegrityError("A key file is a symbolic link.", code="key_file_symlink")
    if error.errno == errno.ENXIO:
        return IntegrityError("A key file is not a regular file.", code="key_file_not_regular")
    return UnavailableError("A key file cannot be read.", code="key_store_unavailable")
