"""The tables of an ESCO release from a folder: CSV files as downloaded, also packed with gzip or in ZIP archives."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

from skillcred.cli.files import FileInputError
from skillcred.recognition.classification import Table

MAX_TABLE_BYTES: Final = 128 * 1024 * 1024
"""Largest table, unpacked. That of release 1.1.1 with the skills of all occupations has 21 MB."""


def read_esco_folder(folder: Path) -> dict[Table, bytes]:
    """The tables that are there, by the beginnings of their file names (`skills_en.csv`, `skills.csv.gz`).

    Raises `FileInputError`, also where a table is there twice.
    """
    if not folder.is_dir():
        raise FileInputError(f"{folder} is no folder.")
    found: dict[Table, bytes] = {}
    try:
        for name, content in _files(folder):
            table = _table_of(name)
            if table is None:
                continue
            if table in found:
                raise FileInputError(f"{folder} has the table {table.value} twice.")
            found[table] = content
    except (
        OSError,
        EOFError,
        ValueError,
        zlib.error,
        zipfile.BadZipFile,
        NotImplementedError,  # what zipfile raises for a packing that it does not know
    ) as error:
        raise FileInputError(f"{folder} cannot be read: {error}.") from error
    return found


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir()):
        if path.suffix == ".csv" and _table_of(path.name) is not None:
            with path.open("rb") as file:
                yield path.name, _bounded(file, path.name)
        elif path.name.endswith(".csv.gz") and _table_of(path.name) is not None:
            with gzip.open(path, "rb") as file:
                yield path.name.removesuffix(".gz"), _bounded(file, path.name)
        elif path.suffix == ".zip":
            with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
                for member in archive.namelist():
                    if member.endswith(".csv") and _table_of(Path(member).name) is not None:
                        with archive.open(member) as file:
                            yield Path(member).name, _bounded(file, member)


def _bounded(file: IO[bytes] | gzip.GzipFile, name: str) -> bytes:
    content = file.read(MAX_TABLE_BYTES + 1)
    if len(content) > MAX_TABLE_BYTES:
        raise FileInputError(f"{name} is larger than {MAX_TABLE_BYTES} bytes.", code="file_too_large")
    return content


def _table_of(name: str) -> Table | None:
    stem = name.removesuffix(".gz").removesuffix(".csv").partition("_")[0]
    return next((table for table in Table if table.value == stem), None)
