"""One disclosure: base64url of the JSON array `[salt, value]` or `[salt, name, value]` (RFC 9901 section 4.2)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from skillcred.encoding.base64url import Base64UrlError, decode_base64url, encode_base64url
from skillcred.encoding.json_types import JsonObject, JsonValue
from skillcred.encoding.strict_json import StrictJsonError, StrictJsonLimitError, parse_json
from skillcred.securing.sd_jwt.errors import SdJwtError

SD: Final = "_sd"
SD_ALG: Final = "_sd_alg"
ELLIPSIS: Final = "..."
RESERVED_NAMES: Final = frozenset({SD, SD_ALG, ELLIPSIS})
"""Names that no claim may have (RFC 9901 section 4.1; `_sd_alg` is a claim, but never a disclosed one)."""

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
DEFAULT_HASH: Final = "sha-256"
HASH_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}
)
"""`_sd_alg` value (IANA "Named Information Hash Algorithm" registry, case-sensitive) → name for hashlib.
The registry also has truncated and broken ones; they are not accepted (RFC 9901 section 9.4, SECURITY SD-07)."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What one disclosure says. `name` is None for an array element; `encoded` is the text as it came."""

    encoded: str
    salt: str
    name: str | None
    value: JsonValue


def parse_disclosure(encoded: str) -> Disclosure:
    """The disclosure in `encoded`. Raises `SdJwtError`: `disclosure_malformed`, `reserved_claim_name`."""
    try:
        members = parse_json(decode_base64url(encoded))
    except (Base64UrlError, StrictJsonError, StrictJsonLimitError) as error:
        raise SdJwtError(error.message, code="disclosure_malformed") from error
    if not isinstance(members, list) or len(members) not in (2, 3) or not isinstance(members[0], str):
        raise SdJwtError(
            "A disclosure is not an array of a salt, a name if any, and a value.", code="disclosure_malformed"
        )
    if len(members) == 2:
        return Disclosure(encoded, members[0], None, members[1])
    if not isinstance(members[1], str):
        raise SdJwtError("The name in a disclosure is not text.", code="disclosure_malformed")
    if members[1] in RESERVED_NAMES:
        raise SdJwtError("A disclosure has a name that no claim may have.", code="reserved_claim_name")
    return Disclosure(encoded, members[0], members[1], members[2])


def encode_disclosure(salt: str, value: JsonValue, *, name: str | None = None) -> str:
    """The disclosure of `value`, in base64url. JSON in UTF-8 without white space; any spelling would do, because
    what is hashed is what is sent."""
    members = [salt, value] if name is None else [salt, name, value]
    return encode_base64url(_ENCODER.encode(members).encode("utf-8"))


def hash_text(text: str, sd_alg: str) -> str:
    """base64url of the digest over the ASCII bytes of `text` (section 4.2.3). `sd_alg` is in `HASH_NAMES`."""
    return encode_base64url(hashlib.new(HASH_NAMES[sd_alg], text.encode("ascii")).digest())


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
