"""What can go wrong with a copy of a registry. Nothing of a copy that failed is used (SECURITY T-05 to T-08)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tuf.api import exceptions

from skillcred.adapters.fetch.fetch_error import FetchError
from skillcred.errors import InputError
from skillcred.services.publication_ports import RegistryCopyError

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
    """Turns the errors of the framework, and of files that cannot be read, into `RegistryCopyError`. Errors of the disk
    stay what they are."""
    try:
        yield
    except InputError as error:
        raise RegistryCopyError(error.message, code=error.code) from error
    except (exceptions.RepositoryError, exceptions.DownloadError) as error:
        for kind, code, message in _CODES:
            if isinstance(error, kind):
                why = error.__cause__
                if isinstance(why, FetchError):
                    message = f"{message} ({why.code})"
                raise RegistryCopyError(message, code=code) from error
        raise
