"""Identifiers of ours as the last segment of a path, and back. Hosts come from the settings, never from a request
(SECURITY W-23)."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Path
from pydantic import AfterValidator

from skillcred.errors import NotFoundError

MAX_SEGMENT_CHARACTERS: Final = 2000
"""Longest identifier in a path; the longest DIDs in use are below this."""


def _nameable(segment: str) -> str:
    if len(segment) > MAX_SEGMENT_CHARACTERS or not segment.isprintable():
        raise NotFoundError("There is no such thing.")
    return segment


Segment = Annotated[str, Path(description="Percent-encoded"), AfterValidator(_nameable)]
"""The last segment of a path, decoded. What cannot be a name of anything is not found (SECURITY W-12)."""


def identifier_of(segment: str, base_url: str, path: str) -> str:
    """The full identifier that `segment` stands for below `path`: itself if it is a URN, a DID or a web address."""
    return (
        segment
        if segment.startswith(("urn:", "did:", "https://", "http://"))
        else f"{base_url}{path}{segment}"
    )


def path_of(identifier: str, base_url: str, path: str) -> str:
    """The path under which `identifier` can be got."""
    return path + quote(identifier.removeprefix(base_url + path), safe="")
