"""JSON Canonicalization Scheme (RFC 8785)."""

from __future__ import annotations

import rfc8785

from skillcred.encoding.json_types import JsonValue
from skillcred.errors import InputError


class JcsError(InputError):
    """The value has no exact canonical form (an integer beyond 2^53-1, NaN, a lone surrogate)."""

    default_code = "number_out_of_range"


def encode_jcs(value: JsonValue) -> bytes:
    """The canonical UTF-8 bytes of `value`. Raises `JcsError` where the value cannot be kept exactly."""
    try:
        return bytes(rfc8785.dumps(value))
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as error:
        raise JcsError("The value has no exact canonical JSON form.") from error
