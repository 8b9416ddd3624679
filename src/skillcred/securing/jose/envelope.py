"""Compact JSON Web Signatures (RFC 7515 section 7.1), read more strictly than libraries do (SECURITY J, M11).

What is refused: every serialization but the compact one, padding and other alphabets, duplicate members, `crit`, `b64`,
keys and addresses of keys inside the token, every algorithm that is not fixed by the key's own type. No key is looked
up and nothing is decoded before the sizes are known.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from skillcred.encoding.base64url import Base64UrlError, decode_base64url_bytes, encode_base64url_bytes
from skillcred.encoding.json_text import encode_json
from skillcred.encoding.json_types import JsonObject, JsonValue, pointer_token
from skillcred.encoding.strict_json import (
    MAX_BYTES,
    StrictJsonError,
    StrictJsonLimitError,
    parse_json_object,
)
from skillcred.keys.public_key import Algorithm, PublicKey
from skillcred.securing.jose.errors import JoseError, JoseUnsupportedError

MAX_HEADER_CHARACTERS: Final = 32 * 1024
"""Longest header in base64url characters (SECURITY J-15). One with a chain of four certificates has about 10,000."""
MAX_REMEMBERED_CHARACTERS: Final = 1024
"""Longest header that is remembered after it was read, in base64url characters. One with a did:key has about 250."""
MAX_SIGNATURE_CHARACTERS: Final = 8 * 1024
"""Longest signature in base64url characters. Ours have 86 to 176; a longer one is told from a broken one by `alg`."""
MAX_KEY_ID_CHARACTERS: Final = 2048
"""Longest `kid` (SECURITY J-06)."""
MAX_HEADER_DEPTH: Final = 4
"""Deepest nesting inside a header; the members that we know have at most two levels."""

SIGNATURE_ALGORITHMS: Final[Mapping[Algorithm, tuple[str, ...]]] = MappingProxyType(
    {
        Algorithm.ED25519: ("EdDSA", "Ed25519"),
        Algorithm.P256: ("ES256",),
        Algorithm.P384: ("ES384",),
        Algorithm.P521: ("ES512",),
    }
)
"""Type of key → the `alg` values that may stand beside it, the one that we write first (RFC 7518, 8037, 9864).
`Ed25519` is the fully specified name, `EdDSA` the one that verifiers know today."""
KEYS_OF_ALGORITHM: Final[Mapping[str, tuple[Algorithm, ...]]] = MappingProxyType(
    {name: (key,) for key, names in SIGNATURE_ALGORITHMS.items() for name in names}
)
"""`alg` → the types of key that it fits."""
BASIC_HEADER: Final = frozenset({"alg", "typ", "cty", "kid"})
"""The header members that every caller allows."""
_ALLOWED_ALGORITHMS: Final = frozenset(name for names in SIGNATURE_ALGORITHMS.values() for name in names)
_OTHER_SIGNATURES: Final = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256K", "Ed448"}
    | {"ML-DSA-44", "ML-DSA-65", "ML-DSA-87"}
)
"""Registered public key signatures that we do not check: their tokens are not wrong, we cannot tell. Everything else,
`none` and the secret key algorithms above all, is refused."""
_MEDIA_TYPE = re.compile(r"(?:[A-Za-z0-9!#$&^_.+-]{1,127}/)?[A-Za-z0-9!#$&^_.+-]{1,127}")
"""Type and subtype names of RFC 6838 section 4.2, the type optional."""
_REFUSED_HEADER: Final = frozenset(
    {"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip"}
    | {"enc", "epk", "apu", "apv", "p2s", "p2c", "iv", "tag"}
)
"""Members that bring a key, an address, or a change of meaning into the token. A caller may allow single ones."""


class CompactJws(NamedTuple):
    """A token as it was read; nothing is verified.

    `type` is `typ` as a full media type in lower case, `None` where there is none. `payload` is what the middle part
    encodes. `signing_input` are the exact bytes that the signature covers.
    """

    header: Mapping[str, JsonValue]
    algorithm: str
    type: str | None
    content_type: str | None
    key_id: str | None
    payload: bytes
    signing_input: bytes
    signature: bytes


def parse_compact_jws(
    token: bytes, *, header_members: Collection[str] = BASIC_HEADER, max_bytes: int = MAX_BYTES
) -> CompactJws:
    """The token in `token`, whose header may hold `header_members` only.

    Raises `JoseError`; `JoseUnsupportedError` where the token is well-formed and beyond us. No key is needed.
    """
    if len(token) > max_bytes:
        raise JoseError(f"The token is larger than {max_bytes} bytes.", code="too_large")
    if token.count(b".") != 2:
        raise JoseError("The token does not have three parts.")
    first, second, third = token.split(b".")
    if len(first) > MAX_HEADER_CHARACTERS or len(third) > MAX_SIGNATURE_CHARACTERS:
        raise JoseError("A part of the token is longer than is accepted.", code="too_large")
    header = _read_header(first, frozenset(header_members))
    signature = _decode(third, "signature")
    if not signature:
        raise JoseError("The token has no signature.")
    return CompactJws(
        header.members,
        header.algorithm,
        header.type,
        header.content_type,
        header.key_id,
        _decode(second, "payload"),
        token[: len(first) + 1 + len(second)],
        signature,
    )


def peek_key_id(token: bytes, *, header_members: Collection[str] = BASIC_HEADER) -> str | None:
    """`kid` in the header of a token. *Unverified*, and nothing but the header is looked at. Raises `JoseError` for one
    that `parse_compact_jws` would refuse, so that nothing is fetched for a token that cannot be checked."""
    first, dot, _ = token.partition(b".")
    if not dot or len(first) > MAX_HEADER_CHARACTERS:
        raise JoseError("The token has no header that is read.")
    return _read_header(first, frozenset(header_members)).key_id


def check_type(jws: CompactJws, media_type: str) -> None:
    """Raises `JoseError` unless the token says that it is of `media_type`, a full one in lower case.

    A token of one kind is never taken for another (RFC 8725 section 3.11, SECURITY J-11).
    """
    if jws.type != media_type:
        raise JoseError("The token is of another type.", code="type_not_allowed", pointer="/typ")


def verify_compact_jws(jws: CompactJws, key: PublicKey) -> None:
    """Raises `JoseError` unless `key` made the signature, by the algorithm that the type of `key` fixes
    (RFC 8725 section 3.1, SECURITY J-03)."""
    if jws.algorithm not in SIGNATURE_ALGORITHMS.get(key.algorithm, ()):
        raise JoseError(
            "The key is not of the type that the algorithm needs.", code="alg_key_mismatch", pointer="/alg"
        )
    if not key.verify(jws.signature, jws.signing_input):
        raise JoseError("The signature does not fit the content.", code="signature_wrong")


def parse_payload(jws: CompactJws) -> JsonObject:
    """The JSON object that the token holds. Raises `JoseError` with the code of the strict parser."""
    try:
        return parse_json_object(jws.payload)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise JoseError(error.message, code=error.code, pointer=error.pointer) from error


def build_header(
    algorithm: Algorithm, *, typ: str, cty: str | None = None, kid: str | None = None
) -> JsonObject:
    """The header of a token that a key of `algorithm` will sign. Raises `JoseError` for a key without a JOSE name."""
    names = SIGNATURE_ALGORITHMS.get(algorithm)
    if names is None:
        raise JoseError("Such keys do not sign tokens.", code="alg_key_mismatch")
    header: JsonObject = {"alg": names[0], "typ": typ}
    if cty is not None:
        header["cty"] = cty
    if kid is not None:
        header["kid"] = kid
    return header


def build_signing_input(header: JsonObject, payload: bytes) -> bytes:
    """The bytes to sign (RFC 7515 section 5.1, steps 1 to 5)."""
    for value in header.values():
        if value.__class__ is not str:
            encoded = _encode_header(header)
            break
    else:
        encoded = _encode_texts(tuple(header.items()))
    return encoded + b"." + encode_base64url_bytes(payload)


def _encode_header(header: JsonObject) -> bytes:
    return encode_base64url_bytes(encode_json(header))


@lru_cache(maxsize=512)
def _encode_texts(members: tuple[tuple[str, JsonValue], ...]) -> bytes:
    """A header that holds texts alone, which is the same for all tokens by one key."""
    return _encode_header(dict(members))


def encode_compact_jws(signing_input: bytes, signature: bytes) -> bytes:
    """The token in ASCII."""
    return signing_input + b"." + encode_base64url_bytes(signature)


def normalise_media_type(value: str) -> str | None:
    """`typ` or `cty` as a full media type in lower case, or `None` for what is no media type.

    RFC 7515 sections 4.1.9 and 4.1.10: names compare without regard to case, and `application/` may be left out where
    no other `/` follows. Parameters are not expected. Only ASCII letters are folded: there are letters outside ASCII
    whose lower case is inside.
    """
    if not _MEDIA_TYPE.fullmatch(value):
        return None
    return value.lower() if "/" in value else f"application/{value.lower()}"


@dataclass(frozen=True, slots=True)
class _Header:
    """A header that is accepted, and what its members mean."""

    members: Mapping[str, JsonValue]
    algorithm: str
    type: str | None
    content_type: str | None
    key_id: str | None


def _read_header(part: bytes, allowed: frozenset[str]) -> _Header:
    """The header in `part`, which is not longer than `MAX_HEADER_CHARACTERS`. Short ones are remembered, because all
    tokens by one key begin alike and each is looked at twice; what is refused is not."""
    if len(part) > MAX_REMEMBERED_CHARACTERS:
        return _read_new_header(part, allowed)
    return _read_known_header(part, allowed)


def _read_new_header(part: bytes, allowed: frozenset[str]) -> _Header:
    members = _parse_header(_decode(part, "header"))
    algorithm = _check_header(members, allowed)
    key_id = _text(members, "kid")
    if key_id is not None and not 0 < len(key_id) <= MAX_KEY_ID_CHARACTERS:
        raise JoseError("The name of the key has no acceptable length.", code="malformed_kid", pointer="/kid")
    return _Header(
        MappingProxyType(members),
        algorithm,
        _media_type(members, "typ"),
        _media_type(members, "cty"),
        key_id,
    )


_read_known_header = lru_cache(maxsize=512)(_read_new_header)


def _decode(part: bytes, name: str) -> bytes:
    try:
        return decode_base64url_bytes(part)
    except Base64UrlError as error:
        raise JoseError(f"The {name}: {error.message}") from error


def _parse_header(data: bytes) -> JsonObject:
    try:
        return parse_json_object(data, max_depth=MAX_HEADER_DEPTH)
    except (StrictJsonError, StrictJsonLimitError) as error:
        raise JoseError(error.message, code=error.code, pointer=error.pointer) from error


def _check_header(header: JsonObject, allowed: frozenset[str]) -> str:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or not (
        algorithm in _ALLOWED_ALGORITHMS or algorithm in _OTHER_SIGNATURES
    ):
        raise JoseError("The algorithm is not one that is accepted.", code="alg_not_allowed", pointer="/alg")
    for name in sorted(name for name in header if name in _REFUSED_HEADER and name not in allowed):
        raise JoseError(
            "The header has a member that is not accepted.",
            code="crit_not_allowed" if name == "crit" else "header_member_not_allowed",
            pointer=f"/{pointer_token(name)}",
        )
    if algorithm not in _ALLOWED_ALGORITHMS:
        raise JoseUnsupportedError("The algorithm is not supported.", pointer="/alg")
    for name in header:
        if name not in allowed:
            raise JoseUnsupportedError(
                "The header has a member that is not known.",
                code="unsupported_header_member",
                pointer=f"/{pointer_token(name)}",
            )
    return algorithm


def _text(header: Mapping[str, JsonValue], name: str) -> str | None:
    value = header.get(name)
    if name not in header:
        return None
    if not isinstance(value, str):
        raise JoseError("A member of the header is not text.", pointer=f"/{name}")
    return value


def _media_type(header: Mapping[str, JsonValue], name: str) -> str | None:
    value = _text(header, name)
    if value is None:
        return None
    media_type = normalise_media_type(value)
    if media_type is None:
        raise JoseError("A type in the header is no media type.", code="type_not_allowed", pointer=f"/{name}")
    return media_type
