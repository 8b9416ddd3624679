"""DID and DID URL syntax (DID Core 1.0 sections 3.1 and 3.2), as much of it as names keys."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from skillcred.errors import InputError

MAX_DID_URL_CHARACTERS: Final = 2048
"""Longest DID URL read. A did:jwk for P-384 has about 300 characters (SECURITY K-07, P-17)."""

_DID = re.compile(r"did:([a-z0-9]+):((?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})+)", re.ASCII)
_FRAGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+", re.ASCII)


class DidError(InputError):
    """The identifier or its document cannot be used. Codes: `invalid_did`, `unsupported_did_method`, for keys
    inside a DID those of `InvalidKeyError`, for documents those of `DidDocumentError`."""

    default_code = "invalid_did"


def split_did(did: str) -> tuple[str, str]:
    """Method name and method-specific identifier of a DID without path, query and fragment.

    Raises `DidError`.
    """
    match = _DID.fullmatch(did) if len(did) <= MAX_DID_URL_CHARACTERS else None
    if match is None or match[2].endswith(":"):
        raise DidError("This is not a DID.")
    return match[1], match[2]


@lru_cache(maxsize=1024)
def split_did_url(did_url: str) -> tuple[str, str | None]:
    """The DID and the fragment (None where there is no `#`) of a DID URL.

    A path or query is refused: no method supported here has a verification method under one.
    Raises `DidError`.
    """
    did, hash_sign, fragment = did_url.partition("#")
    split_did(did)
    if not hash_sign:
        return did, None
    if len(did_url) > MAX_DID_URL_CHARACTERS or not _FRAGMENT.fullmatch(fragment):
        raise DidError("The fragment of the DID URL is not well-formed.")
    return did, fragment


def did_of(did_url: str) -> str:
    """The DID before the `#` of a DID URL. Raises `DidError`."""
    return split_did_url(did_url)[0]
