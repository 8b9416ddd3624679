"""The style sheet, script and icon of the pages, read once. A request can only name one of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

FOLDER: Final = Path(__file__).resolve().parent / "static"
MEDIA_TYPES: Final = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
)
CACHE_SECONDS: Final = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `version` changes with its content and stands in its address."""

    content: bytes
    media_type: str
    version: str


def load_assets() -> Mapping[str, Asset]:
    """All files by name."""
    return MappingProxyType(
        {
            path.name: Asset(
                content=(content := path.read_bytes()),
                media_type=MEDIA_TYPES[path.suffix],
                version=hashlib.sha256(content).hexdigest()[:12],
            )
            for path in sorted(FOLDER.iterdir())
            if path.suffix in MEDIA_TYPES
        }
    )
