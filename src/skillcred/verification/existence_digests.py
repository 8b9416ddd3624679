"""By which digests a credential is known in records of existence.

The exact bytes of a credential change on its way although nothing that was signed does: a wallet writes its JSON anew
inside a presentation, leaves out disclosures of an SD-JWT, or adds a key binding. So beside the digest of the bytes
there is one of what cannot change without the issuer's signature: the JSON value with its proofs (RFC 8785), or the
token that the issuer signed. The signature is part of it, so whoever had that digest before had the signature before.
"""

from __future__ import annotations

import hashlib

from skillcred.encoding.jcs import encode_jcs
from skillcred.encoding.strict_json import parse_json_object
from skillcred.errors import InputError

_ENVELOPE = "data:application/"


def existence_digests(document: bytes) -> tuple[str, ...]:
    """The hex SHA-256 of the exact bytes first, then that of what the issuer signed, where it is another. What cannot
    be read has the first alone."""
    found = (document, _signed_part(document))
    return tuple(dict.fromkeys(hashlib.sha256(part).hexdigest() for part in found))


def _signed_part(document: bytes) -> bytes:
    text = document.strip()
    if not text.startswith(b"{"):
        return text.partition(b"~")[0] if text.isascii() else document
    try:
        value = parse_json_object(text)
        envelope = value.get("id")
        if isinstance(envelope, str) and envelope.startswith(_ENVELOPE) and "proof" not in value:
            return envelope.partition(",")[2].partition("~")[0].encode("utf-8")
        return encode_jcs(value)
    except InputError:
        return document
