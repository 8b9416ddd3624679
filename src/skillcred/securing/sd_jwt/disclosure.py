"""One disclosure: base64url of the JSON array `[salt, value]` or `[salt, name, value]` (RFC 9901 section 4.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.encoding.json_text import encode_json
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json
from skillcred.securing.sd_jwt.errors import SdJwtError

SD: Final = "_sd"
SD_ALG: Final = "_sd_alg"
ELLIPSIS: Final = "..."
RESERVED_NAMES: Final = frozenset({SD, SD_ALG, ELLIPSIS})
"""Names that no claim may have (RFC 9901 section 4.1; `_sd_alg` is a claim, but never a disclosed one)."""

DEFAULT_HASH: Final = "sha-256"
HASH_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
)
"""`_sd_alg` value (IANA "Named Information Hash Algorithm" registry, case-sensitive) → name for hashlib.
The registry also has truncated and broken ones; they are not accepted (RFC 9901 section 9.4, SECURITY SD-07)."""
_HASHES: Final = MappingProxyType({name: getattr(hashlib, used) for name, used in HASH_NAMES.items()})


class Disclosure(NamedTuple):
    """What one disclosure says. `name` is None for an array element; `encoded` is the text as it came. `plain`
    tells that no digest stands anywhere in `value`; where it is false, one may."""

    encoded: str
    salt: str
    name: str | None
    value: JsonValue
    plain: bool = False


def parse_disclosure(encoded: str) -> Disclosure:
    """The disclosure in `encoded`. Raises `SdJwtError`: `disclosure_malformed`, `reserved_claim_name`."""
    try:
        text = decode_base64url(encoded)
        members = parse_json(text)
    except (Base64UrlError, StrictJsonError, StrictJsonLimitError) as error:
        raise SdJwtError(error.message, code="disclosure_malformed") from error
    if not isinstance(members, list) or len(members) not in (2, 3) or not isinstance(members[0], str):
        raise SdJwtError(
            "A disclosure is not an array of a salt, a name if any, and a value.", code="disclosure_malformed"
        )
    plain = not isinstance(members[-1], dict | list) or is_without_digests(text, 0)
    if len(members) == 2:
        return Disclosure(encoded, members[0], None, members[1], plain)
    if not isinstance(members[1], str):
        raise SdJwtError("The name in a disclosure is not text.", code="disclosure_malformed")
    if members[1] in RESERVED_NAMES:
        raise SdJwtError("A disclosure has a name that no claim may have.", code="reserved_claim_name")
    return Disclosure(encoded, members[0], members[1], members[2], plain)


def is_without_digests(text: bytes, expected: int) -> bool:
    """Whether JSON `text` has no member with a reserved name but `expected` ones whose names begin with `_sd`. May say
    no where it is so: it looks at the letters alone, and a name can be written with escapes."""
    if b"\\" in text or b'"..."' in text:
        return False
    return text.count(b'"_sd') == expected if expected or b"_" in text else True


def encode_disclosure(salt: str, value: JsonValue, *, name: str | None = None) -> str:
    """The disclosure of `value`, in base64url."""
    return encode_base64url(write_disclosure(salt, value, name=name))


def write_disclosure(salt: str, value: JsonValue, *, name: str | None = None) -> bytes:
    """What a disclosure of `value` is the base64url of. JSON in UTF-8 without white space; any spelling would do,
    because what is hashed is what is sent. Raises as `encode_json`."""
    members = [salt, value] if name is None else [salt, name, value]
    return encode_json(members)


def hash_text(text: str, sd_alg: str) -> str:
    """base64url of the digest over the ASCII bytes of `text` (section 4.2.3). `sd_alg` is in `HASH_NAMES`."""
    return encode_base64url(_HASHES[sd_alg](text.encode("ascii")).digest())


def get_sd_alg(payload: JsonObject) -> str:
    """The hash algorithm that the payload of an issuer-signed JWT names (section 4.1.1).

    Raises `SdJwtError`: `unsupported_sd_alg`.
    """
    sd_alg = payload.get(SD_ALG, DEFAULT_HASH)
    if not isinstance(sd_alg, str) or sd_alg not in HASH_NAMES:
        raise SdJwtError(
            "The disclosures are hashed in a way that is not accepted.",
            code="unsupported_sd_alg",
            pointer=f"/{SD_ALG}",
        )
    return sd_alg
