"""What can go wrong with a copy of a registry. Nothing of a copy that failed is used (SECURITY T-05 to T-08)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tuf.api import exceptions

from skillcred.errors import UnavailableError


class RegistryCopyError(UnavailableError):
    """The registry could not be updated or loaded. Codes: `registry_unreachable`, `registry_expired`,
    `registry_rolled_back`, `registry_not_signed`, `registry_damaged`, `registry_fast_forward`, `registry_split_view`,
    `registry_incomplete`."""

    default_code = "registry_damaged"


_CODES = (
    (exceptions.ExpiredMetadataError, "registry_expired", "The registry's signature has run out."),
    (exceptions.BadVersionNumberError, "registry_rolled_back", "The registry is older than one seen before."),
    (
        exceptions.UnsignedMetadataError,
        "registry_not_signed",
        "Not enough of the right keys signed the registry.",
    ),
    (
        exceptions.LengthOrHashMismatchError,
        "registry_damaged",
        "A file of the registry is not the signed one.",
    ),
    (exceptions.RepositoryError, "registry_damaged", "A file of the registry is not well-formed."),
    (
        exceptions.DownloadLengthMismatchError,
        "registry_damaged",
        "A file of the registry is larger than it may be.",
    ),
    (exceptions.DownloadError, "registry_unreachable", "The registry's host does not give a file out."),
)
"""From the narrow to the wide."""


@contextmanager
def copy_faults() -> Iterator[None]:
    """Turns the errors of the framework into `RegistryCopyError`. Errors of the disk stay what they are."""
    try:
        yield
    except (exceptions.RepositoryError, exceptions.DownloadError) as error:
        for kind, code, message in _CODES:
            if isinstance(error, kind):
                raise RegistryCopyError(message, code=code) from error
        raise
