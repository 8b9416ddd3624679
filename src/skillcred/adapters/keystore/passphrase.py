"""The passphrase that opens the key files, from a file that is mounted or written for the service."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from skillcred.adapters.keystore.private_folder import read_at_most
from skillcred.errors import ConfigurationError

MIN_PASSPHRASE_BYTES: Final = 16
"""Shortest passphrase. A random one of 32 characters is what is meant; 16 is where scrypt still helps."""
MAX_PASSPHRASE_BYTES: Final = 1024


def check_passphrase(passphrase: bytes) -> None:
    """Refuse one that is too short or too long. Raises `ConfigurationError`."""
    if len(passphrase) < MIN_PASSPHRASE_BYTES or len(set(passphrase)) < MIN_PASSPHRASE_BYTES // 2:
        raise ConfigurationError(
            f"The keystore passphrase has fewer than {MIN_PASSPHRASE_BYTES} characters or repeats a few.",
            code="passphrase_too_short",
        )
    if len(passphrase) > MAX_PASSPHRASE_BYTES:
        raise ConfigurationError("The keystore passphrase is too long.", code="passphrase_too_long")


def read_passphrase(path: Path) -> bytes:
    """The passphrase in a file, without the line end at its end.

    A symbolic link is followed, because orchestrators mount secrets so; what it leads to must be a regular
    file that other users cannot read and the group cannot write. Raises `ConfigurationError`:
    `passphrase_file`, `passphrase_file_permissions`, `passphrase_too_short`, `passphrase_too_long`.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            _check_passphrase_file(os.fstat(descriptor))
            content = read_at_most(descriptor, MAX_PASSPHRASE_BYTES + 3)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise ConfigurationError("The passphrase file cannot be read.", code="passphrase_file") from error
    passphrase = content.removesuffix(b"\n").removesuffix(b"\r")
    if b"\n" in passphrase or b"\0" in passphrase:
        raise ConfigurationError("The passphrase file holds more than one line.", code="passphrase_file")
    check_passphrase(passphrase)
    return passphrase


def _check_passphrase_file(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigurationError("The passphrase file is not a regular file.", code="passphrase_file")
    if status.st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigurationError(
            "The passphrase file is open to other users; its mode has to be 600 or 640.",
            code="passphrase_file_permissions",
        )
