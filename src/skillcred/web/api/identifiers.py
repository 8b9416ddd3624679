"""Identifiers of ours as the last segment of a path, and back. Hosts come from the settings, never from a request
(SECURITY W-23)."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

MAX_SEGMENT_CHARACTERS: Final = 2000
"""Longest identifier in a path; the longest DIDs in use are below this."""


def identifier_of(segment: str, base_url: str, path: str) -> str:
    """The full identifier that `segment` stands for below `path`: itself if it is a URN or DID."""
    return segment if segment.startswith(("urn:", "did:")) else f"{base_url}{path}{segment}"


def path_of(identifier: str, base_url: str, path: str) -> str:
    """The path under which `identifier` can be got."""
    return path + quote(identifier.removeprefix(base_url + path), safe="")
