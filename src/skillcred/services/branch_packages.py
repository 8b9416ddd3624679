"""What travels to a body that signs its branch on a machine of its own: the unsigned metadata, and the two files that
they are about, so that the body can look at all that it signs. One JSON file; nothing in it is believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError
from skillcred.services.branch_ports import BranchError, BranchFiles
from skillcred.services.recorded_keys import check_by_recorded_keys
from skillcred.trust import ExtractedAccreditation
from skillcred.trust.published import (
    MAX_BRANCH_BYTES,
    Branch,
    PublishedStatement,
    content_ranges,
    parse_branch,
)
from skillcred.trust.records import read_text

PACKAGE_FORMAT: Final = "skillcred-branch-to-sign-1"
MAX_PACKAGE_BYTES: Final = 3 * MAX_BRANCH_BYTES
"""Largest package that is read, in bytes: both files, with what JSON escapes in them."""


@dataclass(frozen=True, slots=True)
class BranchPackage:
    """A branch that is to be signed: whose, the unsigned metadata, and the files."""

    body_did: str
    metadata: bytes
    files: BranchFiles


def encode_package(package: BranchPackage) -> bytes:
    """The file."""
    value = {
        "format": PACKAGE_FORMAT,
        "body": package.body_did,
        "metadata": package.metadata.decode("utf-8"),
        "statements": package.files.statements.decode("utf-8"),
        "credentials": package.files.credentials.decode("utf-8"),
    }
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8")


def parse_package(content: bytes) -> BranchPackage:
    """The package in a file. Raises `BranchError` or a strict JSON error."""
    value = parse_json_object(content, max_bytes=MAX_PACKAGE_BYTES)
    try:
        if value.keys() != {"format", "body", "metadata", "statements", "credentials"}:
            raise ValueError("other members")
        if value["format"] != PACKAGE_FORMAT:
            raise ValueError("another format")
        texts: Mapping[str, str] = {name: read_text(member) for name, member in value.items()}
    except (TypeError, ValueError) as error:
        raise BranchError("The file is not a branch that is to be signed.") from error
    files = BranchFiles(texts["statements"].encode("utf-8"), texts["credentials"].encode("utf-8"))
    return BranchPackage(texts["body"], texts["metadata"].encode("utf-8"), files)


def check_branch(body_did: str, files: BranchFiles, at: datetime) -> Branch:
    """The branch in `files`, if it speaks for `body_did` and those below it alone, and each statement in it is what one
    of the keys in it signed in its time.

    Raises `PublishedFileError` (`invalid_registry_file`, `foreign_statement`), `BranchError`
    (`statement_differs`, `credentials_differ`, and the code of a proof that does not hold) or a strict JSON error.
    """
    branch = parse_branch(files.statements, body_did=body_did)
    contents = [_content_of(published, files.credentials) for published in branch.statements]
    ranges = [(published.offset, published.length) for published in branch.statements]
    if b"\n".join(contents) != files.credentials or list(content_ranges(contents)) != ranges:
        raise BranchError("The credentials are not those of the statements.", code="credentials_differ")
    for published, content in zip(branch.statements, contents, strict=True):
        _check_statement(published, content, branch, at)
    return branch


def _content_of(published: PublishedStatement, credentials: bytes) -> bytes:
    return credentials[published.offset : published.offset + published.length]


def _check_statement(published: PublishedStatement, content: bytes, branch: Branch, at: datetime) -> None:
    statement = published.edge.statement
    item = ExtractedAccreditation(content, published.media_type, published.edge.recorded_at)
    keys = {statement.body_did: branch.keys.get(statement.body_did, ())}
    try:
        check = check_by_recorded_keys(item, keys, at)
    except InputError as error:
        raise BranchError("An accreditation in the branch cannot be read.", code=error.code) from error
    if check.statement is None:
        raise BranchError("An accreditation in the branch does not verify.", code=check.code)
    if check.statement != statement:
        raise BranchError(
            "The branch does not say what the signed accreditation says.", code="statement_differs"
        )
