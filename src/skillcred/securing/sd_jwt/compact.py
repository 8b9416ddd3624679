"""The compact serialization `<Issuer-signed JWT>~<Disclosure>~…~<KB-JWT or nothing>` (RFC 9901 section 4).

Sizes and counts are checked before anything is decoded (SECURITY I10, SD-14, SD-15). The JWS JSON serialization
of section 8 is optional and not read: nothing that we exchange uses it, and it is a second spelling.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from skillcred.encoding.strict_json import MAX_BYTES
from skillcred.securing.sd_jwt.errors import SdJwtError

MAX_DISCLOSURES: Final = 512
"""Most disclosures in one SD-JWT (SECURITY SD-14). A diploma supplement with all its courses has about 200."""
MAX_DISCLOSURE_CHARACTERS: Final = 512 * 1024
"""Longest disclosure in base64url characters; a portrait in a claim has up to 300,000."""
MAX_KEY_BINDING_CHARACTERS: Final = 16 * 1024
"""Longest KB-JWT. One with four members has about 400 characters, one with transaction data some thousands."""

SEPARATOR: Final = "~"
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class CompactSdJwt(NamedTuple):
    """The parts of an SD-JWT or SD-JWT+KB as they came, nothing decoded.

    `key_binding` is the KB-JWT, or None for an SD-JWT without one.
    """

    issuer_jwt: str
    disclosures: tuple[str, ...]
    key_binding: str | None = None

    @property
    def without_key_binding(self) -> str:
        """The SD-JWT that a KB-JWT is bound to: exactly the bytes that `sd_hash` covers (section 4.3.1)."""
        return SEPARATOR.join((self.issuer_jwt, *self.disclosures, ""))

    def encode(self) -> bytes:
        """The compact serialization, ASCII."""
        return (self.without_key_binding + (self.key_binding or "")).encode("ascii")


def parse_compact(content: bytes) -> CompactSdJwt:
    """The parts of `content`. Raises `SdJwtError`: `sd_jwt_syntax`, `too_many_disclosures`,
    `disclosure_too_large`."""
    if len(content) > MAX_BYTES:
        raise SdJwtError(f"The SD-JWT is larger than {MAX_BYTES} bytes.")
    parts = content.split(b"~", MAX_DISCLOSURES + 2)
    if len(parts) == 1:
        raise SdJwtError("The SD-JWT has no separator after the issuer's part.")
    if len(parts) > MAX_DISCLOSURES + 2:
        raise SdJwtError(f"There are more than {MAX_DISCLOSURES} disclosures.", code="too_many_disclosures")
    if not content.isascii():
        raise SdJwtError("The SD-JWT has characters that none has.")
    issuer_jwt, *disclosures, last = [part.decode("ascii") for part in parts]
    # one look at all of it is enough if nothing but the dots of the issuer's part and the separators are others
    plain = not last and content.translate(None, _ALPHABET) == b"..".ljust(len(parts) + 1, b"~")
    if not (plain and all(issuer_jwt.split("."))) and not _is_jws(issuer_jwt):
        raise SdJwtError("The issuer's part of the SD-JWT is not a signed JWT.")
    for disclosure in disclosures:
        if len(disclosure) > MAX_DISCLOSURE_CHARACTERS:
            raise SdJwtError("A disclosure is too large.", code="disclosure_too_large")
        if not disclosure or (not plain and _others_in(disclosure)):
            raise SdJwtError("A disclosure is empty or not base64url.")
    if not last:
        return CompactSdJwt(issuer_jwt, tuple(disclosures))
    if len(last) > MAX_KEY_BINDING_CHARACTERS or not _is_jws(last):
        # Also what is left of an SD-JWT whose last separator is missing.
        raise SdJwtError("What follows the last separator is not a signed JWT.")
    return CompactSdJwt(issuer_jwt, tuple(disclosures), last)


def _others_in(text: str) -> bytes:
    """The characters of ASCII `text` that base64url does not have."""
    return text.encode("ascii").translate(None, _ALPHABET)


def _is_jws(text: str) -> bool:
    """Three parts in base64url, none of them empty, with dots between them."""
    return _others_in(text) == b".." and all(text.split("."))
